"""Logarithms: x = 2ᵏ·m with √½ ≤ m < √2, f = m − 1, and log x = k·log 2 + log(1 + f)."""

from __future__ import annotations

from catenary.backend.llvm.math.exponential import BIAS, MANTISSA, TINY, exp
from catenary.backend.llvm.math.lanes import Lanes, fast_two_sum, fitted, fma, two_product, where

# log 2 in two pieces, the first short: its products with exponents are exact
LN2 = {
    64: (0.6931471803691238, 1.9082149292705877e-10),
    32: (0.693359375, -2.1219444005469057e-04),
}
LOG10_2 = (0.30102999566383914, 1.42050232272661e-13)
ROOT_HALF_BITS = {64: 0x3FE6A09E667F3BCD, 32: 0x3F3504F3}
ONE_BITS = {64: 0x3FF0000000000000, 32: 0x3F800000}
SMALLEST_NORMAL = {64: 2.0**-1022, 32: 2.0**-126}
LIFT = {64: 54, 32: 25}
# (2ᴹ | e) as a float is 2ᴹ + e
COUNTER_BITS = {64: 0x4330000000000000, 32: 0x4B000000}
INFINITY, NAN = float("inf"), float("nan")


def exponent_bits(x: Lanes) -> tuple[Lanes, Lanes]:
    """The biased k of a normal x > 0, as an integer, and its m."""
    bits = x.bits
    shifted = x.as_bits() + (ONE_BITS[bits] - ROOT_HALF_BITS[bits])
    rest = (shifted & ((1 << MANTISSA[bits]) - 1)) + ROOT_HALF_BITS[bits]
    return shifted >> MANTISSA[bits], rest.as_float()


def counted(biased: Lanes) -> Lanes:
    """A biased exponent as a float, still biased and on top of 2ᴹ."""
    return (biased | COUNTER_BITS[biased.bits]).as_float()


def split(x: Lanes) -> tuple[Lanes, Lanes]:
    """k and f = m − 1 of a finite x > 0, subnormal ones too."""
    bits = x.bits
    subnormal = x < SMALLEST_NORMAL[bits]
    biased, m = exponent_bits(where(subnormal, x * 2.0 ** LIFT[bits], x))
    zero = 2.0 ** MANTISSA[bits] + BIAS[bits]
    return counted(biased) - where(subnormal, x.constant(zero + LIFT[bits]), zero), m - 1.0


def series(f: Lanes) -> tuple[Lanes, Lanes]:
    """f²/2 and the rest of log(1 + f) = f − f²/2 + rest."""
    half_square = f * f * 0.5
    if f.bits == 32:
        return half_square, f * (f * f) * fitted("log", f)
    s = f / (f + 2.0)
    z = s * s
    return half_square, s * fma(z, fitted("log", z), half_square)


def combined(k: Lanes, f: Lanes) -> Lanes:
    """k·log 2 + log(1 + f)."""
    high, low = LN2[f.bits]
    half_square, rest = series(f)
    return fma(k, high, f - (half_square - fma(k, low, rest)))


def edges(x: Lanes, y: Lanes, zero: float = 0.0) -> Lanes:
    """y, but as a logarithm is at its zero, left of it, and at infinity."""
    y = where(x < INFINITY, y, x)
    return where(x > zero, y, where(x.equals(zero), x.constant(-INFINITY), NAN))


def log(x: Lanes) -> Lanes:
    """The natural logarithm."""
    return edges(x, combined(*split(x)))


def _other_base(x: Lanes, factor: tuple[float, float], two: tuple[float, float]) -> Lanes:
    """log x·factor, where log 2·factor is ``two``; in two pieces until the last sum."""
    k, f = split(x)
    half_square, rest = series(f)
    high = f - half_square
    low = (f - high) - half_square + rest
    y, y_low = two_product(high, factor[0])
    y_low = y_low + fma(high, factor[1], low * factor[0])
    total, left = fast_two_sum(k * two[0], y)
    return edges(x, total + (left + fma(k, two[1], y_low)))


def log2(x: Lanes) -> Lanes:
    """The logarithm to base 2, exact at powers of 2."""
    return _other_base(x, (1.4426950408889634, 2.0355273740931033e-17), (1.0, 0.0))


def log10(x: Lanes) -> Lanes:
    """The logarithm to base 10."""
    return _other_base(x, (0.4342944819032518, 1.098319650216765e-17), LOG10_2)


def log1p(x: Lanes) -> Lanes:
    """log(1 + x): k is taken from the rounded sum, f = 2⁻ᵏ·x + (2⁻ᵏ − 1) rounded once."""
    bits = x.bits
    biased, _ = exponent_bits(x + 1.0)
    # a quarter of 2⁻ᵏ⁺² : 2⁻ᵏ itself may be subnormal
    down = ((2 * BIAS[bits] + 2 - biased) << MANTISSA[bits]).as_float()
    f = fma(x * 0.25, down, fma(down, 0.25, -1.0))
    y = combined(counted(biased) - (2.0 ** MANTISSA[bits] + BIAS[bits]), f)
    return where(abs(x) < TINY[bits], x, edges(x, y, -1.0))


def softplus(x: Lanes) -> Lanes:
    """log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|)."""
    return where(x < 0.0, 0.0, x) + log1p(exp(-abs(x)))
