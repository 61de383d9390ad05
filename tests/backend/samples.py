"""Where functions are measured, against what, and how far off they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np

Wide = np.longdouble  # 64 bits of mantissa on x86
EXACT_ENOUGH = np.finfo(Wide).nmant > np.finfo(np.float64).nmant

ROUNDING = ("floor", "ceil", "trunc", "rint", "sqrt")
ELEMENTARY = (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "cbrt", "sin", "cos", "tan",
    "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh",
)  # fmt: skip
ACTIVATIONS = ("sigmoid", "softplus")
BY_MPMATH = ("erf", "erfc", "lgamma", "digamma")
SPECIAL_POINTS = (
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 0.75, 1.5, 8.0, 1000.0, -1000.0,
    1e30, -1e30, np.inf, -np.inf, np.nan,
)  # fmt: skip


def edges(dtype: Any) -> Any:
    """Special points, the ends of the dtype, and where exponentials leave its range."""
    info = np.finfo(dtype)
    ends = [info.max, info.tiny, info.smallest_subnormal, 3 * info.smallest_subnormal, info.eps]
    ranges = [
        88.7, 88.8, 103.9, 104.1, 127.9, 128.0, 149.0, 151.0,
        709.7, 709.8, 710.4, 710.5, 745.1, 745.2, 1023.5, 1024.0, 1074.0, 1076.0,
    ]  # fmt: skip
    values = [*SPECIAL_POINTS, *ends, *(-e for e in ends), *ranges, *(-r for r in ranges)]
    return np.array(values, dtype)


def points(count: int, dtype: Any, seed: int = 0) -> Any:
    """Numbers of every size, many near 0, 1, the multiples of π/2 and the halves of log 2."""
    random = np.random.default_rng(seed)
    integers = np.dtype(f"i{np.dtype(dtype).itemsize}")
    limits = np.iinfo(integers)
    sets = [random.integers(limits.min, limits.max, count, integers, endpoint=True).view(dtype)]
    sets += [random.uniform(-s, s, count) for s in (0.1, 0.6, 1.5, 5, 30, 100, 800)]
    sets += [1 + random.normal(size=count) * s for s in (0.1, 1e-4)]
    sets += [np.pi / 2 * random.integers(-n, n, count) for n in (2000, 2**20)]
    sets.append(np.log(2) / 2 * (2 * random.integers(-1100, 1100, count) + 1))
    with np.errstate(over="ignore"):
        x = np.concatenate([s.astype(dtype) for s in sets])
    return x[np.isfinite(x)]


def _sigmoid(x: Any) -> Any:
    small = np.exp(-abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def _softplus(x: Any) -> Any:
    return np.maximum(x, 0) + np.log1p(np.exp(-abs(x)))


def reference(name: str) -> Callable[[Any], Any]:
    """A function as exact as ``Wide``; special ones number by number, from mpmath."""
    own = {"sigmoid": _sigmoid, "softplus": _softplus}
    if name in own:
        return lambda x: own[name](x.astype(Wide))
    if name in BY_MPMATH:
        return lambda x: np.array([_precise(name, float(v)) for v in x.ravel()], Wide)
    return lambda x: getattr(np, name)(x.astype(Wide))


def _precise(name: str, x: float) -> Any:
    import scipy.special

    if (
        not np.isfinite(x)
        or x == 0
        or (name in {"lgamma", "digamma"} and x <= 0 and x == np.floor(x))
    ):
        return Wide(getattr(scipy.special, {"lgamma": "gammaln"}.get(name, name))(x))
    if name in {"erf", "erfc"}:
        x = min(max(x, -40.0), 40.0)
    with mp.workprec(160):
        y = mp.loggamma(x).real if name == "lgamma" else getattr(mp, name)(mp.mpf(x))
        if name == "erfc" and float(y) < np.finfo(np.float64).tiny:
            return Wide(float(y))  # a subnormal has no second piece
        return Wide(float(y)) + Wide(float(y - mp.mpf(float(y)))) if abs(y) < 1e308 else Wide(y)


def ulps(got: Any, right: Any) -> Any:
    """How far off, in units of the last digit of the right result rounded to the dtype.

    Infinite where one is NaN or infinite and the other is not.
    """
    info = np.finfo(got.dtype)
    with np.errstate(all="ignore"):
        rounded = right.astype(got.dtype)
        unit = np.spacing(np.minimum(abs(rounded), info.max)).astype(Wide)
        error = abs(got.astype(Wide) - right) / np.maximum(unit, Wide(info.smallest_subnormal))
    equal = (got == rounded) | (np.isnan(got) & np.isnan(rounded))
    special = ~np.isfinite(got) | ~np.isfinite(rounded)
    return np.where(special, np.where(equal, 0, np.inf), error)
