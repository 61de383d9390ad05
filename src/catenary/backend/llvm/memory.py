"""The plan of memory: where each value lies, and which may lie where another one lay before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from catenary.backend.llvm.value import Value

ALIGNMENT = 64
STATUS = 64  # bytes at the beginning of the arena


@dataclass
class Arena:
    """Places for blocks that live from one moment to another; none overlaps another in both."""

    size: int = STATUS
    _blocks: list[tuple[int, int, int, int]] = field(default_factory=list)

    def place(self, size: int, born: int, dies: int) -> int:
        """The lowest free place for a block that is in use from ``born`` to ``dies``."""
        size = -(-max(size, 1) // ALIGNMENT) * ALIGNMENT
        busy = sorted((start, end) for start, end, b, d in self._blocks if b <= dies and born <= d)
        at = STATUS
        for start, end in busy:
            if start - at >= size:
                break
            at = max(at, end)
        self._blocks.append((at, at + size, born, dies))
        self.size = max(self.size, at + size)
        return at


def overlap(x: tuple[int, int], y: tuple[int, int]) -> bool:
    """Whether two stretches of memory have a byte in common."""
    return x[0] < y[1] and y[0] < x[1]


def lifetimes(
    made: Sequence[Sequence[Value]], read: Sequence[Sequence[Value]]
) -> dict[Value, tuple[int, int]]:
    """For each value, the step that makes it and the last that reads it."""
    found: dict[Value, tuple[int, int]] = {}
    for step, (new, old) in enumerate(zip(made, read, strict=True)):
        for value in old:
            if value in found:
                found[value] = found[value][0], step
        for value in new:
            found.setdefault(value, (step, step))
    return found
