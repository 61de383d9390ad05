"""Where an element is: positions along axes, for one element or for a vector of neighbours.

A position is ``base + lane · step``: the same for all lanes (step 0), neighbours (step 1), every
other one; or, after a division or a look-up, a vector of any positions.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from catenary.backend.llvm.emit import index, number, splat, steps


@dataclass(frozen=True, eq=False)
class Position:
    """base + lane·step; with ``vector`` the positions of the lanes are given one by one.

    ``span``: all positions that it can be, from and up to, if that is known.
    """

    base: Any  # int or i64 value
    step: int = 0
    vector: Any = None
    span: tuple[int, int] | None = None

    @property
    def key(self) -> Hashable:
        base = self.base if isinstance(self.base, int) else id(self.base)
        return base, self.step, id(self.vector)


ZERO = Position(0, span=(0, 1))


def plus(b: ir.IRBuilder, x: Any, y: Any) -> Any:
    """The sum of ints or i64 values."""
    if isinstance(x, int) and isinstance(y, int):
        return x + y
    if isinstance(x, int) and x == 0:
        return y
    if isinstance(y, int) and y == 0:
        return x
    return b.add(_value(x), _value(y), flags=["nsw"])


def times(b: ir.IRBuilder, x: Any, factor: int) -> Any:
    """A multiple of an int or i64 value."""
    if isinstance(x, int):
        return x * factor
    return 0 if factor == 0 else x if factor == 1 else b.mul(x, index(factor), flags=["nsw"])


def _value(x: Any) -> Any:
    return index(x) if isinstance(x, int) else x


def shifted(b: ir.IRBuilder, p: Position, by: Any) -> Position:
    """p + by."""
    if isinstance(by, int) and by == 0:
        return p
    if p.vector is not None:
        return Position(0, 0, b.add(p.vector, splat(b, _value(by), p.vector.type.count)))
    known = p.span is not None and isinstance(by, int)
    span = (p.span[0] + by, p.span[1] + by) if known and p.span else None
    return Position(plus(b, p.base, by), p.step, None, span)


def scaled(b: ir.IRBuilder, p: Position, factor: int) -> Position:
    """p · factor."""
    if factor == 1:
        return p
    if p.vector is not None:
        return Position(0, 0, b.mul(p.vector, number(p.vector.type, factor)))
    span = None
    if p.span is not None:
        ends = sorted((p.span[0] * factor, (p.span[1] - 1) * factor))
        span = ends[0], ends[1] + 1
    return Position(times(b, p.base, factor), p.step * factor, None, span)


def total(b: ir.IRBuilder, p: Position, q: Position) -> Position:
    """p + q."""
    if p.vector is None and q.vector is None:
        return Position(plus(b, p.base, q.base), p.step + q.step)
    lanes = (p.vector if p.vector is not None else q.vector).type.count
    return Position(0, 0, b.add(positions(b, p, lanes), positions(b, q, lanes)))


def positions(b: ir.IRBuilder, p: Position, lanes: int | None) -> ir.Value:
    """The positions of all lanes; of the one element, where there are no lanes."""
    if p.vector is not None:
        return p.vector
    if lanes is None:
        return _value(p.base)
    base = splat(b, _value(p.base), lanes)
    if p.step == 0:
        return base
    offsets = steps(lanes)
    return b.add(base, offsets if p.step == 1 else b.mul(offsets, number(base.type, p.step)))


def flat(b: ir.IRBuilder, place: tuple[Position, ...], strides: tuple[int, ...]) -> Position:
    """The position in memory of an element."""
    result = ZERO
    for p, stride in zip(place, strides, strict=True):
        if stride:
            result = total(b, result, scaled(b, p, stride))
    return result


def quotient(b: ir.IRBuilder, p: Position, divisor: int, lanes: int | None) -> Position:
    """p // divisor, for p ≥ 0."""
    if divisor == 1:
        return p
    if p.vector is None and isinstance(p.base, int) and p.step == 0:
        return Position(p.base // divisor)
    if p.vector is None and p.step == 0:
        return Position(b.udiv(p.base, index(divisor)))
    vector = positions(b, p, lanes)
    return Position(0, 0, b.udiv(vector, number(vector.type, divisor)))


def rest(b: ir.IRBuilder, p: Position, divisor: int, lanes: int | None) -> Position:
    """p % divisor, for p ≥ 0."""
    if divisor == 1:
        return ZERO
    if p.vector is None and isinstance(p.base, int) and p.step == 0:
        return Position(p.base % divisor)
    if p.vector is None and p.step == 0:
        return Position(b.urem(p.base, index(divisor)))
    vector = positions(b, p, lanes)
    return Position(0, 0, b.urem(vector, number(vector.type, divisor)))
