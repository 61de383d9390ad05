"""Median, quantiles and percentiles, said by sorting and straight lines between neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, not_covered, operand_dtype
from catenary.core.types import BOOL
from catenary.tracing.array import TracedArray
from catenary.tracing.numpy_api.arguments import array, axes_of, given
from catenary.tracing.recorder import user_line
from catenary.tracing.table import implements

Place = Callable[[Any, Any], Any]  # (count, q) → the place of the quantile, from 0 to count − 1

# Hyndman and Fan, Sample quantiles in statistical packages (1996):
# place = n q + a + q (1 − a − b) − 1
_HYNDMAN_FAN = {
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}


def _between(a: float, b: float) -> Place:
    return lambda n, q: n * q + (a + q * (1 - a - b)) - 1


_PLACES: dict[str, Place] = {
    "linear": lambda n, q: (n - 1) * q,
    "lower": lambda n, q: np.floor((n - 1) * q),
    "higher": lambda n, q: np.ceil((n - 1) * q),
    "nearest": lambda n, q: np.rint((n - 1) * q),
    "midpoint": lambda n, q: 0.5 * (np.floor((n - 1) * q) + np.ceil((n - 1) * q)),
    **{name: _between(*ends) for name, ends in _HYNDMAN_FAN.items()},
}


def _merged(a: Any, axis: Any, keepdims: Any) -> tuple[Any, tuple[int, ...]]:
    """The reduced axes as one last axis, and the shape the others are to have."""
    axes = axes_of(a.ndim, axis)
    others = [i for i in range(a.ndim) if i not in axes]
    turned = np.transpose(a, (*others, *axes))
    rows = np.reshape(turned, (*(a.shape[i] for i in others), -1))
    keep = given(keepdims) and keepdims
    return rows, tuple(1 if i in axes else n for i, n in enumerate(a.shape) if i in others or keep)


def _line(a: Any, b: Any, t: Any) -> Any:
    """From a to b, exact at both ends."""
    step = b - a
    return np.where(t >= 0.5, b - step * (1 - t), a + step * t)


def _pick(rows: Any, n: Any, q: Any, place: Place) -> Any:
    """The quantile q of each sorted row, of which the first n elements count."""
    where = np.clip(place(n, q), 0, np.maximum(n - 1, 0))
    below = np.floor(where)
    above = np.minimum(below + 1, np.maximum(n - 1, 0))
    fraction = (where - below).astype(q.dtype)
    return _line(_elements(rows, below), _elements(rows, above), fraction)


def _elements(rows: Any, at: Any) -> Any:
    if np.ndim(at) == 0:
        return rows[..., array(at).astype(np.int64)]
    index = array(at).astype(np.int64)
    return np.take_along_axis(rows, index[..., None], -1)[..., 0]


def _sorted_rows(a: Any, axis: Any, keepdims: Any) -> tuple[Any, Any, tuple[int, ...]]:
    """Sorted rows along the reduced axes, how many are no NaN, and the shape of a result."""
    a = array(a)
    a = a if a.dtype.kind == "f" else a.astype(np.float64)
    rows, shape = _merged(a, axis, keepdims)
    if rows.shape[-1] == 0:
        raise bad_argument("quantile", "at least one element", a.shape)
    rows = np.sort(rows, -1)
    return rows, np.sum(~np.isnan(rows), -1), shape


def _unless_nan(value: Any, rows: Any, there: Any, skip_nan: bool) -> Any:
    """NaN sorts last: a row has one unless all its elements are there."""
    whole = there > 0 if skip_nan else there == rows.shape[-1]
    return np.where(whole, value, rows.dtype.type(np.nan))


def _rule(divisor: float, skip_nan: bool) -> Callable[..., Any]:
    def quantile(
        a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False,
        method: str = "linear", keepdims: Any = False, *, weights: Any = None,
    ) -> Any:  # fmt: skip
        if weights is not None:
            raise not_covered("np.quantile with weights=", "", user_line())
        if method not in _PLACES:
            raise not_covered(f"np.quantile with method={method!r}", "", user_line())
        if array(a).dtype == BOOL:
            raise operand_dtype("quantile", "numbers", "truth values")
        rows, there, shape = _sorted_rows(a, axis, keepdims)
        weak = isinstance(q, (int, float)) and not isinstance(q, np.generic)
        shares = np.true_divide(array(q).astype(rows.dtype) if weak else array(q), divisor)
        if not isinstance(shares, TracedArray) and not ((shares >= 0) & (shares <= 1)).all():
            raise bad_argument("quantile", f"q from 0 to {divisor:g}", q)
        n = there if skip_nan else rows.shape[-1]
        values = [
            np.reshape(
                _unless_nan(_pick(rows, n, one, _PLACES[method]), rows, there, skip_nan), shape
            )
            for one in np.reshape(shares, -1)
        ]
        if np.ndim(q) == 0:
            return values[0]
        return np.reshape(np.stack(values), np.shape(q) + shape)

    return quantile


quantile = implements(np.quantile)(_rule(1.0, False))
percentile = implements(np.percentile)(_rule(100.0, False))
nanquantile = implements(np.nanquantile)(_rule(1.0, True))
nanpercentile = implements(np.nanpercentile)(_rule(100.0, True))


def _median(skip_nan: bool) -> Callable[..., Any]:
    def median(
        a: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: bool = False,
        keepdims: Any = False,
    ) -> Any:
        rows, there, shape = _sorted_rows(a, axis, keepdims)
        n = there if skip_nan else rows.shape[-1]
        low, high = (_elements(rows, np.maximum(at, 0)) for at in ((n - 1) // 2, n // 2))
        return np.reshape(_unless_nan((low + high) / 2, rows, there, skip_nan), shape)

    return median


median = implements(np.median)(_median(False))
nanmedian = implements(np.nanmedian)(_median(True))
