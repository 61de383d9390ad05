"""Newton's method, with the Hessian written out or only applied to vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from catenary.descent import wolfe
from catenary.descent.coordinates import Vector
from catenary.descent.objective import Point
from catenary.descent.oracle import Oracle, Product
from catenary.descent.second_order import Method

FORCING = 0.5  # the inner equation is solved at least to this part of the gradient


@dataclass(frozen=True)
class Newton(Method):
    """The pure Newton step: x ← x − H⁻¹ g, to the critical point of the quadratic model.

    One step solves a quadratic. Near a critical point with invertible Hessian the number of right
    digits doubles with each step; far away the step may lead anywhere, and critical points of
    every kind attract: it does not tell a minimum from a saddle. Where H is singular the shortest
    of the steps with the least ‖H s + g‖ is taken. For safe steps see :class:`TrustRegion`.

    >>> import numpy as np
    >>> from catenary.descent import minimize
    >>> bowl = lambda x: (x[0] - 1) ** 2 + 10 * (x[0] + x[1]) ** 2
    >>> result = minimize(bowl, [5.0, 7.0], method=Newton())
    >>> result.steps, result.x.round(9)
    (1, array([ 1., -1.]))

    Source: Newton; Raphson; Nocedal and Wright, Numerical Optimization, 2nd ed., section 3.3.
    """

    fits: ClassVar[bool] = False
    stuck: ClassVar[str] = "the Newton step does not change the point"

    def move(self, oracle: Oracle, point: Point, memory: Any) -> tuple[Point | None, Any]:
        step, *_ = np.linalg.lstsq(oracle.hessian(point.x), -point.gradient)
        if np.array_equal(point.x + step, point.x):
            return None, memory
        return oracle.along(point, step), memory


@dataclass(frozen=True)
class NewtonCG(Method):
    """Truncated Newton: H s = −g solved by conjugate gradients as well as it pays, then a search.

    The Hessian is never formed, only multiplied with vectors. The inner iteration ends when
    ‖H s + g‖ ≤ min(½, √‖g‖) ‖g‖, or at a direction of negative curvature, before which s is a
    direction of descent (the first direction is −g). A strong Wolfe search along s follows.

    >>> import numpy as np
    >>> from catenary.descent import minimize
    >>> rosenbrock = lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    >>> result = minimize(rosenbrock, np.zeros(100), method=NewtonCG())
    >>> result.end, result.evaluations.matrices
    ('converged', 0)

    Source: Dembo and Steihaug, Truncated-Newton algorithms for large-scale unconstrained
    optimization, 1983; Nocedal and Wright, Numerical Optimization, 2nd ed., algorithm 7.1.
    """

    def move(self, oracle: Oracle, point: Point, memory: Any) -> tuple[Point | None, Any]:
        step = truncated(oracle.product(point.x), point.gradient, oracle.epsilon)
        trial = wolfe.search(oracle, point, step)
        if trial is None:
            trial = wolfe.search(oracle, point, -point.gradient)
        return (trial.point if trial else None), memory


def truncated(
    product: Product, gradient: Vector, epsilon: float, most: int | None = None
) -> Vector:
    """A direction of descent that solves H s = −g roughly, by conjugate gradients."""
    step, residual = np.zeros_like(gradient), gradient.copy()
    direction, square = -gradient, float(gradient @ gradient)
    norm = square**0.5
    enough = min(FORCING, norm**0.5) * norm
    for _ in range(most or 2 * gradient.size + 10):
        Hd = product(direction)
        curvature = float(direction @ Hd)
        if curvature <= epsilon * float(direction @ direction):
            return step if step.any() else direction
        t = square / curvature
        step = step + gradient.dtype.type(t) * direction
        residual = residual + gradient.dtype.type(t) * Hd
        after = float(residual @ residual)
        if after**0.5 <= enough:
            break
        direction = -residual + gradient.dtype.type(after / square) * direction
        square = after
    return step
