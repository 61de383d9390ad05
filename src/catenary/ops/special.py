"""Functions of scipy.special, and the logarithm of sums of exponentials that goes with them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core.primitive import Algebra, Primitive
from catenary.ops import sampling
from catenary.ops.compare import eq, select
from catenary.ops.elementwise import elementwise, filled, partials
from catenary.ops.product import scale
from catenary.ops.transcendental import exp, log, square


def _special(name: str) -> Callable[..., Any]:
    """A ufunc of scipy.special, loaded when it is first used."""

    def evaluate(*arrays: Any, **params: Any) -> Any:
        import scipy.special

        return getattr(scipy.special, name)(*arrays, **params)

    evaluate.__name__ = name
    return evaluate


def _logistic_lower(t: Any, x: Any) -> Any:
    """1/(1 + e⁻ˣ) for x ≥ 0 and eˣ/(1 + eˣ) else: the exponent is never positive."""
    shape, dtype = t.shape(x), t.dtype(x)
    one = t.constant(1, shape, dtype)
    small = t.function("exp", t.neg(t.abs(x)))
    positive = t.compare("ge", x, t.constant(0, shape, dtype))
    return t.div(t.select(positive, one, small), t.add(one, small))


logistic: Primitive = elementwise(
    "logistic",
    numpy="expit",
    evaluate=_special("expit"),
    derivative=partials(lambda x, y: y * logistic(-x)),
    lower=_logistic_lower,
    interior=((-3, 3),),
    elsewhere=(((3, 20),), ((-20, -3),)),
)

erf: Primitive = elementwise(
    "erf",
    numpy="erf",
    evaluate=_special("erf"),
    derivative=partials(lambda x, y: exp(-square(x)) * (2 / math.sqrt(math.pi))),
    lower=lambda t, x: t.function("erf", x),
    interior=((-2, 2),),
)

erfc: Primitive = elementwise(
    "erfc",
    numpy="erfc",
    evaluate=_special("erfc"),
    derivative=partials(lambda x, y: exp(-square(x)) * (-2 / math.sqrt(math.pi))),
    lower=lambda t, x: t.function("erfc", x),
    interior=((-2, 2),),
    ulp=8,
)

lgamma: Primitive = elementwise(
    "lgamma",
    numpy="gammaln",
    evaluate=_special("gammaln"),
    derivative=partials(lambda x, y: digamma(x)),
    lower=lambda t, x: t.function("lgamma", x),
    # away from the zeros at 1 and 2 and from the smallest numbers, where SciPy's is far off
    interior=((2.2, 4),),
    elsewhere=(((0.2, 0.8),),),
    edge=lambda dtype: [(v,) for v in sampling.edge_numbers(dtype) if not 0 < abs(v) < 1e-300],
    ulp=32,
)

digamma: Primitive = elementwise(
    "digamma",
    numpy=("digamma", "psi"),
    evaluate=_special("digamma"),
    derivative=partials(lambda x, y: polygamma(x, n=1)),
    lower=lambda t, x: t.function("digamma", x),
    interior=((0.5, 4),),
)


def _polygamma(x: Any, *, n: int) -> Any:
    return np.asarray(_special("polygamma")(n, x)).astype(np.asarray(x).dtype)


polygamma: Primitive = elementwise(
    "polygamma",
    evaluate=_polygamma,
    derivative=partials(lambda x, y, *, n: polygamma(x, n=n + 1)),
    lower=lambda t, x, *, n: t.polygamma(n, x),
    interior=((1.0, 4),),
    edge=lambda dtype, n: [(v,) for v in (0.5, 1.0, 3.5, 30.0, np.inf, np.nan)],
    params=[{"n": 1}, {"n": 2}],
    ulp=64,
)


# ---- log Φ, whose slope is the inverse Mills ratio ----------------------------------------------


def _log_ndtr_partial(x: Any, y: Any) -> Any:
    # φ(x)/Φ(x) = exp(log φ(x) − log Φ(x)), stable far to the left
    return exp(square(x) * -0.5 - 0.5 * math.log(2 * math.pi) - y)


def _log_ndtr_lower(t: Any, x: Any) -> Any:
    """log(erfc(−x/√2)/2) where that holds its digits; an asymptotic series far to the left."""
    shape, dtype = t.shape(x), t.dtype(x)

    # the series is exact to the dtype from here on, and erfc has not underflowed yet
    bound = -10 if dtype.itemsize == 4 else -20

    def number(value: float) -> Any:
        return t.constant(value, shape, dtype)

    near = t.function(
        "log", t.mul(number(0.5), t.function("erfc", t.mul(x, number(-math.sqrt(0.5)))))
    )
    right = t.function(
        "log1p", t.mul(number(-0.5), t.function("erfc", t.mul(x, number(math.sqrt(0.5)))))
    )
    inverse = t.div(number(1), t.mul(x, x))
    series = number(0)
    # Σ (−1)ᵏ (2k − 1)!! / x²ᵏ, from the last term inwards (Abramowitz and Stegun 26.2.12)
    for k in range(10, 0, -1):
        series = t.mul(t.mul(number(-(2 * k - 1)), inverse), t.add(number(1), series))
    far = t.add(
        t.sub(t.mul(t.mul(x, x), number(-0.5)), t.function("log", t.neg(x))),
        t.add(number(-0.5 * math.log(2 * math.pi)), t.function("log1p", series)),
    )
    infinite = t.compare("eq", x, number(-np.inf))
    far = t.select(infinite, x, far)
    return t.select(
        t.compare("lt", x, number(bound)),
        far,
        t.select(t.compare("gt", x, number(1)), right, near),
    )


log_ndtr: Primitive = elementwise(
    "log_ndtr",
    numpy="log_ndtr",
    evaluate=_special("log_ndtr"),
    derivative=partials(_log_ndtr_partial),
    lower=_log_ndtr_lower,
    interior=((-3, 3),),
    elsewhere=(((-12, -6),), ((3, 6),)),
    edge=lambda dtype: [
        (v,) for v in (0.0, 1.0, -1.0, 4.0, -4.0, -20.0, -100.0, np.inf, -np.inf, np.nan)
    ],
    ulp=64,
)


# ---- sin(t)/t and what follows from it ----------------------------------------------------------


def _bessel_ratio(x: Any, *, order: int) -> Any:
    x = np.asarray(x)
    near = abs(x) < 0.5 + order
    safe = np.where(near, 1, x).astype(np.float64)
    # of order 0 this is sin x / x, NaN at infinity as in np.sinc
    far = _special("spherical_jn")(order, safe) / safe**order if order else np.sin(safe) / safe
    return np.where(near, _bessel_series(np.where(near, x, 0), order), far).astype(x.dtype)


def _bessel_series(x: Any, order: int) -> Any:
    """Σₖ (−x²/2)ᵏ / (k! (2n + 2k + 1)!!) (NIST Handbook of Mathematical Functions, 10.53.1)."""
    term = np.full_like(x, 1 / math.prod(range(1, 2 * order + 2, 2)), dtype=np.float64)
    total = term.copy()
    for k in range(1, 16 + 2 * order):
        term = term * (-(x.astype(np.float64) ** 2) / 2) / (k * (2 * order + 2 * k + 1))
        total += term
    return total


def _bessel_ratio_lower(t: Any, x: Any, *, order: int) -> Any:
    """The series near 0; further out, upward recurrence from sin x / x."""
    shape, dtype = t.shape(x), t.dtype(x)

    def number(value: float) -> Any:
        return t.constant(value, shape, dtype)

    near = t.compare("lt", t.abs(x), number(0.5 + order))
    half_square = t.mul(number(-0.5), t.mul(x, x))
    series = number(1)
    for k in range(15 + 2 * order, 0, -1):
        factor = t.div(half_square, number(k * (2 * order + 2 * k + 1)))
        series = t.add(number(1), t.mul(factor, series))
    series = t.div(series, number(math.prod(range(1, 2 * order + 2, 2))))
    safe = t.select(near, number(1), x)
    square_inverse = t.div(number(1), t.mul(safe, safe))
    current = t.div(t.function("sin", safe), safe)
    previous = t.function("cos", safe)  # j₋₁·x, the start of jₙ₊₁ = (2n + 1)/x·jₙ − jₙ₋₁
    for n in range(order):
        scaled = t.mul(number(2 * n + 1), current)
        previous, current = current, t.mul(square_inverse, t.sub(scaled, previous))
    infinite = t.compare("eq", t.abs(x), number(np.inf))
    far = t.select(infinite, number(0) if order else number(np.nan), current)
    return t.select(near, series, far)


# jₙ(x)/xⁿ with jₙ the spherical Bessel function: smooth, even, and closed under derivatives, which
# makes every derivative of sinc right at 0: (jₙ(x)/xⁿ)' = −x · jₙ₊₁(x)/xⁿ⁺¹ (NIST 10.51.5).
bessel_ratio: Primitive = elementwise(
    "bessel_ratio",
    evaluate=_bessel_ratio,
    derivative=partials(lambda x, y, *, order: -x * bessel_ratio(x, order=order + 1)),
    lower=_bessel_ratio_lower,
    interior=((-2, 2),),
    elsewhere=(((4, 9),),),
    edge=lambda dtype, order: [
        (v,) for v in (0.0, -0.0, 1e-5, 0.49, 0.51, -3.5, 30.0, np.inf, -np.inf, np.nan)
    ],
    params=[{"order": 0}, {"order": 1}, {"order": 2}],
    ulp=512,
)


def _xlogy_lower(t: Any, x: Any, y: Any) -> Any:
    zero = t.constant(0, t.shape(x), t.dtype(x))
    nothing = t.bit_and(t.compare("eq", x, zero), t.compare("eq", y, y))
    return t.select(nothing, zero, t.mul(x, t.function("log", y)))


xlogy: Primitive = elementwise(
    "xlogy",
    numpy="xlogy",
    evaluate=_special("xlogy"),
    # x/y, but 0 at x = 0 for every y
    derivative=partials(lambda x, y, o: log(y), lambda x, y, o: scale(x, 1.0 / y)),
    lower=_xlogy_lower,
    interior=((0.5, 2), (0.5, 2)),
    elsewhere=(((-2, -0.5), (0.5, 2)),),
)


# ---- log(eˣ + eʸ) -------------------------------------------------------------------------------


def _logaddexp_lower(t: Any, x: Any, y: Any) -> Any:
    """max + log1p(exp(−|x − y|)); equal infinities, whose difference is NaN, are their own sum."""
    shape, dtype = t.shape(x), t.dtype(x)
    larger = t.maximum(x, y)
    apart = t.function("exp", t.neg(t.abs(t.sub(x, y))))
    total = t.add(larger, t.function("log1p", apart))
    log_two = t.constant(math.log(2), shape, dtype)
    return t.select(t.compare("eq", x, y), t.add(x, log_two), total)


logaddexp: Primitive = elementwise(
    "logaddexp",
    numpy=np.logaddexp,
    derivative=partials(lambda x, y, o: _share(x, y), lambda x, y, o: _share(y, x)),
    lower=_logaddexp_lower,
    algebra=Algebra(commutative=True),
    interior=((-2, 2), (-2, 2)),
    elsewhere=(((30, 40), (-40, -30)),),
)


def _share(x: Any, y: Any) -> Any:
    """exp(x − logaddexp(x, y)) = logistic(x − y), one half where both are equal infinities."""
    difference = select(eq(x, y), filled(0, x), x - y)
    return logistic(difference)
