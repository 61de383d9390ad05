"""The loops around the tiles: who computes which tile, in which order, from which copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.contract import kernel
from catenary.backend.llvm.contract.matrices import (
    Matrix,
    Store,
    Strided,
    moved,
    plus,
    times,
    transposed,
)
from catenary.backend.llvm.contract.pack import pack
from catenary.backend.llvm.contract.plan import Plan, Product
from catenary.backend.llvm.contract.scratch import Layout
from catenary.backend.llvm.contract.tiles import Segment, segments, width
from catenary.backend.llvm.machine import Machine


@dataclass(frozen=True)
class Site:
    """A product with everything that its code refers to."""

    product: Product
    plan: Plan
    places: Layout
    machine: Machine
    store: Store
    thread: ir.Value
    threads: ir.Value
    scratch: ir.Value
    barrier: Callable[[ir.IRBuilder], None]

    @property
    def lanes(self) -> int:
        """Lanes of a whole register."""
        return self.machine.lanes(self.product.dtype)

    def scratch_at(self, b: ir.IRBuilder, offset: Any) -> ir.Value:
        """A place in the scratch memory."""
        return emit.address(b, self.scratch, offset, self.product.dtype)


@dataclass(frozen=True)
class Stretch:
    """A block of the summed dimension: its number, where it begins, how long it is."""

    number: Any
    start: Any
    depth: Any


def emit_tiles(b: ir.IRBuilder, site: Site) -> None:
    """All of a product."""
    made = site.plan
    if made.pack_left:
        _pack_left(b, site)
        site.barrier(b)
    tiles, panels = made.cut.row_tiles, made.cut.all_panels
    low, high = share(b, tiles * panels, site.thread, site.threads)
    size = made.block_tiles * panels
    if made.block_tiles >= tiles:
        _block(b, site, low, high, 0, tiles)
        return
    above = b.udiv(plus(b, high, size - 1), emit.index(size))
    with emit.loop(b, b.udiv(low, emit.index(size)), above) as i:
        first = times(b, i, made.block_tiles)
        count = least(b, made.block_tiles, b.sub(emit.index(tiles), first))
        base = times(b, i, size)
        start = greatest(b, b.sub(low, base), 0)
        stop = least(b, b.sub(high, base), times(b, count, panels))
        _block(b, site, start, stop, first, count)


def share(b: ir.IRBuilder, total: int, thread: ir.Value, threads: ir.Value) -> tuple[Any, Any]:
    """The part of range(total) that is a thread's."""
    everything = emit.index(total)
    low = b.udiv(b.mul(everything, thread), threads)
    return low, b.udiv(b.mul(everything, b.add(thread, emit.index(1))), threads)


def least(b: ir.IRBuilder, x: Any, y: Any) -> ir.Value:
    """The smaller of two numbers."""
    x, y = (emit.index(v) if isinstance(v, int) else v for v in (x, y))
    return b.select(b.icmp_signed("<", x, y), x, y)


def greatest(b: ir.IRBuilder, x: Any, y: Any) -> ir.Value:
    """The larger of two numbers."""
    x, y = (emit.index(v) if isinstance(v, int) else v for v in (x, y))
    return b.select(b.icmp_signed(">", x, y), x, y)


@contextmanager
def _stretches(b: ir.IRBuilder, site: Site) -> Iterator[Stretch]:
    """Code for every block of the summed dimension, in order."""
    if site.plan.k_blocks == 1:
        yield Stretch(0, 0, site.plan.k)
        return
    with emit.loop(b, 0, site.plan.k_blocks) as number:
        yield _stretch(b, site, number)


def _stretch(b: ir.IRBuilder, site: Site, number: Any) -> Stretch:
    k, size = site.plan.k, site.plan.k_block
    if isinstance(number, int):
        return Stretch(number, 0, k)
    start = times(b, number, size)
    return Stretch(number, start, size if k % size == 0 else least(b, size, b.sub(k_(k), start)))


def k_(k: int) -> ir.Constant:
    return emit.index(k)


def _rows(b: ir.IRBuilder, site: Site, start: Any, stop: Any) -> Iterator[tuple[int, Any, Any]]:
    """Code for a range of row tiles: once for each height, with a tile's number and first row."""
    cut = site.plan.cut
    if cut.larger == cut.row_tiles:
        with emit.loop(b, start, stop) as q:
            yield cut.rows, q, times(b, q, cut.rows)
        return
    with emit.loop(b, start, least(b, stop, cut.larger)) as q:
        yield cut.rows, q, times(b, q, cut.rows)
    with emit.loop(b, greatest(b, start, cut.larger), stop) as q:
        yield cut.rows - 1, q, plus(b, times(b, q, cut.rows - 1), cut.larger)


def _pack_left(b: ir.IRBuilder, site: Site) -> None:
    """Every thread copies its share of the left operand, tile by tile."""
    made, dtype = site.plan, site.product.dtype
    low, high = share(b, made.k_blocks * made.cut.row_tiles, site.thread, site.threads)
    tiles = emit.index(made.cut.row_tiles)
    with emit.loop(b, low, high) as unit:
        q, number = b.urem(unit, tiles), b.udiv(unit, tiles)
        stretch = _stretch(b, site, 0 if made.k_blocks == 1 else number)
        for rows, tile, row in _rows(b, site, q, b.add(q, emit.index(1))):
            source = transposed(moved(b, site.product.left, row, stretch.start))
            target = _left_place(b, site, stretch, tile)
            parts = segments(rows, site.lanes, dtype.itemsize, site.machine.masked)
            depth, masked = stretch.depth, site.machine.masked
            pack(b, source, depth, parts, rows, target, dtype, site.lanes, masked)


