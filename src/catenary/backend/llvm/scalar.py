"""The scalar verbs in LLVM code: one element, or a vector of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir

from catenary.backend.llvm import math
from catenary.backend.llvm.emit import (
    I1,
    element,
    fma,
    intrinsic,
    lanes_of,
    like,
    number,
    register_type,
)
from catenary.backend.llvm.value import Value

Emit = Callable[..., ir.Value]


def emit(b: ir.IRBuilder, value: Value, operands: Sequence[ir.Value]) -> ir.Value:
    """The element of an elementwise value, from the elements of its operands."""
    dtype = value.operands[0].dtype
    rule = RULES.get(value.op)
    if rule is not None:
        return rule(b, dtype, *operands)
    return PARAMETRIC[value.op](b, value, *operands)


def _by_kind(floating: str, whole: str, unsigned: str | None = None) -> Emit:
    def rule(b: ir.IRBuilder, dtype: Any, *operands: ir.Value) -> ir.Value:
        kind = {"f": floating, "u": unsigned or whole}.get(dtype.kind, whole)
        return getattr(b, kind)(*operands)

    return rule


# ---- comparing and choosing ---------------------------------------------------------------------

_RELATIONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def compared(b: ir.IRBuilder, dtype: Any, relation: str, x: ir.Value, y: ir.Value) -> ir.Value:
    """One bit in each lane; NaN is unequal to everything."""
    sign = _RELATIONS[relation]
    if dtype.kind == "f":
        return b.fcmp_unordered(sign, x, y) if relation == "ne" else b.fcmp_ordered(sign, x, y)
    return (b.icmp_signed if dtype.kind == "i" else b.icmp_unsigned)(sign, x, y)


def extreme(b: ir.IRBuilder, dtype: Any, relation: str, x: ir.Value, y: ir.Value) -> ir.Value:
    """The larger (gt) or smaller (lt) of two; NaN wins."""
    wins = compared(b, dtype, relation, x, y)
    if dtype.kind == "f":
        wins = b.or_(wins, b.fcmp_unordered("!=", x, x))
    return b.select(wins, x, y)


def _maximum(b: ir.IRBuilder, dtype: Any, x: ir.Value, y: ir.Value) -> ir.Value:
    return extreme(b, dtype, "gt", x, y)


def _minimum(b: ir.IRBuilder, dtype: Any, x: ir.Value, y: ir.Value) -> ir.Value:
    return extreme(b, dtype, "lt", x, y)


# ---- quotients ----------------------------------------------------------------------------------


def _whole_division(
    b: ir.IRBuilder, dtype: Any, x: ir.Value, y: ir.Value
) -> tuple[ir.Value, ir.Value]:
    """Quotient rounded down and remainder; by 0 both are 0, and nothing traps."""
    zero, one = number(y.type, 0), number(y.type, 1)
    nothing = b.icmp_unsigned("==", y, zero)
    if dtype.kind == "u":
        safe = b.select(nothing, one, y)
        quotient, rest = b.udiv(x, safe), b.urem(x, safe)
    else:
        minus = b.icmp_signed("==", y, number(y.type, -1))  # the least number over −1 would trap
        safe = b.select(b.or_(nothing, minus), one, y)
        quotient, rest = b.sdiv(x, safe), b.srem(x, safe)
        lower = b.and_(b.icmp_signed("!=", rest, zero), b.icmp_signed("<", b.xor(rest, safe), zero))
        quotient = b.select(lower, b.sub(quotient, one), quotient)
        rest = b.select(lower, b.add(rest, safe), rest)
        quotient = b.select(minus, b.neg(x), quotient)
        rest = b.select(minus, zero, rest)
    return b.select(nothing, zero, quotient), b.select(nothing, zero, rest)


def _float_division(b: ir.IRBuilder, x: ir.Value, y: ir.Value) -> tuple[ir.Value, ir.Value]:
    """Python's quotient and remainder: the remainder has the sign of the divisor."""
    type = x.type
    zero, one = number(type, 0), number(type, 1)

    def signed_zero(sign: ir.Value) -> ir.Value:
        return intrinsic(b, "copysign", type, [zero, sign], [type])

    rest = b.frem(x, y)
    quotient = b.fdiv(b.fsub(x, rest), y)
    some = b.fcmp_unordered("!=", rest, zero)
    differ = b.xor(b.fcmp_ordered("<", y, zero), b.fcmp_ordered("<", rest, zero))
    turned = b.and_(some, differ)
    quotient = b.select(turned, b.fsub(quotient, one), quotient)
    rest = b.select(turned, b.fadd(rest, y), rest)
    rest = b.select(some, rest, signed_zero(y))
    whole = intrinsic(b, "floor", type, [quotient], [type])
    above = b.fcmp_ordered(">", b.fsub(quotient, whole), number(type, 0.5))
    whole = b.select(above, b.fadd(whole, one), whole)
    ratio = b.fdiv(x, y)
    whole = b.select(b.fcmp_unordered("!=", quotient, zero), whole, signed_zero(ratio))
    by_nothing = b.fcmp_ordered("==", y, zero)
    return b.select(by_nothing, ratio, whole), b.select(by_nothing, b.frem(x, y), rest)


def _floordiv(b: ir.IRBuilder, dtype: Any, x: ir.Value, y: ir.Value) -> ir.Value:
    if dtype.kind == "f":
        return _float_division(b, x, y)[0]
    return _whole_division(b, dtype, x, y)[0]


def _remainder(b: ir.IRBuilder, dtype: Any, x: ir.Value, y: ir.Value) -> ir.Value:
    if dtype.kind == "f":
        return _float_division(b, x, y)[1]
    return _whole_division(b, dtype, x, y)[1]


