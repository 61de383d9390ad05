"""The error function and its complement."""

from __future__ import annotations

from catenary.backend.llvm.math.exponential import exp, grown, reduced, scaled
from catenary.backend.llvm.math.lanes import Lanes, fitted, fma, two_product, where


def _beyond(a: Lanes) -> Lanes:
    """erfc a = exp(−a²)·p(q)/(1 + 2a), q = (a − 4)/(a + 4), for a ≥ 0.4."""
    a = a.at_most(28.0)
    square, left = two_product(a, a)
    r, n = reduced(-square, -left)
    # 1 + 2a in two pieces, so that its rounding does not count
    bottom = fma(a, 2.0, 1.0)
    missing = fma(a, 2.0, 1.0 - bottom)
    top = fitted("erfc", (a - 4.0) / (a + 4.0))
    quotient = top / bottom
    quotient = quotient + fma(-quotient, missing, fma(-quotient, bottom, top)) / bottom
    return scaled(quotient * grown(r), n)


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
    far = _beyond(size)
    return where(size < 0.5, 1.0 - _within(x), where(x < 0.0, 2.0 - far, far))
