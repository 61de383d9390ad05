"""Minima and maxima of any NumPy function of arrays, by following its gradient."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from catenary.descent import names
from catenary.descent.arithmetic import Tree, scale
from catenary.descent.line_search import LineSearch
from catenary.descent.momentum import GradientDescent
from catenary.descent.objective import Objective, Point
from catenary.descent.optimizer import Optimizer, Rate, apply
from catenary.descent.result import DescentResult, StepLog
from catenary.descent.settings import NOT_NEGATIVE, TIMES, check_value
from catenary.descent.verdict import Judge, Verdict
from catenary.tracing import tree


def minimize(
    f: Callable[[Any], Any],
    x0: Tree,
    *,
    optimizer: Optimizer | str | None = None,
    learning_rate: Rate | None = None,
    tolerance: float | None = None,
    max_steps: int = 10_000,
    points: bool = False,
) -> DescentResult:
    """Follow the gradient of ``f`` downhill from ``x0``, and say how it ended.

    Without further arguments each step goes along −∇f, as far as a backtracking line search finds
    worth while: there is no learning rate to choose. ``learning_rate`` alone takes the plain step
    −η ∇f instead. ``optimizer`` is any of ``cat.optim``, or the name of one.

    Args:
        f: a NumPy function of one argument that returns one real number.
        x0: where to start: a floating-point array or number, a list of numbers (read as an
            array), or a tree of arrays. Integer arrays in a tree are data: they do not move.
        optimizer: the rule of the steps; with a name, ``learning_rate`` is its learning rate.
        learning_rate: a number or a schedule.
        tolerance: the gradient norm at which the descent has converged; by default √ε of the
            dtype of ``x0``: 1.5e-8 for float64, 3.5e-4 for float32.
        max_steps: the number of steps after which to stop.
        points: whether the log keeps every point.

    Returns:
        A :class:`DescentResult`: ``x``, ``value``, ``gradient_norm``, ``steps``, ``end``
        (converged, flat, diverged or out of steps), ``reason`` and ``log``.

    Raises:
        InputError: if ``x0`` holds no floating-point numbers, if f or its gradient is not finite
            there, or if the settings contradict each other.
        ShapeError: if ``f`` does not return one number.

    >>> import numpy as np
    >>> result = minimize(lambda x: (x[0] - 1) ** 2 + 10 * (x[1] + 2) ** 2, [0.0, 0.0])
    >>> result.end, result.x.round(6)
    ('converged', array([ 1., -2.]))

    Source: Cauchy, Méthode générale pour la résolution des systèmes d'équations simultanées, 1847;
    the line search is described at :class:`LineSearch`.
    """
    rule = _rule(optimizer, learning_rate)
    return _descend(
        Objective(f, 1.0), x0, rule, tolerance=tolerance, max_steps=max_steps, keep=points
    )


def maximize(
    f: Callable[[Any], Any],
    x0: Tree,
    *,
    optimizer: Optimizer | str | None = None,
    learning_rate: Rate | None = None,
    tolerance: float | None = None,
    max_steps: int = 10_000,
    points: bool = False,
) -> DescentResult:
    """Follow the gradient of ``f`` uphill from ``x0``: :func:`minimize` of −f, told in terms of f.

    Arguments, result and errors are those of :func:`minimize`.

    >>> import numpy as np
    >>> round(maximize(lambda x: np.sin(x), 1.0).value, 9)
    1.0
    """
    rule = _rule(optimizer, learning_rate)
    found = _descend(
        Objective(f, -1.0), x0, rule, tolerance=tolerance, max_steps=max_steps, keep=points
    )
    return dataclasses.replace(
        found,
        value=-found.value,
        gradient=scale(-1.0, found.gradient),
        log=dataclasses.replace(found.log, value=-found.log.value),
    )


class _Mover(Protocol):
    """From one point to the next; None when there is none."""

    def move(self, point: Point) -> Point | None: ...


class _Follow:
    """Moves by the steps of an optimizer, and lets it see the values."""

    def __init__(self, objective: Objective, optimizer: Optimizer, start: Point) -> None:
        self.objective = objective
        self.optimizer = optimizer
        self.state = optimizer.init(start.x)

    def move(self, point: Point) -> Point:
        step, self.state = self.optimizer.update(point.gradient, self.state, point.x)
        after = self.objective.at(apply(point.x, step))
        self.state = self.optimizer.observe(self.state, after.value)
        return after


@dataclass
class _Trail:
    """The points passed so far, as far as they are kept."""

    keep: bool
    values: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    moves: list[float] = field(default_factory=list)
    points: list[Tree] = field(default_factory=list)
    best: Point | None = None

    def add(self, point: Point) -> None:
        self.values.append(point.value)
        self.norms.append(point.norm)
        if self.keep:
            self.points.append(point.x)
        if self.best is None or (point.finite and point.value < self.best.value):
            self.best = point

    def log(self) -> StepLog:
        stacked = tree.map(lambda *xs: np.stack(xs), *self.points) if self.keep else None
        return StepLog(np.array(self.values), np.array(self.norms), np.array(self.moves), stacked)


def _rule(optimizer: Optimizer | str | None, learning_rate: Rate | None) -> Optimizer | None:
    """What the arguments ask for: an optimizer, or None for the line search."""
    if optimizer is None:
        return None if learning_rate is None else GradientDescent(learning_rate)
    return names.as_optimizer(optimizer, learning_rate)


def _descend(
    objective: Objective,
    x0: Tree,
    optimizer: Optimizer | None,
    *,
    tolerance: float | None,
    max_steps: int,
    keep: bool,
) -> DescentResult:
    check_value("max_steps", max_steps, TIMES)
    start = objective.start(x0)
    epsilon = float(np.finfo(np.result_type(*tree.coordinates(start.x))).eps)
    if tolerance is None:
        tolerance = epsilon**0.5
    check_value("tolerance", tolerance, NOT_NEGATIVE)
    judge = Judge(tolerance, epsilon, start)
    mover: _Mover = LineSearch(objective, epsilon)
    if optimizer is not None:
        mover = _Follow(objective, optimizer, start)
    trail = _Trail(keep)
    trail.add(start)
    # Trying steps that are too long, and growing without limit, are results here, not warnings.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        point, verdict = _walk(mover, judge, trail, start, max_steps)
    if verdict.end == "diverged" and trail.best:
        point = trail.best
    return DescentResult(
        x=point.x,
        value=point.value,
        gradient=point.gradient,
        gradient_norm=point.norm,
        steps=len(trail.moves),
        end=verdict.end,
        reason=verdict.reason,
        evaluations=objective.evaluations,
        log=trail.log(),
    )


def _walk(
    mover: _Mover, judge: Judge, trail: _Trail, start: Point, max_steps: int
) -> tuple[Point, Verdict]:
    point, verdict = start, judge.critical(start)
    for _ in range(max_steps):
        if verdict:
            break
        after = mover.move(point)
        if after is None:
            return point, judge.no_way_down()
        moved = float(tree.norm(tree.map(np.subtract, after.x, point.x)))
        trail.moves.append(moved)
        trail.add(after)
        point, verdict = after, judge.after(point, after, moved)
    return point, verdict or judge.out_of_steps(point)
