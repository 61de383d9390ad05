"""A learning rate that falls when the cost no longer does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.descent import settings
from catenary.descent.arithmetic import Tree, counter, scale
from catenary.descent.optimizer import Optimizer


@dataclass(frozen=True)
class Watch:
    """The state of :class:`Plateau`.

    The factor on the steps, the best cost seen, how many observations in a row were no better,
    and for how many more the count rests.
    """

    scale: Any
    best: Any
    waited: Any
    resting: Any


@dataclass(frozen=True)
class Plateau(Optimizer):
    """Multiply the steps by a factor s that falls when the observed cost stops falling.

    It stands behind an optimizer: ``chain(Adam(), Plateau())``. It changes nothing until somebody
    calls ``state = optimizer.observe(state, cost)``; :func:`catenary.fit` does so once per epoch
    (with the validation cost if there is one), :func:`catenary.minimize` after each step.

    A cost below best − threshold · |best| is better. After more than ``patience`` observations in
    a row without a better one, s ← max(``factor`` · s, ``smallest``), and the next ``cooldown``
    observations are not counted. NaN is never better.

    >>> import numpy as np
    >>> from catenary.descent import GradientDescent, chain
    >>> careful = chain(GradientDescent(learning_rate=1.0), Plateau(factor=0.5, patience=1))
    >>> w = np.array([1.0])
    >>> state = careful.init(w)
    >>> for cost in [3.0, 2.0, 2.0, 2.0]:
    ...     state = careful.observe(state, cost)
    >>> careful.update(np.array([1.0]), state, w)[0]
    array([-0.5])
    """

    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    cooldown: int = 0
    smallest: float = 0.0

    def __post_init__(self) -> None:
        settings.check(
            self,
            factor=settings.FRACTION,
            patience=settings.TIMES,
            threshold=settings.FRACTION,
            cooldown=settings.TIMES,
            smallest=settings.FRACTION,
        )

    def init(self, params: Tree) -> Tree:
        del params
        return Watch(np.ones(()), np.full((), np.inf), counter(), counter())

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params
        return scale(state.scale, gradient), state

    def observe(self, state: Tree, cost: Any) -> Tree:
        # The first best is infinite, and ∞ − threshold · ∞ is no number.
        margin = np.where(np.isfinite(state.best), self.threshold * np.abs(state.best), 0.0)
        better = cost < state.best - margin
        resting = np.maximum(state.resting - 1, 0)
        waited = np.where(np.logical_or(better, state.resting > 0), 0, state.waited + 1)
        fall = waited > self.patience
        return Watch(
            np.where(fall, np.maximum(self.factor * state.scale, self.smallest), state.scale),
            np.where(better, cost, state.best),
            np.where(fall, 0, waited),
            np.where(fall, self.cooldown, resting),
        )
