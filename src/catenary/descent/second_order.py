"""What a method is that asks a function for more than one gradient per step.

A method maps a point to the next one, with a memory:

    init : parameters             →  memory
    move : oracle × point × memory →  point or none × memory

The oracle answers with values, gradients and curvature at any vector. The memory is a tree of
arrays of fixed shapes, so that a training can be stopped, saved and gone on with.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from catenary.descent import settings
from catenary.descent.arithmetic import Tree
from catenary.descent.coordinates import Coordinates, Vector
from catenary.descent.objective import Point
from catenary.descent.oracle import Oracle
from catenary.tracing import tree


class Method(ABC):
    """A rule of steps that may look at the function as often as it needs.

    ``cat.minimize(…, method=…)`` takes one, and ``cat.fit(…, optimizer=…)`` takes those whose
    ``fits`` is True. Their settings are fields of frozen dataclasses.

    >>> import numpy as np
    >>> from catenary.descent import BFGS, minimize
    >>> result = minimize(lambda x: np.sum((x - 1) ** 4), np.zeros(2), method=BFGS())
    >>> result.end, result.x.round(2)
    ('converged', array([1., 1.]))
    """

    fits: ClassVar[bool] = True
    """Whether it serves for training networks."""
    residuals: ClassVar[bool] = False
    """Whether it works on residuals, whose squares are summed."""
    stuck: ClassVar[str] = "no step along the direction, however short, improves the value"
    """Why there may be no next point."""

    def __new__(cls, *values: Any, **named: Any) -> Self:
        """Refuse a setting that does not exist, with the near match."""
        del values
        settings.check_names(cls, named)
        return super().__new__(cls)

    def init(self, params: Tree) -> Tree:
        """The memory before the first step."""
        del params
        return ()

    @abstractmethod
    def move(self, oracle: Oracle, point: Point, memory: Any) -> tuple[Point | None, Any]:
        """The next point, or None if there is none; and the memory after it."""

    def observe(self, memory: Any, cost: Any) -> Any:
        """The memory after an epoch's cost was seen: no method looks at it."""
        del cost
        return memory

    def stays(self, oracle: Oracle, point: Point) -> bool:
        """Whether a point whose gradient is within the tolerance is an end."""
        del oracle, point
        return True


@dataclass
class Steps:
    """Moves by the steps of a method, and keeps its memory."""

    method: Method
    oracle: Oracle
    memory: Any

    def move(self, point: Point) -> Point | None:
        """The next point; None if there is none."""
        after, self.memory = self.method.move(self.oracle, point, self.memory)
        return after

    def stays(self, point: Point) -> bool:
        """Whether a critical point is an end."""
        return self.method.stays(self.oracle, point)

    @property
    def stuck(self) -> str:
        """Why there is no next point."""
        return self.method.stuck


def empty(params: Tree, *shape: int) -> Vector:
    """Zeros of this shape, followed by the number of coordinates, in their dtype."""
    return np.zeros((*shape, tree.size(params)), Coordinates.of(params).dtype)


def first_length(point: Point) -> float:
    """How far along −g the first step of all goes: not farther than 1."""
    return min(1.0, 1.0 / point.norm) if point.norm > 0 else 1.0
