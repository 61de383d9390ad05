"""What is measured: the cases of training, as sizes alone; every worker builds them for itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

STEPS_TO_COMPARE = 20
# Operations of a call: some milliseconds.
MOST = 2e8


@dataclass(frozen=True)
class Case:
    """Training steps of a multilayer perceptron.

    ``widths`` from the inputs to the outputs; ``steps`` of ``batch`` rows make an epoch, after
    which ``short`` rows are left over for a last, shorter step. ``full``: every step takes the
    same rows, all of them. ``goal``: how many times faster than the best peer.
    """

    name: str
    widths: tuple[int, ...]
    batch: int
    steps: int
    activation: str = "relu"
    output: str = "identity"
    loss: str = "cross_entropy"
    optimizer: str = "adam"
    rate: float = 0.001
    dtype: str = "float32"
    full: bool = False
    short: int = 0
    goal: float | None = None

    @property
    def rows(self) -> int:
        """How many examples there are."""
        return self.batch if self.full else self.batch * self.steps + self.short

    @property
    def calls(self) -> int:
        """How many steps an epoch has, the short one included."""
        return self.steps + bool(self.short)

    @property
    def turn(self) -> int:
        """How many steps a call makes that goes step by step: many where they are short."""
        if self.short:
            return self.calls
        operations = 6 * self.batch * self.parameters
        return max(1, min(self.steps, STEPS_TO_COMPARE, int(MOST // operations)))

    @property
    def layers(self) -> list[tuple[int, int]]:
        """Inputs and outputs of each link."""
        return list(pairwise(self.widths))

    @property
    def parameters(self) -> int:
        """How many weights and biases."""
        return sum(m * n + n for m, n in self.layers)

    @property
    def classes(self) -> bool:
        """Whether the targets are numbers of classes."""
        return self.loss == "cross_entropy"

    @property
    def sizes(self) -> str:
        """As people write them: 784-128-10 b64."""
        return f"{'-'.join(map(str, self.widths))} b{self.batch}"


@dataclass
class Run:
    """What a worker has ready to be timed.

    ``call`` does ``count`` units of work and waits for the result; ``reset`` goes back to where
    it began; ``value`` is what all that do the same have to agree on; ``first``: seconds of the
    first call, with everything that had to be made for it.
    """

    call: Callable[[], Any]
    count: int = 1
    reset: Callable[[], Any] = field(default=lambda: None)
    value: Any = None
    first: float | None = None


TRAINING = (
    Case("tiny", (2, 16, 1), 200, 200, "sigmoid", "sigmoid", "quadratic", "descent", 1.0,
         full=True, goal=10),
    Case("anchor", (4, 32, 16, 4), 10_000, 20, "tanh", "identity", "mse", full=True, goal=3.5),
    Case("digits", (64, 128, 64, 10), 32, 56, goal=3),
    Case("small", (784, 128, 10), 64, 64, goal=1.6),
    Case("middle", (784, 512, 512, 10), 128, 32, goal=1.4),
    Case("wide", (1024, 2048, 2048, 1024), 256, 4, "tanh", "identity", "mse", goal=1.25),
)  # fmt: skip
BY_NAME = {case.name: case for case in TRAINING}


def wanted(cases: tuple[Case, ...], only: list[str]) -> list[Case]:
    """The cases of these names, or all; a name that none has is an error."""
    unknown = sorted(set(only) - {case.name for case in cases})
    if unknown and set(only).isdisjoint(case.name for case in cases):
        names = ", ".join(case.name for case in cases)
        raise SystemExit(f"no case is called {', '.join(unknown)}; there are {names}")
    return [case for case in cases if not only or case.name in only]
