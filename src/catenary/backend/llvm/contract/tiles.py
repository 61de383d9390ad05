"""How a result is cut: panels of columns, tiles of rows, and which cuts are worth a look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catenary.backend.llvm.machine import Machine

_SMALLEST_VECTOR = 16  # bytes; narrower parts of a register cost as much
_MOST_VECTORS = 6
_TRAFFIC = 0.25  # cycles for a register's worth of operands: most of it is hidden
_LATENCY = 4  # cycles from one addition into a register to the next into the same


@dataclass(frozen=True)
class Segment:
    """One register of a row of a tile: ``count`` of its ``lanes`` are columns of the product.

    One lane is a scalar.
    """

    start: int
    lanes: int
    count: int

    @property
    def register(self) -> int | None:
        """Lanes as the words for code take them."""
        return self.lanes if self.lanes > 1 else None


@dataclass(frozen=True)
class Tile:
    """The registers of a tile: ``parts`` in each of ``rows`` rows."""

    rows: int
    parts: tuple[Segment, ...]
    dtype: Any
    ahead: int = 0  # rows of the right operand to ask for in advance

    @property
    def size(self) -> int:
        """How many registers there are."""
        return self.rows * len(self.parts)


@dataclass(frozen=True)
class Cut:
    """Registers of a tile and how many tiles there are.

    ``larger`` row tiles have ``rows`` rows, the others one less. ``panels`` panels of columns
    have the registers ``full``; one more has ``rest`` where that is not empty.
    """

    rows: int
    row_tiles: int
    larger: int
    full: tuple[Segment, ...]
    panels: int
    rest: tuple[Segment, ...]

    @property
    def all_panels(self) -> int:
        """Full panels and the rest."""
        return self.panels + bool(self.rest)

    @property
    def tiles(self) -> int:
        """How many tiles there are."""
        return self.row_tiles * self.all_panels

    @property
    def columns(self) -> int:
        """Columns of the widest panel that there is."""
        return width(self.full if self.panels else self.rest)

    @property
    def kinds(self) -> list[tuple[int, tuple[Segment, ...], int]]:
        """Rows, registers and number of each kind of tile."""
        heights = [(self.rows, self.larger), (self.rows - 1, self.row_tiles - self.larger)]
        shapes = [(self.full, self.panels), (self.rest, 1)]
        return [
            (rows, parts, high * wide)
            for rows, high in heights
            for parts, wide in shapes
            if parts and high and wide
        ]


def width(segments: tuple[Segment, ...]) -> int:
    """Columns of a panel with those lanes that are past the edge."""
    return sum(s.lanes for s in segments)


def segments(columns: int, itemsize: int, machine: Machine) -> tuple[Segment, ...]:
    """Registers that hold a number of columns: whole ones, and narrower ones at the end."""
    lanes = machine.vector_bytes // itemsize
    found = [Segment(i * lanes, lanes, lanes) for i in range(columns // lanes)]
    start, smallest = columns - columns % lanes, _SMALLEST_VECTOR // itemsize
    while start < columns:
        left = columns - start
        power = 1 << (left.bit_length() - 1)
        if power == left or not machine.masked:
            part = Segment(start, power, power)
        else:
            part = Segment(start, max(2 * power, smallest), left)
        found.append(part)
        start += part.count
    return tuple(found)


def balanced(total: int, most: int) -> tuple[int, int, int]:
    """Parts no larger than ``most``: the larger size, how many parts, how many of them larger."""
    parts = -(-total // most)
    size = -(-total // parts)
    return size, parts, total - parts * (size - 1)


def cuts(m: int, n: int, itemsize: int, machine: Machine, across: bool) -> Iterator[Cut]:
    """Cuts of an m × n result that may be the best; ``across``: its registers will be turned."""
    lanes = machine.vector_bytes // itemsize
    for vectors in range(1, (2 if across and m > 1 else _MOST_VECTORS) + 1):
        most = _most_rows(vectors, machine.registers)
        if vectors > 1 and (vectors - 1) * lanes >= n:
            return
        panels, left = divmod(n, vectors * lanes)
        full = segments(vectors * lanes, itemsize, machine)
        rest = segments(left, itemsize, machine)
        heights = {most} | {h for h in range(-(-most // 2), most) if m % h == 0}
        if across and most > lanes // 2:
            heights.add(most - most % (lanes // 2))
        for height in sorted(heights):
            yield Cut(*balanced(max(m, 1), height), full, panels, rest)


def _most_rows(vectors: int, registers: int) -> int:
    """Rows of a tile whose sums, one row of the right and one element of the left fit."""
    if vectors == 1:
        return registers - 4
    return (registers - vectors - 1) // vectors


def cycles(cut: Cut, itemsize: int, machine: Machine) -> float:
    """Cycles for one step of the summed dimension over all tiles."""
    return sum(n * _step(rows, parts, itemsize, machine) for rows, parts, n in cut.kinds)


def _step(rows: int, parts: tuple[Segment, ...], itemsize: int, machine: Machine) -> float:
    """One tile's share, counted by what is scarcest; and a little for what it reads."""
    bytes_ = [s.lanes * itemsize / machine.vector_bytes for s in parts]
    size = sum(max(part, 0.5) for part in bytes_)
    traffic = sum(bytes_) + rows * itemsize / machine.vector_bytes
    return max(rows * size, rows + len(parts), _LATENCY) + _TRAFFIC * traffic
