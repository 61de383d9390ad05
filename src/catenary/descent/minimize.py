"""Minima and maxima of any NumPy function of arrays, by following its gradient."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from catenary.core import descent_errors
from catenary.descent import names
from catenary.descent.arithmetic import Tree, scale
from catenary.descent.line_search import LineSearch
from catenary.descent.momentum import GradientDescent
from catenary.descent.objective import Objective
from catenary.descent.optimizer import Optimizer, Rate
from catenary.descent.oracle import FunctionOracle
from catenary.descent.result import DescentResult
from catenary.descent.second_order import Method, Steps
from catenary.descent.walk import Follow, Limits, descend, epsilon_of
from catenary.function.arguments import check_callable


def minimize(
    f: Callable[[Any], Any],
    x0: Tree,
    *,
    method: Method | str | None = None,
    optimizer: Optimizer | str | None = None,
    learning_rate: Rate | None = None,
    tolerance: float | None = None,
    max_steps: int = 10_000,
    points: bool = False,
) -> DescentResult:
    """Go downhill on ``f`` from ``x0``, and say how it ended.

    Without further arguments each step goes along −∇f, as far as a backtracking line search finds
    worth while: there is no learning rate to choose. ``learning_rate`` alone takes the plain step
    −η ∇f instead. ``optimizer`` is any of ``cat.optim``, or the name of one. ``method`` is a
    method of second order, which learns or computes how f curves and needs far fewer steps:
    ``"bfgs"``, ``"l-bfgs"``, ``"newton-cg"``, ``"trust-region"`` and others.

    f and its derivatives are compiled at their first evaluation, with what f reads from outside
    kept as it is then; an f that branches on values is run from Python each time.

    Args:
        f: a NumPy function of one argument that returns one real number.
        x0: where to start: a floating-point array or number, a list of numbers (read as an
            array), or a tree of arrays. Integer arrays in a tree are data: they do not move.
        method: a :class:`~catenary.optim.Method`, or one of :func:`~catenary.optim.method_names`.
        optimizer: the rule of the steps; with a name, ``learning_rate`` is its learning rate.
        learning_rate: a number or a schedule.
        tolerance: the gradient norm at which the descent has converged; by default √ε of the
            dtype of ``x0``: 1.5e-8 for float64, 3.5e-4 for float32.
        max_steps: the number of steps after which to stop.
        points: whether the log keeps every point.

    Returns:
        A :class:`DescentResult`: ``x``, ``value``, ``gradient_norm``, ``steps``, ``end``
        (converged, flat, diverged or out of steps), ``reason``, ``evaluations`` and ``log``.

    Raises:
        InputError: if ``x0`` holds no floating-point numbers, if f or its gradient is not finite
            there, or if the settings contradict each other.
        ShapeError: if ``f`` does not return one number.

    >>> import numpy as np
    >>> result = minimize(lambda x: (x[0] - 1) ** 2 + 10 * (x[1] + 2) ** 2, [0.0, 0.0])
    >>> result.end, result.x.round(6)
    ('converged', array([ 1., -2.]))
    >>> minimize(lambda x: (x[0] - 1) ** 4 + x[1] ** 2, [0.0, 3.0], method="bfgs").end
    'converged'

    Source: Cauchy, Méthode générale pour la résolution des systèmes d'équations simultanées, 1847;
    the line search is described at :class:`LineSearch`, each method at its class.
    """
    check_callable(f, "minimize", "cat.minimize(f, x0)")
    rule = _rule(method, optimizer, learning_rate)
    return _descend(f, 1.0, x0, rule, Limits(tolerance, max_steps, points))


def maximize(
    f: Callable[[Any], Any],
    x0: Tree,
    *,
    method: Method | str | None = None,
    optimizer: Optimizer | str | None = None,
    learning_rate: Rate | None = None,
    tolerance: float | None = None,
    max_steps: int = 10_000,
    points: bool = False,
) -> DescentResult:
    """Go uphill on ``f`` from ``x0``: :func:`minimize` of −f, told in terms of f.

    Arguments, result and errors are those of :func:`minimize`.

    >>> import numpy as np
    >>> round(maximize(lambda x: np.sin(x), 1.0).value, 9)
    1.0
    """
    check_callable(f, "maximize", "cat.maximize(f, x0)")
    rule = _rule(method, optimizer, learning_rate)
    found = _descend(f, -1.0, x0, rule, Limits(tolerance, max_steps, points))
    return dataclasses.replace(
        found,
        value=-found.value,
        gradient=scale(-1.0, found.gradient),
        log=dataclasses.replace(found.log, value=-found.log.value),
    )


def _rule(
    method: Method | str | None, optimizer: Optimizer | str | None, learning_rate: Rate | None
) -> Method | Optimizer | None:
    """What the arguments ask for; None for the line search along the gradient."""
    if method is not None and (optimizer is not None or learning_rate is not None):
        raise descent_errors.method_and_rate(method)
    if method is not None:
        return names.as_method(method)
    if optimizer is None:
        return None if learning_rate is None else GradientDescent(learning_rate)
    return names.as_rule(optimizer, learning_rate)


def _descend(
    f: Callable[[Any], Any],
    sign: float,
    x0: Tree,
    rule: Method | Optimizer | None,
    limits: Limits,
) -> DescentResult:
    if isinstance(rule, Method):
        if rule.residuals:
            raise descent_errors.needs_residuals(type(rule).__name__)
        oracle = FunctionOracle(f, sign, x0)
        start = oracle.start()
        return descend(oracle, Steps(rule, oracle, rule.init(start.x)), start, limits)
    objective = Objective(f, sign)
    start = objective.start(x0)
    if rule is None:
        search = LineSearch(objective, epsilon_of(start.x))
        return descend(objective, search, start, limits)
    return descend(objective, Follow(objective, rule, start), start, limits)
