"""Ufuncs of numbers that are compositions: powers, remainders, parts, angles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from catenary.core.errors import bad_argument
from catenary.ops.extremum import absolute as absolute_operation
from catenary.ops.product import integer_power
from catenary.ops.special import bessel_ratio
from catenary.ops.transcendental import power as power_operation
from catenary.tracing.array import TracedArray, wrap
from catenary.tracing.elementwise import apply, loop_operands
from catenary.tracing.numpy_api.arguments import Array, array, atom_of, float_type
from catenary.tracing.table import implements


def _is_static_integer(x: Any) -> bool:
    return isinstance(x, int) and not isinstance(x, bool)


def _is_float(x: Any) -> bool:
    return isinstance(x, TracedArray) and x.dtype.kind == "f"


_PRODUCTS = 8.0  # the largest exponent that is taken for a number of products if it is a float


@implements(np.power, raw=True)
def power(x: Any, y: Any) -> Any:
    """Integer exponents are part of the graph: their powers are products, right at 0 and below.

    So are small whole numbers written as floats, x ** 2.0.
    """
    if type(y) is float and y.is_integer() and abs(y) <= _PRODUCTS and _is_float(x):
        y = int(y)
    exact = _is_static_integer(y) and isinstance(x, TracedArray)
    if exact and x.dtype.kind == "f":
        return wrap(integer_power(atom_of(x), exponent=y), x.recorder)
    if exact and y < 0:
        raise bad_argument("power of integers", "an exponent that is not negative", y)
    if exact and x.dtype.kind in "iu":
        return _whole_power(x, y)
    base, exponent = loop_operands(np.power, (x, y))
    if base.dtype.kind != "f":
        return _whole_powers(base, exponent)
    return apply(power_operation, np.power, (base, exponent))


def _whole_power(x: Any, exponent: int) -> Any:
    """A power of integers by repeated squaring, in their own wrapping arithmetic."""
    result, square = np.ones_like(x), x
    while exponent:
        result = result * square if exponent & 1 else result
        exponent >>= 1
        square = square * square if exponent else square
    return result


def _whole_powers(x: Any, exponent: Any) -> Any:
    """Powers with traced whole exponents: every bit of them chooses a factor."""
    known = exponent.concrete()
    if known is not None and np.any(known < 0):
        raise bad_argument("power of integers", "exponents that are not negative", known.min())
    result, square = np.ones_like(x), x
    for bit in range(8 * x.dtype.itemsize):
        chosen = np.bitwise_and(np.right_shift(exponent, bit), 1)
        result = np.where(chosen, result * square, result)
        square = square * square
    return result


@implements(np.square)
def square(x: Array) -> Any:
    if x.dtype.kind != "f":
        return np.multiply(x, x)
    return wrap(integer_power(atom_of(x), exponent=2), x.recorder)


@implements(np.reciprocal)
def reciprocal(x: Array) -> Any:
    return np.true_divide(1, x) if x.dtype.kind == "f" else np.floor_divide(np.ones_like(x), x)


@implements(np.positive, np.conjugate)
def positive(x: Array) -> Any:
    return wrap(x.value(), x.recorder)


@implements(np.absolute)
def absolute(x: Array) -> Any:
    if x.dtype.kind in "bu":
        return positive(x)
    return apply(absolute_operation, np.absolute, (x,))


@implements(np.divmod)
def divmod_(x: Any, y: Any) -> tuple[Any, Any]:
    return np.floor_divide(x, y), np.remainder(x, y)


@implements(np.fmod)
def fmod(x: Any, y: Any) -> Any:
    """The remainder with the sign of x."""
    rest = np.remainder(np.absolute(x), np.absolute(y))
    return np.where(np.less(x, 0), -rest, rest)


@implements(np.modf)
def modf(x: Array) -> tuple[Any, Any]:
    """The part behind the point and the whole part, both with the sign of x."""
    whole = np.trunc(x)
    rest = np.where(np.isinf(x), np.zeros_like(x), x - whole)
    return np.copysign(rest, x), whole


@implements(np.logaddexp2)
def logaddexp2(x: Any, y: Any) -> Any:
    """log₂(2ˣ + 2ʸ)."""
    scale = x.dtype.type(math.log(2))
    return np.logaddexp(x * scale, y * scale) / scale


# ---- angles --------------------------------------------------------------------------------------


@implements(np.deg2rad, np.radians)
def radians(x: Any) -> Any:
    return x * x.dtype.type(math.pi / 180)


@implements(np.rad2deg, np.degrees)
def degrees(x: Any) -> Any:
    return x * x.dtype.type(180 / math.pi)


@implements(np.sinc)
def sinc(x: Array) -> Any:
    """sin(πx)/(πx), 1 at 0, smooth in every derivative."""
    angle = x * float_type(x).type(math.pi)
    return wrap(bessel_ratio(atom_of(angle), order=0), angle.recorder)


# ---- bits of whole numbers -----------------------------------------------------------------------


@implements(np.bitwise_count)
def bitwise_count(x: Any) -> Any:
    """How many bits of |x| are set, summed in ever wider fields."""
    bits = np.absolute(x).astype(np.uint64)
    for width, mask in ((1, 0x5555555555555555), (2, 0x3333333333333333), (4, 0x0F0F0F0F0F0F0F0F)):
        field = np.uint64(mask)
        bits = (bits & field) + (np.right_shift(bits, np.uint64(width)) & field)
    total = array(bits) * np.uint64(0x0101010101010101)
    return np.right_shift(total, np.uint64(56)).astype(np.uint8)
