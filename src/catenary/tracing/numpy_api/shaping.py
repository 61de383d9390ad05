"""New shapes and orders of axes: reshape, transpose, squeeze, broadcast."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, operand_shapes
from catenary.ops import arrange
from catenary.tracing.elementwise import spread
from catenary.tracing.numpy_api.arguments import Array, array, atom_of, axes_in, axis_in, shape_of
from catenary.tracing.table import implements


@implements(np.reshape, view=True)
def reshape(a: Array, shape: Any = None, order: Any = "C", *, copy: Any = None) -> Any:
    """The same elements in row order (or column order, "F"), under another shape."""
    wanted = shape_of(shape)
    if wanted.count(-1) == 1:
        known = math.prod(n for n in wanted if n != -1)
        if known == 0 or a.size % known:
            raise operand_shapes("reshape", f"a shape of {a.size} elements", wanted)
        wanted = tuple(a.size // known if n == -1 else n for n in wanted)
    if any(n < 0 for n in wanted):
        raise operand_shapes("reshape", "lengths, at most one of them -1", wanted)
    if order == "F":
        backwards = tuple(range(a.ndim))[::-1]
        turned = arrange.permute(atom_of(a), order=backwards)
        turned = arrange.reshape(turned, shape=wanted[::-1])
        return arrange.permute(turned, order=tuple(range(len(wanted)))[::-1])
    return arrange.reshape(atom_of(a), shape=wanted)


@implements(np.ravel, view=True)
def ravel(a: Array, order: Any = "C") -> Any:
    return reshape(a, (a.size,), order)


@implements(np.transpose, np.permute_dims, view=True)
def transpose(a: Array, axes: Any = None) -> Any:
    order = list(range(a.ndim))[::-1] if axes is None else axes_in(tuple(axes), a.ndim)
    return arrange.permute(atom_of(a), order=tuple(order))


@implements(np.swapaxes, view=True)
def swapaxes(a: Array, axis1: int, axis2: int) -> Any:
    order = list(range(a.ndim))
    i, j = axis_in(axis1, a.ndim), axis_in(axis2, a.ndim)
    order[i], order[j] = order[j], order[i]
    return transpose(a, order)


@implements(np.matrix_transpose, np.linalg.matrix_transpose, view=True)
def matrix_transpose(x: Array) -> Any:
    if x.ndim < 2:
        raise operand_shapes("matrix_transpose", "an array of at least two axes", x.shape)
    return swapaxes(x, -1, -2)


@implements(np.moveaxis, view=True)
def moveaxis(a: Array, source: Any, destination: Any) -> Any:
    sources, targets = axes_in(source, a.ndim), axes_in(destination, a.ndim)
    if len(sources) != len(targets):
        raise bad_argument("moveaxis", "as many destinations as sources", (source, destination))
    order = [i for i in range(a.ndim) if i not in sources]
    for target, origin in sorted(zip(targets, sources, strict=True)):
        order.insert(target, origin)
    return transpose(a, order)


@implements(np.rollaxis)
def rollaxis(a: Array, axis: int, start: int = 0) -> Any:
    axis = axis_in(axis, a.ndim)
    if not -a.ndim <= start <= a.ndim:
        raise bad_argument("rollaxis", f"a start from {-a.ndim} to {a.ndim}", start)
    start = start + a.ndim if start < 0 else start
    order = [i for i in range(a.ndim) if i != axis]
    order.insert(start - (axis < start), axis)
    return np.transpose(a, order)


@implements(np.expand_dims, view=True)
def expand_dims(a: Array, axis: Any) -> Any:
    ndim = a.ndim + (len(axis) if isinstance(axis, (tuple, list)) else 1)
    places = axes_in(axis, ndim)
    old = iter(a.shape)
    return reshape(a, tuple(1 if i in places else next(old) for i in range(ndim)))


@implements(np.squeeze, view=True)
def squeeze(a: Array, axis: Any = None) -> Any:
    if axis is None:
        dropped = [i for i, n in enumerate(a.shape) if n == 1]
    else:
        dropped = axes_in(axis, a.ndim)
        if any(a.shape[i] != 1 for i in dropped):
            raise operand_shapes("squeeze", "axes of length 1", f"axis {axis} of {a.shape}")
    return reshape(a, tuple(n for i, n in enumerate(a.shape) if i not in dropped))


@implements(np.flip, view=True)
def flip(m: Array, axis: Any = None) -> Any:
    axes = range(m.ndim) if axis is None else axes_in(axis, m.ndim)
    return arrange.reverse(atom_of(m), axes=tuple(sorted(axes)))


@implements(np.flipud)
def flipud(m: Array) -> Any:
    return np.flip(m, 0)


@implements(np.fliplr)
def fliplr(m: Array) -> Any:
    return np.flip(m, axis_in(1, m.ndim))


@implements(np.rot90)
def rot90(m: Array, k: int = 1, axes: Any = (0, 1)) -> Any:
    """A quarter turn, k times, from the first axis towards the second."""
    if len(axes) != 2:
        raise bad_argument("rot90", "two axes", axes)
    first, second = axes_in(tuple(axes), m.ndim)
    turns = k % 4
    if turns == 0:
        return m[...]
    if turns == 2:
        return np.flip(m, (first, second))
    turned = np.flip(m, second) if turns == 1 else m
    turned = np.swapaxes(turned, first, second)
    return turned if turns == 1 else np.flip(turned, second)


@implements(np.broadcast_to, view=True)
def broadcast_to(array: Array, shape: Any, subok: bool = False) -> Any:
    return spread(atom_of(array), shape_of(shape))


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Any, ...]:
    arrays = [array(x) for x in args]
    shape = np.broadcast_shapes(*[x.shape for x in arrays])
    return tuple(x if x.shape == shape else np.broadcast_to(x, shape) for x in arrays)


@implements(np.meshgrid)
def meshgrid(
    *xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> tuple[Any, ...]:
    """Each vector spread along its own axis over the grid of them all."""
    if indexing not in {"xy", "ij"}:
        raise bad_argument("meshgrid(indexing=)", "'xy' or 'ij'", indexing)
    ndim = len(xi)
    axes = list(range(ndim))
    if indexing == "xy" and ndim > 1:
        axes[:2] = [1, 0]
    grids: Any = [
        np.reshape(array(x), tuple(-1 if i == axis else 1 for i in range(ndim)))
        for x, axis in zip(xi, axes, strict=True)
    ]
    grids = grids if sparse else broadcast_arrays(*grids)
    return tuple(np.copy(g) if copy else g for g in grids)


def _at_least(x: Any, ndim: int) -> Any:
    """Axes of length 1 as NumPy adds them: in front, and behind for the third."""
    x = array(x)
    if x.ndim >= ndim:
        return x
    if ndim == 3 and x.ndim:
        return x[:, :, None] if x.ndim == 2 else x[None, :, None]
    return np.reshape(x, (1,) * (ndim - x.ndim) + x.shape)


def _at_least_rule(ndim: int) -> Any:
    def at_least(*arys: Any) -> Any:
        results = tuple(_at_least(x, ndim) for x in arys)
        return results[0] if len(results) == 1 else results

    return at_least


at_least_1d = implements(np.atleast_1d)(_at_least_rule(1))
at_least_2d = implements(np.atleast_2d)(_at_least_rule(2))
at_least_3d = implements(np.atleast_3d)(_at_least_rule(3))


@implements(np.resize)
def resize(a: Array, new_shape: Any) -> Any:
    """The elements over and over until the new shape is full."""
    shape = shape_of(new_shape)
    size = math.prod(shape)
    if a.size == 0:
        return np.zeros_like(a, shape=shape)
    return np.reshape(np.take(np.ravel(a), np.arange(size) % a.size), shape)


@implements(np.astype)
def astype(x: Array, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    return x.astype(dtype, copy=copy)


@implements(np.copy)
def copy(a: Array, order: Any = "K", subok: bool = False) -> Any:
    return a.copy()
