"""Sums of squares: minima of ½‖r(x)‖² for residuals r that are written in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core import descent_errors
from catenary.descent import names
from catenary.descent.arithmetic import Tree
from catenary.descent.coordinates import Matrix, Vector
from catenary.descent.objective import Program
from catenary.descent.oracle import FunctionOracle
from catenary.descent.result import DescentResult
from catenary.descent.second_order import Method, Steps
from catenary.descent.walk import Limits, descend
from catenary.function.arguments import check_callable
from catenary.function.modes import jvp, vjp
from catenary.linear.jacobian import jacobian

LARGEST = 2**22  # entries up to which the Jacobian is written out


def least_squares(
    residuals: Callable[[Any], Any],
    x0: Tree,
    *,
    method: Method | str = "levenberg-marquardt",
    tolerance: float | None = None,
    max_steps: int = 1_000,
    points: bool = False,
) -> DescentResult:
    """Find the x that makes ½‖r(x)‖² = ½ Σ rᵢ(x)² least, starting from ``x0``.

    Args:
        residuals: a NumPy function of one argument that returns an array of real numbers.
        x0: where to start, as in :func:`minimize`.
        method: ``"levenberg-marquardt"``, ``"gauss-newton"``, or any other of
            :func:`method_names`, which then works on the sum of squares.
        tolerance: the norm of the gradient Jᵀr at which the descent has converged; by default √ε
            of the dtype of ``x0``.
        max_steps: the number of steps after which to stop.
        points: whether the log keeps every point.

    Returns:
        A :class:`DescentResult`; its ``value`` is ½‖r‖².

    Raises:
        ShapeError: if ``residuals`` returns one number, not an array.
        InputError: as :func:`minimize`.

    >>> t = np.array([0.0, 1.0, 2.0, 3.0])
    >>> seen = np.array([2.0, 1.2, 0.7, 0.4])
    >>> found = least_squares(lambda x: x[0] * np.exp(-x[1] * t) - seen, [1.0, 1.0])
    >>> found.end, found.x.round(3)
    ('converged', array([2.006, 0.526]))

    Source: at :class:`LevenbergMarquardt` and :class:`GaussNewton`.
    """
    check_callable(residuals, "least_squares", "cat.optim.least_squares(residuals, x0)")
    oracle = ResidualOracle(residuals, x0)
    rule = names.as_method(method)
    start = oracle.start()
    steps = Steps(rule, oracle, rule.init(start.x))
    return descend(oracle, steps, start, Limits(tolerance, max_steps, points))


class ResidualOracle(FunctionOracle):
    """Answers about ½‖r‖², by the residuals r and their Jacobian."""

    def __init__(self, residuals: Callable[[Any], Any], x0: Tree) -> None:
        super().__init__(lambda x: 0.5 * np.sum(np.square(residuals(x))), 1.0, x0)
        given = residuals(self.first)
        try:
            first = np.asarray(given)
        except ValueError:  # a list of arrays of several shapes
            raise descent_errors.not_residuals(given) from None
        if first.ndim == 0 or first.dtype.kind != "f":
            raise descent_errors.not_residuals(given)
        self._small = first.size * self.first_vector.size <= LARGEST

        def flat(x: Vector) -> Any:
            return np.ravel(residuals(self.tree(x)))

        def squared(x: Vector, v: Vector) -> Any:
            return vjp(flat, x)[1](jvp(flat, (x,), (v,))[1])[0]

        self._written = Program(lambda x: (flat(x), jacobian(flat)(x)))
        self._squared = Program(squared)

    def jacobian(self, x: Vector) -> tuple[Vector, Matrix] | None:
        """Residuals and Jacobian, unless that is too large."""
        if not self._small:
            return None
        self.matrices += 1
        residuals, J = self._written(x)
        if not np.isfinite(J).all():
            raise descent_errors.curvature_not_finite("Jacobian", x)
        return np.asarray(residuals), np.asarray(J)

    def _gauss_newton_times(self, x: Vector, v: Vector) -> Vector:
        return np.asarray(self._squared(x, v))
