"""Copies of an operand in the order in which tiles read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.contract.matrices import Matrix, moved, plus, times
from catenary.backend.llvm.contract.registers import Room, read, transpose
from catenary.backend.llvm.contract.tiles import Segment
from catenary.backend.llvm.machine import Machine


@dataclass(frozen=True)
class Target:
    """Where a copy goes: row r of the columns of ``parts`` begins ``pitch``·r after ``base``.

    The last part may reach beyond the pitch: what it writes there is overwritten by the next
    row, and the last row needs room for a vector behind it. Turned copies write whole blocks of
    rows and need room for them.
    """

    base: ir.Value
    pitch: int
    parts: tuple[Segment, ...]
    dtype: Any
    machine: Machine

    def row(self, b: ir.IRBuilder, r: Any) -> ir.Value:
        """Where a row begins."""
        return emit.address(b, self.base, times(b, r, self.pitch), self.dtype)


def pack(b: ir.IRBuilder, source: Matrix, depth: Any, target: Target) -> None:
    """Copy the first ``depth`` rows."""
    if isinstance(depth, int) and depth == 0:
        return
    if source.contiguous == "column":
        with emit.loop(b, 0, depth) as r:
            here, place = moved(b, source, r, 0), target.row(b, r)
            for part in target.parts:
                where = emit.address(b, place, part.start, target.dtype)
                emit.store(b, read(b, here, 0, part), where, target.dtype)
    elif source.contiguous == "row":
        _turned(b, source, depth, target)
    else:
        columns = sum(part.count for part in target.parts)
        _singly(b, source, (0, depth), (0, columns), target)


def _singly(
    b: ir.IRBuilder, source: Matrix, rows: tuple[Any, Any], columns: tuple[int, int], target: Target
) -> None:
    """Element by element."""
    if columns[0] == columns[1] or rows[0] == rows[1]:
        return
    with emit.loop(b, *rows) as r, emit.loop(b, *columns) as c:
        place = emit.address(b, target.row(b, r), c, target.dtype)
        emit.store(b, source.scalar(b, r, c), place, target.dtype)


def _turned(b: ir.IRBuilder, source: Matrix, depth: Any, target: Target) -> None:
    """Read vectors down the columns and turn them in registers, block by block.

    One piece of code for all blocks, for turning is long: at the edges vectors and whole columns
    are masked. Blocks of columns go from the last to the first: what is written past the pitch
    is mended.
    """
    lanes = target.machine.lanes(target.dtype)
    columns = sum(part.count for part in target.parts)
    even = isinstance(depth, int) and depth % lanes == 0 and columns % lanes == 0
    if even or target.machine.masked:
        last = -(-columns // lanes) - 1
        with emit.loop(b, 0, depth, lanes) as r, emit.loop(b, 0, last + 1) as i:
            c = times(b, b.sub(emit.index(last), i), lanes)
            rows = (
                None if even else b.sub(emit.index(depth) if isinstance(depth, int) else depth, r)
            )
            _block(b, source, (r, c), target, (rows, columns))
        return
    whole = depth - depth % lanes if isinstance(depth, int) else b.and_(depth, emit.index(-lanes))
    inner = columns - columns % lanes
    if inner and not (isinstance(whole, int) and whole == 0):
        with emit.loop(b, 0, whole, lanes) as r, emit.loop(b, 0, inner, lanes) as c:
            _block(b, source, (r, c), target, (None, columns))
    _singly(b, source, (whole, depth), (0, columns), target)
    _singly(b, source, (0, whole), (inner, columns), target)


def _block(
    b: ir.IRBuilder, source: Matrix, at: tuple[Any, Any], target: Target, left: tuple[Any, int]
) -> None:
    """Turn a square block; ``left``: rows from here to the edge if there is one, and columns."""
    lanes, dtype = target.machine.lanes(target.dtype), target.dtype
    (r, c), (rows, columns) = at, left
    block, full = moved(b, source, r, c), columns % lanes == 0
    inside = None if rows is None else emit.first_lanes(b, rows, lanes)

    def column(i: Any) -> ir.Value:
        if inside is None or full:
            return block.vector(b, 0, i, lanes, inside)
        there = b.icmp_signed("<", plus(b, c, i), emit.index(columns))
        return block.vector(b, 0, i, lanes, b.and_(inside, emit.splat(b, there, lanes)))

    vectors = [column(i) for i in range(lanes)] if source.cheap else _looped(b, column, target)
    place = emit.address(b, target.row(b, r), c, dtype)
    for i, vector in enumerate(transpose(b, vectors, dtype.itemsize)):
        emit.store(b, vector, emit.address(b, place, i * target.pitch, dtype), dtype)


def _looped(b: ir.IRBuilder, column: Any, target: Target) -> list[ir.Value]:
    """Vectors that take much code to compute, by one piece of it."""
    lanes = target.machine.lanes(target.dtype)
    room = Room(b, emit.register_type(target.dtype, lanes), lanes)
    with emit.loop(b, 0, lanes) as i:
        room.keep(b, i, column(i))
    return [room.get(b, i) for i in range(lanes)]
