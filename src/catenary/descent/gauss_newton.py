"""Gauss–Newton: Newton's method on sums of squares, without second derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from catenary.descent import wolfe
from catenary.descent.coordinates import Vector
from catenary.descent.newton import truncated
from catenary.descent.objective import Point
from catenary.descent.oracle import Oracle
from catenary.descent.second_order import Method


@dataclass(frozen=True)
class GaussNewton(Method):
    """Gauss–Newton: the step to the minimum of ½‖r + J s‖², then a line search along it.

    r are the residuals at x and J their Jacobian: the residuals are replaced by their tangents.
    JᵀJ stands for the Hessian of ½‖r‖², from which it differs by terms with r itself, so near a
    minimum with small residuals the method is as quick as Newton's. The shortest such step is
    taken where J has not full rank.

    For networks, the matrix is G = Jᵀ H J with the Jacobian J of the outputs and the Hessian H of
    the loss in them; G s = −g is solved by conjugate gradients, without forming G.

    >>> import numpy as np
    >>> from catenary.descent import least_squares
    >>> t = np.linspace(0, 1, 9)
    >>> residuals = lambda x: x[0] * np.exp(x[1] * t) - 2 * np.exp(-3 * t)
    >>> least_squares(residuals, [1.0, -1.0], method=GaussNewton()).x.round(6)
    array([ 2., -3.])

    Source: Gauss, Theoria motus, 1809; Nocedal and Wright, Numerical Optimization, 2nd ed.,
    section 10.3; Schraudolph, Fast curvature matrix-vector products, 2002.
    """

    residuals: ClassVar[bool] = True

    def move(self, oracle: Oracle, point: Point, memory: Any) -> tuple[Point | None, Any]:
        trial = wolfe.search(oracle, point, _step(oracle, point))
        if trial is None:
            trial = wolfe.search(oracle, point, -point.gradient)
        return (trial.point if trial else None), memory


def _step(oracle: Oracle, point: Point) -> Vector:
    written = oracle.jacobian(point.x)
    if written is None:
        return truncated(oracle.gauss_newton(point.x), point.gradient, oracle.epsilon)
    residuals, J = written
    step, *_ = np.linalg.lstsq(J, -residuals)
    return step
