"""Descent that divides each coordinate by the size of its own past gradients, without momentum.

Throughout: g gradient, w parameters, η learning rate; all operations elementwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catenary.descent import settings
from catenary.descent.arithmetic import Tree, blend, like, over_root
from catenary.descent.optimizer import Chain, Composed, Descend, Optimizer, Rate, chain
from catenary.tracing import tree


@dataclass(frozen=True)
class AdagradDirection(Optimizer):
    """The direction of :class:`Adagrad`: g / (√s + ε) with s the sum of squared gradients.

    >>> import numpy as np
    >>> AdagradDirection().update(np.array([3.0]), np.array([16.0]), np.zeros(1))[0]
    array([0.6])
    """

    epsilon: float = 1e-10
    initial: float = 0.0

    def __post_init__(self) -> None:
        settings.check(self, epsilon=settings.POSITIVE, initial=settings.NOT_NEGATIVE)

    def init(self, params: Tree) -> Tree:
        return tree.map(lambda z: z + like(self.initial, z), tree.zeros_like(params))

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params
        total = tree.map(lambda s, g: s + g * g, state, gradient)
        return over_root(gradient, total, self.epsilon), total


@dataclass(frozen=True)
class RmsDirection(Optimizer):
    """The direction of :class:`RMSprop`: g / (√s + ε), s a moving average of squared gradients.

    ``centered`` subtracts the square of the moving average of g from s: the variance of g.

    >>> import numpy as np
    >>> w = np.zeros(2)
    >>> rms = RmsDirection(decay=0.75)
    >>> rms.update(np.array([3.0, -0.1]), rms.init(w), w)[0].round(6)
    array([ 2., -2.])
    """

    decay: float = 0.99
    epsilon: float = 1e-8
    centered: bool = False

    def __post_init__(self) -> None:
        settings.check(self, decay=settings.FRACTION, epsilon=settings.POSITIVE)

    def init(self, params: Tree) -> Tree:
        zero = tree.zeros_like(params)
        return (zero, zero) if self.centered else (zero,)

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params
        square = blend(1 - self.decay, state[0], tree.map(lambda g: g * g, gradient))
        if not self.centered:
            return over_root(gradient, square, self.epsilon), (square,)
        mean = blend(1 - self.decay, state[1], gradient)
        variance = tree.map(lambda s, m: np.maximum(s - m * m, 0), square, mean)
        return over_root(gradient, variance, self.epsilon), (square, mean)


@dataclass(frozen=True)
class AdadeltaDirection(Optimizer):
    """The direction of :class:`Adadelta`: a gradient brought to the units of the parameters.

    >>> import numpy as np
    >>> w = np.zeros(1)
    >>> adadelta = AdadeltaDirection(decay=0.75)
    >>> adadelta.update(np.array([10.0]), adadelta.init(w), w)[0].round(6)
    array([0.002])
    """

    decay: float = 0.9
    epsilon: float = 1e-6

    def __post_init__(self) -> None:
        settings.check(self, decay=settings.FRACTION, epsilon=settings.POSITIVE)

    def init(self, params: Tree) -> Tree:
        zero = tree.zeros_like(params)
        return zero, zero

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params
        square = blend(1 - self.decay, state[0], tree.map(lambda g: g * g, gradient))
        direction = tree.map(
            lambda g, s, u: (
                g * np.sqrt(u + like(self.epsilon, u)) / np.sqrt(s + like(self.epsilon, s))
            ),
            gradient,
            square,
            state[1],
        )
        moved = blend(1 - self.decay, state[1], tree.map(lambda d: d * d, direction))
        return direction, (square, moved)


@dataclass(frozen=True)
class Adagrad(Composed):
    """Adagrad: s ← s + g²; w ← w − η g / (√s + ε).

    The sum s starts at ``initial`` and never shrinks: steps fall like 1/√t. Good for sparse
    gradients.

    >>> import numpy as np
    >>> adagrad = Adagrad(learning_rate=0.1)
    >>> w = np.array([1.0, 1.0])
    >>> adagrad.update(np.array([100.0, 0.01]), adagrad.init(w), w)[0]
    array([-0.1, -0.1])

    Source: Duchi, Hazan and Singer, Adaptive Subgradient Methods for Online Learning and
    Stochastic Optimization, JMLR 2011.
    """

    learning_rate: Rate = 0.01
    epsilon: float = 1e-10
    initial: float = 0.0

    def pieces(self) -> Chain:
        return chain(AdagradDirection(self.epsilon, self.initial), Descend(self.learning_rate))


@dataclass(frozen=True)
class RMSprop(Composed):
    """RMSprop: s ← ρ s + (1 − ρ) g²; w ← w − η g / (√s + ε).

    ``centered`` divides by the standard deviation of g instead of its root mean square. With
    momentum it is ``chain(RmsDirection(), Velocity(0.9), Descend(0.01))``.

    >>> import numpy as np
    >>> rmsprop = RMSprop(learning_rate=0.1, decay=0.75)
    >>> w = np.array([1.0])
    >>> rmsprop.update(np.array([7.0]), rmsprop.init(w), w)[0]
    array([-0.2])

    Source: Tieleman and Hinton, Neural Networks for Machine Learning, lecture 6.5, 2012; centered
    form: Graves, Generating Sequences With Recurrent Neural Networks, 2013, eq. 38–45.
    """

    learning_rate: Rate = 0.01
    decay: float = 0.99
    epsilon: float = 1e-8
    centered: bool = False

    def pieces(self) -> Chain:
        direction = RmsDirection(self.decay, self.epsilon, self.centered)
        return chain(direction, Descend(self.learning_rate))


@dataclass(frozen=True)
class Adadelta(Composed):
    """Adadelta: s ← ρ s + (1 − ρ) g²; d = √(u + ε) / √(s + ε) · g; w ← w − η d.

    The moving average u ← ρ u + (1 − ρ) d² of squared directions gives d the units of the
    parameters, so that η = 1 is the natural choice.

    >>> import numpy as np
    >>> adadelta = Adadelta(decay=0.75)
    >>> w = np.array([1.0])
    >>> adadelta.update(np.array([10.0]), adadelta.init(w), w)[0]
    array([-0.002])

    Source: Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012, algorithm 1.
    """

    learning_rate: Rate = 1.0
    decay: float = 0.9
    epsilon: float = 1e-6

    def pieces(self) -> Chain:
        return chain(AdadeltaDirection(self.decay, self.epsilon), Descend(self.learning_rate))
