"""Which formula stands for which name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from catenary.backend.llvm.math import (
    error_function,
    exponential,
    gamma,
    hyperbolic,
    inverse_trigonometric,
    logarithm,
    rounding,
    trigonometric,
)
from catenary.backend.llvm.math.lanes import Lanes

Formula: TypeAlias = Callable[[Lanes], Lanes]

# one instruction each
INSTRUCTIONS = ("sqrt", "floor", "ceil", "trunc", "rint")

FORMULAS: dict[str, Formula] = {
    "exp": exponential.exp,
    "exp2": exponential.exp2,
    "expm1": exponential.expm1,
    "sigmoid": exponential.sigmoid,
    "log": logarithm.log,
    "log2": logarithm.log2,
    "log10": logarithm.log10,
    "log1p": logarithm.log1p,
    "softplus": logarithm.softplus,
    "cbrt": rounding.cbrt,
    "sin": trigonometric.sin,
    "cos": trigonometric.cos,
    "tan": trigonometric.tan,
    "arcsin": inverse_trigonometric.arcsin,
    "arccos": inverse_trigonometric.arccos,
    "arctan": inverse_trigonometric.arctan,
    "sinh": hyperbolic.sinh,
    "cosh": hyperbolic.cosh,
    "tanh": hyperbolic.tanh,
    "arcsinh": hyperbolic.arcsinh,
    "arccosh": hyperbolic.arccosh,
    "arctanh": hyperbolic.arctanh,
    "erf": error_function.erf,
    "erfc": error_function.erfc,
    "lgamma": gamma.lgamma,
    "digamma": gamma.digamma,
}

# whose formulas hold in float32 as they stand; the others pass through float64
SINGLE = {
    "exp", "exp2", "expm1", "sigmoid", "log", "log2", "log10", "log1p", "softplus", "sin", "cos",
    "tanh", "erf", "erfc",
}  # fmt: skip


def formula(name: str, bits: int) -> Formula:
    """The formula of a name in a dtype."""
    whole = FORMULAS[name]
    if bits == 64 or name in SINGLE:
        return whole
    return lambda x: whole(x.widened()).narrowed()
