"""Whole numbers and roots: mostly one instruction."""

from __future__ import annotations

from catenary.backend.llvm.math.lanes import Lanes, fitted, fma, where
from catenary.backend.llvm.math.logarithm import INFINITY, SMALLEST_NORMAL

# the third of the exponent's bias, as bits: of a float, bits/3 + this is near its cube root
THIRD_BITS = 0x2A9F7893782DA1CE


def cbrt(x: Lanes) -> Lanes:
    """The cube root: bits divided by three, a polynomial, and one step of Newton's."""
    size = abs(x)
    subnormal = size < SMALLEST_NORMAL[64]
    size = where(subnormal, size * 2.0**54, size)
    # thirds of the upper half suffice: the guess has five bits
    upper = size.as_bits() >> 32
    third = Lanes(x.b, x.b.udiv(upper.value, upper.of(3)))
    guess = ((third << 32) + THIRD_BITS).as_float()
    guess = guess * fitted("cbrt", guess * guess * (guess / size))
    # the cube of a guess of 26 bits is known to all its digits by fma
    square = guess * guess
    excess = fma(square, guess, -size) + fma(guess, guess, -square) * guess
    root = guess - excess / (square * 3.0)
    root = where(subnormal, root * 2.0**-18, root)
    root = root.with_sign_of(x)
    return where((abs(x) < INFINITY) & x.differs(0.0), root, x)
