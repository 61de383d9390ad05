"""Nonlinear conjugate gradients: directions that remember one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from catenary.core import errors
from catenary.descent import wolfe
from catenary.descent.arithmetic import Tree
from catenary.descent.coordinates import Vector
from catenary.descent.objective import Point
from catenary.descent.oracle import Oracle
from catenary.descent.second_order import Method, empty, first_length

FORMULAS = ("polak-ribiere", "hager-zhang")
CURVATURE = 0.1  # directions stay conjugate only where the line search is rather exact
LONGEST = 10.0  # a first trial is at most so many times the last step


@dataclass(frozen=True)
class LastStep:
    """The memory of :class:`ConjugateGradient`: direction, gradient, ⟨g, d⟩ and t of a step."""

    direction: Vector
    gradient: Vector
    slope: Any
    length: Any


@dataclass(frozen=True)
class ConjugateGradient(Method):
    """Nonlinear conjugate gradients: d ← −g + β d; x ← x + t d.

    With y the change of the gradient in the last step,

    - ``"polak-ribiere"``: β = max(0, ⟨g, y⟩ / ⟨g₀, g₀⟩), g₀ the gradient before;
    - ``"hager-zhang"``: β = ⟨y − 2 d ⟨y, y⟩/⟨d, y⟩, g⟩ / ⟨d, y⟩, not below
      −1/(‖d‖ min(0.01, ‖g₀‖)).

    On a quadratic with exact line search both are the linear method of conjugate gradients. It
    takes the memory of a few vectors.

    >>> import numpy as np
    >>> from catenary.descent import minimize
    >>> curvature = np.geomspace(1, 100, 20)
    >>> bowl = lambda x: curvature @ x**2
    >>> minimize(bowl, np.ones(20), method=ConjugateGradient("hager-zhang")).end
    'converged'

    Source: Polak and Ribière, 1969; Gilbert and Nocedal, 1992; Hager and Zhang, A new conjugate
    gradient method with guaranteed descent and an efficient line search, 2005.
    """

    formula: Literal["polak-ribiere", "hager-zhang"] = "polak-ribiere"

    def __post_init__(self) -> None:
        if self.formula not in FORMULAS:
            raise errors.unknown_name("formula of conjugate gradients", self.formula, FORMULAS)

    def init(self, params: Tree) -> LastStep:
        zeros = empty(params)
        return LastStep(zeros, zeros.copy(), np.zeros(()), np.zeros(()))

    def move(self, oracle: Oracle, point: Point, memory: LastStep) -> tuple[Point | None, LastStep]:
        direction, slope = self._direction(point, memory)
        first = first_length(point)
        if memory.length > 0:
            promised = float(memory.length) * float(memory.slope) / slope
            first = min(promised, LONGEST * float(memory.length))
        trial = wolfe.search(oracle, point, direction, first, CURVATURE)
        if trial is None:
            return (
                (None, memory)
                if memory.length == 0
                else self.move(oracle, point, self._new(memory))
            )
        return trial.point, LastStep(direction, point.gradient, np.array(slope), np.array(trial.t))

    def _direction(self, point: Point, memory: LastStep) -> tuple[Vector, float]:
        """The direction, which leads down, and the slope along it."""
        g, d, before = point.gradient, memory.direction, memory.gradient
        steepest = -g, -float(g @ g)
        if memory.length == 0:
            return steepest
        y = g - before
        if self.formula == "hager-zhang":
            curved = d @ y
            if curved == 0:
                return steepest
            beta = float((y - 2 * d * (y @ y) / curved) @ g / curved)
            size = float(np.linalg.norm(d)) * min(0.01, float(np.linalg.norm(before)))
            beta = max(beta, -1 / size)
        else:
            beta = max(0.0, float((g @ y) / (before @ before)))
        direction = -g + g.dtype.type(beta) * d
        slope = float(g @ direction)
        return (direction, slope) if slope < 0 else steepest

    @staticmethod
    def _new(memory: LastStep) -> LastStep:
        return LastStep(memory.direction, memory.gradient, memory.slope, np.zeros(()))
