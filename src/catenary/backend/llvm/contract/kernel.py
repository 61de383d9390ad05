"""One tile of a product: sums kept in registers along the summed dimension, then handed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.contract.matrices import Direction, Matrix, Store, moved, plus, times
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
    following = emit.unlooked(b, b.add(i, emit.index(step), flags=["nsw"]))
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
    b: ir.IRBuilder,
    tile: Tile,
    operands: tuple[Matrix, Matrix],
    length: tuple[Any, int],
    sums: Values,
) -> Values:
    """Add left[:rows, :depth] @ right[:depth, parts] to the sums of a tile, in order of k.

    ``length``: the depth, and a number of which it is known to be a multiple.
    """
    (left, right), (depth, multiple) = operands, length
    widths = {part.lanes: part for part in tile.parts}.values()

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
            wide = {part.lanes: spread(b, x, part) for part in widths}
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
        whole = b.and_(depth, emit.index(-unroll)) if multiple % unroll else depth
    sums = carried(b, (0, whole, unroll), sums, several)
    return sums if whole is depth else carried(b, (whole, depth, 1), sums, one)


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
    """Registers whose first elements follow each other in a direction, from a corner within the
    tile on.
    """

    registers: Values
    row: int
    column: int
    direction: Direction
    mask: Any

    def alike(self, other: _Run) -> bool:
        """Whether one piece of code can do both."""
        mine, its = ((r.direction, r.mask, len(r.registers)) for r in (self, other))
        return mine == its and self.registers[0].type == other.registers[0].type


def hand_on(
    b: ir.IRBuilder, tile: Tile, sums: Values, corner: tuple[Any, Any], receiver: Receiver
) -> None:
    """Give the finished registers of a tile to their receiver."""
    waiting: list[_Run] = []
    for run in _runs(b, tile, sums, receiver.across):
        if not receiver.looped:
            _give(b, [run], corner, receiver)
        elif waiting and not _goes_on(waiting, run):
            _give_looped(b, waiting, corner, receiver)
            waiting = [run]
        else:
            waiting.append(run)
    if waiting:
        _give_looped(b, waiting, corner, receiver)


def _goes_on(runs: list[_Run], run: _Run) -> bool:
    """Whether a run is the next one of a row of runs at equal distances."""
    if not runs[-1].alike(run):
        return False
    steps = {(y.row - x.row, y.column - x.column) for x, y in pairwise([*runs, run])}
    return len(steps) == 1


def _give(b: ir.IRBuilder, runs: list[_Run], corner: tuple[Any, Any], receiver: Receiver) -> None:
    """Register by register, each with code of its own."""
    row, column = corner
    for run in runs:
        r, c = plus(b, row, run.row), plus(b, column, run.column)
        down = run.direction == "row"
        for i, x in enumerate(run.registers):
            at = (plus(b, r, i), c) if down else (r, plus(b, c, i))
            receiver.store(b, *at, x, run.mask)


def _give_looped(
    b: ir.IRBuilder, runs: list[_Run], corner: tuple[Any, Any], receiver: Receiver
) -> None:
    """By one piece of code for all of a row of runs."""
    first, count = runs[0], len(runs[0].registers)
    if len(runs) == count == 1:
        _give(b, runs, corner, receiver)
        return
    second = runs[1] if len(runs) > 1 else None
    down, across = (second.row - first.row, second.column - first.column) if second else (0, 0)
    room = Room(b, first.registers[0].type, len(runs) * count)
    for i, x in enumerate(x for run in runs for x in run.registers):
        room.keep(b, i, x)
    row, column = plus(b, corner[0], first.row), plus(b, corner[1], first.column)
    # One loop, for LLVM keeps constants in registers around two: too many beside a tile's sums.
    with emit.loop(b, 0, len(runs) * count) as n:
        j, i = (b.udiv(n, emit.index(count)), b.urem(n, emit.index(count))) if second else (0, n)
        r, c = plus(b, row, times(b, j, down)), plus(b, column, times(b, j, across))
        at = (plus(b, r, i), c) if first.direction == "row" else (r, plus(b, c, i))
        receiver.store(b, *at, room.get(b, n), first.mask)


def _runs(b: ir.IRBuilder, tile: Tile, sums: Values, across: int | None) -> Iterator[_Run]:
    for j, part in enumerate(tile.parts):
        registers = sums[j :: len(tile.parts)]
        if across is None or part.lanes == 1:
            yield _Run(registers, 0, part.start, "row", constant_mask(part))
            continue
        for top in range(0, tile.rows, across):
            yield _turned(b, registers[top : top + across], part, top, across)


def _turned(b: ir.IRBuilder, group: Values, part: Segment, top: int, lanes: int) -> _Run:
    """Up to a register's number of rows, as registers along rows."""
    if len(group) == 1:
        singles = [b.extract_element(group[0], emit.I32(c)) for c in range(part.count)]
        return _Run(singles, top, part.start, "column", None)
    whole = [widened(b, x, lanes) for x in group]
    whole += [zero(whole[0].type)] * (lanes - len(group))
    columns = transpose(b, whole, 4 if emit.element(whole[0].type) == emit.F32 else 8)
    used = min(lanes, max(1 << (len(group) - 1).bit_length(), 2))
    mask = constant_mask(Segment(0, used, len(group)))
    return _Run([first(b, x, used) for x in columns[: part.count]], top, part.start, "column", mask)
