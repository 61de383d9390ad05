"""How a product is cut: panels of columns, tiles of rows, blocks of the summed dimension."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from catenary.backend.llvm.machine import Machine

_SMALLEST_VECTOR = 16  # bytes; narrower parts of a register cost as much
_LATENCY = 4  # cycles from one addition into a register to the next into the same


@dataclass(frozen=True)
class Segment:
    """One register of a row of a tile: ``count`` of its ``lanes`` are columns of the product."""

    start: int
    lanes: int
    count: int


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
    cycles: float

    @property
    def width(self) -> int:
        """Columns of a full panel."""
        return width(self.full)

    @property
    def all_panels(self) -> int:
        """Full panels and the rest."""
        return self.panels + bool(self.rest)


def width(segments: tuple[Segment, ...]) -> int:
    """Columns of a panel with those lanes that are past the edge."""
    return sum(s.lanes for s in segments)


def segments(columns: int, lanes: int, itemsize: int, masked: bool) -> tuple[Segment, ...]:
    """Registers that hold a number of columns: whole ones, and narrower ones at the end."""
    found = [Segment(i * lanes, lanes, lanes) for i in range(columns // lanes)]
    start = columns - columns % lanes
    smallest = _SMALLEST_VECTOR // itemsize
    while start < columns:
        left = columns - start
        power = 1 << (left.bit_length() - 1)
        if power == left or not masked:
            part = Segment(start, power, power)
        else:
            part = Segment(start, max(2 * power, smallest), left)
        found.append(part)
        start += part.count
    return tuple(found)


def balanced(total: int, most: int) -> tuple[int, int, int]:
    """Sizes of parts no larger than ``most``: the larger size, how many parts, how many larger."""
    parts = max(1, -(-total // most))
    size = -(-total // parts)
    return max(size, 1), parts if total else 0, total - parts * (size - 1) if total else 0


@cache
def cut(m: int, n: int, itemsize: int, machine: Machine, multiple: int = 1) -> Cut:
    """The cheapest cut of an m × n result; ``multiple``: rows that tiles should be multiples of."""
    lanes = machine.vector_bytes // itemsize
    found = []
    for vectors in range(1, 9):
        most = _most_rows(vectors, machine.registers)
        if multiple > 1 and m >= multiple:
            most -= most % multiple
        if most < 1 or (vectors > 1 and (vectors - 1) * lanes >= n):
            continue
        rows, row_tiles, larger = balanced(m, most)
        panels, left = divmod(n, vectors * lanes)
        full = segments(vectors * lanes, lanes, itemsize, machine.masked)
        rest = segments(left, lanes, itemsize, machine.masked)
        heights = [(rows, larger), (rows - 1, row_tiles - larger)]
        cycles = sum(
            count * times * _cycles(height, part, itemsize, machine)
            for height, count in heights
            for part, times in ((full, panels), (rest, 1))
            if part and count
        )
        found.append(Cut(rows, row_tiles, larger, full, panels, rest, cycles))
    return min(found, key=lambda cut: cut.cycles)


def _most_rows(vectors: int, registers: int) -> int:
    """Rows of a tile whose sums, one row of the right and one element of the left fit."""
    if vectors == 1:
        return registers - 4
    return (registers - vectors - 1) // vectors


def _cycles(rows: int, part: tuple[Segment, ...], itemsize: int, machine: Machine) -> float:
    """Cycles for one step of the summed dimension, counted by what is scarcest."""
    size = sum(max(s.lanes * itemsize / machine.vector_bytes, 0.5) for s in part)
    loads = rows + len(part)
    traffic = (sum(s.lanes for s in part) + rows) * itemsize / machine.vector_bytes
    return max(rows * size, loads * 0.9, _LATENCY) + traffic
