"""Backtracking: the first of ever shorter steps along the gradient that lowers the value enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from catenary.descent.arithmetic import scale
from catenary.descent.objective import Objective, Point, rounding
from catenary.descent.optimizer import apply
from catenary.tracing import tree

# Armijo's condition asks for this share of the decrease that the slope promises …
SUFFICIENT = 1e-4
# … and until it holds, the step is cut to this part.
SHRINK = 0.5
# Where the slope does not fall along a step, the next one is so many times longer.
GROW = 4.0


@dataclass
class LineSearch:
    """Steepest descent x ← x − t g that finds its own step lengths t.

    Each t is the first among t₀, t₀/2, t₀/4, … with f(x − t g) ≤ f(x) − 10⁻⁴ t ‖g‖² (Armijo).
    Where the values differ by no more than their rounding, the gradient decides instead: it must
    get shorter. t₀ is the length that would have served the last step best, ⟨s, y⟩ / ⟨y, y⟩ for
    its change s of x and y of g (Barzilai and Borwein).

    Source: Armijo, Minimization of functions having Lipschitz continuous first partial
    derivatives, 1966; Barzilai and Borwein, Two-Point Step Size Gradient Methods, 1988.
    """

    objective: Objective
    epsilon: float
    first: float | None = None
    stuck: ClassVar[str] = "no step along the gradient, however short, improves the value"

    def stays(self, point: Point) -> bool:
        """Where the gradient is 0 there is nowhere to go."""
        del point
        return True

    def move(self, point: Point) -> Point | None:
        """The next point, or None if no step is short enough to lead down."""
        size = float(tree.norm(point.x))
        # The first move of all is at most 1 long, but long enough to make a difference to x.
        t = self.first or max(min(1.0, 1 / point.norm), self.epsilon**0.5 * size / point.norm)
        shortest = self.epsilon * (self.epsilon + size) / point.norm
        while t > shortest:
            after = self._try(point, t)
            if after:
                self.first = self._next_length(point, after, t)
                return after
            t *= SHRINK
        return None

    def _try(self, point: Point, t: float) -> Point | None:
        """The point at step length t, if it is good enough."""
        x = apply(point.x, scale(-t, point.gradient))
        value = self.objective.value(x)
        lower = value <= point.value - SUFFICIENT * t * point.norm**2
        same = abs(value - point.value) <= rounding(point.value, self.epsilon)
        if not lower and not same:
            return None
        after = self.objective.at(x)
        decided = lower and not same
        return after if after.finite and (decided or after.norm < point.norm) else None

    def _next_length(self, point: Point, after: Point, t: float) -> float:
        """Barzilai and Borwein's shorter length, from s = −t g and y = g' − g."""
        aligned = float(tree.dot(point.gradient, after.gradient))
        change = point.norm**2 - 2 * aligned + after.norm**2
        curvature = point.norm**2 - aligned
        if curvature <= 0 or change <= 0:
            return GROW * t
        return t * curvature / change
