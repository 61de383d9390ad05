"""Adam, and its forms with decoupled weight decay and with a denominator that never shrinks.

The symbols are those of ``moments``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catenary.descent import settings
from catenary.descent.arithmetic import Tree, over_root
from catenary.descent.decay import WeightDecay
from catenary.descent.moments import Moments, unbiased
from catenary.descent.optimizer import Chain, Composed, Descend, Optimizer, Rate, chain
from catenary.tracing import tree


@dataclass(frozen=True)
class AdamDirection(Optimizer):
    """The direction of :class:`Adam`: m̂ / (√v̂ + ε).

    ``largest`` puts the largest v so far in the place of v (:class:`AMSGrad`).

    >>> import numpy as np
    >>> w = np.zeros(2)
    >>> adam = AdamDirection()
    >>> adam.update(np.array([100.0, -0.01]), adam.init(w), w)[0].round(4)
    array([ 1., -1.])
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    largest: bool = False

    def __post_init__(self) -> None:
        settings.check(
            self, beta1=settings.FRACTION, beta2=settings.FRACTION, epsilon=settings.POSITIVE
        )

    def init(self, params: Tree) -> Tree:
        moments = Moments.zero(params)
        return moments, moments.square if self.largest else ()

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params
        moments, largest = state
        moments = moments.after(gradient, self.beta1, self.beta2)
        square = moments.square
        if self.largest:
            square = largest = tree.map(np.maximum, largest, square)
        mean = unbiased(moments.mean, self.beta1, moments.count)
        square = unbiased(square, self.beta2, moments.count)
        return over_root(mean, square, self.epsilon), (moments, largest)


@dataclass(frozen=True)
class Adam(Composed):
    """Adam: w ← w − η m̂ / (√v̂ + ε).

    Each coordinate moves by about η per step, whatever the size of its gradient.

    >>> import numpy as np
    >>> adam = Adam(learning_rate=0.1)
    >>> w = np.array([1.0, 1.0])
    >>> adam.update(np.array([100.0, -0.01]), adam.init(w), w)[0].round(4)
    array([-0.1,  0.1])

    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1.
    """

    learning_rate: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def pieces(self) -> Chain:
        direction = AdamDirection(self.beta1, self.beta2, self.epsilon)
        return chain(direction, Descend(self.learning_rate))


@dataclass(frozen=True)
class AdamW(Composed):
    """Adam with decoupled weight decay λ: w ← w − η (m̂ / (√v̂ + ε) + λ w).

    The decay does not pass through the averages, so it shrinks all weights at the same rate. To
    spare biases, write the chain out:
    ``chain(AdamDirection(), WeightDecay(0.01, only=is_weight), Descend(0.001))``.

    >>> import numpy as np
    >>> adamw = AdamW(learning_rate=0.1, weight_decay=0.5)
    >>> w = np.array([4.0])
    >>> adamw.update(np.array([100.0]), adamw.init(w), w)[0]
    array([-0.3])

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019, algorithm 2.
    """

    learning_rate: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01

    def pieces(self) -> Chain:
        direction = AdamDirection(self.beta1, self.beta2, self.epsilon)
        return chain(direction, WeightDecay(self.weight_decay), Descend(self.learning_rate))


@dataclass(frozen=True)
class AMSGrad(Composed):
    """AMSGrad: s ← max(s, v); w ← w − η m̂ / (√(s / (1 − β₂ᵗ)) + ε).

    A denominator that cannot shrink lets it converge where Adam may not.

    >>> import numpy as np
    >>> amsgrad = AMSGrad(learning_rate=0.1)
    >>> w = np.array([1.0])
    >>> amsgrad.update(np.array([100.0]), amsgrad.init(w), w)[0]
    array([-0.1])

    Source: Reddi, Kale and Kumar, On the Convergence of Adam and Beyond, ICLR 2018; with the bias
    correction of Adam, as PyTorch has it.
    """

    learning_rate: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def pieces(self) -> Chain:
        direction = AdamDirection(self.beta1, self.beta2, self.epsilon, largest=True)
        return chain(direction, Descend(self.learning_rate))
