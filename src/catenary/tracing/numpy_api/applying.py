"""A function applied along an axis, or over several."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.tracing.numpy_api.arguments import Array, array, axis_in
from catenary.tracing.table import implements


@implements(np.apply_along_axis)
def apply_along_axis(func1d: Any, axis: int, arr: Array, *args: Any, **kwargs: Any) -> Any:
    """The function of every row along the axis, its results in the rows' place."""
    axis = axis_in(axis, arr.ndim)
    rows = np.moveaxis(arr, axis, -1)
    outside = rows.shape[:-1]
    results = [array(func1d(rows[i], *args, **kwargs)) for i in np.ndindex(*outside)]
    inside = results[0].shape
    stacked = np.reshape(np.stack(results), outside + inside)
    for k in range(len(inside)):
        stacked = np.moveaxis(stacked, len(outside) + k, axis + k)
    return stacked


@implements(np.apply_over_axes)
def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    """A function with an ``axis`` argument applied over one axis after the other."""
    result = array(a)
    for axis in np.atleast_1d(axes):
        reduced = func(result, axis_in(axis, result.ndim))
        result = (
            reduced
            if reduced.ndim == result.ndim
            else np.expand_dims(reduced, axis_in(axis, result.ndim))
        )
    return result
