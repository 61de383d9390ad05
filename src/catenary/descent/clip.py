"""Limits on the size of a gradient, to stand before an optimizer.

What is within its limit passes unchanged. A NaN passes too: :class:`SkipNotFinite` stops those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.descent import settings
from catenary.descent.arithmetic import Tree, like, scale
from catenary.descent.optimizer import Optimizer
from catenary.tracing import tree


class _Limit(Optimizer):
    limit: float

    def __post_init__(self) -> None:
        settings.check(self, limit=settings.POSITIVE)

    def init(self, params: Tree) -> Tree:
        del params
        return ()

    def shorten(self, vector: Tree) -> Tree:
        """The vector, or the one of length ``limit`` in its direction if it is longer."""
        return scale(self.limit / np.maximum(tree.norm(vector), self.limit), vector)


@dataclass(frozen=True)
class ClipValue(_Limit):
    """Bring each coordinate into [−limit, limit]: g ← min(max(g, −c), c).

    >>> import numpy as np
    >>> ClipValue(1.0).update(np.array([3.0, -0.5]), (), np.zeros(2))[0]
    array([ 1. , -0.5])
    """

    limit: float

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params

        def clip(g: Any) -> Any:
            limit = like(self.limit, g)
            return np.clip(g, -limit, limit)

        return tree.map(clip, gradient), state


@dataclass(frozen=True)
class ClipNorm(_Limit):
    """Shorten each array to Euclidean length ``limit`` at most: g ← g c / max(‖g‖, c).

    >>> import numpy as np
    >>> ClipNorm(1.0).update([np.array([3.0, 4.0]), np.array([0.5])], (), [0.0, 0.0])[0]
    [array([0.6, 0.8]), array([0.5])]
    """

    limit: float

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params
        return tree.map(self.shorten, gradient), state


@dataclass(frozen=True)
class ClipGlobalNorm(_Limit):
    """Shorten the whole gradient to Euclidean length ``limit`` at most, keeping its direction.

    >>> import numpy as np
    >>> ClipGlobalNorm(1.0).update([np.array([3.0]), np.array([4.0])], (), [0.0, 0.0])[0]
    [array([0.6]), array([0.8])]

    Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks,
    ICML 2013, algorithm 1.
    """

    limit: float

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params
        return self.shorten(gradient), state
