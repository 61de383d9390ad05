"""Rows of numbers between traced ends: linspace, logspace, geomspace, vander."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, operand_shapes
from catenary.tracing.numpy_api.arguments import Array, array, dtype_of, float_type
from catenary.tracing.table import implements


@implements(np.linspace)
def linspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False,
    dtype: Any = None, axis: int = 0, *, device: Any = None,
) -> Any:  # fmt: skip
    """Evenly spaced numbers, start + i (stop − start)/(num − 1), and the last one stop itself."""
    count = operator.index(num)
    if count < 0:
        raise bad_argument("linspace", "a number of samples that is not negative", count)
    floats = float_type(start, stop)
    start, stop = (array(x).astype(floats) for x in (start, stop))
    gaps = count - 1 if endpoint else count
    span = stop - start
    place = np.arange(count, dtype=floats).reshape((-1,) + (1,) * np.ndim(span))
    step = span / gaps if gaps > 0 else np.full_like(span, np.nan)
    points = place * step + start if gaps > 0 else place * span + start
    if endpoint and count > 1:
        points = np.concatenate([points[:-1], np.broadcast_to(stop, points.shape[1:])[None]])
    if axis != 0:
        points = np.moveaxis(points, 0, axis)
    if dtype is not None:
        whole = np.issubdtype(np.dtype(dtype), np.integer)
        points = (np.floor(points) if whole else points).astype(dtype)
    return (points, step) if retstep else points


@implements(np.logspace)
def logspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0,
    dtype: Any = None, axis: int = 0,
) -> Any:  # fmt: skip
    """base to the power of evenly spaced numbers."""
    ends = [start, stop]
    if np.ndim(base):
        start, stop, base = np.broadcast_arrays(array(start), array(stop), array(base))
        ends = [start, stop]
        base = np.expand_dims(base, axis)
    powers = np.power(base, np.linspace(ends[0], ends[1], num, endpoint=endpoint, axis=axis))
    return powers if dtype is None else powers.astype(dtype)


@implements(np.geomspace)
def geomspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Any:
    """Numbers in geometric progression; both ends have one sign."""
    floats = np.result_type(dtype_of(start), dtype_of(stop), np.float64)
    start, stop = np.broadcast_arrays(*[array(x).astype(floats) for x in (start, stop)])
    sign = np.sign(start)
    ends = np.log10(start * sign), np.log10(stop * sign)
    points = sign * np.logspace(*ends, num, endpoint=endpoint, base=10.0)
    if num > 0:
        points = np.concatenate([start[None], points[1:]])
    if num > 1 and endpoint:
        points = np.concatenate([points[:-1], stop[None]])
    points = np.moveaxis(points, 0, axis) if axis != 0 else points
    return points if dtype is None else points.astype(dtype)


@implements(np.vander)
def vander(x: Array, N: Any = None, increasing: bool = False) -> Any:
    """The powers of x as columns, the highest first."""
    if x.ndim != 1:
        raise operand_shapes("vander", "a vector", x.shape)
    count = x.size if N is None else operator.index(N)
    dtype = np.result_type(x.dtype, int)
    powers: list[Any] = [np.ones_like(x, dtype=dtype)]
    for _ in range(count - 1):
        powers.append(powers[-1] * x)
    if count == 0:
        return np.zeros_like(x, dtype=dtype, shape=(x.size, 0))
    return np.stack(powers if increasing else powers[::-1], axis=1)
