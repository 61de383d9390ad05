"""Sums, products, extremes and what is made of them, over axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core.errors import operand_shapes
from catenary.core.types import BOOL
from catenary.ops.arrange import reshape
from catenary.ops.extremum import argmax, argmin, reduce_max, reduce_min
from catenary.ops.order import prod as prod_operation
from catenary.ops.replicate import rest
from catenary.ops.replicate import sum as sum_operation
from catenary.trace.array import TracedArray, wrap
from catenary.trace.elementwise import to_dtype
from catenary.trace.numpy_api.ufuncs import atom_of
from catenary.trace.protocol import METHODS
from catenary.trace.table import implements

Axis = int | tuple[int, ...] | None
_NO_VALUE: Any = getattr(np, "_NoValue", None)


def given(value: Any) -> bool:
    """Whether an optional argument was given."""
    return value is not None and value is not _NO_VALUE


def axes_of(ndim: int, axis: Any) -> tuple[int, ...]:
    """Axes as rising, non-negative positions."""
    if not given(axis):
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple) else (axis,)
    normal = tuple(sorted(int(a) + ndim if a < 0 else int(a) for a in axes))
    if len(set(normal)) != len(normal) or any(not 0 <= a < ndim for a in normal):
        raise operand_shapes("axis=", f"different axes of an array with {ndim}", axis)
    return normal


def with_axes(result: Any, shape: tuple[int, ...], axes: tuple[int, ...], keepdims: Any) -> Any:
    if not given(keepdims) or not keepdims:
        return result
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
    return reshape(result, shape=kept)


def _masked(a: TracedArray, where: Any, neutral: Any) -> TracedArray:
    if not given(where) or where is True:
        return a
    return np.where(where, a, a.dtype.type(neutral))  # type: ignore[return-value]


def _sum_dtype(a: TracedArray, dtype: Any) -> Any:
    """NumPy sums small integers and booleans in the machine's integer."""
    if given(dtype):
        return np.dtype(dtype)
    if a.dtype == BOOL or (a.dtype.kind == "i" and a.dtype.itemsize < 8):
        return np.dtype(np.int64)
    return np.dtype(np.uint64) if a.dtype.kind == "u" else a.dtype


def _accumulating(operation: Any, neutral: int, combine: Any) -> Callable[..., Any]:
    def reduce(
        a: TracedArray, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
        initial: Any = None, where: Any = True,
    ) -> Any:  # fmt: skip
        a = _masked(a, where, neutral)
        axes = axes_of(a.ndim, axis)
        result = operation(to_dtype(a, _sum_dtype(a, dtype)), axes=axes)
        result = wrap(with_axes(result, a.shape, axes, keepdims), a.recorder)
        return combine(result, initial) if given(initial) else result

    return reduce


sum = implements(np.sum)(_accumulating(sum_operation, 0, np.add))  # noqa: A001
prod = implements(np.prod)(_accumulating(prod_operation, 1, np.multiply))


def _extreme(operation: Any, worst: Callable[[Any], Any], combine: Any) -> Callable[..., Any]:
    def reduce(
        a: TracedArray, axis: Axis = None, out: Any = None, keepdims: Any = False,
        initial: Any = None, where: Any = True,
    ) -> Any:  # fmt: skip
        a = _masked(a, where, worst(a.dtype))
        axes = axes_of(a.ndim, axis)
        if given(initial) and any(a.shape[i] == 0 for i in axes):
            shape = tuple(n for i, n in enumerate(a.shape) if i not in axes)
            return np.full_like(a, initial, shape=shape)
        value = atom_of(a)
        if a.dtype == BOOL:
            value = to_dtype(a, np.uint8)
        result = wrap(with_axes(operation(value, axes=axes), a.shape, axes, keepdims), a.recorder)
        if a.dtype == BOOL:
            result = result.astype(bool)
        return combine(result, initial) if given(initial) else result

    return reduce


def _lowest(dtype: Any) -> Any:
    return -np.inf if dtype.kind == "f" else False if dtype == BOOL else np.iinfo(dtype).min


def _highest(dtype: Any) -> Any:
    return np.inf if dtype.kind == "f" else True if dtype == BOOL else np.iinfo(dtype).max


max = implements(np.max, np.amax)(_extreme(reduce_max, _lowest, np.maximum))  # noqa: A001
min = implements(np.min, np.amin)(_extreme(reduce_min, _highest, np.minimum))  # noqa: A001


def _truth(operation: str) -> Callable[..., Any]:
    def reduce(
        a: TracedArray, axis: Axis = None, out: Any = None, keepdims: Any = False, *, where: Any = True
    ) -> Any:
        truth = a if a.dtype == BOOL else np.not_equal(a, 0)
        function = np.min if operation == "all" else np.max
        if truth.size == 0:
            shape = np.sum(np.empty(a.shape), axis=axis, keepdims=bool(keepdims)).shape
            return np.full_like(a, operation == "all", dtype=bool, shape=shape)
        return function(truth, axis=axis, keepdims=keepdims, where=where, initial=operation == "all")

    return reduce


