"""One tile of a product: sums kept in registers along the summed dimension, then handed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.contract.matrices import Direction, Matrix, Store, moved, plus
from catenary.backend.llvm.contract.registers import (
    Room,
    constant_mask,
    first,
    read,
    spread,
    transpose,
    widened,
    zero,
)
from catenary.backend.llvm.contract.tiles import Segment, Tile

_STEP = 16  # multiplications that one turn of the loop should have at least

Values = list[ir.Value]
Body = Callable[[ir.Value, Values], Values]


def carried(b: ir.IRBuilder, bounds: tuple[Any, Any, int], values: Values, body: Body) -> Values:
    """A loop over range(start, stop, step) that carries values in registers."""
    start, stop, step = bounds
    known = isinstance(start, int) and isinstance(stop, int)
    if known and start >= stop:
        return values
    first, last = (emit.index(v) if isinstance(v, int) else v for v in (start, stop))
    before = b.block
    inside, after = b.append_basic_block("sum"), b.append_basic_block("summed")
    if known:
        b.branch(inside)
    else:
        b.cbranch(b.icmp_signed("<", first, last), inside, after)
    b.position_at_end(inside)
    i = b.phi(emit.I64, "k")
    carry = [b.phi(v.type) for v in values]
    result = body(i, list(carry))
    following = b.add(i, emit.index(step), flags=["nsw"])
    for phi, value, new in zip([i, *carry], [first, *values], [following, *result]):
        phi.add_incoming(value, before)
        phi.add_incoming(new, b.block)
    b.cbranch(b.icmp_signed("<", following, last), inside, after)
    inner = b.block
    b.position_at_end(after)
    return result if known else merged(b, (before, values), (inner, result))


def merged(b: ir.IRBuilder, *ways: tuple[Any, Values]) -> Values:
    """Values that differ by the block from which this one is reached."""
    result = []
    for each in zip(*(values for _, values in ways)):
        phi = b.phi(each[0].type)
        for (block, _), value in zip(ways, each):
            phi.add_incoming(value, block)
        result.append(phi)
    return result


def zeros(tile: Tile) -> Values:
    """Sums of nothing."""
    row = [zero(emit.register_type(tile.dtype, part.register)) for part in tile.parts]
    return row * tile.rows


def accumulate(
    b: ir.IRBuilder, tile: Tile, operands: tuple[Matrix, Matrix], depth: Any, sums: Values
) -> Values:
    """Add left[:rows, :depth] @ right[:depth, parts] to the sums of a tile, in order of k."""

    left, right = operands

    def one(k: Any, sums: Values) -> Values:
        column, row = moved(b, left, 0, k), moved(b, right, k, 0)
        if tile.ahead:
            for part in tile.parts:
                row.prefetch(b, tile.ahead, part.start)  # type: ignore[attr-defined]
        vectors = [read(b, row, 0, part) for part in tile.parts]
        now = iter(sums)
        result = []
        for i in range(tile.rows):
            x = column.scalar(b, i, 0)
            wide = {part.lanes: spread(b, x, part) for part in tile.parts}
            for part, vector in zip(tile.parts, vectors):
                result.append(emit.fma(b, wide[part.lanes], vector, next(now)))
        return result

    unroll = 1
    while unroll * tile.size < _STEP and unroll < 8:
        unroll *= 2

    def several(k: Any, sums: Values) -> Values:
        for i in range(unroll):
            sums = one(plus(b, k, i), sums)
        return sums

    if isinstance(depth, int):
        whole: Any = depth - depth % unroll
    else:
        whole = b.and_(depth, emit.index(-unroll)) if unroll > 1 else depth
    sums = carried(b, (0, whole, unroll), sums, several)
    return carried(b, (whole, depth, 1), sums, one) if unroll > 1 else sums


@dataclass(frozen=True)
class Receiver:
    """Who takes finished registers.

    ``across``: None for registers as they are, along columns; the lanes of a register where they
    are wanted along rows: then they are turned first. ``looped``: the code of ``store`` is long
    and must not be repeated for every register of a tile.
    """

    store: Store
    across: int | None
    looped: bool


@dataclass(frozen=True)
class _Run:
    """Registers whose first elements follow each other in a direction."""

    registers: Values
    row: Any
    column: Any
    direction: Direction
    mask: Any

    def corner(self, b: ir.IRBuilder, i: Any) -> tuple[Any, Any]:
        if self.direction == "row":
            return plus(b, self.row, i), self.column
        return self.row, plus(b, self.column, i)


def hand_on(
    b: ir.IRBuilder, tile: Tile, sums: Values, corner: tuple[Any, Any], receiver: Receiver
) -> None:
    """Give the finished registers of a tile to their receiver."""
    for run in _runs(b, tile, sums, corner, receiver.across):
        if not receiver.looped or len(run.registers) == 1:
            for i, x in enumerate(run.registers):
                receiver.store(b, *run.corner(b, i), x, run.mask)
            continue
        room = Room(b, run.registers[0].type, len(run.registers))
        for i, x in enumerate(run.registers):
            room.keep(b, i, x)
        with emit.loop(b, 0, len(run.registers)) as i:
            receiver.store(b, *run.corner(b, i), room.get(b, i), run.mask)


def _runs(
    b: ir.IRBuilder, tile: Tile, sums: Values, corner: tuple[Any, Any], across: int | None
) -> Iterator[_Run]:
    row, column = corner
    for j, part in enumerate(tile.parts):
        registers, where = sums[j :: len(tile.parts)], plus(b, column, part.start)
        if across is None or part.lanes == 1:
            yield _Run(registers, row, where, "row", constant_mask(part))
            continue
        for top in range(0, tile.rows, across):
            group = registers[top : top + across]
            yield _turned(b, group, part, (plus(b, row, top), where), across)


def _turned(
    b: ir.IRBuilder, group: Values, part: Segment, corner: tuple[Any, Any], lanes: int
) -> _Run:
    """Up to a register's number of rows, as registers along rows."""
    if len(group) == 1:
        singles = [b.extract_element(group[0], emit.I32(c)) for c in range(part.count)]
        return _Run(singles, *corner, "column", None)
    whole = [widened(b, x, lanes) for x in group]
    whole += [zero(whole[0].type)] * (lanes - len(group))
    columns = transpose(b, whole, 4 if emit.element(whole[0].type) == emit.F32 else 8)
    used = min(lanes, max(1 << (len(group) - 1).bit_length(), 2))
    mask = constant_mask(Segment(0, used, len(group)))
    return _Run([first(b, x, used) for x in columns[: part.count]], *corner, "column", mask)
