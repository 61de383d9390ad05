"""The loops around the tiles: who computes which tile, in which order, from which copy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.contract import kernel
from catenary.backend.llvm.contract.matrices import Matrix, Strided, moved, plus, times, transposed
from catenary.backend.llvm.contract.pack import Target, pack
from catenary.backend.llvm.contract.plan import NEAR
from catenary.backend.llvm.contract.site import Site, between, greatest, least, share
from catenary.backend.llvm.contract.tiles import Tile, segments, width

_AHEAD = 8192  # bytes


@dataclass(frozen=True)
class Stretch:
    """A block of the summed dimension: its number, where it begins, how long it is, and a number
    of which the length is known to be a multiple.
    """

    number: Any
    start: Any
    depth: Any
    multiple: int = 1


@dataclass(frozen=True)
class Place:
    """A tile: its number among all, and its first row and column."""

    number: Any
    row: Any
    column: Any


def emit_tiles(b: ir.IRBuilder, site: Site) -> None:
    """All of a product."""
    made = site.plan
    if made.pack_left:
        _pack_left(b, site)
        site.barrier(b)
    if made.chunked:
        _emit_chunks(b, site)
        return
    tiles, panels = made.cut.row_tiles, made.cut.all_panels
    shared = share(b, tiles * panels, site.thread, site.threads)
    if made.block_tiles >= tiles:
        _stretches(b, site, shared, (0, tiles))
        return
    with between(b, shared, made.block_tiles * panels) as (i, inner):
        first = times(b, i, made.block_tiles)
        count = least(b, made.block_tiles, b.sub(emit.index(tiles), first))
        # The last block may have fewer tiles: there the share ends earlier by itself.
        _stretches(b, site, inner, (first, count))


def _stretches(
    b: ir.IRBuilder, site: Site, shared: tuple[Any, Any], tiles: tuple[Any, Any]
) -> None:
    """Every block of the summed dimension, in order."""
    if site.plan.k_blocks == 1:
        _block(b, site, _stretch(b, site, 0), shared, tiles)
        return
    with emit.loop(b, 0, site.plan.k_blocks) as number:
        _block(b, site, _stretch(b, site, number), shared, tiles)


def _stretch(b: ir.IRBuilder, site: Site, number: Any) -> Stretch:
    k, size = site.plan.k, site.plan.k_block
    if isinstance(number, int):
        return Stretch(number, 0, k)
    start = times(b, number, size)
    depth = size if k % size == 0 else least(b, size, b.sub(emit.index(k), start))
    return Stretch(number, start, depth, gcd(k, size))


def _emit_chunks(b: ir.IRBuilder, site: Site) -> None:
    """Few tiles and long sums: chunks of the sums are shared, and added when all are there."""
    made = site.plan
    tiles = made.cut.tiles
    shared = share(b, made.k_blocks * tiles, site.thread, site.threads)
    with between(b, shared, tiles) as (number, inner):
        _block(b, site, _stretch(b, site, number), inner, (0, made.cut.row_tiles))
    site.barrier(b)
    low, high = share(b, tiles, site.thread, site.threads)
    whole = Stretch(0, 0, 0)
    _block(b, site, whole, (low, high), (0, made.cut.row_tiles), adding=True)


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
            parts = segments(rows, dtype.itemsize, site.machine)
            base = _left_place(b, site, stretch, tile)
            pack(b, source, stretch.depth, Target(base, rows, parts, dtype, site.machine))


def _left_place(b: ir.IRBuilder, site: Site, stretch: Stretch, tile: Any) -> ir.Value:
    number = plus(b, times(b, stretch.number, site.plan.cut.row_tiles), tile)
    return site.scratch_at(b, times(b, number, site.places.left_tile))


def _block(
    b: ir.IRBuilder,
    site: Site,
    stretch: Stretch,
    shared: tuple[Any, Any],
    tiles: tuple[Any, Any],
    *,
    adding: bool = False,
) -> None:
    """A share of the tiles of a block of row tiles (first, count), panel by panel.

    ``adding``: no products, but the sums of the chunks of each tile.
    """
    cut, (low, high), (first, count) = site.plan.cut, shared, tiles
    size = emit.index(count) if isinstance(count, int) else count
    high = least(b, high, times(b, size, cut.all_panels))
    start = b.udiv(low, size)
    stop = b.udiv(b.add(high, b.sub(size, emit.index(1))), size)
    groups = []
    if cut.panels:
        groups.append((cut.full, start, least(b, stop, cut.panels)))
    if cut.rest:
        groups.append((cut.rest, greatest(b, start, cut.panels), stop))
    for parts, from_, to in groups:
        with emit.loop(b, from_, to) as p:
            base = b.mul(p, size)
            begin = plus(b, greatest(b, b.sub(low, base), 0), first)
            end = plus(b, least(b, b.sub(high, base), size), first)
            rights = (None, None) if adding else _right(b, site, stretch, p, parts)
            for rows, q, row in _rows(b, site, begin, end):
                number = plus(b, times(b, q, cut.all_panels), p)
                place = Place(number, row, times(b, p, width(cut.full)))
                tile = Tile(rows, parts, site.product.dtype, _ahead(site))
                if adding:
                    _add_chunks(b, site, tile, place)
                else:
                    _prefetch(b, site, rights[1], q)
                    left = _left(b, site, stretch, tile, (q, row))
                    _visit(b, site, stretch, tile, place, operands=(left, rights[0]))


def _right(b: ir.IRBuilder, site: Site, stretch: Stretch, p: Any, parts: Any) -> tuple[Any, Any]:
    """A panel of the right operand, copied where that was decided; and the next one."""
    dtype, column = site.product.dtype, times(b, p, width(site.plan.cut.full))
    right = moved(b, site.product.right, stretch.start, column)
    if not site.plan.pack_right:
        return right, None
    offset = plus(b, times(b, site.thread, site.places.panel_size), site.places.panel)
    base, pitch = site.scratch_at(b, offset), width(parts)
    pack(b, right, stretch.depth, Target(base, pitch, parts, dtype, site.machine))
    return Strided(base, pitch, 1, dtype), moved(b, right, 0, pitch)


def _left(b: ir.IRBuilder, site: Site, stretch: Stretch, tile: Tile, at: tuple[Any, Any]) -> Matrix:
    """The rows of the left operand of a tile, as they are or copied."""
    number, row = at
    if site.plan.pack_left:
        return Strided(_left_place(b, site, stretch, number), 1, tile.rows, tile.dtype)
    return moved(b, site.product.left, row, stretch.start)


def _ahead(site: Site) -> int:
    """Rows to ask for in advance where the right operand is read once: too far apart to guess."""
    made, right = site.plan, site.product.right
    far = made.k * made.n * made.itemsize > NEAR
    once = made.cut.row_tiles == made.k_blocks == 1 and not made.pack_right
    once = once and hasattr(right, "prefetch")
    return _AHEAD // (made.cut.columns * made.itemsize) if far and once else 0


def _prefetch(b: ir.IRBuilder, site: Site, panel: Matrix | None, number: Any) -> None:
    """Ask for this tile's share of the next panel: its rows lie on pages far from each other."""
    made, line = site.plan, 64 // site.plan.itemsize
    fetch = getattr(panel, "prefetch", None)
    if panel is None or fetch is None or made.cut.panels < 2 or made.block_tiles < 4:
        return
    tile = b.urem(number, emit.index(made.block_tiles))
    if panel.contiguous == "column":
        count = -(-made.k_block // made.block_tiles)
        with emit.loop(b, 0, count) as i:
            for c in range(0, made.cut.columns, line):
                fetch(b, plus(b, times(b, tile, count), i), c)
    elif panel.contiguous == "row":
        count = -(-made.cut.columns // made.block_tiles)
        with emit.loop(b, 0, made.k_block, line) as k:
            for c in range(count):
                fetch(b, k, plus(b, times(b, tile, count), c))


def _visit(
    b: ir.IRBuilder,
    site: Site,
    stretch: Stretch,
    tile: Tile,
    place: Place,
    *,
    operands: tuple[Matrix, Any],
) -> None:
    """One visit of a tile; its sums wait in scratch memory between visits."""
    made, corner, zeros = site.plan, (place.row, place.column), kernel.zeros(tile)
    depth = (stretch.depth, stretch.multiple)
    if made.k_blocks == 1:
        sums = kernel.accumulate(b, tile, operands, depth, zeros)
        kernel.hand_on(b, tile, sums, corner, site.receiver)
        return
    if made.chunked:
        sums = kernel.accumulate(b, tile, operands, depth, zeros)
        number = plus(b, times(b, stretch.number, made.cut.tiles), place.number)
        _keep(b, tile, sums, _kept(b, site, tile, number))
        return
    kept = _kept(b, site, tile, place.number)
    before = b.block
    further, ready = b.append_basic_block("further"), b.append_basic_block("ready")
    b.cbranch(b.icmp_signed("==", stretch.number, emit.index(0)), ready, further)
    b.position_at_end(further)
    found = _load(b, tile, kept)
    b.branch(ready)
    b.position_at_end(ready)
    sums = kernel.merged(b, (before, zeros), (further, found))
    sums = kernel.accumulate(b, tile, operands, depth, sums)
    last = b.icmp_signed("==", stretch.number, emit.index(made.k_blocks - 1))
    with b.if_else(last) as (finish, keep):
        with finish:
            kernel.hand_on(b, tile, sums, corner, site.receiver)
        with keep:
            _keep(b, tile, sums, kept)


def _add_chunks(b: ir.IRBuilder, site: Site, tile: Tile, place: Place) -> None:
    """Add the sums of all chunks of a tile, in order."""
    made = site.plan

    def add(chunk: Any, sums: kernel.Values) -> kernel.Values:
        number = plus(b, times(b, chunk, made.cut.tiles), place.number)
        found = _load(b, tile, _kept(b, site, tile, number))
        return [b.fadd(x, y) for x, y in zip(sums, found)]

    sums = _load(b, tile, _kept(b, site, tile, place.number))
    sums = kernel.carried(b, (1, made.k_blocks, 1), sums, add)
    kernel.hand_on(b, tile, sums, (place.row, place.column), site.receiver)


def _kept(b: ir.IRBuilder, site: Site, tile: Tile, number: Any) -> Strided:
    offset = plus(b, times(b, number, site.places.sums_tile), site.places.sums)
    return Strided(site.scratch_at(b, offset), width(tile.parts), 1, tile.dtype)


def _keep(b: ir.IRBuilder, tile: Tile, sums: kernel.Values, kept: Strided) -> None:
    for i, x in enumerate(sums):
        row, part = divmod(i, len(tile.parts))
        emit.store(b, x, kept.place(b, row, tile.parts[part].start), tile.dtype)


def _load(b: ir.IRBuilder, tile: Tile, kept: Strided) -> kernel.Values:
    return [
        emit.load(b, kept.place(b, row, part.start), tile.dtype, part.register)
        for row in range(tile.rows)
        for part in tile.parts
    ]
