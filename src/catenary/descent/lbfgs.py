"""L-BFGS: BFGS with the memory of the last few steps only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.descent import settings, wolfe
from catenary.descent.arithmetic import Tree
from catenary.descent.coordinates import Matrix, Vector
from catenary.descent.objective import Point
from catenary.descent.oracle import Oracle
from catenary.descent.quasi_newton import is_curved
from catenary.descent.second_order import Method, empty, first_length


@dataclass(frozen=True)
class Pairs:
    """The memory of :class:`LBFGS`: the last steps and changes of the gradient, oldest first.

    Only the last ``known`` rows are in use.
    """

    steps: Matrix
    changes: Matrix
    known: Any


@dataclass(frozen=True)
class LBFGS(Method):
    """Limited-memory BFGS: x ← x − t B g, where B is made of the last ``memory`` steps.

    B is that of :class:`BFGS` started anew at each step from ⟨s, y⟩/⟨y, y⟩ times the identity; it
    is never written out, but applied by the two-loop recursion, in 4 ``memory`` n operations.
    t comes from a strong Wolfe line search. For networks too: on batches, the change y of the
    gradient is measured on one and the same batch before and after the step.

    >>> import numpy as np
    >>> from catenary.descent import minimize
    >>> rosenbrock = lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    >>> minimize(rosenbrock, np.zeros(50), method=LBFGS(memory=5)).end
    'converged'

    Source: Nocedal, Updating quasi-Newton matrices with limited storage, Math. Comp. 35, 1980;
    Liu and Nocedal, On the limited memory BFGS method for large scale optimization, 1989.
    """

    memory: int = 10

    def __post_init__(self) -> None:
        settings.check(self, memory=settings.COUNT)

    def init(self, params: Tree) -> Pairs:
        rows = empty(params, int(self.memory))
        return Pairs(rows, rows.copy(), np.zeros((), np.int64))

    def move(self, oracle: Oracle, point: Point, memory: Pairs) -> tuple[Point | None, Pairs]:
        known = int(memory.known)
        used = slice(len(memory.steps) - known, None)
        direction = -two_loops(point.gradient, memory.steps[used], memory.changes[used])
        trial = wolfe.search(oracle, point, direction, 1.0 if known else first_length(point))
        if trial is None:
            if not known:
                return None, memory
            return self.move(
                oracle, point, Pairs(memory.steps, memory.changes, np.zeros((), np.int64))
            )
        s = trial.point.x - point.x
        y = trial.point.gradient - point.gradient
        if not is_curved(s, y, oracle.epsilon):
            return trial.point, memory
        return trial.point, Pairs(
            np.concatenate([memory.steps[1:], s[None]]),
            np.concatenate([memory.changes[1:], y[None]]),
            np.array(min(known + 1, len(memory.steps))),
        )


def two_loops(gradient: Vector, steps: Matrix, changes: Matrix) -> Vector:
    """B g, from the steps s and changes y, oldest first: back through them, and forth again.

    >>> two_loops(np.array([2.0, 3.0]), np.array([[1.0, 0.0]]), np.array([[4.0, 0.0]]))
    array([0.5 , 0.75])
    """
    q, shares = gradient.copy(), []
    for s, y in zip(steps[::-1], changes[::-1], strict=True):
        shares.append((s @ q) / (s @ y))
        q -= shares[-1] * y
    if len(steps):
        q *= (steps[-1] @ changes[-1]) / (changes[-1] @ changes[-1])
    for s, y in zip(steps, changes, strict=True):
        q += (shares.pop() - (y @ q) / (s @ y)) * s
    return q
