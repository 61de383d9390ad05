"""Elements again and elsewhere: tile, repeat, roll, delete."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import bad_argument
from catenary.tracing.array import TracedArray
from catenary.tracing.numpy_api.arguments import array, axes_in, axis_in, values_of
from catenary.tracing.table import implements


@implements(np.tile)
def tile(A: Any, reps: Any) -> Any:
    """Copies side by side: a new axis before each old one, spread and merged."""
    counts = tuple(int(r) for r in reps) if np.ndim(reps) else (int(reps),)
    a = array(A)
    counts = (1,) * (a.ndim - len(counts)) + counts
    shape = (1,) * (len(counts) - a.ndim) + a.shape
    pairs = list(zip(counts, shape, strict=True))
    apart = np.reshape(a, [n for _, size in pairs for n in (1, size)])
    spread = np.broadcast_to(apart, [n for pair in pairs for n in pair])
    return np.copy(np.reshape(spread, [count * size for count, size in pairs]))


@implements(np.repeat)
def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    a = array(a)
    if axis is None:
        a, axis = np.ravel(a), 0
    axis = axis_in(axis, a.ndim)
    counts = values_of(repeats, "np.repeat, whose result's length is the sum of repeats,")
    return np.take(a, np.repeat(np.arange(a.shape[axis]), counts), axis)


@implements(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """Elements moved along axes; what leaves at one end comes in at the other."""
    a = array(a)
    if axis is None:
        return np.reshape(roll(np.ravel(a), shift, 0), a.shape)
    shifts, axes = np.broadcast_arrays(array(shift), np.asarray(axis))
    if shifts.ndim > 1:
        raise bad_argument("roll", "shifts and axes in one row", np.shape(shift))
    result = np.copy(a)
    for by, along in zip(np.ravel(shifts), np.ravel(axes), strict=True):
        result = _rolled(result, by, axis_in(along, a.ndim))
    return result


def _rolled(a: Any, shift: Any, axis: int) -> Any:
    n = a.shape[axis]
    if isinstance(shift, TracedArray):
        return np.take(a, np.remainder(np.arange(n) - shift, n), axis)
    by = int(shift) % n if n else 0
    if by == 0:
        return a
    lead = (slice(None),) * axis
    return np.concatenate([a[(*lead, slice(n - by, None))], a[(*lead, slice(None, n - by))]], axis)


def _half(sign: int) -> Any:
    def shift(x: Any, axes: Any = None) -> Any:
        along = tuple(range(x.ndim)) if axes is None else axes_in(axes, x.ndim)
        return np.roll(x, [sign * (x.shape[i] // 2) for i in along], along)

    return shift


fftshift = implements(np.fft.fftshift)(_half(1))
ifftshift = implements(np.fft.ifftshift)(_half(-1))


@implements(np.delete)
def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    arr = array(arr)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    axis = axis_in(axis, arr.ndim)
    if isinstance(obj, TracedArray):
        obj = values_of(obj, "np.delete, whose result's length depends on what is deleted,")
    return np.take(arr, np.delete(np.arange(arr.shape[axis]), obj), axis)