# ---- signs and bits -----------------------------------------------------------------------------


def _neg(b: ir.IRBuilder, dtype: Any, x: ir.Value) -> ir.Value:
    return b.fneg(x) if dtype.kind == "f" else b.neg(x)


def _abs(b: ir.IRBuilder, dtype: Any, x: ir.Value) -> ir.Value:
    if dtype.kind == "f":
        return intrinsic(b, "fabs", x.type, [x], [x.type])
    if dtype.kind == "u":
        return x
    return b.select(b.icmp_signed("<", x, number(x.type, 0)), b.neg(x), x)


def _shift_left(b: ir.IRBuilder, dtype: Any, x: ir.Value, y: ir.Value) -> ir.Value:
    bits, zero = 8 * dtype.itemsize, number(x.type, 0)
    inside = b.icmp_unsigned("<", y, number(y.type, bits))
    return b.select(inside, b.shl(x, b.select(inside, y, zero)), zero)


def _shift_right(b: ir.IRBuilder, dtype: Any, x: ir.Value, y: ir.Value) -> ir.Value:
    bits, zero = 8 * dtype.itemsize, number(x.type, 0)
    inside = b.icmp_unsigned("<", y, number(y.type, bits))
    if dtype.kind == "u":
        return b.select(inside, b.lshr(x, b.select(inside, y, zero)), zero)
    return b.ashr(x, b.select(inside, y, number(y.type, bits - 1)))


RULES: dict[str, Emit] = {
    "add": _by_kind("fadd", "add"),
    "sub": _by_kind("fsub", "sub"),
    "mul": _by_kind("fmul", "mul"),
    "div": _by_kind("fdiv", "sdiv", "udiv"),
    "floordiv": _floordiv,
    "remainder": _remainder,
    "neg": _neg,
    "abs": _abs,
    "fma": lambda b, dtype, x, y, z: fma(b, x, y, z),
    "maximum": _maximum,
    "minimum": _minimum,
    "bit_and": lambda b, dtype, x, y: b.and_(x, y),
    "bit_or": lambda b, dtype, x, y: b.or_(x, y),
    "bit_xor": lambda b, dtype, x, y: b.xor(x, y),
    "bit_not": lambda b, dtype, x: b.not_(x),
    "shift_left": _shift_left,
    "shift_right": _shift_right,
    "arctan2": lambda b, dtype, y, x: math.arctan2(b, y, x),
    "power": lambda b, dtype, x, y: math.power(b, x, y),
    "copy": lambda b, dtype, x: x,
    "select": lambda b, dtype, condition, x, y: b.select(condition, x, y),
}


# ---- those with parameters ----------------------------------------------------------------------


def _bitcast(b: ir.IRBuilder, value: Value, x: ir.Value) -> ir.Value:
    return b.bitcast(x, register_type(value.dtype, lanes_of(x.type)))


def converted(b: ir.IRBuilder, x: ir.Value, given: Any, dtype: Any) -> ir.Value:
    """A value of one dtype as one of another, as a C cast does; too large is the largest."""
    given, dtype = np.dtype(given), np.dtype(dtype)
    type = register_type(dtype, lanes_of(x.type))
    if given == dtype:
        return x
    if dtype.kind == "b":
        return compared(b, given, "ne", x, number(x.type, 0))
    if given.kind == "f" and dtype.kind == "f":
        return b.fpext(x, type) if dtype.itemsize > given.itemsize else b.fptrunc(x, type)
    if given.kind == "f":
        # through 64 bits, so that small types wrap as NumPy's do
        wide = like(x.type, ir.IntType(64))
        whole = intrinsic(b, "fptosi.sat", wide, [x], [wide, x.type])
        if dtype.str[1:] == "u8":
            large = b.fcmp_ordered(">=", x, number(x.type, 2.0**63))
            whole = b.select(large, intrinsic(b, "fptoui.sat", wide, [x], [wide, x.type]), whole)
        return whole if type == wide else b.trunc(whole, type)
    if dtype.kind == "f":
        return b.sitofp(x, type) if given.kind == "i" else b.uitofp(x, type)
    if element(x.type) != I1 and dtype.itemsize == given.itemsize:
        return x
    if element(x.type) != I1 and dtype.itemsize < given.itemsize:
        return b.trunc(x, type)
    return b.sext(x, type) if given.kind == "i" else b.zext(x, type)


def _convert(b: ir.IRBuilder, value: Value, x: ir.Value) -> ir.Value:
    return converted(b, x, value.operands[0].dtype, value.dtype)


def _compare(b: ir.IRBuilder, value: Value, x: ir.Value, y: ir.Value) -> ir.Value:
    return compared(b, value.operands[0].dtype, value.params["relation"], x, y)


PARAMETRIC: dict[str, Emit] = {
    "bitcast": _bitcast,
    "convert": _convert,
    "compare": _compare,
    "function": lambda b, value, x: math.function(b, value.params["name"], x),
    "polygamma": lambda b, value, x: math.polygamma(b, value.params["n"], x),
}


# ---- joining two values of a reduction ----------------------------------------------------------


def _join_add(b: ir.IRBuilder, dtype: Any, x: ir.Value, y: ir.Value) -> ir.Value:
    """A sum; of truth values, whether any is true."""
    return b.or_(x, y) if dtype.kind == "b" else RULES["add"](b, dtype, x, y)


JOIN: dict[str, Emit] = {
    "add": _join_add, "mul": RULES["mul"], "max": _maximum, "min": _minimum,
}  # fmt: skip


def neutral(reducer: str, type: Any, dtype: Any) -> ir.Constant | None:
    """What a reduction may begin with; largest and smallest begin with an element."""
    return {"add": number(type, 0), "mul": number(type, 1)}.get(reducer)
