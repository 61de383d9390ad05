"""Adamax: Adam in the maximum norm.

The symbols are those of ``moments``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.descent import settings
from catenary.descent.arithmetic import Tree, blend, counter, like
from catenary.descent.moments import unbiased
from catenary.descent.optimizer import Chain, Composed, Descend, Optimizer, Rate, chain
from catenary.tracing import tree


@dataclass(frozen=True)
class AdamaxDirection(Optimizer):
    """The direction of :class:`Adamax`: m̂ / u. The state is (t, m, u).

    >>> import numpy as np
    >>> w = np.zeros(2)
    >>> adamax = AdamaxDirection()
    >>> adamax.update(np.array([100.0, -0.01]), adamax.init(w), w)[0].round(4)
    array([ 1., -1.])
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        settings.check(
            self, beta1=settings.FRACTION, beta2=settings.FRACTION, epsilon=settings.POSITIVE
        )

    def init(self, params: Tree) -> Tree:
        zero = tree.zeros_like(params)
        return counter(), zero, zero

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params

        def grow(u: Any, g: Any) -> Any:
            return np.maximum(like(self.beta2, u) * u, np.abs(g) + like(self.epsilon, g))

        count = state[0] + 1
        mean = blend(1 - self.beta1, state[1], gradient)
        largest = tree.map(grow, state[2], gradient)
        direction = tree.map(np.divide, unbiased(mean, self.beta1, count), largest)
        return direction, (count, mean, largest)


@dataclass(frozen=True)
class Adamax(Composed):
    """Adamax: u ← max(β₂ u, |g| + ε); w ← w − η m̂ / u.

    >>> import numpy as np
    >>> adamax = Adamax(learning_rate=0.1)
    >>> w = np.array([1.0, 1.0])
    >>> adamax.update(np.array([100.0, -0.01]), adamax.init(w), w)[0].round(4)
    array([-0.1,  0.1])

    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 2; the
    ε under the maximum is PyTorch's.
    """

    learning_rate: Rate = 0.002
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def pieces(self) -> Chain:
        direction = AdamaxDirection(self.beta1, self.beta2, self.epsilon)
        return chain(direction, Descend(self.learning_rate))
