"""A descent from its start to its end: moves, what is kept of them, and when to stop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from catenary.descent.arithmetic import Tree
from catenary.descent.objective import Objective, Point
from catenary.descent.optimizer import Optimizer, apply
from catenary.descent.result import DescentResult, Evaluations, StepLog
from catenary.descent.settings import NOT_NEGATIVE, TIMES, check_value
from catenary.descent.verdict import Judge, Verdict
from catenary.tracing import tree


class Mover(Protocol):
    """From one point to the next."""

    @property
    def stuck(self) -> str:
        """Why there may be no next point."""

    def move(self, point: Point) -> Point | None:
        """The next point; None if there is none."""

    def stays(self, point: Point) -> bool:
        """Whether a point whose gradient is within the tolerance is an end."""


class Ground(Protocol):
    """The function under the descent, as far as the end result tells of it."""

    @property
    def evaluations(self) -> Evaluations:
        """What was evaluated so far."""

    def tree(self, x: Any) -> Tree:
        """A place as the caller writes it."""


class Follow:
    """Moves by the steps of an optimizer, and lets it see the values."""

    stuck = ""

    def __init__(self, objective: Objective, optimizer: Optimizer, start: Point) -> None:
        self.objective = objective
        self.optimizer = optimizer
        self.state = optimizer.init(start.x)

    def move(self, point: Point) -> Point:
        """One step of the optimizer."""
        step, self.state = self.optimizer.update(point.gradient, self.state, point.x)
        after = self.objective.at(apply(point.x, step))
        self.state = self.optimizer.observe(self.state, after.value)
        return after

    def stays(self, point: Point) -> bool:
        """A critical point is an end, whatever velocity is left."""
        del point
        return True


@dataclass
class Trail:
    """The points passed so far, as far as they are kept."""

    keep: bool
    values: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    moves: list[float] = field(default_factory=list)
    points: list[Any] = field(default_factory=list)
    best: Point | None = None

    def add(self, point: Point) -> None:
        """Keep what is wanted of a point."""
        self.values.append(point.value)
        self.norms.append(point.norm)
        if self.keep:
            self.points.append(point.x)
        if self.best is None or (point.finite and point.value < self.best.value):
            self.best = point

    def log(self, ground: Ground) -> StepLog:
        """All of it as arrays."""
        stacked = None
        if self.keep:
            stacked = tree.map(lambda *xs: np.stack(xs), *map(ground.tree, self.points))
        return StepLog(np.array(self.values), np.array(self.norms), np.array(self.moves), stacked)


@dataclass(frozen=True)
class Limits:
    """When to stop at the latest, and what to keep."""

    tolerance: float | None
    max_steps: int
    points: bool


def descend(ground: Ground, mover: Mover, start: Point, limits: Limits) -> DescentResult:
    """Move from the start to an end."""
    check_value("max_steps", limits.max_steps, TIMES)
    epsilon = epsilon_of(start.x)
    tolerance = epsilon**0.5 if limits.tolerance is None else limits.tolerance
    check_value("tolerance", tolerance, NOT_NEGATIVE)
    trail = Trail(limits.points)
    trail.add(start)
    # Trying steps that are too long, and growing without limit, are results here, not warnings.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        judge = Judge(tolerance, epsilon, start)
        point, verdict = _walk(mover, judge, trail, start, limits.max_steps)
    if verdict.end == "diverged" and trail.best:
        point = trail.best
    return DescentResult(
        x=ground.tree(point.x),
        value=point.value,
        gradient=ground.tree(point.gradient),
        gradient_norm=point.norm,
        steps=len(trail.moves),
        end=verdict.end,
        reason=verdict.reason,
        evaluations=ground.evaluations,
        log=trail.log(ground),
    )


def epsilon_of(x: Tree) -> float:
    """The rounding unit of the coordinates of a tree."""
    return float(np.finfo(np.result_type(*tree.coordinates(x))).eps)


def _walk(
    mover: Mover, judge: Judge, trail: Trail, start: Point, max_steps: int
) -> tuple[Point, Verdict]:
    point, verdict = start, judge.critical(start)
    for _ in range(max_steps):
        if verdict and (verdict.end != "converged" or mover.stays(point)):
            break
        after = mover.move(point)
        if after is None:
            return point, verdict or judge.no_way_down(mover.stuck)
        moved = float(tree.norm(tree.map(np.subtract, after.x, point.x)))
        trail.moves.append(moved)
        trail.add(after)
        point, verdict = after, judge.after(point, after, moved)
    return point, verdict or judge.out_of_steps(point)
