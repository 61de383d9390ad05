"""The arithmetic that formulas are written in: values in registers with the signs of mathematics.

Every word means one instruction, or none; nothing is reordered, nothing contracted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, Union

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.math.coefficients import TABLE

Operand: TypeAlias = Union["Lanes", float, int]


@dataclass(frozen=True, eq=False)
class Lanes:
    """A number, a truth or an integer in each lane of a register; a scalar is one lane.

    Arithmetic with a Python number takes it in the type of the lanes.
    """

    b: ir.IRBuilder
    value: ir.Value

    @property
    def type(self) -> Any:
        """The type of the register."""
        return self.value.type

    @property
    def bits(self) -> int:
        """The width of a lane."""
        scalar = emit.element(self.type)
        return {emit.F32: 32, emit.F64: 64}.get(scalar) or int(scalar.width)

    def of(self, x: Operand) -> Any:
        """A value in lanes like these."""
        return x.value if isinstance(x, Lanes) else emit.number(self.type, x)

    def constant(self, x: float) -> Lanes:
        """A number in lanes like these."""
        return Lanes(self.b, self.of(x))

    def _two(self, word: str, x: Any, y: Any) -> Lanes:
        floats = emit.element(x.type) in (emit.F32, emit.F64)
        return Lanes(self.b, getattr(self.b, "f" * floats + word)(x, y))

    def __add__(self, other: Operand) -> Lanes:
        return self._two("add", self.value, self.of(other))

    def __radd__(self, other: Operand) -> Lanes:
        return self._two("add", self.of(other), self.value)

    def __sub__(self, other: Operand) -> Lanes:
        return self._two("sub", self.value, self.of(other))

    def __rsub__(self, other: Operand) -> Lanes:
        return self._two("sub", self.of(other), self.value)

    def __mul__(self, other: Operand) -> Lanes:
        return self._two("mul", self.value, self.of(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Operand) -> Lanes:
        return Lanes(self.b, self.b.fdiv(self.value, self.of(other)))

    def __rtruediv__(self, other: Operand) -> Lanes:
        return Lanes(self.b, self.b.fdiv(self.of(other), self.value))

    def __neg__(self) -> Lanes:
        return Lanes(self.b, self.b.fneg(self.value))

    def __abs__(self) -> Lanes:
        return self.intrinsic("fabs")

    # truths

    def _compare(self, relation: str, other: Operand) -> Lanes:
        y = self.of(other)
        if emit.element(self.type) in (emit.F32, emit.F64):
            ask = self.b.fcmp_unordered if relation == "!=" else self.b.fcmp_ordered
        else:
            ask = self.b.icmp_signed
        return Lanes(self.b, ask(relation, self.value, y))

    def __lt__(self, other: Operand) -> Lanes:
        return self._compare("<", other)

    def __le__(self, other: Operand) -> Lanes:
        return self._compare("<=", other)

    def __gt__(self, other: Operand) -> Lanes:
        return self._compare(">", other)

    def __ge__(self, other: Operand) -> Lanes:
        return self._compare(">=", other)

    def equals(self, other: Operand) -> Lanes:
        """Where both are equal; NaN equals nothing."""
        return self._compare("==", other)

    def differs(self, other: Operand) -> Lanes:
        """Where both are not equal; NaN differs from everything, itself included."""
        return self._compare("!=", other)

    def __and__(self, other: Operand) -> Lanes:
        return Lanes(self.b, self.b.and_(self.value, self.of(other)))

    def __or__(self, other: Operand) -> Lanes:
        return Lanes(self.b, self.b.or_(self.value, self.of(other)))

    def __xor__(self, other: Operand) -> Lanes:
        return Lanes(self.b, self.b.xor(self.value, self.of(other)))

    def __invert__(self) -> Lanes:
        return Lanes(self.b, self.b.not_(self.value))

    # bits

    def __lshift__(self, other: int) -> Lanes:
        return Lanes(self.b, self.b.shl(self.value, self.of(other)))

    def __rshift__(self, other: int) -> Lanes:
        """Shift right with zeros from the left."""
        return Lanes(self.b, self.b.lshr(self.value, self.of(other)))

    def as_bits(self) -> Lanes:
        """The bits of a float as an integer."""
        return Lanes(self.b, self.b.bitcast(self.value, emit.integers(self.type)))

    def as_float(self) -> Lanes:
        """The float that has these bits."""
        scalar = emit.F32 if self.bits == 32 else emit.F64
        return Lanes(self.b, self.b.bitcast(self.value, emit.like(self.type, scalar)))

    # words

    def intrinsic(self, name: str, *more: Lanes) -> Lanes:
        """An intrinsic of LLVM that is overloaded by the type alone."""
        operands = [self.value, *(m.value for m in more)]
        return Lanes(self.b, emit.intrinsic(self.b, name, self.type, operands, [self.type]))

    def sqrt(self) -> Lanes:
        """The square root, rightly rounded."""
        return self.intrinsic("sqrt")

    def with_sign_of(self, other: Lanes) -> Lanes:
        """These magnitudes under other signs."""
        return self.intrinsic("copysign", other)

    def sign_bit(self) -> Lanes:
        """Where the sign is set, at −0 too."""
        return self.as_bits() < 0

    def widened(self) -> Lanes:
        """float32 as float64."""
        return Lanes(self.b, self.b.fpext(self.value, emit.like(self.type, emit.F64)))

    def narrowed(self) -> Lanes:
        """float64 rounded to float32."""
        return Lanes(self.b, self.b.fptrunc(self.value, emit.like(self.type, emit.F32)))

    def at_most(self, limit: float) -> Lanes:
        """The smaller of both; NaN stays."""
        return where(self > limit, limit, self)

    def at_least(self, limit: float) -> Lanes:
        """The larger of both; NaN stays."""
        return where(self < limit, limit, self)


def fma(x: Operand, y: Operand, z: Operand) -> Lanes:
    """x·y + z, rounded once."""
    like = next(v for v in (x, y, z) if isinstance(v, Lanes))
    return Lanes(like.b, emit.fma(like.b, like.of(x), like.of(y), like.of(z)))


def where(condition: Lanes, x: Operand, y: Operand) -> Lanes:
    """x where the condition holds, y elsewhere."""
    like = next(v for v in (x, y) if isinstance(v, Lanes))
    return Lanes(like.b, like.b.select(condition.value, like.of(x), like.of(y)))


def polynomial(coefficients: Sequence[float], x: Lanes) -> Lanes:
    """Σ cₖ·xᵏ by Horner's rule: the fewest instructions, for many run side by side."""
    total: Lanes | None = None
    for c in reversed(coefficients):
        total = x.constant(c) if total is None else fma(total, x, c)
    assert total is not None
    return total


def fitted(name: str, x: Lanes) -> Lanes:
    """The polynomial of that name for the dtype of x."""
    return polynomial(TABLE[name, x.bits], x)


def two_sum(x: Lanes, y: Lanes) -> tuple[Lanes, Lanes]:
    """x + y and what its rounding left out (Knuth)."""
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)


def fast_two_sum(x: Lanes, y: Operand) -> tuple[Lanes, Lanes]:
    """The same where |x| ≥ |y| (Dekker)."""
    total = x + y
    return total, y - (total - x)


def two_product(x: Lanes, y: Operand) -> tuple[Lanes, Lanes]:
    """x·y and what its rounding left out."""
    product = x * y
    return product, fma(x, y, -product)
