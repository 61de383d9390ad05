"""Signs, exponents and rounding of floating-point numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import operand_dtype
from catenary.core.types import BOOL
from catenary.ops.bits import bitcast
from catenary.ops.extremum import ceil, floor, trunc
from catenary.tracing.array import wrap
from catenary.tracing.elementwise import apply
from catenary.tracing.numpy_api.arguments import Array, atom_of
from catenary.tracing.table import implements


def _bits(x: Array) -> Any:
    """The bits of floats, read as integers of their width."""
    return wrap(bitcast(atom_of(x), dtype=np.dtype(f"int{8 * x.itemsize}")), x.recorder)


# ---- signs ---------------------------------------------------------------------------------------


@implements(np.signbit)
def signbit(x: Array) -> Any:
    """Whether x is below 0, or −0, or a NaN with that sign."""
    return np.less(_bits(x), 0) if x.dtype.kind == "f" else np.less(x, 0)


@implements(np.copysign)
def copysign(x1: Any, x2: Any) -> Any:
    return np.where(np.signbit(x1) == np.signbit(x2), x1, -x1)


@implements(np.heaviside)
def heaviside(x1: Any, x2: Any) -> Any:
    """0 below 0, 1 above, x2 at 0."""
    step = np.where(x1 == 0, x2, np.greater(x1, 0).astype(x1.dtype))
    return np.where(np.isnan(x1), x1, step)


def _passing_nan(extremum: Any) -> Any:
    def rule(x1: Any, x2: Any) -> Any:
        either = extremum(x1, x2)
        if either.dtype.kind != "f":
            return either
        return np.where(np.isnan(x1), x2, np.where(np.isnan(x2), x1, either))

    return rule


fmax = implements(np.fmax)(_passing_nan(np.maximum))
fmin = implements(np.fmin)(_passing_nan(np.minimum))


# ---- exponents -----------------------------------------------------------------------------------


@implements(np.ldexp)
def ldexp(x: Any, i: Any) -> Any:
    """x · 2ⁱ, in two halves so that the power does not overflow before the product does."""
    half = i // 2
    return x * np.exp2(half.astype(x.dtype)) * np.exp2((i - half).astype(x.dtype))


@implements(np.frexp)
def frexp(x: Any) -> tuple[Any, Any]:
    """m and e with x = m · 2ᵉ and ½ ≤ |m| < 1; the exponent is constant nearby."""
    info = np.finfo(x.dtype)
    subnormal = np.absolute(x) < info.smallest_normal
    lifted = np.where(subnormal, x * x.dtype.type(2.0**info.nmant * 2), x)
    field = np.right_shift(_bits(lifted), info.nmant) & (2**info.iexp - 1)
    e = field.astype(np.int32) - np.int32(info.maxexp - 2)
    e = np.where(subnormal, e - np.int32(info.nmant + 1), e)
    e = np.where((x == 0) | ~np.isfinite(x), np.int32(0), e)
    return np.ldexp(x, -e), e


# ---- rounding ------------------------------------------------------------------------------------


def _rounding(ufunc: Any, operation: Any) -> Any:
    def rule(x: Array) -> Any:
        return apply(operation, ufunc, (x,)) if x.dtype.kind == "f" else x.copy()

    return rule


floor_ = implements(np.floor)(_rounding(np.floor, floor))
ceil_ = implements(np.ceil)(_rounding(np.ceil, ceil))
trunc_ = implements(np.trunc)(_rounding(np.trunc, trunc))


@implements(np.fix)
def fix(x: Array, out: Any = None) -> Any:
    return np.trunc(x)


@implements(np.round, np.around)
def round_(a: Array, decimals: int = 0, out: Any = None) -> Any:
    """To the nearest multiple of 10^−decimals, halves to the even one."""
    if a.dtype == BOOL:
        raise operand_dtype("round", "numbers", "truth values")
    if a.dtype.kind != "f":
        if decimals >= 0:
            return np.copy(a)
        return (np.rint(a / 10**-decimals) * 10**-decimals).astype(a.dtype)
    if decimals == 0:
        return np.rint(a)
    power = a.dtype.type(10.0 ** abs(decimals))
    return np.rint(a * power) / power if decimals > 0 else np.rint(a / power) * power
