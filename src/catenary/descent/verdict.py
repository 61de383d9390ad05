"""When a descent has ended, and what to call the end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from catenary.descent.objective import Point, rounding
from catenary.descent.result import End
from catenary.tracing import tree

# So many steps in a row without an effect on the value are no accident of a passing velocity.
PATIENCE = 20
# A gradient that gets shorter by this share per step is progress, even where values are flat.
PROGRESS = 1e-4


class Verdict(NamedTuple):
    """The end in a word, and the reason in a sentence."""

    end: End
    reason: str


@dataclass
class Judge:
    """Watches a descent step by step.

    ``epsilon`` is the rounding unit of the parameters' dtype. A value or a point 1/ε² times
    larger than at the start counts as infinite: the start is long lost in rounding.
    """

    tolerance: float
    epsilon: float
    start: Point
    still: int = 0
    rising: int = 0

    def critical(self, point: Point) -> Verdict | None:
        """Whether the gradient is within the tolerance."""
        if point.norm > self.tolerance:
            return None
        return Verdict(
            "converged", f"gradient norm {point.norm:.2g} is within {self.tolerance:.2g}"
        )

    def after(self, before: Point, point: Point, moved: float) -> Verdict | None:
        """The verdict after a step, or None if the descent may go on."""
        return self._lost(point) or self.critical(point) or self._stuck(before, point, moved)

    def out_of_steps(self, point: Point) -> Verdict:
        """The verdict when no step is left."""
        if self.rising >= PATIENCE and point.value > self.start.value:
            return Verdict("diverged", f"the last {self.rising} steps all made the value worse")
        return Verdict(
            "out of steps",
            f"gradient norm {point.norm:.2g} is still above {self.tolerance:.2g}",
        )

    def no_way_down(self, reason: str) -> Verdict:
        """The verdict when there is no next point."""
        return Verdict("flat", reason)

    def _lost(self, point: Point) -> Verdict | None:
        if not math.isfinite(point.value):
            return Verdict("diverged", "the value is no longer finite")
        if not math.isfinite(point.norm):
            return Verdict("diverged", "the gradient is no longer finite")
        limit = self.epsilon**-2
        if abs(point.value) > limit * (1 + abs(self.start.value)):
            return Verdict("diverged", f"the value grew to a size of {abs(point.value):.2g}")
        size = float(tree.norm(point.x))
        if size > limit * (1 + float(tree.norm(self.start.x))):
            return Verdict("diverged", f"the point ran away, to a distance of {size:.2g}")
        return None

    def _stuck(self, before: Point, point: Point, moved: float) -> Verdict | None:
        self.rising = self.rising + 1 if point.value > before.value else 0
        noise = rounding(before.value, self.epsilon)
        promised = before.norm * moved
        idle = (
            max(abs(point.value - before.value), promised) <= noise
            and point.norm >= (1 - PROGRESS) * before.norm
        )
        self.still = self.still + 1 if idle else 0
        if self.still < PATIENCE:
            return None
        return Verdict("flat", f"{PATIENCE} steps in a row changed the value less than rounding")
