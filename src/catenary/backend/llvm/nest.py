"""Nests of loops around elements, and how they are shared out among threads."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit as e
from catenary.backend.llvm.index import ZERO, Position, plus, times
from catenary.backend.llvm.layout import Shape
from catenary.backend.llvm.pull import Place, Reader
from catenary.backend.llvm.rows import Rows


@dataclass(frozen=True)
class Share:
    """The part of the work that falls to this thread; ``threads`` None: all of it."""

    thread: Any = None
    threads: Any = None
    rows: Rows | None = None  # what is shared are the rows of a batch, in blocks

    def within(self, b: ir.IRBuilder, low: int, high: int) -> tuple[Any, Any]:
        """The share of a piece of a loop: from, to."""
        if self.rows is None:
            start, stop = self.of(b, high - low)
            return plus(b, start, low), plus(b, stop, low)
        start, stop = self.of(b, self.rows.count)
        if low == 0 and high == self.rows.count:
            return start, stop
        lower, upper = e.index(low), e.index(high)
        return (
            b.select(b.icmp_signed(">", start, lower), start, lower),
            b.select(b.icmp_signed("<", stop, upper), stop, upper),
        )

    def vectors(self, b: ir.IRBuilder, full: int, lanes: int) -> tuple[Any, Any]:
        """The share of the full vectors of a loop; blocks of rows are whole vectors."""
        if self.rows is None:
            return self.of(b, full)
        start, stop = self.of(b, self.rows.count)
        return b.udiv(start, e.index(lanes)), b.udiv(stop, e.index(lanes))

    def of(self, b: ir.IRBuilder, count: int) -> tuple[Any, Any]:
        """The share of ``count`` equal pieces: from, to."""
        if self.threads is None:
            return 0, count
        rows = self.rows
        total = e.index(count if rows is None else rows.blocks)
        start = b.udiv(b.mul(total, self.thread), self.threads)
        after = b.add(self.thread, e.index(1))
        stop = b.udiv(b.mul(total, after), self.threads)
        if rows is None:
            return start, stop
        whole = b.icmp_signed("==", stop, e.index(rows.blocks))
        end = b.select(whole, e.index(count), b.mul(stop, e.index(rows.block)))
        return b.mul(start, e.index(rows.block)), end


def place_of(rank: int, groups: Sequence[Sequence[int]], positions: Sequence[Position]) -> Place:
    """Where an element is, from its positions along groups of axes: a group counts on through
    its axes, which its last axis can say.
    """
    place = [ZERO] * rank
    for group, position in zip(groups, positions, strict=True):
        place[group[-1]] = position
    return tuple(place)


def extent(shape: Shape, group: Sequence[int]) -> int:
    return math.prod(shape[a] for a in group)


def lanes_for(full: int, n: int) -> int | None:
    """How many of n neighbours to take at once: as many as fit, one by one if it is only one."""
    if n <= 1 or full <= 1:
        return None
    return min(full, 1 << (n - 1).bit_length())


@contextmanager
def scalar_loops(b: ir.IRBuilder, counts: Sequence[int], share: Share) -> Iterator[list[Position]]:
    """One loop in another, the outermost shared among threads."""
    with ExitStack() as stack:
        positions = []
        for depth, n in enumerate(counts):
            start, stop = share.of(b, n) if depth == 0 else (0, n)
            positions.append(Position(stack.enter_context(e.loop(b, start, stop))))
        yield positions


Piece = tuple[int, int]  # of a loop: from, up to


def pieces(n: int, cuts: Sequence[int]) -> list[Piece]:
    """A loop over n places, cut where what is read changes."""
    ends = [0, *sorted(c for c in set(cuts) if 0 < c < n), n]
    return list(pairwise(ends))


def piece_loops(
    b: ir.IRBuilder,
    loops: Sequence[Sequence[Piece]],
    share: Share,
    body: Callable[[list[Position], Share], None],
) -> None:
    """One loop in another, each in pieces; the outermost shared among threads."""

    def nested(depth: int, outer: list[Position], share: Share) -> None:
        if depth == len(loops):
            body(outer, share)
            return
        for low, high in loops[depth]:
            with e.loop(b, *share.within(b, low, high)) as i:
                nested(depth + 1, [*outer, Position(i, span=(low, high))], Share())

    nested(0, [], share)


def vector_loop(r: Reader, piece: Piece, share: Share, body: Callable[[Position], None]) -> None:
    """The body for all vectors of neighbours; the last, partial one under a mask."""
    b, lanes, low = r.b, r.lanes, piece[0]
    if lanes is None:
        with e.loop(b, *share.within(b, *piece)) as i, r.scope():
            body(Position(i, span=piece))
        return
    full, left = divmod(piece[1] - low, lanes)
    if full:
        with e.loop(b, *share.vectors(b, full, lanes)) as i, r.scope():
            body(Position(plus(b, times(b, i, lanes), low), 1, span=piece))
    if left:
        mask = e.lowest(lanes, left)
        with last_share(b, share), r.scope(mask):
            body(Position(e.index(low + full * lanes), 1, span=piece))


@contextmanager
def last_share(b: ir.IRBuilder, share: Share) -> Iterator[None]:
    """Code for the last thread alone."""
    if share.threads is None:
        yield
        return
    last = b.icmp_signed("==", b.add(share.thread, e.index(1)), share.threads)
    with b.if_then(last):
        yield
