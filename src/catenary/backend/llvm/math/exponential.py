"""Exponentials: x = n·log 2 + r with n whole and |r| ≤ log 2/2; then eˣ = 2ⁿ·(1 + r + r²·p(r))."""

from __future__ import annotations

from catenary.backend.llvm.math import avx512
from catenary.backend.llvm.math.lanes import Lanes, fitted, fma, where

LOG2_E = 1.4426950408889634
# log 2 in two pieces of the dtype; the product of the first with n is exact inside fma
LN2 = {
    64: (0.6931471805599453, 2.3190468138462996e-17),
    32: (0.6931471824645996, -1.9046542121259336e-09),
}
MANTISSA, BIAS = {64: 52, 32: 23}, {64: 1023, 32: 127}
# adding this rounds to a whole number and leaves it in the low bits
MAGIC = {64: 1.5 * 2.0**52, 32: 1.5 * 2.0**23}
MAGIC_BITS = {64: 0x4338000000000000, 32: 0x4B400000}
# beyond these eˣ is infinite, or 0
HIGHEST, LOWEST = {64: 710.0, 32: 89.0}, {64: -746.0, 32: -104.0}
TINY = {64: 2.0**-54, 32: 2.0**-25}


def whole(x: Lanes, factor: float = 1.0) -> Lanes:
    """factor·x rounded to a whole number, for results below 2²¹ (2⁵⁰ in float64)."""
    magic = MAGIC[x.bits]
    return fma(x, factor, magic) - magic


def power_of_two(n: Lanes) -> Lanes:
    """2ⁿ of whole n for which it is a normal number."""
    if avx512.usable(n):
        return avx512.scaled(n.constant(1.0), n)
    bits = n.bits
    biased = (n + MAGIC[bits]).as_bits() - (MAGIC_BITS[bits] - BIAS[bits])
    return (biased << MANTISSA[bits]).as_float()


def scaled(x: Lanes, n: Lanes) -> Lanes:
    """x·2ⁿ of whole n, |n| below twice the range of exponents, rounded once.

    Two factors, of which the first is exact: subnormal results come out right.
    """
    if avx512.usable(x):
        return avx512.scaled(x, n)
    bits = x.bits
    total = (n + MAGIC[bits]).as_bits() - (MAGIC_BITS[bits] - 2 * BIAS[bits])
    half = total >> 1
    first = (half << MANTISSA[bits]).as_float()
    return x * first * ((total - half) << MANTISSA[bits]).as_float()


def within(x: Lanes) -> Lanes:
    """x, or the ends of the range in which eˣ is neither 0 nor infinite."""
    return x.at_most(HIGHEST[x.bits]).at_least(LOWEST[x.bits])


def reduced(x: Lanes, tail: Lanes | None = None) -> tuple[Lanes, Lanes]:
    """r and n; a tail is added to x beyond its last digit."""
    high, low = LN2[x.bits]
    n = whole(x, LOG2_E)
    r = fma(n, -high, x)
    return fma(n, -low, r) if tail is None else r + fma(n, -low, tail), n


def grown(r: Lanes) -> Lanes:
    """eʳ, where 1 + r is rounded without loss: additions are free beside multiplications."""
    most = r + 1.0
    return most + fma(r * r, fitted("exp", r), r - (most - 1.0))


def exp(x: Lanes) -> Lanes:
    """eˣ."""
    r, n = reduced(within(x))
    return scaled(grown(r), n)


def decay(x: Lanes) -> Lanes:
    """e^−|x|."""
    r, n = reduced((-abs(x)).at_least(LOWEST[x.bits]))
    return scaled(grown(r), n)


def half_exp(x: Lanes) -> Lanes:
    """eˣ/2, which overflows later than eˣ."""
    r, n = reduced(x.at_most(HIGHEST[x.bits] + 1).at_least(LOWEST[x.bits]))
    return scaled(grown(r), n - 1.0)


def exp2(x: Lanes) -> Lanes:
    """2ˣ."""
    limit = {64: 1025.0, 32: 129.0}[x.bits]
    lowest = {64: -1076.0, 32: -151.0}[x.bits]
    x = x.at_most(limit).at_least(lowest)
    n = whole(x)
    r = x - n
    return scaled(fma(r, fitted("exp2", r), 1.0), n)


def half_expm1(x: Lanes) -> Lanes:
    """(eˣ − 1)/2 = 2ⁿ⁻¹·(eʳ − 1) + (2ⁿ⁻¹ − ½): 2ⁿ itself may overflow before eˣ does."""
    r, n = reduced(x)
    half = power_of_two(n - 1.0)
    return fma(half, fma(r * r, fitted("expm1", r), r), half - 0.5)


def expm1(x: Lanes) -> Lanes:
    """eˣ − 1."""
    half = half_expm1(x.at_most(HIGHEST[x.bits]).at_least(-45.0))
    return where(abs(x) < TINY[x.bits], x, half + half)


def sigmoid(x: Lanes) -> Lanes:
    """1/(1 + e⁻ˣ), or eˣ/(1 + eˣ) for negative x: the exponent is never positive."""
    small = decay(x)
    bottom = small + 1.0
    missing = small - (bottom - 1.0)
    right = x >= 0.0
    y = where(right, 1.0, small) / bottom
    # less y·missing/bottom; 1 for the bottom is right where it counts, and nowhere worse than none
    return fma(y, -missing, y)
