"""BFGS: the inverse of the Hessian, learnt from the gradients passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.descent import wolfe
from catenary.descent.arithmetic import Tree
from catenary.descent.coordinates import Matrix, Vector
from catenary.descent.objective import Point
from catenary.descent.oracle import Oracle
from catenary.descent.second_order import Method, empty, first_length
from catenary.tracing import tree


@dataclass(frozen=True)
class Inverse:
    """The memory of :class:`BFGS`: B ≈ H⁻¹, and of how many steps it knows."""

    matrix: Matrix
    known: Any


@dataclass(frozen=True)
class BFGS(Method):
    """Quasi-Newton descent: x ← x − t B g, with B ≈ H⁻¹ built from the steps so far.

    After a step s with change y of the gradient, and ρ = 1/⟨s, y⟩,

        B ← (1 − ρ s yᵀ) B (1 − ρ y sᵀ) + ρ s sᵀ

    so that B y = s. B starts as ⟨s, y⟩/⟨y, y⟩ times the identity, and t comes from a strong Wolfe
    line search. B takes n² numbers: for many parameters take :class:`LBFGS`.

    >>> import numpy as np
    >>> from catenary.descent import minimize
    >>> rosenbrock = lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    >>> minimize(rosenbrock, [-1.2, 1.0], method=BFGS()).x.round(6)
    array([1., 1.])

    Source: Broyden; Fletcher; Goldfarb; Shanno, 1970; Nocedal and Wright, Numerical Optimization,
    2nd ed., algorithm 6.1 and equation 6.20.
    """

    def init(self, params: Tree) -> Inverse:
        return Inverse(empty(params, tree.size(params)), np.zeros((), np.int64))

    def move(self, oracle: Oracle, point: Point, memory: Inverse) -> tuple[Point | None, Inverse]:
        known = int(memory.known)
        direction = -(memory.matrix @ point.gradient) if known else -point.gradient
        first = 1.0 if known else first_length(point)
        trial = wolfe.search(oracle, point, direction, first)
        if trial is None:
            if not known:
                return None, memory
            return self.move(oracle, point, Inverse(memory.matrix, np.zeros((), np.int64)))
        s = trial.point.x - point.x
        y = trial.point.gradient - point.gradient
        if not is_curved(s, y, oracle.epsilon):
            return trial.point, memory
        matrix = memory.matrix if known else np.eye(len(s), dtype=s.dtype) * (s @ y / (y @ y))
        return trial.point, Inverse(_updated(matrix, s, y), np.array(known + 1))


def is_curved(s: Vector, y: Vector, epsilon: float) -> bool:
    """Whether the function curves upwards along a step, more than rounding may feign."""
    return bool(s @ y > epsilon * np.linalg.norm(s) * np.linalg.norm(y))


def _updated(B: Matrix, s: Vector, y: Vector) -> Matrix:
    """The update written out: B − ρ (s (By)ᵀ + (By) sᵀ) + ρ (1 + ρ yᵀBy) s sᵀ."""
    rho = 1 / (s @ y)
    By = B @ y
    cross = np.outer(s, By)
    after: Matrix = B - rho * (cross + cross.T) + rho * (1 + rho * (y @ By)) * np.outer(s, s)
    return after