def _left_place(b: ir.IRBuilder, site: Site, stretch: Stretch, tile: Any) -> ir.Value:
    number = plus(b, times(b, stretch.number, site.plan.cut.row_tiles), tile)
    return site.scratch_at(b, times(b, number, site.places.left_tile))


def _block(b: ir.IRBuilder, site: Site, low: Any, high: Any, first: Any, count: Any) -> None:
    """Tiles number low … high of a block of ``count`` row tiles from ``first``, by panels."""
    cut = site.plan.cut
    size = emit.index(count) if isinstance(count, int) else count
    start = b.udiv(low, size)
    stop = b.udiv(b.add(high, b.sub(size, emit.index(1))), size)
    with _stretches(b, site) as stretch:
        for parts, panels in ((cut.full, (start, least(b, stop, cut.panels))),
                              (cut.rest, (greatest(b, start, cut.panels), stop))):  # fmt: skip
            if not parts or (parts is cut.full and not cut.panels):
                continue
            with emit.loop(b, *panels) as p:
                base = b.mul(p, size)
                begin = plus(b, greatest(b, b.sub(low, base), 0), first)
                end = plus(b, least(b, b.sub(high, base), size), first)
                _panel(b, site, stretch, p, parts, begin, end)


def _panel(
    b: ir.IRBuilder,
    site: Site,
    stretch: Stretch,
    p: Any,
    parts: tuple[Segment, ...],
    begin: Any,
    end: Any,
) -> None:
    """The row tiles begin … end of a panel of columns."""
    dtype, column = site.product.dtype, times(b, p, width(site.plan.cut.full))
    right = moved(b, site.product.right, stretch.start, column)
    if site.plan.pack_right:
        offset = plus(b, times(b, site.thread, site.places.panel_size), site.places.panel)
        target = site.scratch_at(b, offset)
        pitch, masked = width(parts), site.machine.masked
        pack(b, right, stretch.depth, parts, pitch, target, dtype, site.lanes, masked)
        right = Strided(target, pitch, 1, dtype)
    for rows, q, row in _rows(b, site, begin, end):
        if site.plan.pack_left:
            left: Matrix = Strided(_left_place(b, site, stretch, q), 1, rows, dtype)
        else:
            left = moved(b, site.product.left, row, stretch.start)
        number = plus(b, times(b, q, site.plan.cut.all_panels), p)
        _tile(b, site, stretch, rows, parts, left, right, (row, column), number)


def _tile(
    b: ir.IRBuilder,
    site: Site,
    stretch: Stretch,
    rows: int,
    parts: tuple[Segment, ...],
    left: Matrix,
    right: Matrix,
    corner: tuple[Any, Any],
    number: Any,
) -> None:
    """One visit of a tile; sums wait in scratch memory between visits."""
    dtype, made = site.product.dtype, site.plan
    sums = kernel.zeros(rows, parts, dtype)
    across = site.lanes if made.across else None
    if made.k_blocks == 1:
        sums = kernel.accumulate(b, rows, parts, left, right, stretch.depth, sums)
        kernel.hand_on(b, rows, parts, sums, *corner, site.store, across)
        return
    offset = plus(b, times(b, number, site.places.sums_tile), site.places.sums)
    kept = Strided(site.scratch_at(b, offset), width(parts), 1, dtype)
    sums = _begun(b, rows, parts, kept, stretch, sums)
    sums = kernel.accumulate(b, rows, parts, left, right, stretch.depth, sums)
    last = b.icmp_signed("==", stretch.number, emit.index(made.k_blocks - 1))
    with b.if_else(last) as (finish, keep):
        with finish:
            kernel.hand_on(b, rows, parts, sums, *corner, site.store, across)
        with keep:
            for i in range(rows):
                for j, part in enumerate(parts):
                    emit.store(b, sums[i * len(parts) + j], kept.place(b, i, part.start), dtype)


def _begun(
    b: ir.IRBuilder,
    rows: int,
    parts: tuple[Segment, ...],
    kept: Strided,
    stretch: Stretch,
    zeros: kernel.Values,
) -> kernel.Values:
    """Sums of the blocks before: zeros at first."""
    before = b.block
    further, ready = b.append_basic_block("further"), b.append_basic_block("ready")
    b.cbranch(b.icmp_signed("==", stretch.number, emit.index(0)), ready, further)
    b.position_at_end(further)
    loaded = []
    for i in range(rows):
        for part in parts:
            lanes = part.lanes if part.lanes > 1 else None
            loaded.append(emit.load(b, kept.place(b, i, part.start), kept.dtype, lanes))
    b.branch(ready)
    b.position_at_end(ready)
    result = []
    for zero, value in zip(zeros, loaded):
        phi = b.phi(zero.type)
        phi.add_incoming(zero, before)
        phi.add_incoming(value, further)
        result.append(phi)
    return result
