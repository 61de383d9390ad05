"""Ufuncs of scipy.special that are compositions of the operations.

Each is written so that it keeps its digits where its parts would cancel, and has the derivative
that its mathematics has at the seams.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from catenary.ops.special import erfc, xlogy
from catenary.tracing.array import TracedArray, innermost, wrap
from catenary.tracing.elementwise import as_atom, normalize
from catenary.tracing.numpy_api.arguments import atom_of, float_type
from catenary.tracing.table import implements


def of_floats(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a composition under SciPy's names; its arguments come as traced floats of one dtype."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def rule(*inputs: Any) -> Any:
            operands = [normalize(x) for x in inputs]
            recorder = innermost(operands)
            assert recorder is not None
            dtype = float_type(*operands)
            return function(*[TracedArray(as_atom(x, dtype, recorder), recorder) for x in operands])

        implements(*names)(rule)
        return function

    return enter


def _xlogy(x: Any, y: Any) -> Any:
    x, y = np.broadcast_arrays(x, y)
    return wrap(xlogy(atom_of(x), atom_of(y)), x.recorder)


# ---- NumPy's own, under SciPy's names ------------------------------------------------------------

of_floats("exp2")(np.exp2)
of_floats("expm1")(np.expm1)
of_floats("log1p")(np.log1p)
of_floats("cbrt")(np.cbrt)
of_floats("round")(np.rint)
implements("sinc")(np.sinc)


@of_floats("exp10")
def exp10(x: Any) -> Any:
    return np.power(x.dtype.type(10), x)


# ---- logistic and its inverse --------------------------------------------------------------------


@of_floats("logit")
def logit(p: Any) -> Any:
    """log(p/(1 − p)); near ½ as 2 artanh(2p − 1), whose argument is exact there."""
    middle = np.absolute(p - 0.5) < 0.25
    return np.where(middle, 2 * np.arctanh(2 * p - 1), np.log(p) - np.log1p(-p))


@implements("softplus")
def softplus(x: Any) -> Any:
    """log(1 + eˣ): SciPy's is NumPy's logaddexp, which is handed over."""
    return np.logaddexp(0, x)


@of_floats("log_expit")
def log_expit(x: Any) -> Any:
    """−log(1 + e⁻ˣ)."""
    return -np.logaddexp(0, -x)


# ---- normal distribution -------------------------------------------------------------------------


@of_floats("ndtr")
def ndtr(x: Any) -> Any:
    """Φ(x) = erfc(−x/√2)/2."""
    tail: Any = wrap(erfc(atom_of(x * -math.sqrt(0.5))), x.recorder)
    return tail * 0.5


# ---- x log y and entropies -----------------------------------------------------------------------


@of_floats("xlog1py")
def xlog1py(x: Any, y: Any) -> Any:
    """x log(1 + y), 0 where x is 0 whatever the logarithm."""
    unbounded = ~((y > -1) & (y < np.inf)) & (y == y)  # noqa: PLR0124 - NaN stays NaN
    return np.where((x == 0) & unbounded, 0, x * np.log1p(y))


@of_floats("entr")
def entr(x: Any) -> Any:
    """−x log x, −∞ below 0."""
    return np.where(x < 0, -np.inf, -_xlogy(x, x))


@of_floats("rel_entr")
def rel_entr(x: Any, y: Any) -> Any:
    """x log(x/y); 0 at x = 0, ∞ outside."""
    inside = (x >= 0) & (y >= 0) & ((x == 0) | (y > 0)) | np.isnan(x) | np.isnan(y)
    ratio = np.where((x == 0) & (y == 0), 1, x / y)
    return np.where(inside, _xlogy(x, ratio), np.inf)


@of_floats("kl_div")
def kl_div(x: Any, y: Any) -> Any:
    """x log(x/y) − x + y."""
    return rel_entr(x, y) - x + y


# ---- losses --------------------------------------------------------------------------------------


@of_floats("huber")
def huber(delta: Any, r: Any) -> Any:
    """r²/2 up to delta, then the line with its slope; ∞ for a negative delta."""
    size = np.absolute(r)
    near = np.minimum(size, delta)
    return np.where(delta < 0, np.inf, near * (size - 0.5 * near))


@of_floats("pseudo_huber")
def pseudo_huber(delta: Any, r: Any) -> Any:
    """δ²(√(1 + (r/δ)²) − 1), written so that small r keep their digits."""
    ratio = r / delta
    square = np.square(ratio)
    value = np.square(delta) * (square / (np.sqrt(1 + square) + 1))
    return np.where(delta < 0, np.inf, np.where((delta == 0) | (r == 0), 0 * r, value))


# ---- (eᵗ − 1)/t and log(1 + u)/u, smooth at 0 ----------------------------------------------------


def _series(x: Any, coefficients: list[float]) -> Any:
    result: Any = coefficients[-1]
    for c in coefficients[-2::-1]:
        result = result * x + c
    return result


_EXPREL = [1 / math.factorial(k + 1) for k in range(12)]
_LOG1P = [(-1) ** k / (k + 1) for k in range(20)]


@of_floats("exprel")
def exprel(t: Any) -> Any:
    """(eᵗ − 1)/t, 1 at 0."""
    near = np.absolute(t) < 0.1
    far = np.expm1(t) / np.where(near, 1, t)
    return np.where(near, _series(t, _EXPREL), np.where(t == np.inf, np.inf, far))


def _log1p_ratio(u: Any) -> Any:
    """log(1 + u)/u, 1 at 0."""
    near = np.absolute(u) < 0.1
    return np.where(near, _series(u, _LOG1P), np.log1p(u) / np.where(near, 1, u))


@of_floats("boxcox")
def boxcox(x: Any, lmbda: Any) -> Any:
    """(x^λ − 1)/λ, log x at λ = 0."""
    return _boxcox(np.log(x), lmbda)


@of_floats("boxcox1p")
def boxcox1p(x: Any, lmbda: Any) -> Any:
    """((1 + x)^λ − 1)/λ, log(1 + x) at λ = 0."""
    return _boxcox(np.log1p(x), lmbda)


def _boxcox(log_x: Any, lmbda: Any) -> Any:
    """(e^(λ log x) − 1)/λ, whose limit at log x = −∞ is −1/λ for a positive λ."""
    rising = lmbda > 0
    limit = np.where(rising, -1 / np.where(rising, lmbda, 1), -np.inf)
    return np.where(log_x == -np.inf, limit, log_x * exprel(lmbda * log_x))


@of_floats("inv_boxcox")
def inv_boxcox(y: Any, lmbda: Any) -> Any:
    """(λ y + 1)^(1/λ), eʸ at λ = 0."""
    return np.exp(y * _log1p_ratio(lmbda * y))


@of_floats("inv_boxcox1p")
def inv_boxcox1p(y: Any, lmbda: Any) -> Any:
    return np.expm1(y * _log1p_ratio(lmbda * y))


@of_floats("cosm1")
def cosm1(x: Any) -> Any:
    """cos x − 1 = −2 sin²(x/2)."""
    return -2 * np.square(np.sin(x * 0.5))


@of_floats("powm1")
def powm1(x: Any, y: Any) -> Any:
    """xʸ − 1; where x is positive through expm1."""
    positive = x > 0
    through = np.expm1(y * np.log(np.where(positive, x, 1)))
    return np.where(positive, through, np.power(x, y) - 1)


# ---- degrees -------------------------------------------------------------------------------------


def _of_degrees(name: str, function: Callable[..., Any], zeros: tuple[int, int]) -> None:
    """A function of an angle in degrees, folded first, and exactly 0 at its zeros."""

    def rule(x: Any) -> Any:
        folded = np.remainder(x, 360)
        exact = (folded == zeros[0]) | (folded == zeros[1])
        return np.where(exact, 0, function(folded * (math.pi / 180)))

    of_floats(name)(rule)


_of_degrees("sindg", np.sin, (0, 180))
_of_degrees("cosdg", np.cos, (90, 270))


@of_floats("tandg")
def tandg(x: Any) -> Any:
    folded = np.remainder(x, 180)
    value = np.tan(folded * (math.pi / 180))
    return np.where(folded == 0, 0, np.where(folded == 90, np.inf, value))


@of_floats("cotdg")
def cotdg(x: Any) -> Any:
    folded = np.remainder(x, 180)
    value = 1 / np.tan(folded * (math.pi / 180))
    return np.where(folded == 90, 0, np.where(folded == 0, np.inf, value))


@of_floats("radian")
def radian(d: Any, m: Any, s: Any) -> Any:
    """Degrees, minutes and seconds as radians."""
    return (d * 3600 + m * 60 + s) * (math.pi / 648000)
