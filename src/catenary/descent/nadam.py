"""Nadam: Adam with Nesterov's look ahead.

The symbols are those of ``moments``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.descent import settings
from catenary.descent.arithmetic import Tree, like, over_root
from catenary.descent.moments import Moments, unbiased
from catenary.descent.optimizer import Chain, Composed, Descend, Optimizer, Rate, chain
from catenary.tracing import tree


@dataclass(frozen=True)
class NadamDirection(Optimizer):
    """The direction of :class:`Nadam`. The state also keeps the product of all μ so far.

    >>> import numpy as np
    >>> w = np.zeros(2)
    >>> nadam = NadamDirection()
    >>> nadam.update(np.array([100.0, -0.01]), nadam.init(w), w)[0].round(3)
    array([ 1.056, -1.056])
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    momentum_decay: float = 0.004

    def __post_init__(self) -> None:
        settings.check(
            self,
            beta1=settings.FRACTION,
            beta2=settings.FRACTION,
            epsilon=settings.POSITIVE,
            momentum_decay=settings.NOT_NEGATIVE,
        )

    def init(self, params: Tree) -> Tree:
        return Moments.zero(params), np.ones(())

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params
        moments, product = state
        moments = moments.after(gradient, self.beta1, self.beta2)
        now, next_ = self._momentum(moments.count), self._momentum(moments.count + 1)
        product = product * now
        of_gradient = (1 - now) / (1 - product)
        of_mean = next_ / (1 - product * next_)
        above = tree.map(
            lambda g, m: like(of_gradient, g) * g + like(of_mean, m) * m, gradient, moments.mean
        )
        square = unbiased(moments.square, self.beta2, moments.count)
        return over_root(above, square, self.epsilon), (moments, product)

    def _momentum(self, count: Any) -> Any:
        return self.beta1 * (1 - 0.5 * 0.96 ** (count * self.momentum_decay))


@dataclass(frozen=True)
class Nadam(Composed):
    """Nadam: Adam whose m̂ already contains the next step of momentum.

    With μₜ = β₁ (1 − ½ 0.96^(ψ t)) and Πₜ = μ₁ … μₜ,

        w ← w − η (μₜ₊₁ m / (1 − Πₜ₊₁) + (1 − μₜ) g / (1 − Πₜ)) / (√v̂ + ε).

    ``momentum_decay`` is ψ.

    >>> import numpy as np
    >>> nadam = Nadam(learning_rate=0.1)
    >>> w = np.array([1.0, 1.0])
    >>> nadam.update(np.array([100.0, -0.01]), nadam.init(w), w)[0].round(4)
    array([-0.1056,  0.1056])

    Source: Dozat, Incorporating Nesterov Momentum into Adam, ICLR workshop 2016.
    """

    learning_rate: Rate = 0.002
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    momentum_decay: float = 0.004

    def pieces(self) -> Chain:
        direction = NadamDirection(self.beta1, self.beta2, self.epsilon, self.momentum_decay)
        return chain(direction, Descend(self.learning_rate))
