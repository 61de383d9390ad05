"""A stretch of training as one call of a compiled function: as many steps as it is told.

Shuffling, the rows of each batch, forward, backward, update and the running cost are all inside.
The number of steps is a value of the program, so every stretch of a training, from one step to
many epochs, is run by the same code, and cutting a training into stretches changes no bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from catenary.function.branches import cond
from catenary.function.jit import Jitted
from catenary.function.while_loops import while_loop
from catenary.tracing import random, tree
from catenary.train.examples import Examples
from catenary.train.state import State
from catenary.train.step import step

CAPACITY = 1024  # epochs whose costs one stretch can tell


@dataclass(frozen=True, eq=False)
class Course:
    """What is handed from step to step: the state, with arrays for its counts, and beside it the
    order of this epoch's examples, the last step's cost, and the costs of the epochs done.
    """

    state: State[Any]
    order: Any
    cost: Any
    costs: Any


@dataclass(frozen=True)
class Setting:
    """What a stretch is compiled for: the size of a batch, and whether epochs are closed within,
    which they can be where nothing outside needs to look at the net between two of them.
    """

    size: int
    closes: bool

    def batches(self, n: int) -> int:
        """The number of batches in an epoch of n examples."""
        return -(-n // self.size)


@dataclass(frozen=True, eq=False)
class Circumstances:
    """What all steps share: loss and optimizer, the examples, the keys of the order and of the
    noise; after which step to pause, and how many epochs without a better one are too many.
    """

    rule: tuple[Any, Any]
    examples: Examples
    shuffle: Any
    noise: Any
    last: Any
    patience: Any


def _stretch(course: Course, around: Circumstances, setting: Setting, stale: Any) -> Course:
    """The course after the steps, or after the first whose cost is not finite.

    ``stale``: whether the order is not that of the epoch under way.
    """
    n = len(around.examples)

    def epoch(course: Course) -> Course:
        if setting.size >= n:
            course = _step(course, around, around.examples)
        else:
            course = _shuffled(course, around, stale)
            course = _batches(course, around, setting.size)
        return _closed(course, n, setting.batches(n)) if setting.closes else course

    if not setting.closes:
        return epoch(course)
    return while_loop(lambda course: _goes_on(course, around), epoch, course)  # type: ignore[no-any-return]


stretch = Jitted(_stretch, (), many=True)


def _goes_on(course: Course, around: Circumstances) -> Any:
    """Whether there is a step to take."""
    state = course.state
    patient = state.epochs - state.best_epoch < around.patience
    return (state.steps < around.last) & np.isfinite(course.cost) & patient


def _shuffled(course: Course, around: Circumstances, stale: Any) -> Course:
    """With the order of this epoch, made anew where it begins or is not known."""
    state = course.state

    def anew(order: Any) -> Any:
        key = random.fold_in(around.shuffle, state.epochs)
        return random.permutation(key, len(around.examples))

    order = cond((state.batches == 0) | stale, anew, lambda order: order + 0, course.order)
    return replace(course, order=order)


def _batches(course: Course, around: Circumstances, size: int) -> Course:
    """The batches that are left of an epoch: the full ones, then a short one."""
    full, rest = divmod(len(around.examples), size)
    order = course.order
    rows = np.reshape(order[: full * size], (full, size))

    def batch(course: Course) -> Course:
        return _step(course, around, around.examples.take(rows[course.state.batches]))

    def short(course: Course) -> Course:
        return _step(course, around, around.examples.take(order[full * size :]))

    course = _while(lambda batches: batches < full, batch, course, around)
    if rest:
        course = _while(lambda batches: batches == full, short, course, around)
    return replace(course, order=order)


def _while(
    condition: Callable[[Any], Any],
    body: Callable[[Course], Course],
    course: Course,
    around: Circumstances,
) -> Course:
    """Steps as long as the count of batches is such, and nothing ends the stretch."""

    def goes_on(course: Course) -> Any:
        state = course.state
        on = (state.steps < around.last) & np.isfinite(course.cost)
        return on & condition(state.batches)

    # Neither the best net nor the order changes within an epoch.
    fixed = course
    course = replace(course, state=replace(course.state, best=None), order=None, costs=None)
    course = while_loop(goes_on, body, course)
    best = fixed.state.best
    return replace(fixed, state=replace(course.state, best=best), cost=course.cost)


def _step(course: Course, around: Circumstances, batch: Examples) -> Course:
    """One step on a batch."""
    state = course.state
    net, memory, cost = step(
        state.net, state.memory, around.rule, batch, (around.noise, state.steps)
    )
    cost = cost.astype(np.float64)
    after = replace(
        state,
        net=net,
        memory=memory,
        steps=state.steps + 1,
        batches=state.batches + 1,
        total=state.total + cost * len(batch),
    )
    return replace(course, state=after, cost=cost)


def _closed(course: Course, n: int, batches: int) -> Course:
    """With the epoch's cost noted and the best net kept, where an epoch has ended."""
    state: Any = course.state
    ended = (state.batches == batches) & np.isfinite(course.cost)
    mean = state.total / n
    here = ended & (np.arange(CAPACITY) == np.remainder(state.epochs, CAPACITY))
    better = ended & (mean < state.best_cost)
    epochs = state.epochs + ended
    after = replace(
        state,
        best=tree.map_arrays(lambda new, old: np.where(better, new, old), state.net, state.best),
        best_cost=np.where(better, mean, state.best_cost),
        best_epoch=np.where(better, epochs, state.best_epoch),
        epochs=epochs,
        batches=np.where(ended, 0, state.batches),
        total=np.where(ended, 0.0, state.total),
    )
    return replace(course, state=after, costs=np.where(here, mean, course.costs))
