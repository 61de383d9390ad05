"""Elementary and special functions as LLVM code, for a number or a vector of any size.

Every lane comes out the same, to the bit, whatever its neighbours and however many there are.
How exact they are is measured by ``benchmarks/math_accuracy.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.builder import Builder
from catenary.backend.llvm.math import gamma, inverse_trigonometric
from catenary.backend.llvm.math import power as powers
from catenary.backend.llvm.math.lanes import Lanes
from catenary.backend.llvm.math.table import INSTRUCTIONS, formula


def function(b: ir.IRBuilder, name: str, x: ir.Value) -> ir.Value:
    """A function of ``core.target.Function``, or ``sigmoid`` or ``softplus``, of x."""
    if name in INSTRUCTIONS:
        return emit.intrinsic(b, name, x.type, [x], [x.type])
    bits = Lanes(b, x).bits
    return _called(b, name, [x], lambda lanes: formula(name, bits)(*lanes))


def arctan2(b: ir.IRBuilder, y: ir.Value, x: ir.Value) -> ir.Value:
    """The angle of the point (x, y)."""
    return _called(b, "arctan2", [y, x], _through_double(inverse_trigonometric.arctan2))


def power(b: ir.IRBuilder, x: ir.Value, y: ir.Value) -> ir.Value:
    """x to the power of y."""
    single = Lanes(b, x).bits == 32
    return _called(b, "power", [x, y], _through_double(lambda x, y: powers.power(x, y, single)))


def polygamma(b: ir.IRBuilder, n: int, x: ir.Value) -> ir.Value:
    """The n-th derivative of the digamma function."""
    return _called(b, f"polygamma{n}", [x], _through_double(lambda x: gamma.polygamma(n, x)))


def _through_double(formula: Callable[..., Lanes]) -> Callable[[Sequence[Lanes]], Lanes]:
    def taken(lanes: Sequence[Lanes]) -> Lanes:
        if lanes[0].bits == 64:
            return formula(*lanes)
        return formula(*(x.widened() for x in lanes)).narrowed()

    return taken


def _called(
    b: ir.IRBuilder,
    name: str,
    operands: Sequence[ir.Value],
    body: Callable[[Sequence[Lanes]], Lanes],
) -> ir.Value:
    """Call the function of a name and type; written on first use in a module."""
    type = operands[0].type
    full = f"catenary.{name}.{emit.suffix(type)}"
    known = b.module.globals.get(full)
    if known is None:
        known = ir.Function(b.module, ir.FunctionType(type, [type] * len(operands)), full)
        known.linkage = "internal"
        known.attributes.add("nounwind")
        inner = Builder(known.append_basic_block("entry"))
        inner.ret(body([Lanes(inner, x) for x in known.args]).value)
    return b.call(known, operands)
