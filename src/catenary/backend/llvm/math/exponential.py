"""Exponentials: x = n·log 2 + r with n whole and |r| ≤ log 2/2; then eˣ = 2ⁿ·(1 + r + r²·p(r))."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.machine import host
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
    bits = n.bits
    biased = (n + MAGIC[bits]).as_bits() - (MAGIC_BITS[bits] - BIAS[bits])
    return (biased << MANTISSA[bits]).as_float()


def scaled(x: Lanes, n: Lanes) -> Lanes:
    """x·2ⁿ of whole n, |n| below twice the range of exponents, rounded once.

    Two factors, of which the first is exact: subnormal results come out right.
    """
    if emit.lanes_of(x.type) is not None and host().vector_bytes == 64:
        return Lanes(x.b, _scalef(x.b, x.value, n.value))
    bits = x.bits
    total = (n + MAGIC[bits]).as_bits() - (MAGIC_BITS[bits] - 2 * BIAS[bits])
    half = total >> 1
    first = (half << MANTISSA[bits]).as_float()
    return x * first * ((total - half) << MANTISSA[bits]).as_float()


def _scalef(b: ir.IRBuilder, x: Any, n: Any) -> Any:
    """The instruction of AVX-512 for it."""
    lanes, scalar = x.type.count, x.type.element
    width = lanes * (32 if scalar == emit.F32 else 64)
    if width not in (128, 256, 512):
        return _padded(b, x, n, 512 // (32 if scalar == emit.F32 else 64))
    letter = "s" if scalar == emit.F32 else "d"
    mask = ir.IntType(max(lanes, 8))
    operands = [x, n, x, ir.Constant(mask, -1)]
    if width == 512:
        operands.append(emit.I32(4))  # round as the machine is set
    name = f"llvm.x86.avx512.mask.scalef.p{letter}.{width}"
    return b.call(emit.declared(b.module, name, x.type, [o.type for o in operands]), operands)


def _padded(b: ir.IRBuilder, x: Any, n: Any, full: int) -> Any:
    """Vectors of other sizes, a full register at a time."""
    lanes = x.type.count
    pieces = []
    for start in range(0, lanes, full):
        places = [min(start + k, lanes - 1) for k in range(full)]
        chosen = ir.Constant(ir.VectorType(emit.I32, full), places)
        pieces.append(_scalef(b, *(b.shuffle_vector(v, v, chosen) for v in (x, n))))
    joined = ir.Constant(x.type, ir.Undefined)
    for k in range(lanes):
        lane = b.extract_element(pieces[k // full], emit.I32(k % full))
        joined = b.insert_element(joined, lane, emit.I32(k))
    return joined


def within(x: Lanes) -> Lanes:
    """x, or the ends of the range in which eˣ is neither 0 nor infinite."""
    return x.at_most(HIGHEST[x.bits]).at_least(LOWEST[x.bits])


def parts(x: Lanes, tail: Lanes | None = None) -> tuple[Lanes, Lanes]:
    """r with eʳ − 1 and n, where eˣ = 2ⁿ·eʳ; a tail is added to x beyond its last digit."""
    high, low = LN2[x.bits]
    n = whole(x, LOG2_E)
    r = fma(n, -high, x)
    r = fma(n, -low, r) if tail is None else r + fma(n, -low, tail)
    return fma(r * r, fitted("expm1", r), r), n


def exp(x: Lanes) -> Lanes:
    """eˣ."""
    grown, n = parts(within(x))
    return scaled(grown + 1.0, n)


def half_exp(x: Lanes) -> Lanes:
    """eˣ/2, which overflows later than eˣ."""
    grown, n = parts(x.at_most(HIGHEST[x.bits] + 1).at_least(LOWEST[x.bits]))
    return scaled(grown + 1.0, n - 1.0)


def exp2(x: Lanes) -> Lanes:
    """2ˣ."""
    limit = {64: 1025.0, 32: 129.0}[x.bits]
    lowest = {64: -1076.0, 32: -151.0}[x.bits]
    x = x.at_most(limit).at_least(lowest)
    n = whole(x)
    r = x - n
    return scaled(fma(r, fitted("exp2", r), 1.0), n)


def expm1(x: Lanes) -> Lanes:
    """eˣ − 1 = 2ⁿ·(eʳ − 1) + (2ⁿ − 1)."""
    grown, n = parts(x.at_most(HIGHEST[x.bits]).at_least(-45.0))
    half = power_of_two(n - 1.0)  # 2ⁿ itself may overflow before eˣ does
    y = fma(half, grown, half - 0.5)
    return where(abs(x) < TINY[x.bits], x, y + y)


def sigmoid(x: Lanes) -> Lanes:
    """1/(1 + e⁻ˣ), or eˣ/(1 + eˣ) for negative x: the exponent is never positive."""
    small = exp(-abs(x))
    return where(x >= 0.0, 1.0, small) / (small + 1.0)
