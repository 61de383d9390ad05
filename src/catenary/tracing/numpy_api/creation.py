"""New arrays in the likeness of a traced one, and what is known of one without computing."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import unsupported_dtype
from catenary.core.graph import Literal
from catenary.core.types import SUPPORTED, ArrayType
from catenary.tracing.array import TracedArray, innermost, wrap
from catenary.tracing.elementwise import as_atom, normalize, spread
from catenary.tracing.numpy_api.arguments import (
    Array,
    array,
    axes_in,
    dtype_of,
    shape_of,
    values_of,
)
from catenary.tracing.table import implements


def _type(a: Any, dtype: Any, shape: Any) -> ArrayType:
    wanted = a.dtype if dtype is None else np.dtype(dtype)
    if wanted not in SUPPORTED:
        raise unsupported_dtype(wanted)
    return ArrayType(np.shape(a) if shape is None else shape_of(shape), wanted)


@implements(np.zeros_like, np.empty_like)
def zeros_like(
    a: Array, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *,
    device: Any = None,
) -> Any:  # fmt: skip
    return TracedArray(Literal(0, _type(a, dtype, shape)), a.recorder)


@implements(np.ones_like)
def ones_like(
    a: Array, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *,
    device: Any = None,
) -> Any:  # fmt: skip
    return TracedArray(Literal(1, _type(a, dtype, shape)), a.recorder)


@implements(np.full_like)
def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: bool = True,
    shape: Any = None, *, device: Any = None,
) -> Any:  # fmt: skip
    recorder = innermost([a, fill_value])
    assert recorder is not None
    type = _type(a, dtype, shape)
    return wrap(spread(as_atom(normalize(fill_value), type.dtype, recorder), type.shape), recorder)


# ---- what is known without computing -------------------------------------------------------------


@implements(np.shape)
def shape(a: Array) -> Any:
    return a.shape


@implements(np.ndim)
def ndim(a: Array) -> Any:
    return a.ndim


@implements(np.size)
def size(a: Array, axis: Any = None) -> Any:
    if axis is None:
        return a.size
    return int(np.prod([a.shape[i] for i in axes_in(axis, a.ndim)]))


@implements(np.can_cast)
def can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    given, wanted = (x.dtype if isinstance(x, TracedArray) else x for x in (from_, to))
    return np.can_cast(given, wanted, casting)


@implements(np.common_type)
def common_type(*arrays: Any) -> Any:
    return np.common_type(*[np.empty(0, dtype_of(x)) for x in arrays])


@implements(np.min_scalar_type, values=True)
def min_scalar_type(a: Any) -> Any:
    return np.min_scalar_type(values_of(a, "np.min_scalar_type"))


@implements(np.may_share_memory)
def may_share_memory(a: Any, b: Any, max_work: Any = None) -> bool:
    return _share(np.may_share_memory, a, b)


@implements(np.shares_memory)
def shares_memory(a: Any, b: Any, max_work: Any = None) -> bool:
    return _share(np.shares_memory, a, b)


def _share(question: Any, a: Any, b: Any) -> bool:
    if not (isinstance(a, TracedArray) and isinstance(b, TracedArray)) or a.base() is not b.base():
        return False
    return bool(question(a.shadow(), b.shadow()))


@implements(np.array_repr, np.array_str, np.array2string)
def array_repr(a: Array, *args: Any, **options: Any) -> str:
    return repr(a)


# ---- no complex numbers: every array is real -----------------------------------------------------


@implements(np.iscomplexobj)
def iscomplexobj(x: Array) -> bool:
    return False


@implements(np.isrealobj)
def isrealobj(x: Array) -> bool:
    return True


@implements(np.iscomplex)
def iscomplex(x: Array) -> Any:
    return np.zeros_like(x, dtype=bool)


@implements(np.isreal)
def isreal(x: Array) -> Any:
    return np.ones_like(x, dtype=bool)


@implements(np.real, np.real_if_close)
def real(val: Array, tol: float = 100) -> Any:
    return val


@implements(np.imag)
def imag(val: Array) -> Any:
    return np.zeros_like(val)


@implements(np.angle)
def angle(z: Array, deg: bool = False) -> Any:
    """0 for positive numbers, π (or 180°) for negative ones."""
    turned = np.arctan2(np.zeros_like(z), z)
    return turned * array(180 / np.pi).astype(turned.dtype) if deg else turned
