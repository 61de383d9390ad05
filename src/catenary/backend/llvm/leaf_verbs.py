"""The verbs that begin an expression: numbers, arrays, and one operation on each element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.backend.llvm.value import Expression, Value
from catenary.core.types import ArrayType


class LeafVerbs:
    """The part of the protocol ``Target`` on which its other parts build."""

    def __init__(self) -> None:
        self.expression = Expression()
        self.arrays: list[np.ndarray[Any, Any]] = []

    def constant(self, value: Any, shape: Sequence[int], dtype: Any) -> Value:
        number = np.dtype(dtype).type(value)
        type = ArrayType(tuple(shape), np.dtype(dtype))
        return self.expression.new("constant", (), type, value=Bits(number))

    def array(self, value: Any) -> Value:
        array = np.ascontiguousarray(value)
        type = ArrayType(np.shape(value), array.dtype)
        if array.size and array.tobytes() == array.flat[0].tobytes() * array.size:
            return self.constant(array.flat[0], type.shape, type.dtype)
        for axis in range(len(type.shape)):
            if type.dtype.kind == "i" and _counts(array, axis):
                return self.iota(type.shape, axis, type.dtype)
        self.arrays.append(array)
        return self.expression.fresh("array", (), type, place=len(self.arrays) - 1)

    def iota(self, shape: Sequence[int], axis: int, dtype: Any) -> Value:
        type = ArrayType(tuple(shape), np.dtype(dtype))
        return self.expression.new("iota", (), type, axis=axis)

    def dtype(self, x: Value) -> Any:
        return x.dtype

    def shape(self, x: Value) -> tuple[int, ...]:
        return x.shape

    def scalar(self, op: str, *operands: Value, dtype: Any = None, **params: Any) -> Value:
        type = operands[0].type if dtype is None else operands[0].type.with_dtype(np.dtype(dtype))
        return self.expression.new(op, operands, type, **params)


def _counts(array: np.ndarray[Any, Any], axis: int) -> bool:
    """Whether each number is its position along an axis."""
    shape = [-1 if i == axis else 1 for i in range(array.ndim)]
    count = np.arange(array.shape[axis], dtype=array.dtype).reshape(shape)
    return array.size > 0 and bool((array == count).all())


class Bits:
    """A number that is equal to another when their bits are: −0 is not 0, NaN is itself."""

    __slots__ = ("number",)

    def __init__(self, number: Any) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bits) and self._bits() == other._bits()

    def __hash__(self) -> int:
        return hash(self._bits())

    def _bits(self) -> tuple[Any, bytes]:
        return self.number.dtype, self.number.tobytes()

    def __repr__(self) -> str:
        return str(self.number)
