"""The error function and its complement."""

from __future__ import annotations

from catenary.backend.llvm.math.coefficients import TABLE
from catenary.backend.llvm.math.exponential import exp, reduced, scaled
from catenary.backend.llvm.math.lanes import Lanes, fitted, fma, polynomial, two_product, where

_NOTHING = {64: 28.0, 32: 10.2}  # erfc is 0 from there on


def _beyond(a: Lanes) -> Lanes:
    """erfc a = exp(−a²)·p(q)/(1 + 2a), q = (a − 4)/(a + 4), for a ≥ 0.4."""
    a = a.at_most(_NOTHING[a.bits])
    square, tail = two_product(a, a)
    r, n = reduced(-square, -tail)
    # 1 + 2a in two pieces, so that its rounding does not count
    bottom = fma(a, 2.0, 1.0)
    missing = fma(a, 2.0, 1.0 - bottom)
    # one division for both quotients; what it is off by counts in neither
    other = a + 4.0
    both = 1.0 / (bottom * other)
    q, part = (a - 4.0) * (bottom * both), other * both
    first, *others = TABLE["erfc", a.bits]
    rest = q * polynomial(others, q)
    top = rest + first
    # what is left out of the sum, and in float32 of its first number, which is most of p's error
    lost = rest - (top - first) + (TABLE["erfc", 64][0] - first)
    quotient = top * part
    quotient = fma(fma(-quotient, missing, fma(-quotient, bottom, top) + lost), part, quotient)
    growth = fma(r * r, fitted("exp", r), r)  # eʳ − 1
    return scaled(fma(quotient, growth, quotient), n)


def _within(x: Lanes) -> Lanes:
    """erf x for |x| ≤ 1."""
    return fma(x, fitted("erf", x * x), x)


def erf(x: Lanes) -> Lanes:
    """The error function."""
    size = abs(x)
    near = _within(x)
    if x.bits == 64:
        far = 1.0 - _beyond(size)
    else:
        a = size.at_most(4.0)  # 1 to the last digit from there on
        far = 1.0 - exp(-(a * fitted("erf_far", a)))
    return where(size < 1.0, near, far.with_sign_of(x))


def erfc(x: Lanes) -> Lanes:
    """1 − erf x without cancellation."""
    size = abs(x)
    near, far = fma(-x, fitted("erf", x * x), 1.0 - x), _beyond(size)
    return where(size < 0.8, near, where(x < 0.0, 2.0 - far, far))
