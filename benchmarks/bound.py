"""What a step has to do at least: operations, transcendentals and bytes, and the time for them.

A multiplication with its addition is two operations. A transcendental counts as ``TRANSCENDENTAL``
operations, a division or a root as ``DIVISION``: about what their vector code takes. The
bound is the larger of operations at the FMA peak and bytes at the speed of a stream over as much
memory; both are measured in the same run. Activations are taken to stay in registers and caches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.case import Case

TRANSCENDENTAL = 24
DIVISION = 8
CURVED = {"tanh": 1, "sigmoid": 1, "gelu": 2}
ITEM = {"float32": 4, "float64": 8}
# Arithmetic of a weight's update beside its divisions: two averages, two corrections, the step.
UPDATE = {"adam": (13, 2), "descent": (2, 0)}
ARRAYS = {"adam": 3, "descent": 1}


@dataclass(frozen=True)
class Machine:
    """What was measured: operations a second by dtype, and bytes a second by size."""

    peak: dict[str, float]
    streams: dict[int, float]

    def stream(self, size: float) -> float:
        """Bytes a second over a working set of this size: as the next larger one measured."""
        known = [at for at in sorted(self.streams) if at >= size]
        return self.streams[known[0] if known else max(self.streams)]


@dataclass(frozen=True)
class Work:
    """The least that a unit of work takes; ``memory``: bytes of everything that it touches."""

    products: float
    elementwise: float
    transcendentals: float
    bytes: float
    memory: float
    dtype: str = "float32"

    @property
    def operations(self) -> float:
        """All, in floating point operations."""
        return self.products + self.elementwise + TRANSCENDENTAL * self.transcendentals

    def seconds(self, machine: Machine) -> float:
        """The bound."""
        moved = self.bytes / machine.stream(self.memory)
        return max(self.operations / machine.peak[self.dtype], moved)

    def told(self) -> dict[str, Any]:
        """For the JSON."""
        return {**self.__dict__, "operations": self.operations}


def inference(case: Case, batch: int) -> Work:
    """The outputs of a network for a batch."""
    products = sum(2 * batch * m * n for m, n in case.layers)
    elementwise = sum(2 * batch * n for n in case.widths[1:])
    item = ITEM[case.dtype]
    moved = item * (case.parameters + batch * (case.widths[0] + case.widths[-1]))
    return Work(products, elementwise, curved(case, batch), moved, moved, case.dtype)


def curved(case: Case, batch: float) -> float:
    """How many transcendentals the activations take, forwards."""
    hidden = CURVED.get(case.activation, 0) * batch * sum(case.widths[1:-1])
    return hidden + CURVED.get(case.output, 0) * batch * case.widths[-1]


def training(case: Case) -> Work:
    """A step: outputs, cost, gradient, update; the mean of an epoch that ends with a short one."""
    batch = (case.steps * case.batch + case.short) / case.calls
    first, *rest = [2 * batch * m * n for m, n in case.layers]
    products = 2 * first + 3 * sum(rest)
    transcendentals = curved(case, batch)
    if case.activation == "gelu":
        transcendentals *= 1.5  # its slope has an exponential of its own
    if case.classes:
        transcendentals += batch * (case.widths[-1] + 1)
    plain, divisions = UPDATE[case.optimizer]
    updating = case.parameters * (plain + DIVISION * divisions)
    elementwise = 6 * batch * sum(case.widths[1:]) + updating
    item, arrays = ITEM[case.dtype], ARRAYS[case.optimizer]
    examples = item * batch * (case.widths[0] + (1 if case.classes else case.widths[-1]))
    # Read in the forward pass, read and written in the update.
    moved = item * case.parameters * (1 + 2 * arrays) + examples
    memory = item * case.parameters * arrays + examples
    return Work(products, elementwise, transcendentals, moved, memory, case.dtype)
