"""Reductions that pass over NaN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.tracing.numpy_api.arguments import array, given
from catenary.tracing.numpy_api.reductions import Axis, highest, limited, lowest
from catenary.tracing.numpy_api.statistics import float_dtype
from catenary.tracing.table import implements


def _present(a: Any, where: Any = True) -> Any:
    """Where there is a number that takes part."""
    there = ~np.isnan(a)
    return there & where if limited(where) else there


def without_nan(a: Any, instead: Any) -> Any:
    """Each NaN replaced; what was replaced has no derivative."""
    return np.where(np.isnan(a), a.dtype.type(instead), a) if a.dtype.kind == "f" else a


def _passing(function: Any, instead: int) -> Callable[..., Any]:
    def passing(a: Any, *args: Any, **options: Any) -> Any:
        return function(without_nan(array(a), instead), *args, **options)

    return passing


nansum = implements(np.nansum)(_passing(np.sum, 0))
nanprod = implements(np.nanprod)(_passing(np.prod, 1))
nancumsum = implements(np.nancumsum)(_passing(np.cumsum, 0))
nancumprod = implements(np.nancumprod)(_passing(np.cumprod, 1))


def _nan_extreme(function: Any, worst: Callable[[Any], Any]) -> Callable[..., Any]:
    def extreme(
        a: Any, axis: Axis = None, out: Any = None, keepdims: Any = False, initial: Any = None,
        where: Any = True,
    ) -> Any:  # fmt: skip
        a = array(a)
        options: Any = {"axis": axis, "keepdims": given(keepdims) and keepdims}
        result = function(without_nan(a, worst(a.dtype)), initial=initial, where=where, **options)
        if a.dtype.kind != "f":
            return result
        nothing = ~np.any(_present(a), **options)
        return np.where(nothing, a.dtype.type(np.nan), result)

    return extreme


nanmax = implements(np.nanmax)(_nan_extreme(np.max, lowest))
nanmin = implements(np.nanmin)(_nan_extreme(np.min, highest))


def _nan_position(function: Any, worst: Callable[[Any], Any]) -> Callable[..., Any]:
    def position(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
        a = array(a)
        return function(without_nan(a, worst(a.dtype)), axis, keepdims=given(keepdims) and keepdims)

    return position


nanargmax = implements(np.nanargmax)(_nan_position(np.argmax, lowest))
nanargmin = implements(np.nanargmin)(_nan_position(np.argmin, highest))


@implements(np.nanmean)
def nanmean(
    a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *,
    where: Any = True,
) -> Any:  # fmt: skip
    a = array(a)
    return np.mean(
        without_nan(a, 0), axis, dtype=dtype, keepdims=keepdims, where=_present(a, where)
    )


@implements(np.nanvar)
def nanvar(
    a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, ddof: float = 0,
    keepdims: Any = False, *, where: Any = True, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    """The variance of the numbers that are there; NaN where they are too few."""
    a = array(a)
    there = _present(a, where)
    options: Any = {"axis": axis, "keepdims": given(keepdims) and keepdims}
    value = np.var(without_nan(a, 0), dtype=dtype, ddof=ddof, where=there, mean=mean,
                   correction=correction, **options)  # fmt: skip
    less = correction if given(correction) else ddof
    few = np.sum(there, **options) <= less
    return np.where(few, float_dtype(a, dtype).type(np.nan), value)


@implements(np.nanstd)
def nanstd(a: Any, axis: Axis = None, *args: Any, **options: Any) -> Any:
    return np.sqrt(np.nanvar(a, axis, *args, **options))
