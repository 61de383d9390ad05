"""Copies of an operand in the order in which tiles read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.contract.matrices import Matrix, moved, plus, times
from catenary.backend.llvm.contract.tiles import Segment


def transpose(
    b: ir.IRBuilder, rows: Sequence[ir.Value], lanes: int, itemsize: int
) -> list[ir.Value]:
    """Columns of a square block given by its rows, one register each.

    Within 16 bytes by unpacking, then whole parts of 16 bytes: both are single instructions.
    """
    small = min(lanes, 16 // itemsize)
    vectors, distance = list(rows), 1
    while distance < small:
        vectors = _unpacked(b, vectors, lanes, small, distance)
        distance *= 2
    blocks = lanes // small
    result: list[Any] = [None] * lanes
    for i in range(small):
        turned = _blocks(b, [vectors[g * small + i] for g in range(blocks)], small)
        for j in range(blocks):
            result[j * small + i] = turned[j]
    return result


def _unpacked(
    b: ir.IRBuilder, vectors: list[ir.Value], lanes: int, small: int, distance: int
) -> list[ir.Value]:
    """One stage inside parts of 16 bytes: pairs of vectors interleaved in units of a distance."""
    result: list[Any] = [None] * len(vectors)
    units = small // distance
    for g in range(0, len(vectors), small):
        for half in range(small // (2 * distance)):
            for i in range(distance):
                x = vectors[g + half * 2 * distance + i]
                y = vectors[g + half * 2 * distance + distance + i]
                for high in (0, 1):
                    pick = [
                        part * small + unit * distance + e + side * lanes
                        for part in range(lanes // small)
                        for unit in range(high * units // 2, (high + 1) * units // 2)
                        for side in (0, 1)
                        for e in range(distance)
                    ]
                    result[g + half * 2 * distance + 2 * i + high] = _shuffle(b, x, y, pick)
    return result


def _blocks(b: ir.IRBuilder, vectors: list[ir.Value], small: int) -> list[ir.Value]:
    """Transpose a square of blocks of lanes: one row of blocks in each vector."""
    count = len(vectors)
    if count == 1:
        return vectors
    result = [vectors[0]] * count
    half = count // 2
    lanes = count * small

    def picked(x: ir.Value, y: ir.Value, parity: int) -> ir.Value:
        where = [
            side * lanes + block * small + e
            for side in (0, 1)
            for block in range(parity, count, 2)
            for e in range(small)
        ]
        return _shuffle(b, x, y, where)

    for parity in (0, 1):
        pairs = [picked(vectors[2 * i], vectors[2 * i + 1], parity) for i in range(half)]
        for j, vector in enumerate(_halves(pairs, picked)):
            result[parity + 2 * j] = vector
    return result


def _halves(pairs: list[ir.Value], picked: Any) -> list[ir.Value]:
    """The last stage for four blocks; for two nothing is left to do."""
    if len(pairs) == 1:
        return pairs
    return [picked(pairs[0], pairs[1], 0), picked(pairs[0], pairs[1], 1)]


def _shuffle(b: ir.IRBuilder, x: ir.Value, y: ir.Value, lanes: list[int]) -> ir.Value:
    places = ir.Constant(ir.VectorType(emit.I32, len(lanes)), lanes)
    return b.shuffle_vector(x, y, places)


def first(b: ir.IRBuilder, vector: ir.Value, lanes: int) -> ir.Value:
    """The first lanes of a vector; a scalar for one."""
    if lanes == 1:
        return b.extract_element(vector, emit.I32(0))
    if lanes == emit.lanes_of(vector.type):
        return vector
    return _shuffle(b, vector, vector, list(range(lanes)))


def constant_mask(segment: Segment) -> Any:
    """The mask of the lanes that are columns; None for all."""
    if segment.count == segment.lanes:
        return None
    bits = [int(i < segment.count) for i in range(segment.lanes)]
    return ir.Constant(ir.VectorType(emit.I1, segment.lanes), bits)


def read(b: ir.IRBuilder, matrix: Matrix, r: Any, segment: Segment) -> ir.Value:
    """Elements of a row of a matrix in one register."""
    if segment.lanes == 1:
        return matrix.scalar(b, r, segment.start)
    return matrix.vector(b, r, segment.start, segment.lanes, constant_mask(segment))


def pack(
    b: ir.IRBuilder,
    source: Matrix,
    depth: Any,
    parts: Sequence[Segment],
    pitch: int,
    target: ir.Value,
    dtype: Any,
    lanes: int,
    masked: bool,
) -> None:
    """Copy ``depth`` rows of the columns of ``parts``: row r begins ``pitch``·r after the target.

    The last part may reach beyond the pitch: what it writes there is overwritten by the next
    row, and the last row needs room for a vector behind it.
    """
    if isinstance(depth, int) and depth == 0:
        return
    if source.contiguous == "column":
        with emit.loop(b, 0, depth) as r:
            here, place = moved(b, source, r, 0), emit.address(b, target, times(b, r, pitch), dtype)
            for part in parts:
                emit.store(
                    b, read(b, here, 0, part), emit.address(b, place, part.start, dtype), dtype
                )
    elif source.contiguous == "row":
        _pack_across(b, source, depth, parts, pitch, target, dtype, lanes, masked)
    else:
        _pack_singly(b, source, 0, depth, parts, pitch, target, dtype)


def _pack_singly(
    b: ir.IRBuilder,
    source: Matrix,
    start: Any,
    depth: Any,
    parts: Sequence[Segment],
    pitch: int,
    target: ir.Value,
    dtype: Any,
) -> None:
    columns = sum(part.count for part in parts)
    if isinstance(depth, int) and start == depth:
        return
    with emit.loop(b, start, depth) as r, emit.loop(b, 0, columns) as c:
        place = emit.address(b, target, plus(b, times(b, r, pitch), c), dtype)
        emit.store(b, source.scalar(b, r, c), place, dtype)


def _pack_across(
    b: ir.IRBuilder,
    source: Matrix,
    depth: Any,
    parts: Sequence[Segment],
    pitch: int,
    target: ir.Value,
    dtype: Any,
    lanes: int,
    masked: bool,
) -> None:
    """Read vectors down the columns and turn them in registers."""
    whole = depth - depth % lanes if isinstance(depth, int) else b.and_(depth, emit.index(-lanes))
    place_of = lambda r: emit.address(b, target, times(b, r, pitch), dtype)  # noqa: E731
    if not isinstance(whole, int) or whole:
        with emit.loop(b, 0, whole, lanes) as r:
            for part in reversed(parts):
                block = moved(b, source, r, part.start)
                _turn(b, block, part, pitch, place_of(r), dtype, lanes, None)
    if isinstance(depth, int) and whole == depth:
        return
    if not masked:
        _pack_singly(b, source, whole, depth, parts, pitch, target, dtype)
        return
    left = depth - whole if isinstance(depth, int) else b.sub(depth, whole)
    with b.if_then(
        b.icmp_signed(">", *(emit.index(v) if isinstance(v, int) else v for v in (left, 0)))
    ):
        mask = emit.first_lanes(b, emit.index(left) if isinstance(left, int) else left, lanes)
        for part in reversed(parts):
            block = moved(b, source, whole, part.start)
            _turn(b, block, part, pitch, place_of(whole), dtype, lanes, mask)


def _turn(
    b: ir.IRBuilder,
    block: Matrix,
    part: Segment,
    pitch: int,
    place: ir.Value,
    dtype: Any,
    lanes: int,
    mask: Any,
) -> None:
    type = emit.register_type(dtype, lanes)
    rows = [block.vector(b, 0, c, lanes, mask) for c in range(part.count)]
    rows += [emit.number(type, 0)] * (lanes - part.count)
    for r, vector in enumerate(transpose(b, rows, lanes, dtype.itemsize)):
        where = emit.address(b, place, r * pitch + part.start, dtype)
        emit.store(b, first(b, vector, part.lanes), where, dtype)
