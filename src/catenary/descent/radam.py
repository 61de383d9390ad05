"""RAdam: Adam that does not trust its denominator before it has seen enough gradients.

The symbols are those of ``moments``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.descent import settings
from catenary.descent.arithmetic import Tree, like
from catenary.descent.moments import Moments, unbiased
from catenary.descent.optimizer import Chain, Composed, Descend, Optimizer, Rate, chain
from catenary.tracing import tree

# Below this length of the average, the variance of 1 / √v is too large to divide by it.
TRUSTED_LENGTH = 5.0


@dataclass(frozen=True)
class RadamDirection(Optimizer):
    """The direction of :class:`RAdam`: that of Adam once v can be trusted, m̂ before.

    >>> import numpy as np
    >>> w = np.zeros(2)
    >>> radam = RadamDirection()
    >>> radam.update(np.array([3.0, -0.1]), radam.init(w), w)[0]
    array([ 3. , -0.1])
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        settings.check(
            self,
            beta1=settings.FRACTION,
            beta2=settings.RECTIFIABLE,
            epsilon=settings.POSITIVE,
        )

    def init(self, params: Tree) -> Tree:
        return Moments.zero(params)

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params
        moments = state.after(gradient, self.beta1, self.beta2)
        length, factor = self._rectify(moments.count)

        def direct(m: Any, v: Any) -> Any:
            adaptive = like(factor, v) / (np.sqrt(v) + like(self.epsilon, v))
            return m * np.where(length > TRUSTED_LENGTH, adaptive, 1.0)

        mean = unbiased(moments.mean, self.beta1, moments.count)
        return tree.map(direct, mean, moments.square), moments

    def _rectify(self, count: Any) -> tuple[Any, Any]:
        """The length ρₜ of the average v, and the factor r √(1 − β₂ᵗ) that goes with it."""
        weight = 1 - self.beta2**count
        longest = 2 / (1 - self.beta2) - 1
        length = longest - 2 * count * (1 - weight) / weight
        # Where the factor is not used, this keeps its root real.
        used = np.maximum(length, TRUSTED_LENGTH)
        ratio = (used - 4) * (used - 2) * longest / ((longest - 4) * (longest - 2) * used)
        return length, np.sqrt(ratio * weight)


@dataclass(frozen=True)
class RAdam(Composed):
    """Rectified Adam: with ρ∞ = 2 / (1 − β₂) − 1 and ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ),

        w ← w − η r m̂ √(1 − β₂ᵗ) / (√v + ε)    if ρₜ > 5,    else    w ← w − η m̂,
        r² = (ρₜ − 4)(ρₜ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρₜ).

    It needs β₂ > 0.6, where ρ∞ > 4.

    >>> import numpy as np
    >>> radam = RAdam(learning_rate=0.1)
    >>> w = np.array([1.0])
    >>> radam.update(np.array([3.0]), radam.init(w), w)[0]
    array([-0.3])

    Source: Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, ICLR 2020,
    algorithm 2.
    """

    learning_rate: Rate = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def pieces(self) -> Chain:
        direction = RadamDirection(self.beta1, self.beta2, self.epsilon)
        return chain(direction, Descend(self.learning_rate))
