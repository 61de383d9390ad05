"""Arcsine, arccosine, arctangent of one and of two numbers."""

from __future__ import annotations

from catenary.backend.llvm.math.exponential import TINY
from catenary.backend.llvm.math.lanes import Lanes, fitted, fma, where

HALF_PI, HALF_PI_LOW = 1.5707963267948966, 6.123233995736766e-17
QUARTER_PI, QUARTER_PI_LOW = 0.7853981633974483, 3.061616997868383e-17
TAN_EIGHTH, TAN_THREE_EIGHTHS = 0.41421356237309503, 2.414213562373095
INFINITY = float("inf")


def _halved(x: Lanes) -> tuple[Lanes, Lanes, Lanes, Lanes]:
    """Where |x| ≥ ½; s = √((1 − |x|)/2) there and |x| elsewhere; what s left out; s²·p(s²)."""
    size = abs(x)
    large = size >= 0.5
    z = where(large, fma(size, -0.5, 0.5), size * size)
    root = z.sqrt()
    left = fma(-root, root, z) / (root + root)
    left = where(root > 0.0, left, 0.0)
    s = where(large, root, size)
    return large, s, where(large, left, 0.0), z * fitted("arcsin", z)


def arcsin(x: Lanes) -> Lanes:
    """arcsin |x| = π/2 − 2·arcsin √((1 − |x|)/2) from ½ on."""
    large, s, left, rest = _halved(x)
    inner = fma(s, rest, left)
    outer = HALF_PI - 2.0 * s
    low = (HALF_PI - outer) - 2.0 * s
    far = outer + (low + fma(inner, -2.0, HALF_PI_LOW))
    y = where(large, far, s + inner)
    return where(abs(x) < TINY[x.bits], x, y.with_sign_of(x))


def arccos(x: Lanes) -> Lanes:
    """π/2 − arcsin x inside; 2·arcsin √((1 − |x|)/2) at the right, π minus that at the left."""
    large, s, left, rest = _halved(x)
    inner = fma(s, rest, left)
    right = 2.0 * (s + inner)
    leftmost = 2.0 * (HALF_PI - (s + (inner - HALF_PI_LOW)))
    signed = s.with_sign_of(x)
    middle = HALF_PI - (signed + (inner.with_sign_of(x) - HALF_PI_LOW))
    return where(large, where(x < 0.0, leftmost, right), middle)


def _ratio(y: Lanes, x: Lanes) -> Lanes:
    """arctan y/x for y, x ≥ 0: about 0, about π/4 or about π/2."""
    above, middle = y > x * TAN_THREE_EIGHTHS, y > x * TAN_EIGHTH
    top = where(above, -x, where(middle, y - x, y))
    bottom = where(above, y, where(middle, y + x, x))
    t = top / bottom
    z = t * t
    rest = t * z * fitted("arctan", z)
    base = where(above, t.constant(HALF_PI), where(middle, t.constant(QUARTER_PI), 0.0))
    low = where(above, t.constant(HALF_PI_LOW), where(middle, t.constant(QUARTER_PI_LOW), 0.0))
    return base + (t + (rest + low))


def arctan(x: Lanes) -> Lanes:
    """The arctangent."""
    size = abs(x).at_most(2.0**66)  # π/2 from there on
    y = _ratio(size, x.constant(1.0))
    return where(abs(x) < TINY[x.bits], x, y.with_sign_of(x))


def arctan2(y: Lanes, x: Lanes) -> Lanes:
    """The angle of the point (x, y), with the signs of zeros as in C99."""
    up, right = abs(y), abs(x)
    both = up.equals(INFINITY) & right.equals(INFINITY)
    up, right = where(both, 1.0, up), where(both, 1.0, right)
    # an infinite one beside a finite one: ratios 0 and ∞ without ∞ − ∞
    steep, flat = up.equals(INFINITY), right.equals(INFINITY)
    up = where(steep, 1.0, where(flat, up * 0.0, up))
    right = where(flat, 1.0, where(steep, right * 0.0, right))
    large = (up > 2.0**1000) | (right > 2.0**1000)
    factor = where(large, x.constant(2.0**-100), 1.0)
    # scaling never makes 0 of a number whose ratio counts
    up, right = up * factor, right * factor
    right = where(up.equals(0.0) & right.equals(0.0), 1.0, right)
    angle = _ratio(up, right)
    angle = where(x.sign_bit(), 2.0 * HALF_PI - (angle - 2.0 * HALF_PI_LOW), angle)
    return angle.with_sign_of(y)
