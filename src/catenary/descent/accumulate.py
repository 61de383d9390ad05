"""Gradient accumulation: many small batches act as one large one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.descent import settings
from catenary.descent.arithmetic import Tree, counter, scale, select
from catenary.descent.optimizer import Optimizer
from catenary.tracing import tree


@dataclass(frozen=True)
class Accumulated:
    """The state of :class:`Accumulate`."""

    count: Any
    total: Tree
    inner: Tree


@dataclass(frozen=True)
class Accumulate(Optimizer):
    """Hand the mean of ``every`` successive gradients to ``inner``; the steps between are 0.

    With batches of equal size the mean is the gradient of the joined batch. The state of
    ``inner``, and so its step count and its schedule, moves once per ``every`` gradients.

    >>> import numpy as np
    >>> from catenary.descent import GradientDescent
    >>> pairs = Accumulate(GradientDescent(learning_rate=1.0), every=2)
    >>> w = np.zeros(1)
    >>> first, state = pairs.update(np.array([1.0]), pairs.init(w), w)
    >>> second, state = pairs.update(np.array([5.0]), state, w)
    >>> float(second[0])
    -3.0
    """

    inner: Optimizer
    every: int

    def __post_init__(self) -> None:
        settings.check(self, every=settings.COUNT)

    def init(self, params: Tree) -> Tree:
        return Accumulated(counter(), tree.zeros_like(params), self.inner.init(params))

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        count = state.count + 1
        full = count == self.every
        total = tree.map(np.add, state.total, gradient)
        step, inner = self.inner.update(scale(1 / self.every, total), state.inner, params)
        after = Accumulated(
            np.where(full, 0, count),
            select(full, tree.zeros_like(total), total),
            select(full, inner, state.inner),
        )
        return select(full, step, tree.zeros_like(step)), after

    def observe(self, state: Tree, cost: Any) -> Tree:
        return Accumulated(state.count, state.total, self.inner.observe(state.inner, cost))
