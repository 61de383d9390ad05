"""The driver that all trainings share: from the first weights through steps, again and again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.case import STEPS_TO_COMPARE, Run

Advance = Callable[[Any], tuple[Any, Any]]


def training(start: Callable[[], Any], advance: Advance, count: int) -> Run:
    """``advance(state)`` makes ``count`` steps and gives the state after them and their costs.

    It returns when they are done. The value to agree on is the cost in step number 20.
    """
    state = [start()]

    def call() -> Any:
        state[0], costs = advance(state[0])
        return costs

    def reset() -> None:
        state[0] = start()

    begin = perf_counter()
    costs = list(np.ravel(call()))
    first = perf_counter() - begin
    while len(costs) < STEPS_TO_COMPARE:
        costs.extend(np.ravel(call()))
    return Run(call, count, reset, [float(costs[STEPS_TO_COMPARE - 1])], first)


def stepwise(
    start: Callable[[], Any],
    one: Callable[[Any, Any], tuple[Any, Any]],
    order: Sequence[Any],
    count: int,
    wait: Callable[[Any], Any] = lambda state: None,
) -> Run:
    """Training that takes the rows of each step in a call of its own: ``one(state, rows)``.

    After ``count`` steps it waits for the last; the next call goes on where this one ended.
    """

    def advance(state: Any) -> Any:
        inner, rows = state
        costs = []
        for _ in range(count):
            inner, cost = one(inner, next(rows))
            costs.append(cost)
        wait(inner)
        return (inner, rows), costs

    return training(lambda: (start(), cycle(order)), advance, count)


def function(call: Callable[[], Any], digest: Callable[[Any], list[float]], count: int = 1) -> Run:
    """A function that is called ``count`` times; it has to agree on what it returns."""
    begin = perf_counter()
    result = call()
    first = perf_counter() - begin
    return Run(call, count, value=digest(result), first=first)
