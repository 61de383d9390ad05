"""The type of a value in a graph: a shape and an element type."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from catenary.core import errors

BOOL = np.dtype(np.bool_)
INT64 = np.dtype(np.int64)
UINT32 = np.dtype(np.uint32)
UINT64 = np.dtype(np.uint64)
FLOAT32 = np.dtype(np.float32)
FLOAT64 = np.dtype(np.float64)

FLOATS = (FLOAT32, FLOAT64)
SIGNED = tuple(np.dtype(t) for t in (np.int8, np.int16, np.int32, np.int64))
UNSIGNED = tuple(np.dtype(t) for t in (np.uint8, np.uint16, np.uint32, np.uint64))
INTEGERS = SIGNED + UNSIGNED
SUPPORTED = frozenset((BOOL, *INTEGERS, *FLOATS))

Shape = tuple[int, ...]


class ArrayType(NamedTuple):
    """Shape and dtype of a value.

    >>> print(ArrayType((2, 3), np.dtype(np.float32)))
    float32[2,3]
    """

    shape: Shape
    dtype: np.dtype[Any]

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def is_float(self) -> bool:
        return self.dtype.kind == "f"

    def with_shape(self, shape: Shape) -> ArrayType:
        return ArrayType(shape, self.dtype)

    def with_dtype(self, dtype: Any) -> ArrayType:
        return ArrayType(self.shape, dtype)

    def __str__(self) -> str:
        return f"{self.dtype.name}[{','.join(map(str, self.shape))}]"


def type_of(value: Any) -> ArrayType:
    """The type of an array or NumPy scalar; element types not carried are refused."""
    dtype = value.dtype
    if dtype not in SUPPORTED:
        raise errors.unsupported_dtype(dtype)
    if not dtype.isnative:
        dtype = dtype.newbyteorder("=")
    return ArrayType(value.shape, dtype)
