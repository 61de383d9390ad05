"""Sine, cosine, tangent: x = n·π/2 + r with |r| ≤ π/4, in two pieces; and their inverses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.math.exponential import MAGIC, TINY
from catenary.backend.llvm.math.lanes import Lanes, fitted, fma, two_product, two_sum, where

Formula: TypeAlias = Callable[[Lanes], Lanes]

TWO_OVER_PI = 0.6366197723675814
# π/2 in three pieces of the dtype
HALF_PI = {
    64: (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33),
    32: (1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15),
}
# up to here n has so few digits that n·π/2 is known well enough
LIMIT = {64: 2.0**28, 32: 2.0**15}
INFINITY = float("inf")


def reduced(x: Lanes) -> tuple[Lanes, Lanes, Lanes]:
    """r, what is left out of r, and the bits of n."""
    bits = x.bits
    first, second, third = HALF_PI[bits]
    shifted = fma(x, TWO_OVER_PI, MAGIC[bits])
    n = shifted - MAGIC[bits]
    r = fma(n, -first, x)  # exact: the digits that differ fit
    product, left = two_product(n, second)
    high, low = two_sum(r, -product)
    return high, low - fma(n, third, left), shifted.as_bits()


def sine(r: Lanes, low: Lanes) -> Lanes:
    """sin(r + low) for |r| ≤ π/4."""
    z = r * r
    tail = fma(z * -0.5, low, low)
    return r + fma(r * z, fitted("sin", z), tail)


def cosine(r: Lanes, low: Lanes) -> Lanes:
    """cos(r + low) for |r| ≤ π/4."""
    z = r * r
    half = z * 0.5
    most = 1.0 - half
    rest = fma(-r, low, z * z * fitted("cos", z))
    return most + (((1.0 - most) - half) + rest)


def _flipped(y: Lanes, turns: Lanes) -> Lanes:
    """y, negated where bit 1 of the turns is set."""
    return (y.as_bits() ^ ((turns & 2) << (y.bits - 2))).as_float()


def _odd(turns: Lanes) -> Lanes:
    return (turns & 1).differs(0)


def sin(x: Lanes) -> Lanes:
    """The sine."""

    def near(x: Lanes) -> Lanes:
        r, low, turns = reduced(x)
        y = _flipped(where(_odd(turns), cosine(r, low), sine(r, low)), turns)
        return where(abs(x) < TINY[x.bits], x, y)

    return everywhere(sin, near, x)


def cos(x: Lanes) -> Lanes:
    """The cosine."""

    def near(x: Lanes) -> Lanes:
        r, low, turns = reduced(x)
        y = where(_odd(turns), sine(r, low), cosine(r, low))
        return _flipped(y, turns + 1)

    return everywhere(cos, near, x)


def tan(x: Lanes) -> Lanes:
    """The tangent: sine over cosine, or −cosine over sine in odd quarters."""

    def near(x: Lanes) -> Lanes:
        r, low, turns = reduced(x)
        s, c = sine(r, low), cosine(r, low)
        odd = _odd(turns)
        y = where(odd, -c, s) / where(odd, s, c)
        return where(abs(x) < TINY[x.bits], x, y)

    return everywhere(tan, near, x)


def everywhere(whole: Formula, near: Formula, x: Lanes) -> Lanes:
    """``near``; where any lane lies beyond the limit, that lane in another way, by a branch."""
    b = x.b
    size = abs(x)
    far = (size > LIMIT[x.bits]) & (size < INFINITY)
    y = near(x)
    lanes = emit.lanes_of(x.type)
    any_far = far.value
    if lanes is not None:
        mask = b.bitcast(far.value, ir.IntType(lanes))
        any_far = b.icmp_unsigned("!=", mask, mask.type(0))
    before = b.block
    with b.if_then(any_far, likely=False):
        right = where(far, _beyond(whole, x), y).value
        within = b.block
    result = b.phi(x.type)
    result.add_incoming(y.value, before)
    result.add_incoming(right, within)
    return Lanes(b, result)


def _beyond(whole: Formula, x: Lanes) -> Lanes:
    """float32 by way of float64; float64, lane by lane, by the system's library."""
    if x.bits == 32:
        return whole(x.widened()).narrowed()
    return each_lane(x, lambda v: _library(x.b, whole.__name__, v))


def _library(b: ir.IRBuilder, name: str, x: ir.Value) -> ir.Value:
    return b.call(emit.declared(b.module, name, emit.F64, [emit.F64]), [x])


def each_lane(x: Lanes, scalar: Callable[[ir.Value], ir.Value]) -> Lanes:
    """A function of one number in every lane, one after the other."""
    lanes = emit.lanes_of(x.type)
    if lanes is None:
        return Lanes(x.b, scalar(x.value))
    y = ir.Constant(x.type, ir.Undefined)
    for k in range(lanes):
        value = scalar(x.b.extract_element(x.value, emit.I32(k)))
        y = x.b.insert_element(y, value, emit.I32(k))
    return Lanes(x.b, y)
