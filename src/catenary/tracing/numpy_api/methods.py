"""The methods of ufuncs: reduce, accumulate, reduceat, outer, at."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, operand_shapes, real_target
from catenary.core.types import BOOL
from catenary.ops.index import scatter_add
from catenary.tracing.array import TracedArray, wrap
from catenary.tracing.elementwise import resolve
from catenary.tracing.numpy_api.arguments import (
    Array,
    array,
    atom_of,
    axis_in,
    given,
    traced,
)
from catenary.tracing.numpy_api.reductions import limited, masked, reduced_axes, truth_of
from catenary.tracing.protocol import METHODS
from catenary.tracing.recorder import user_line

_REDUCTIONS: dict[Any, Any] = {
    np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min,
    np.logical_and: np.all, np.logical_or: np.any,
}  # fmt: skip
_RUNNING: dict[Any, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}
# A running result is found by doubling where grouping does not matter.
_ASSOCIATIVE = (
    np.maximum, np.minimum, np.fmax, np.fmin, np.logical_and, np.logical_or, np.logical_xor,
    np.bitwise_and, np.bitwise_or, np.bitwise_xor,
)  # fmt: skip


def _reduce(
    ufunc: Any, a: Any, axis: Any = 0, dtype: Any = None, keepdims: bool = False,
    initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    a = traced(a, where, initial)
    if ufunc is np.logaddexp:
        return _log_sum(a, axis, keepdims, initial, where)
    function = _REDUCTIONS.get(ufunc)
    if function is None:
        return _fold(ufunc, a, axis, keepdims, initial, where)
    options = {} if dtype is None or ufunc not in _RUNNING else {"dtype": dtype}
    if function in (np.all, np.any):
        return function(a, axis=axis, keepdims=keepdims, where=where)
    return function(a, axis=axis, keepdims=keepdims, initial=initial, where=where, **options)


def _fold(ufunc: Any, a: Any, axis: Any, keepdims: bool, initial: Any, where: Any) -> Any:
    """Any other ufunc, from the left, one element after the other."""
    a = _of_loop(ufunc, a)
    name, start = f"{ufunc.__name__}.reduce", initial if given(initial) else ufunc.identity
    axes = reduced_axes(a.ndim, axis)
    if len(axes) > 1 and ufunc.identity is None and ufunc not in _ASSOCIATIVE:
        raise bad_argument(name, "one axis, for its order matters", axis)
    rows = _rows(a, axes)
    if start is None and (limited(where) or not len(rows)):
        raise operand_shapes(name, "initial= beside where= or an empty axis", "none")
    taking = _rows(np.broadcast_to(where, a.shape), axes) if limited(where) else None
    result = rows[0] if start is None else np.full_like(rows, start, shape=rows.shape[1:])
    for i in range(start is None, len(rows)):
        combined = ufunc(result, rows[i])
        result = combined if taking is None else np.where(taking[i], combined, result)
    shape = tuple(1 if i in axes else n for i, n in enumerate(a.shape) if keepdims or i not in axes)
    return np.reshape(result, shape)


def _rows(a: Any, axes: tuple[int, ...]) -> Any:
    """The reduced axes as one leading axis."""
    others = [i for i in range(a.ndim) if i not in axes]
    count = math.prod(a.shape[i] for i in axes)
    return np.reshape(np.transpose(a, (*axes, *others)), (count, *(a.shape[i] for i in others)))


def _log_sum(
    a: Any, axis: Any = 0, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """log Σ eᵃ, shifted by the largest so that nothing overflows."""
    a = masked(_of_loop(np.logaddexp, a), where, -np.inf)
    top = np.max(a, axis=axis, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(top), top, 0)
    total = np.sum(np.exp(a - shift), axis=axis, keepdims=True)
    nothing = total == 0
    result = np.where(nothing, -np.inf, np.log(np.where(nothing, 1, total)) + shift)
    result = result if keepdims else np.squeeze(result, reduced_axes(a.ndim, axis))
    return np.logaddexp(result, initial) if given(initial) else result


def _of_loop(ufunc: Any, a: Any) -> Any:
    """The array in the dtype in which a ufunc combines two of its elements."""
    dtypes = resolve(ufunc, (a.dtype, a.dtype))
    return truth_of(a) if dtypes[-1] == BOOL else a.astype(dtypes[0])


def _accumulate(ufunc: Any, a: Any, axis: int = 0, dtype: Any = None) -> Any:
    if ufunc in _RUNNING:
        return _RUNNING[ufunc](a, axis, dtype)
    a = a if dtype is None else a.astype(dtype)
    axis = axis_in(axis, a.ndim)
    a = _of_loop(ufunc, a)
    if ufunc in _ASSOCIATIVE:
        return np.moveaxis(_doubled(ufunc, np.moveaxis(a, axis, 0)), 0, axis)
    rows = list(np.moveaxis(a, axis, 0))
    for i in range(1, len(rows)):
        rows[i] = ufunc(rows[i - 1], rows[i])
    return np.stack(rows, axis) if rows else np.copy(a)


def _doubled(ufunc: Any, rows: Any) -> Any:
    """After each step every element has taken in twice as many before it."""
    reach, n = 1, len(rows)
    while reach < n:
        rows = np.concatenate([rows[:reach], ufunc(rows[reach:], rows[:-reach])])
        reach *= 2
    return rows


def _reduceat(ufunc: Any, a: Any, indices: Any, axis: int = 0, dtype: Any = None) -> Any:
    """The reduction between each index and the next; the element itself where that is not later."""
    rows = np.moveaxis(a, axis_in(axis, a.ndim), 0)
    starts = [int(i) for i in np.asarray(indices)]
    parts = []
    for start, stop in zip(starts, [*starts[1:], len(rows)], strict=True):
        part = rows[start:stop] if start < stop else rows[start : start + 1]
        parts.append(_reduce(ufunc, part, 0, dtype))
    return np.moveaxis(np.stack(parts), 0, axis)


def _outer(ufunc: Any, a: Any, b: Any, **options: Any) -> Any:
    a, b = array(a), array(b)
    return ufunc(np.reshape(a, a.shape + (1,) * b.ndim), b, **options)


def _at(ufunc: Any, a: Any, indices: Any, b: Any = None) -> None:
    """a[indices] = ufunc(a[indices], b), where an index that occurs twice counts twice."""
    if not isinstance(a, TracedArray):
        raise real_target(f"np.{ufunc.__name__}.at", user_line())
    if ufunc.nin == 2 and b is None:
        raise bad_argument(f"{ufunc.__name__}.at", "a second operand", None)
    positions: Any = np.arange(a.size).reshape(a.shape)
    places = traced(positions, a, indices, b)[indices]
    values = None if b is None else np.broadcast_to(array(b), places.shape)
    if ufunc in (np.add, np.subtract) and a.dtype.kind != "b":
        a[...] = ufunc(a, _sums(values, places, a))
        return
    known = np.ravel(positions[indices])
    rows = None if values is None else np.ravel(values)
    for n, place in enumerate(known):
        i = np.unravel_index(place, a.shape)
        a[i] = ufunc(a[i]) if rows is None else ufunc(a[i], rows[n])


def _sums(values: Any, places: Array, a: Array) -> Any:
    """What falls on each element of a, added up."""
    fallen = traced(values, a, places).astype(a.dtype)
    updates, index = (atom_of(np.ravel(x)) for x in (fallen, places))
    summed = scatter_add(updates, index, shape=(a.size,))
    return np.reshape(wrap(summed, a.recorder), a.shape)


METHODS.update(
    {
        "reduce": _reduce,
        "accumulate": _accumulate,
        "reduceat": _reduceat,
        "outer": _outer,
        "at": _at,
    }
)
