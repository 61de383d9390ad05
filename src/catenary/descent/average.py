"""A moving average of the weights: often better, and always calmer, than the weights themselves."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from catenary.core import descent_errors
from catenary.descent import settings
from catenary.descent.arithmetic import Tree, blend, counter
from catenary.descent.optimizer import Optimizer, apply


@dataclass(frozen=True)
class Averaged:
    """The state of :class:`AverageWeights`; ``average`` can be used as it is at any time."""

    count: Any
    average: Tree
    inner: Tree


@dataclass(frozen=True)
class AverageWeights(Optimizer):
    """Run ``inner`` and keep an exponential moving average a of the weights w that it reaches.

    After step t, a is the mean of w₁ … wₜ with weights δ^(t−i): a ← a + (1 − δ)/(1 − δᵗ) (w − a).
    The starting point has no share in it. The steps are those of ``inner``;
    :func:`average_weights` reads a from the state. Put it outermost, so that w is where the whole
    step leads.

    >>> import numpy as np
    >>> from catenary.descent import GradientDescent
    >>> calm = AverageWeights(GradientDescent(learning_rate=1.0), decay=0.5)
    >>> w = np.array([8.0])
    >>> state = calm.init(w)
    >>> for _ in range(2):
    ...     step, state = calm.update(np.array([3.0]), state, w)
    ...     w = w + step
    >>> w, average_weights(state)
    (array([2.]), array([3.]))

    Source: Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992;
    the unbiased recurrence follows Kingma and Ba, ICLR 2015, section 7.2.
    """

    inner: Optimizer
    decay: float = 0.999

    def __post_init__(self) -> None:
        settings.check(self, decay=settings.FRACTION)

    def init(self, params: Tree) -> Tree:
        return Averaged(counter(), params, self.inner.init(params))

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        step, inner = self.inner.update(gradient, state.inner, params)
        count = state.count + 1
        share = (1 - self.decay) / (1 - self.decay**count)
        # Seen from the new weights, so that what is no coordinate (running statistics) is new too.
        average = blend(1 - share, apply(params, step), state.average)
        return step, Averaged(count, average, inner)

    def observe(self, state: Tree, cost: Any) -> Tree:
        return dataclasses.replace(state, inner=self.inner.observe(state.inner, cost))


def average_weights(state: Tree) -> Tree:
    """The averaged weights in the state of an optimizer that holds an :class:`AverageWeights`.

    Raises an :class:`InputError` when it holds none.

    >>> import numpy as np
    >>> from catenary.descent import Adam
    >>> average_weights(AverageWeights(Adam()).init(np.array([2.0, 3.0])))
    array([2., 3.])
    """
    waiting = [state]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Averaged):
            return part.average
        if isinstance(part, tuple):
            waiting.extend(part)
        elif hasattr(part, "inner"):
            waiting.append(part.inner)
    raise descent_errors.no_average()
