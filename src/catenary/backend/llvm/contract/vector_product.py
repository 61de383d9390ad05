"""Products with very few columns whose operands both lie along the summed dimension.

Matrix times vector, rows times few rows, the inner product: vectors along k, one register of
partial sums for every element, added across lanes in the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.contract.kernel import Values, carried
from catenary.backend.llvm.contract.matrices import Matrix, moved, plus, times
from catenary.backend.llvm.contract.registers import constant_mask, sums_of_lanes, zero
from catenary.backend.llvm.contract.site import Site, between, greatest, least, share
from catenary.backend.llvm.contract.tiles import Segment


@dataclass(frozen=True)
class _Stretch:
    """Rows of a tile and part of the summed dimension."""

    rows: int
    row: Any
    start: Any
    depth: Any


def emit_dots(b: ir.IRBuilder, site: Site) -> None:
    """All of a product by inner products."""
    made = site.plan
    if not made.chunked:
        low, high = share(b, made.cut.row_tiles, site.thread, site.threads)
        _tiles(b, site, (low, high), None)
        return
    tiles = made.cut.row_tiles
    shared = share(b, made.k_blocks * tiles, site.thread, site.threads)
    with between(b, shared, tiles) as (chunk, inner):
        _tiles(b, site, inner, chunk)
    site.barrier(b)
    low, high = share(b, tiles, site.thread, site.threads)
    _tiles(b, site, (low, high), None)


def _tiles(b: ir.IRBuilder, site: Site, shared: tuple[Any, Any], chunk: Any) -> None:
    """A share of the row tiles: of one chunk, or finished."""
    cut, (start, stop) = site.plan.cut, shared
    groups = [(cut.rows, start, least(b, stop, cut.larger), 0)]
    if cut.larger < cut.row_tiles:
        groups.append((cut.rows - 1, greatest(b, start, cut.larger), stop, cut.larger))
    for rows, from_, to, before in groups:
        with emit.loop(b, from_, to) as q:
            row = plus(b, times(b, q, rows), before)
            if chunk is None and not site.plan.chunked:
                sums = _sums(b, site, _Stretch(rows, row, 0, site.plan.k))
                _hand_on(b, site, row, rows, sums)
            elif chunk is None:
                _hand_on(b, site, row, rows, _added(b, site, q))
            else:
                begin = times(b, chunk, site.plan.k_block)
                size = least(b, site.plan.k_block, b.sub(emit.index(site.plan.k), begin))
                sums = _sums(b, site, _Stretch(rows, row, begin, size))
                for c, x in enumerate(sums):
                    emit.store(b, x, _kept(b, site, q, chunk, c), site.product.dtype)


def _kept(b: ir.IRBuilder, site: Site, tile: Any, chunk: Any, column: int) -> ir.Value:
    number = plus(b, times(b, chunk, site.plan.cut.row_tiles), tile)
    lanes = site.machine.lanes(site.product.dtype)
    offset = plus(b, times(b, number, site.places.sums_tile), site.places.sums + column * lanes)
    return site.scratch_at(b, offset)


def _added(b: ir.IRBuilder, site: Site, tile: Any) -> Values:
    """The sums of the chunks of a tile, in order."""
    dtype, lanes = site.product.dtype, site.machine.lanes(site.product.dtype)

    def found(chunk: Any) -> Values:
        places = [_kept(b, site, tile, chunk, c) for c in range(site.product.n)]
        return [emit.load(b, place, dtype, lanes) for place in places]

    def add(chunk: Any, sums: Values) -> Values:
        return [b.fadd(x, y) for x, y in zip(sums, found(chunk))]

    return carried(b, (1, site.plan.k_blocks, 1), found(0), add)


def _sums(b: ir.IRBuilder, site: Site, part: _Stretch) -> Values:
    """For every column a register with the elements of the rows of a tile."""
    dtype, lanes = site.product.dtype, site.machine.lanes(site.product.dtype)
    left = moved(b, site.product.left, part.row, part.start)
    right = moved(b, site.product.right, part.start, 0)
    count = part.rows * site.product.n
    apart = 1  # registers for one element: additions into the same one wait for each other
    while apart * count < 8:
        apart *= 2
    step = lanes * apart

    def one(k: Any, sums: Values, mask: Any) -> Values:
        return _step(b, site, (moved(b, left, 0, k), moved(b, right, k, 0)), sums, mask)

    def several(k: Any, sums: Values) -> Values:
        result: Values = []
        for i in range(apart):
            at = plus(b, k, i * lanes)
            result += one(at, sums[i * count : (i + 1) * count], None)
        return result

    depth = part.depth
    known = isinstance(depth, int)
    whole = depth - depth % step if known else b.and_(depth, emit.index(-step))
    nothing = zero(emit.register_type(dtype, lanes))
    sums = carried(b, (0, whole, step), [nothing] * (count * apart), several)
    while len(sums) > count:
        half = len(sums) // 2
        sums = [b.fadd(x, y) for x, y in zip(sums[:half], sums[half:])]

    def edge(k: Any, sums: Values) -> Values:
        end = emit.index(depth) if known else depth
        return one(k, sums, emit.first_lanes(b, b.sub(end, k), lanes))

    sums = carried(b, (whole, depth, lanes), sums, edge)
    return [sums_of_lanes(b, sums[c :: site.product.n]) for c in range(site.product.n)]


def _step(
    b: ir.IRBuilder, site: Site, at: tuple[Matrix, Matrix], sums: Values, mask: Any
) -> Values:
    lanes, columns = site.machine.lanes(site.product.dtype), site.product.n
    left, right = at
    ys = [right.vector(b, 0, c, lanes, mask) for c in range(columns)]
    result = []
    for r in range(len(sums) // columns):
        x = left.vector(b, r, 0, lanes, mask)
        result += [emit.fma(b, x, y, sums[r * columns + c]) for c, y in enumerate(ys)]
    return result


def _hand_on(b: ir.IRBuilder, site: Site, row: Any, rows: int, sums: Values) -> None:
    """Columns of elements, whole where the receiver takes them along rows."""
    store = site.receiver.store
    lanes = site.machine.lanes(site.product.dtype)
    for c, x in enumerate(sums):
        if site.receiver.across is not None and rows > 1:
            store(b, row, c, x, constant_mask(Segment(0, lanes, rows)))
            continue
        for r in range(rows):
            store(b, plus(b, row, r), c, b.extract_element(x, emit.I32(r)), None)
