"""Logarithms: x = 2ᵏ·m with ¾ ≤ m < 3/2, f = m − 1, and log x = k·log 2 + log(1 + f)."""

from __future__ import annotations

from catenary.backend.llvm.math import avx512
from catenary.backend.llvm.math.exponential import BIAS, MANTISSA, TINY, decay, power_of_two
from catenary.backend.llvm.math.lanes import Lanes, fast_two_sum, fitted, fma, two_product, where

# log 2 in two positive pieces, the first short: its products with exponents are exact
LN2 = {
    64: (0.6931471803691238, 1.9082149292705877e-10),
    32: (0.693145751953125, 1.4286068203094173e-06),
}
# 1/log 2 and 1/log 10 in two pieces of the dtype, log₁₀ 2 like log 2
LOG2_E = {
    64: (1.4426950408889634, 2.0355273740931033e-17),
    32: (1.4426950216293335, 1.925963033500011e-08),
}
LOG10_E = {
    64: (0.4342944819032518, 1.098319650216765e-17),
    32: (0.4342944920063019, -1.0103049952192578e-08),
}
LOG10_2 = {
    64: (0.30102999566383914, 1.42050232272661e-13),
    32: (0.301025390625, 4.605038981195214e-06),
}
THREE_QUARTERS_BITS = {64: 0x3FE8000000000000, 32: 0x3F400000}
ONE_BITS = {64: 0x3FF0000000000000, 32: 0x3F800000}
SMALLEST_NORMAL = {64: 2.0**-1022, 32: 2.0**-126}
LIFT = {64: 54, 32: 25}
# (2ᴹ | e) as a float is 2ᴹ + e
COUNTER_BITS = {64: 0x4330000000000000, 32: 0x4B000000}
INFINITY, NAN = float("inf"), float("nan")


def split(x: Lanes) -> tuple[Lanes, Lanes]:
    """k and m of x > 0, subnormal or not; k is −∞ of 0, ∞ of ∞, and one of both NaN else."""
    if avx512.usable(x):
        m = avx512.mantissa(x)
        return avx512.exponent(x) - avx512.exponent(m), m
    bits = x.bits
    subnormal = x < SMALLEST_NORMAL[bits]
    shifted = where(subnormal, x * 2.0 ** LIFT[bits], x).as_bits()
    shifted = shifted + (ONE_BITS[bits] - THREE_QUARTERS_BITS[bits])
    m = (shifted & ((1 << MANTISSA[bits]) - 1)) + THREE_QUARTERS_BITS[bits]
    zero = 2.0 ** MANTISSA[bits] + BIAS[bits]
    counted = ((shifted >> MANTISSA[bits]) | COUNTER_BITS[bits]).as_float()
    k = counted - where(subnormal, x.constant(zero + LIFT[bits]), zero)
    k = where(x < INFINITY, k, x)
    return where(x > 0.0, k, where(x.equals(0.0), x.constant(-INFINITY), NAN)), m.as_float()


def series(f: Lanes) -> tuple[Lanes, Lanes]:
    """f²/2 and the rest of log(1 + f) = f − f²/2 + rest."""
    half_square = f * f * 0.5
    if f.bits == 32:
        return half_square, f * (f * f) * fitted("log", f)
    s = f / (f + 2.0)
    z = s * s
    return half_square, s * fma(z, fitted("log", z), half_square)


def near_one(f: Lanes, low: Lanes) -> Lanes:
    """log(1 + f) + low."""
    if f.bits == 32:
        return f + fma(f * f, fma(f, fitted("log", f), -0.5), low)
    half_square, rest = series(f)
    return f - (half_square - (rest + low))


def combined(k: Lanes, f: Lanes) -> Lanes:
    """k·log 2 + log(1 + f)."""
    high, low = LN2[f.bits]
    return fma(k, high, near_one(f, k * low))


def log(x: Lanes) -> Lanes:
    """The natural logarithm."""
    k, m = split(x)
    return combined(k, m - 1.0)


def _other_base(x: Lanes, factor: tuple[float, float], two: tuple[float, float]) -> Lanes:
    """log x·factor, where log 2·factor is ``two``; in two pieces until the last sum."""
    k, m = split(x)
    f = m - 1.0
    half_square, rest = series(f)
    high = f - half_square
    low = (f - high) - half_square + rest
    y, y_low = two_product(high, factor[0])
    y_low = y_low + fma(high, factor[1], low * factor[0])
    total, left = fast_two_sum(k * two[0], y)
    return where(abs(k) < INFINITY, total + (left + fma(k, two[1], y_low)), k)


def log2(x: Lanes) -> Lanes:
    """The logarithm to base 2, exact at powers of 2."""
    return _other_base(x, LOG2_E[x.bits], (1.0, 0.0))


def log10(x: Lanes) -> Lanes:
    """The logarithm to base 10."""
    return _other_base(x, LOG10_E[x.bits], LOG10_2[x.bits])


def log1p(x: Lanes) -> Lanes:
    """log(1 + x): k is taken from the rounded sum, f = 2⁻ᵏ·x + (2⁻ᵏ − 1) rounded once."""
    k, _ = split(x + 1.0)
    # a quarter of 2²⁻ᵏ: 2⁻ᵏ itself may be subnormal
    down = power_of_two(2.0 - k)
    y = combined(k, fma(x * 0.25, down, fma(down, 0.25, -1.0)))
    return where(abs(x) < TINY[x.bits], x, where(abs(k) < INFINITY, y, k))


def softplus(x: Lanes) -> Lanes:
    """log(1 + eˣ) = max(x, 0) + log(1 + t), t = e^−|x|: of f = t up to ½, f = (t − 1)/2 then."""
    t = decay(x)
    large = t > 0.5
    f = where(large, fma(t, 0.5, -0.5), t)
    high, low = LN2[x.bits]
    y = near_one(f, where(large, x.constant(low), 0.0))
    return where(x < 0.0, 0.0, x) + (y + where(large, x.constant(high), 0.0))
