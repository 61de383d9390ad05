"""Registers and their lanes: parts of rows read, spread, turned, widened, summed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.contract.matrices import Matrix
from catenary.backend.llvm.contract.tiles import Segment


@cache
def _places(lanes: tuple[int, ...]) -> Any:
    """A constant is written as text once for each object: this saves most of the time."""
    if not any(lanes):
        return ir.Constant(ir.VectorType(emit.I32, len(lanes)), None)
    return ir.Constant(ir.VectorType(emit.I32, len(lanes)), list(lanes))


@cache
def constant_mask(segment: Segment) -> Any:
    """The mask of the lanes that are columns; None for all."""
    if segment.count == segment.lanes:
        return None
    bits = [int(i < segment.count) for i in range(segment.lanes)]
    return ir.Constant(ir.VectorType(emit.I1, segment.lanes), bits)


def zero(type: Any) -> ir.Constant:
    """0 in every lane, short in text."""
    return ir.Constant(type, None if isinstance(type, ir.VectorType) else 0.0)


def shuffle(b: ir.IRBuilder, x: ir.Value, y: ir.Value, lanes: Sequence[int]) -> ir.Value:
    """Lanes of x and, from the number of its lanes on, of y."""
    return b.shuffle_vector(x, y, _places(tuple(lanes)))


def spread(b: ir.IRBuilder, x: ir.Value, part: Segment) -> ir.Value:
    """A scalar in every lane of a register."""
    if part.lanes == 1:
        return x
    nothing = ir.Constant(ir.VectorType(x.type, part.lanes), ir.Undefined)
    return shuffle(b, b.insert_element(nothing, x, emit.I32(0)), nothing, [0] * part.lanes)


class Room:
    """Memory for a few registers, taken once when the function begins."""

    def __init__(self, b: ir.IRBuilder, type: Any, count: int) -> None:
        with b.goto_entry_block():
            self._base = b.alloca(ir.ArrayType(type, count))

    def _place(self, b: ir.IRBuilder, i: Any) -> ir.Value:
        return b.gep(self._base, [emit.index(0), emit.index(i) if isinstance(i, int) else i])

    def keep(self, b: ir.IRBuilder, i: Any, x: ir.Value) -> None:
        """Put a register in place i."""
        b.store(x, self._place(b, i))

    def get(self, b: ir.IRBuilder, i: Any) -> ir.Value:
        """The register in place i."""
        return b.load(self._place(b, i))


def read(b: ir.IRBuilder, matrix: Matrix, r: Any, part: Segment) -> ir.Value:
    """Elements of a row of a matrix in one register."""
    if part.lanes == 1:
        return matrix.scalar(b, r, part.start)
    return matrix.vector(b, r, part.start, part.lanes, constant_mask(part))


def first(b: ir.IRBuilder, vector: ir.Value, lanes: int) -> ir.Value:
    """The first lanes of a vector; a scalar for one."""
    if lanes == 1:
        return b.extract_element(vector, emit.I32(0))
    if lanes == emit.lanes_of(vector.type):
        return vector
    return shuffle(b, vector, vector, range(lanes))


def widened(b: ir.IRBuilder, x: ir.Value, lanes: int) -> ir.Value:
    """A vector with zeros behind."""
    have = emit.lanes_of(x.type)
    if have == lanes or have is None:
        return x
    return shuffle(b, x, zero(x.type), [min(i, have) for i in range(lanes)])


def transpose(b: ir.IRBuilder, rows: Sequence[ir.Value], itemsize: int) -> list[ir.Value]:
    """Columns of a square block given by its rows, one register each.

    Within 16 bytes by unpacking, then whole parts of 16 bytes: both are single instructions.
    """
    lanes = len(rows)
    small = min(lanes, 16 // itemsize)
    vectors, distance = list(rows), 1
    while distance < small:
        vectors = _unpacked(b, vectors, small, distance)
        distance *= 2
    blocks = lanes // small
    result: list[Any] = [None] * lanes
    for i in range(small):
        turned = _blocks(b, [vectors[g * small + i] for g in range(blocks)], small)
        for j in range(blocks):
            result[j * small + i] = turned[j]
    return result


def _unpacked(
    b: ir.IRBuilder, vectors: list[ir.Value], small: int, distance: int
) -> list[ir.Value]:
    """One stage inside parts of 16 bytes: pairs of vectors interleaved in units of a distance."""
    lanes, result, units = len(vectors), list(vectors), small // distance
    for g in range(0, lanes, 2 * distance):
        for i in range(distance):
            x, y = vectors[g + i], vectors[g + distance + i]
            for high in (0, 1):
                pick = [
                    part + unit * distance + e + side * lanes
                    for part in range(0, lanes, small)
                    for unit in range(high * units // 2, (high + 1) * units // 2)
                    for side in (0, 1)
                    for e in range(distance)
                ]
                result[g + 2 * i + high] = shuffle(b, x, y, pick)
    return result


def _blocks(b: ir.IRBuilder, vectors: list[ir.Value], small: int) -> list[ir.Value]:
    """Transpose a square of blocks of lanes, up to four: one row of blocks in each vector."""
    count = len(vectors)
    if count == 1:
        return vectors
    lanes = count * small

    def picked(x: ir.Value, y: ir.Value, parity: int) -> ir.Value:
        where = [
            side * lanes + block * small + e
            for side in (0, 1)
            for block in range(parity, count, 2)
            for e in range(small)
        ]
        return shuffle(b, x, y, where)

    pairs = [
        [picked(vectors[i], vectors[i + 1], parity) for i in range(0, count, 2)]
        for parity in (0, 1)
    ]
    if count == 2:
        return [pair[0] for pair in pairs]
    return [picked(x, y, half) for half in (0, 1) for x, y in pairs]


def sums_of_lanes(b: ir.IRBuilder, vectors: Sequence[ir.Value]) -> ir.Value:
    """Lane i: the sum over the lanes of vector i; the same tree for every i."""
    lanes = emit.lanes_of(vectors[0].type)
    assert lanes is not None
    now = [*vectors, *[zero(vectors[0].type)] * (lanes - len(vectors))]
    distance = 1
    while distance < lanes:
        own = [i if not i & distance else lanes + i for i in range(lanes)]
        other = [i ^ distance if not i & distance else lanes + (i ^ distance) for i in range(lanes)]
        now = [
            b.fadd(shuffle(b, x, y, own), shuffle(b, x, y, other))
            for x, y in zip(now[::2], now[1::2])
        ]
        distance *= 2
    return now[0]
