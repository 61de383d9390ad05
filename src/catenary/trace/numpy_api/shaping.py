"""New shapes and orders of axes: reshape, transpose, join, split, repeat."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core.errors import operand_shapes
from catenary.ops import arrange
from catenary.ops.window import concatenate as concatenate_operation
from catenary.trace.array import TracedArray, innermost, wrap
from catenary.trace.elementwise import as_atom, kind, normalize, spread
from catenary.trace.numpy_api.ufuncs import atom_of
from catenary.trace.table import implements


def axis_in(axis: Any, ndim: int) -> int:
    if not -ndim <= int(axis) < ndim:
        raise operand_shapes("axis=", f"an axis of an array with {ndim}", axis)
    return int(axis) % ndim


@implements(np.reshape, view=True)
def reshape(a: TracedArray, shape: Any = None, order: Any = "C", *, copy: Any = None) -> Any:
    wanted = (int(shape),) if np.ndim(shape) == 0 else tuple(int(n) for n in shape)
    if wanted.count(-1) == 1:
        known = math.prod(n for n in wanted if n != -1)
        if known == 0 or a.size % known:
            raise operand_shapes("reshape", f"a shape of {a.size} elements", wanted)
        wanted = tuple(a.size // known if n == -1 else n for n in wanted)
    if order == "F":
        reversed_order = tuple(range(a.ndim))[::-1]
        turned = arrange.permute(atom_of(a), order=reversed_order)
        turned = arrange.reshape(turned, shape=wanted[::-1])
        return arrange.permute(turned, order=tuple(range(len(wanted)))[::-1])
    return arrange.reshape(atom_of(a), shape=wanted)


@implements(np.ravel, view=True)
def ravel(a: TracedArray, order: Any = "C") -> Any:
    return reshape(a, (a.size,), order)


@implements(np.transpose, np.permute_dims, view=True)
def transpose(a: TracedArray, axes: Any = None) -> Any:
    order = range(a.ndim)[::-1] if axes is None else [axis_in(i, a.ndim) for i in axes]
    return arrange.permute(atom_of(a), order=tuple(order))


@implements(np.swapaxes, view=True)
def swapaxes(a: TracedArray, axis1: int, axis2: int) -> Any:
    order = list(range(a.ndim))
    i, j = axis_in(axis1, a.ndim), axis_in(axis2, a.ndim)
    order[i], order[j] = order[j], order[i]
    return transpose(a, order)


@implements(np.matrix_transpose, view=True)
def matrix_transpose(a: TracedArray) -> Any:
    return swapaxes(a, -1, -2)


@implements(np.moveaxis, view=True)
def moveaxis(a: TracedArray, source: Any, destination: Any) -> Any:
    sources = [axis_in(i, a.ndim) for i in np.atleast_1d(source)]
    targets = [axis_in(i, a.ndim) for i in np.atleast_1d(destination)]
    order = [i for i in range(a.ndim) if i not in sources]
    for target, origin in sorted(zip(targets, sources, strict=True)):
        order.insert(target, origin)
    return transpose(a, order)


@implements(np.expand_dims, view=True)
def expand_dims(a: TracedArray, axis: Any) -> Any:
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    ndim = a.ndim + len(axes)
    places = {axis_in(i, ndim) for i in axes}
    old = iter(a.shape)
    return reshape(a, tuple(1 if i in places else next(old) for i in range(ndim)))


@implements(np.squeeze, view=True)
def squeeze(a: TracedArray, axis: Any = None) -> Any:
    if axis is None:
        dropped = {i for i, n in enumerate(a.shape) if n == 1}
    else:
        axes = axis if isinstance(axis, tuple) else (axis,)
        dropped = {axis_in(i, a.ndim) for i in axes}
        if any(a.shape[i] != 1 for i in dropped):
            raise operand_shapes("squeeze", "axes of length 1", f"axis {axis} of {a.shape}")
    return reshape(a, tuple(n for i, n in enumerate(a.shape) if i not in dropped))


@implements(np.broadcast_to, view=True)
def broadcast_to(array: TracedArray, shape: Any, subok: bool = False) -> Any:
    wanted = (int(shape),) if np.ndim(shape) == 0 else tuple(int(n) for n in shape)
    return spread(atom_of(array), wanted)


@implements(np.flip, view=True)
def flip(m: TracedArray, axis: Any = None) -> Any:
    axes = range(m.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return arrange.reverse(atom_of(m), axes=tuple(sorted(axis_in(i, m.ndim) for i in axes)))


def joined(arrays: Sequence[Any], axis: int, dtype: Any = None) -> TracedArray:
    """Arrays one behind the other, in the dtype that NumPy would give them."""
    operands = [normalize(x) for x in arrays]
    operands = [x if isinstance(x, TracedArray) else np.asarray(x) for x in operands]
    recorder = innermost(operands)
    assert recorder is not None
    if dtype is None:
        dtype = np.result_type(*[kind_of_array(x) for x in operands])
    atoms = [as_atom(x, np.dtype(dtype), recorder) for x in operands]
    return wrap(concatenate_operation(*atoms, axis=axis), recorder)


def kind_of_array(x: Any) -> Any:
    found = kind(x)
    return np.dtype(found) if isinstance(found, type) else found


@implements(np.concatenate, np.concat)
def concatenate(arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = None) -> Any:
    arrays = list(arrays)
    if axis is None:
        return joined([np.ravel(x) for x in arrays], 0, dtype)
    return joined(arrays, axis_in(axis, np.ndim(arrays[0])), dtype)


@implements(np.stack)
def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: Any = None) -> Any:
    arrays = list(arrays)
    shapes = {np.shape(x) for x in arrays}
    if len(shapes) != 1:
        raise operand_shapes("stack", "arrays of one shape", ", ".join(map(str, sorted(shapes))))
    place = axis_in(axis, np.ndim(arrays[0]) + 1)
    return joined([np.expand_dims(x, place) for x in arrays], place, dtype)
