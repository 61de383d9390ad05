"""Descent by the sign of the gradient: each coordinate moves by a length of its own.

Throughout: g gradient, w parameters, η learning rate; all operations elementwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.descent import settings
from catenary.descent.arithmetic import Tree, blend, like
from catenary.descent.decay import WeightDecay
from catenary.descent.optimizer import Chain, Composed, Descend, Optimizer, Rate, chain
from catenary.tracing import tree


@dataclass(frozen=True)
class LionDirection(Optimizer):
    """The direction of :class:`Lion`: sign(β₁ m + (1 − β₁) g). The state is m.

    >>> import numpy as np
    >>> LionDirection().update(np.array([100.0, -0.01]), np.zeros(2), np.zeros(2))[0]
    array([ 1., -1.])
    """

    beta1: float = 0.9
    beta2: float = 0.99

    def __post_init__(self) -> None:
        settings.check(self, beta1=settings.FRACTION, beta2=settings.FRACTION)

    def init(self, params: Tree) -> Tree:
        return tree.zeros_like(params)

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params
        direction = tree.map(np.sign, blend(1 - self.beta1, state, gradient))
        return direction, blend(1 - self.beta2, state, gradient)


@dataclass(frozen=True)
class Lion(Composed):
    """Lion: w ← w − η (sign(β₁ m + (1 − β₁) g) + λ w); then m ← β₂ m + (1 − β₂) g.

    ``weight_decay`` is λ. All steps of a coordinate have length η: take a learning rate three to
    ten times smaller than Adam's.

    >>> import numpy as np
    >>> lion = Lion(learning_rate=0.1)
    >>> w = np.array([1.0, 1.0])
    >>> lion.update(np.array([100.0, -0.01]), lion.init(w), w)[0]
    array([-0.1,  0.1])

    Source: Chen et al., Symbolic Discovery of Optimization Algorithms, NeurIPS 2023, algorithm 2.
    """

    learning_rate: Rate = 0.0001
    beta1: float = 0.9
    beta2: float = 0.99
    weight_decay: float = 0.0

    def pieces(self) -> Chain:
        direction = LionDirection(self.beta1, self.beta2)
        return chain(direction, WeightDecay(self.weight_decay), Descend(self.learning_rate))


@dataclass(frozen=True)
class Rprop(Optimizer):
    """Resilient propagation: w ← w − δ sign(g), each coordinate with a length δ of its own.

    δ starts at ``learning_rate``; it grows by ``grow`` while g keeps its sign, and shrinks by
    ``shrink`` when the sign changes (that coordinate then rests for a step); always within
    [``smallest``, ``largest``]. For full batches: noise in g changes signs. The state is the last
    gradient and δ.

    >>> import numpy as np
    >>> rprop = Rprop(learning_rate=0.1)
    >>> w = np.array([1.0])
    >>> step, state = rprop.update(np.array([7.0]), rprop.init(w), w)
    >>> rprop.update(np.array([3.0]), state, w + step)[0]
    array([-0.12])

    Source: Riedmiller and Braun, A direct adaptive method for faster backpropagation learning,
    1993; without undoing the last step: Igel and Hüsken, Improving the Rprop Learning Algorithm,
    2000 (iRprop−).
    """

    learning_rate: float = 0.01
    grow: float = 1.2
    shrink: float = 0.5
    smallest: float = 1e-6
    largest: float = 50.0

    def __post_init__(self) -> None:
        settings.check(
            self,
            learning_rate=settings.POSITIVE,
            grow=settings.GROWTH,
            shrink=settings.FRACTION,
            smallest=settings.POSITIVE,
            largest=settings.POSITIVE,
        )

    def init(self, params: Tree) -> Tree:
        zero = tree.zeros_like(params)
        return zero, tree.map(lambda z: z + like(self.learning_rate, z), zero)

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params
        last, length = state

        def adapt(delta: Any, agreement: Any) -> Any:
            factor = np.where(agreement > 0, self.grow, np.where(agreement < 0, self.shrink, 1.0))
            smallest, largest = like(self.smallest, delta), like(self.largest, delta)
            return np.clip(like(factor, delta) * delta, smallest, largest)

        agreement = tree.map(np.multiply, last, gradient)
        length = tree.map(adapt, length, agreement)
        kept = tree.map(lambda g, a: np.where(a < 0, 0.0, g), gradient, agreement)
        step = tree.map(lambda g, delta: -np.sign(g) * delta, kept, length)
        return step, (kept, length)
