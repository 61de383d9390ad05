"""Runs stretches of training: from a state, so many steps, to the state after them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Generic

import numpy as np

from catenary.tracing import random, tree
from catenary.train.examples import Examples
from catenary.train.plan import Plan
from catenary.train.state import Net, State
from catenary.train.stretch import CAPACITY, Circumstances, Course, Setting, stretch

_COUNTS = ("best_epoch", "epochs", "steps", "batches")
_NUMBERS = ("best_cost", "total")
_EVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Stretch(Generic[Net]):
    """A number of ``steps`` that led from one state to another, the cost of the last of them, and
    those of the epochs that were closed on the way.
    """

    before: State[Net]
    after: State[Net]
    steps: int
    cost: float
    costs: list[float]


class Runner(Generic[Net]):
    """The compiled steps of one training, and the order of the examples that they go through."""

    capacity = CAPACITY

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._setting = Setting(plan.rows_per_step, not plan.looks)
        self._shuffle, self._noise = (random.fold_in(plan.key, i) for i in range(2))
        # As native code reads them, so that no call copies them.
        self._examples = tree.map_arrays(_in_rows, plan.examples)
        self._shuffled = plan.rows_per_step < len(plan.examples)
        self._order = np.zeros(len(plan.examples), np.int64) if self._shuffled else None
        self._ordered: int | None = None  # the epoch of that order

    def run(self, state: State[Net], steps: int) -> Stretch[Net]:
        """At most so many steps, all of the epoch under way if it is not closed within."""
        plan, closes = self.plan, self._setting.closes
        around = Circumstances(
            (plan.loss, plan.optimizer),
            self._examples,
            self._shuffle,
            self._noise,
            np.int64(state.steps + steps),
            np.int64(_EVER if plan.patience is None else plan.patience),
        )
        told = np.zeros(CAPACITY) if closes else None
        course = Course(_as_arrays(state, closes), self._order, np.float64(0), told)
        stale = np.bool_(self._ordered != state.epochs)
        course = stretch(course, around, self._setting, stale)
        after = _as_numbers(course.state, state)
        self._order, self._ordered = course.order, after.epochs if after.batches else None
        closed = np.arange(state.epochs, after.epochs) % CAPACITY
        costs = course.costs[closed].tolist() if closes else []
        return Stretch(state, after, after.steps - state.steps, float(course.cost), costs)

    def again(self, stretch: Stretch[Net], steps: int) -> State[Net]:
        """The state after the first steps of a stretch."""
        return self.run(stretch.before, steps).after if steps else stretch.before

    def batch(self, state: State[Net]) -> Examples:
        """The examples of the next step."""
        if not self._shuffled:
            return self._examples
        key = random.fold_in(self._shuffle, state.epochs)
        first = state.batches * self.plan.rows_per_step
        order = random.permutation(key, len(self._examples))
        return self._examples.take(order[first : first + self.plan.rows_per_step])

    def randomness(self, state: State[Net]) -> tuple[Any, Any]:
        """The key of the noise, and what is folded into it in the next step."""
        return self._noise, np.int64(state.steps)


def _in_rows(array: Any) -> Any:
    """An array in row order, aligned, in the machine's byte order; itself if it is that."""
    return np.require(array, array.dtype.newbyteorder("="), ["C_CONTIGUOUS", "ALIGNED"])


def _as_arrays(state: State[Any], closes: bool) -> State[Any]:
    """With counts and numbers as data; without the best net if nobody compares it."""
    counts: dict[str, Any] = {name: np.int64(getattr(state, name)) for name in _COUNTS}
    numbers: dict[str, Any] = {name: np.float64(getattr(state, name)) for name in _NUMBERS}
    best = state.best if closes else None
    return replace(state, best=best, **counts, **numbers)


def _as_numbers(state: State[Any], before: State[Net]) -> State[Net]:
    """With counts and numbers as Python's."""
    counts: dict[str, Any] = {name: int(getattr(state, name)) for name in _COUNTS}
    numbers: dict[str, Any] = {name: float(getattr(state, name)) for name in _NUMBERS}
    best = before.best if state.best is None else state.best
    return replace(state, best=best, **counts, **numbers)