all = implements(np.all)(_truth("all"))  # noqa: A001
any = implements(np.any)(_truth("any"))  # noqa: A001


def _position(operation: Any) -> Callable[..., Any]:
    def reduce(a: TracedArray, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
        value = to_dtype(a, np.uint8) if a.dtype == BOOL else atom_of(a)
        axes = axes_of(a.ndim, axis)
        if not given(axis):
            value, along = reshape(value, shape=(a.size,)), 0
        else:
            along = axes[0]
        result = operation(value, axis=along)
        return wrap(with_axes(result, a.shape, axes, keepdims), a.recorder)

    return reduce


implements(np.argmax)(_position(argmax))
implements(np.argmin)(_position(argmin))


@implements(np.mean)
def mean(
    a: TracedArray, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *,
    where: Any = True,
) -> Any:  # fmt: skip
    """Σ a / n, in a floating-point dtype."""
    if not given(dtype):
        dtype = a.dtype if a.dtype.kind == "f" else np.float64
    total = np.sum(a, axis=axis, dtype=dtype, keepdims=keepdims, where=where)
    return np.true_divide(total, count(a, axis, keepdims, where))


def count(a: TracedArray, axis: Axis, keepdims: Any, where: Any) -> Any:
    """How many elements a reduction takes in."""
    if given(where) and where is not True:
        taken = np.broadcast_to(where, a.shape)
        return np.sum(taken, axis=None if not given(axis) else axis, keepdims=bool(keepdims))
    number = 1
    for i in axes_of(a.ndim, axis):
        number *= a.shape[i]
    return number


@implements(np.var)
def var(
    a: TracedArray, axis: Axis = None, dtype: Any = None, out: Any = None, ddof: float = 0,
    keepdims: Any = False, *, where: Any = True, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    """Σ (a − mean)² / (n − ddof)."""
    if not given(dtype):
        dtype = a.dtype if a.dtype.kind == "f" else np.float64
    centre = mean if given(mean) else np.mean(a, axis=axis, dtype=dtype, keepdims=True, where=where)
    squares = np.square(a.astype(dtype) - centre)
    total = np.sum(squares, axis=axis, keepdims=keepdims, where=where)
    less = correction if given(correction) else ddof
    return np.true_divide(total, np.maximum(count(a, axis, keepdims, where) - less, 0))


@implements(np.std)
def std(a: TracedArray, axis: Axis = None, *args: Any, **options: Any) -> Any:
    """√var."""
    return np.sqrt(np.var(a, axis, *args, **options))


def _reduce(ufunc: Any, a: Any, axis: Any = 0, dtype: Any = None, keepdims: bool = False, **options: Any) -> Any:
    function = _REDUCTIONS.get(ufunc)
    if function is not None:
        typed = {} if dtype is None or ufunc not in (np.add, np.multiply) else {"dtype": dtype}
        return function(a, axis=axis, keepdims=keepdims, **typed, **options)
    return _fold(ufunc, a, axis, keepdims)


_REDUCTIONS: dict[Any, Any] = {
    np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min,
    np.logical_and: np.all, np.logical_or: np.any,
}  # fmt: skip


def _fold(ufunc: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """Any other ufunc, from the left, one element after the other."""
    for i in reversed(axes_of(a.ndim, axis)):
        rows = np.moveaxis(a, i, 0)
        result = rows[0]
        for row in rows[1:]:
            result = ufunc(result, row)
        a = np.expand_dims(result, i) if keepdims else result
    return a


def _accumulate(ufunc: Any, a: Any, axis: int = 0, dtype: Any = None) -> Any:
    a = a if dtype is None else a.astype(dtype)
    if ufunc is np.add:
        return np.cumsum(a, axis)
    if ufunc is np.multiply:
        return np.cumprod(a, axis)
    rows = list(np.moveaxis(a, axis, 0))
    for i in range(1, len(rows)):
        rows[i] = ufunc(rows[i - 1], rows[i])
    return np.moveaxis(np.stack(rows), 0, axis)


def _outer(ufunc: Any, a: Any, b: Any, **options: Any) -> Any:
    a = a if isinstance(a, TracedArray) else np.asarray(a)
    b = b if isinstance(b, TracedArray) else np.asarray(b)
    return ufunc(np.reshape(a, a.shape + (1,) * b.ndim), b, **options)


def _at(ufunc: Any, a: Any, indices: Any, b: Any = None) -> None:
    """One element after the other, so that an index that occurs twice counts twice."""
    if not isinstance(a, TracedArray):
        from catenary.core.errors import real_target
        from catenary.trace.recorder import user_line

        raise real_target(f"np.{ufunc.__name__}.at", user_line())
    places = np.arange(a.size).reshape(a.shape)[indices]
    values = None if b is None else np.broadcast_to(b, places.shape)
    for where in np.ndindex(places.shape):
        i = np.unravel_index(places[where], a.shape)
        a[i] = ufunc(a[i]) if values is None else ufunc(a[i], values[where])


METHODS.update({"reduce": _reduce, "accumulate": _accumulate, "outer": _outer, "at": _at})

__all__ = ["axes_of", "given", "rest", "with_axes"]
