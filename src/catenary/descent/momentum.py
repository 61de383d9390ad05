"""Descent along the gradient itself, and with a velocity that remembers past gradients.

Throughout: g gradient, w parameters, η learning rate; all operations elementwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catenary.descent import settings
from catenary.descent.arithmetic import Tree, like
from catenary.descent.optimizer import Chain, Composed, Descend, Optimizer, Rate, chain
from catenary.tracing import tree


@dataclass(frozen=True)
class Velocity(Optimizer):
    """The direction of momentum: v ← μ v + g; then v, or g + μ v if ``nesterov``.

    >>> import numpy as np
    >>> Velocity(0.5).update(np.array([1.0]), np.array([4.0]), np.zeros(1))[0]
    array([3.])
    """

    momentum: float = 0.9
    nesterov: bool = False

    def __post_init__(self) -> None:
        settings.check(self, momentum=settings.FRACTION)

    def init(self, params: Tree) -> Tree:
        return tree.zeros_like(params)

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params

        def decayed(v: Any, g: Any) -> Any:
            return like(self.momentum, v) * v + g

        velocity = tree.map(decayed, state, gradient)
        return tree.map(decayed, velocity, gradient) if self.nesterov else velocity, velocity


@dataclass(frozen=True)
class GradientDescent(Composed):
    """Gradient descent: w ← w − η g.

    On batches of examples this is stochastic gradient descent.

    >>> import numpy as np
    >>> descent = GradientDescent(learning_rate=0.5)
    >>> w = np.array([1.0, -2.0])
    >>> step, state = descent.update(2 * w, descent.init(w), w)
    >>> w + step
    array([0., 0.])

    Source: Cauchy, Méthode générale pour la résolution des systèmes d'équations simultanées, 1847;
    Robbins and Monro, A Stochastic Approximation Method, 1951.
    """

    learning_rate: Rate = 0.01

    def pieces(self) -> Chain:
        return chain(Descend(self.learning_rate))


@dataclass(frozen=True)
class Momentum(Composed):
    """Gradient descent with a heavy ball: v ← μ v + g; w ← w − η v.

    The velocity v starts at 0; with constant gradients the steps grow by 1/(1 − μ).

    >>> import numpy as np
    >>> heavy = Momentum(learning_rate=0.1, momentum=0.5)
    >>> w = np.array([1.0])
    >>> _, state = heavy.update(np.array([1.0]), heavy.init(w), w)
    >>> heavy.update(np.array([1.0]), state, w)[0]
    array([-0.15])

    Source: Polyak, Some methods of speeding up the convergence of iteration methods, 1964.
    """

    learning_rate: Rate = 0.01
    momentum: float = 0.9

    def pieces(self) -> Chain:
        return chain(Velocity(self.momentum), Descend(self.learning_rate))


@dataclass(frozen=True)
class Nesterov(Composed):
    """Momentum that looks ahead: v ← μ v + g; w ← w − η (g + μ v).

    This is Nesterov's method written for the point at which the gradient is taken.

    >>> import numpy as np
    >>> ahead = Nesterov(learning_rate=0.1, momentum=0.5)
    >>> w = np.array([1.0])
    >>> ahead.update(np.array([1.0]), ahead.init(w), w)[0]
    array([-0.15])

    Source: Nesterov, A method of solving a convex programming problem with convergence rate
    O(1/k²), 1983; in this form Sutskever et al., On the importance of initialization and momentum
    in deep learning, ICML 2013.
    """

    learning_rate: Rate = 0.01
    momentum: float = 0.9

    def pieces(self) -> Chain:
        return chain(Velocity(self.momentum, nesterov=True), Descend(self.learning_rate))
