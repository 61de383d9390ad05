"""The code of one kernel: loops over elements, sums, and what must be done one after the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit as e
from catenary.backend.llvm.axes import cuts, grouped, joints
from catenary.backend.llvm.count import computed
from catenary.backend.llvm.index import Position
from catenary.backend.llvm.machine import Machine
from catenary.backend.llvm.nest import (
    Piece,
    Share,
    extent,
    lanes_for,
    piece_loops,
    pieces,
    place_of,
    vector_loop,
)
from catenary.backend.llvm.pull import Reader
from catenary.backend.llvm.schedule import COST, Kernel
from catenary.backend.llvm.value import FREE, VIEWS, Value


@dataclass(frozen=True)
class Site:
    """Where the code of a kernel goes: the function under construction and what it has."""

    b: ir.IRBuilder
    memory: Mapping[Value, ir.Value]
    machine: Machine
    share: Share
    status: Any
    scratch: Any = None
    barrier: Callable[[ir.IRBuilder], None] | None = None

    @property
    def stored(self) -> set[Value]:
        return set(self.memory)

    def reader(self, lanes: int | None) -> Reader:
        return Reader(self.b, self.memory, lanes, self.status)


def full_lanes(site: Site, roots: list[Value]) -> int:
    """The lanes of the widest numbers that are computed with."""
    widest = max(v.dtype.itemsize for v in roots)
    seen: set[Value] = set()
    stack = list(roots)
    while stack:
        v = stack.pop()
        if v in seen:
            continue
        seen.add(v)
        if v.op not in VIEWS and v.op not in FREE:
            widest = max(widest, v.dtype.itemsize)
        if v in site.memory and v not in roots:
            continue
        stack.extend(v.operands[:1] if v.op == "gather" else v.operands)
    return site.machine.vector_bytes // widest


def emit_map(site: Site, kernel: Kernel) -> None:
    """Elements of several values of one shape, each computed on its own."""
    shape, roots = kernel.shape, kernel.roots
    if 0 in shape:
        return
    elsewhere = site.stored - set(roots)
    by_rows = site.share.rows is not None
    groups = grouped(shape, joints(roots, len(shape), elsewhere, [0] if by_rows else []))
    counts = [extent(shape, g) for g in groups]
    memory = {v: p for v, p in site.memory.items() if v in elsewhere}
    lanes = full_lanes(site, roots)
    found = cuts(roots, len(shape), elsewhere)
    loops = [pieces(n, found[g[0]] if len(g) == 1 else ()) for g, n in zip(groups, counts)]
    if by_rows and len(groups) == 1:
        loops = [[(0, counts[0])]]  # blocks of rows are whole vectors only from the first row on
    parts: list[Piece] = []  # of the last axis, through which each vector goes
    if _beside_thin(loops, lanes, kernel):
        loops, parts = loops[:-1], loops[-1]
    loops = _few(loops or [[(0, 1)]])
    reader = Reader(site.b, memory, lanes_for(lanes, loops[-1][-1][1]), site.status)

    def row(outer: list[Position], share: Share) -> None:
        for piece in loops[-1]:
            vector_loop(reader, piece, share, lambda p: element([*outer, p]))

    def element(at: list[Position]) -> None:
        if not parts:
            made(at)
        for part in parts:
            with e.loop(site.b, *part) as i, reader.scope(reader.tail):
                made([*at, Position(i, span=part)])

    def made(at: list[Position]) -> None:
        reader.make(roots, place_of(len(shape), groups, at if groups else []), site.memory)

    piece_loops(site.b, loops[:-1], site.share, row)


_MOST_PIECES = 16
_FEW, _MOST_THIN = 4, 64  # pieces


def _beside_thin(loops: list[list[Piece]], lanes: int, kernel: Kernel) -> bool:
    """Whether the last axis is put together from thin pieces, each computed in its own way, so
    that vectors had better run along the axis before. Numbers that cost nothing are not worth
    being written far apart, unless there are many.
    """
    if len(loops) < 2 or not 1 < len(loops[-1]) <= _MOST_THIN or len(loops[-2]) > 1:
        return False
    if 2 * loops[-1][-1][1] > lanes * len(loops[-1]) or loops[-2][0][1] < 2 * lanes:
        return False
    costly = any(COST.get(v.op, 1) >= COST["div"] for v in computed(kernel))
    return costly or len(loops[-1]) > _FEW


def _few(loops: list[list[Piece]]) -> list[list[Piece]]:
    """Loops whose pieces together are not too much code."""
    while math.prod(map(len, loops)) > _MOST_PIECES:
        most = max(range(len(loops)), key=lambda i: len(loops[i]))
        loops = [[(0, p[-1][1])] if i == most else p for i, p in enumerate(loops)]
    return loops
