"""Elements by position: take, take_along_axis, compress, extract, and positions themselves."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, operand_shapes
from catenary.core.types import BOOL
from catenary.tracing.array import innermost
from catenary.tracing.numpy_api.arguments import Array, array, axis_in, shape_of, traced, values_of
from catenary.tracing.table import implements


def in_bounds(indices: Any, n: int, mode: str) -> Any:
    """Positions as the mode wants them: wrapped around, clipped, or left to be refused."""
    if mode == "wrap":
        return np.remainder(indices, n)
    if mode == "clip":
        return np.clip(indices, 0, n - 1)
    if mode != "raise":
        raise bad_argument("mode=", "'raise', 'wrap' or 'clip'", repr(mode))
    return indices


@implements(np.take)
def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Any:
    if innermost([a, indices]) is None:
        return np.take(a, indices, axis, mode=mode)
    a, indices = traced(a, indices), array(indices)
    indices = indices if indices.size else indices.astype(np.int64)
    if axis is None:
        a, axis = np.ravel(a), 0
    axis = axis_in(axis, a.ndim)
    where = in_bounds(indices, a.shape[axis], mode)
    return np.copy(a[(*(slice(None),) * axis, where)])


def _grid(shape: tuple[int, ...], axis: int, indices: Any) -> tuple[Any, ...]:
    """The index that pairs positions along one axis with every position along the others."""
    if np.ndim(indices) != len(shape):
        raise operand_shapes(
            "take_along_axis", f"indices with {len(shape)} axes", np.shape(indices)
        )
    along = np.ix_(*[np.arange(n) for n in shape])
    return tuple(indices if i == axis else along[i] for i in range(len(shape)))


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    arr, indices = traced(arr, indices), array(indices)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    axis = axis_in(axis, arr.ndim)
    return arr[_grid(arr.shape, axis, indices)]


@implements(np.put_along_axis)
def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    if axis is None:
        np.put(arr, array(indices), values)
        return
    arr[_grid(arr.shape, axis_in(axis, arr.ndim), array(indices))] = values


@implements(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """choices[a[i]][i] for every i, all broadcast to one shape."""
    numbers = [c if type(c) in {bool, int, float} else array(c) for c in choices]
    dtype = np.result_type(*numbers)
    which, *rows = np.broadcast_arrays(array(a), *[array(c).astype(dtype) for c in numbers])
    table = np.stack(rows)
    where = in_bounds(which, len(rows), mode)
    return np.take_along_axis(table, where[None], 0)[0]


@implements(np.nonzero, values=True)
def nonzero(a: Any) -> Any:
    return np.nonzero(values_of(a, "np.nonzero, whose result's length is a count,"))


@implements(np.flatnonzero, values=True)
def flatnonzero(a: Any) -> Any:
    return np.flatnonzero(values_of(a, "np.flatnonzero, whose result's length is a count,"))


@implements(np.argwhere, values=True)
def argwhere(a: Any) -> Any:
    return np.argwhere(values_of(a, "np.argwhere, whose result's length is a count,"))


@implements(np.compress, values=True)
def compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    known = values_of(condition, "np.compress, whose result's length is a count,")
    if known.ndim != 1:
        raise operand_shapes("compress", "a condition of one axis", known.shape)
    return np.take(traced(a, condition), np.flatnonzero(known), axis)


@implements(np.extract, values=True)
def extract(condition: Any, arr: Any) -> Any:
    known = values_of(condition, "np.extract, whose result's length is a count,")
    return np.take(np.ravel(traced(arr, condition)), np.flatnonzero(known))


@implements(np.ix_)
def ix_(*args: Any) -> tuple[Any, ...]:
    """An open mesh of positions; a mask counts as the positions where it holds."""
    result = []
    for i, x in enumerate(map(array, args)):
        if x.ndim != 1:
            raise operand_shapes("ix_", "sequences of one axis", x.shape)
        positions = np.flatnonzero(x) if x.dtype == BOOL else x
        result.append(np.reshape(positions, (1,) * i + (-1,) + (1,) * (len(args) - i - 1)))
    return tuple(result)


@implements(np.unravel_index)
def unravel_index(indices: Any, shape: Any, order: str = "C") -> tuple[Any, ...]:
    lengths = shape_of(shape)
    rest, result = indices, []
    for n in lengths[::-1] if order == "C" else lengths:
        result.append(np.remainder(rest, n))
        rest = np.floor_divide(rest, n)
    return tuple(result[::-1] if order == "C" else result)


@implements(np.ravel_multi_index)
def ravel_multi_index(multi_index: Any, dims: Any, mode: Any = "raise", order: str = "C") -> Any:
    lengths = shape_of(dims)
    modes = (mode,) * len(lengths) if isinstance(mode, str) else mode
    total: Any = 0
    for axis, (index, n, how) in enumerate(zip(multi_index, lengths, modes, strict=True)):
        stride = math.prod(lengths[axis + 1 :] if order == "C" else lengths[:axis])
        total = total + in_bounds(index, n, how) * stride
    return total


@implements(np.diag_indices_from)
def diag_indices_from(arr: Array) -> Any:
    return np.diag_indices_from(np.empty(arr.shape, bool))


@implements(np.tril_indices_from)
def tril_indices_from(arr: Array, k: int = 0) -> Any:
    return np.tril_indices_from(np.empty(arr.shape, bool), k)


@implements(np.triu_indices_from)
def triu_indices_from(arr: Array, k: int = 0) -> Any:
    return np.triu_indices_from(np.empty(arr.shape, bool), k)
