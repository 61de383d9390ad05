"""Weight decay: a pull of the parameters towards 0."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catenary.descent import settings
from catenary.descent.arithmetic import Tree, like
from catenary.descent.optimizer import Optimizer
from catenary.tracing import tree


@dataclass(frozen=True)
class WeightDecay(Optimizer):
    """Add λ w to what passes: g ← g + λ w, with ``weight_decay`` λ.

    Its place in a chain decides what it means. Before an optimizer it is the gradient of the
    penalty λ/2 ‖w‖² (coupled: it passes through momentum and scaling); between a direction and
    :class:`Descend` it shrinks the weights by η λ per step (decoupled, as in :class:`AdamW`).

    ``only`` chooses coordinates by their path in the tree, such as ``links[0].weight``; without
    it, all decay.

    >>> import numpy as np
    >>> decay = WeightDecay(0.1, only=lambda path: "weight" in path)
    >>> w = {"bias": np.array([10.0]), "weight": np.array([10.0])}
    >>> zero = {"bias": np.array([0.0]), "weight": np.array([0.0])}
    >>> decay.update(zero, (), w)[0]
    {'bias': array([0.]), 'weight': array([1.])}

    Source: Hanson and Pratt, Comparing Biases for Minimal Network Construction with
    Back-Propagation, NIPS 1988; Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019.
    """

    weight_decay: float
    only: Callable[[str], bool] | None = None

    def __post_init__(self) -> None:
        settings.check(self, weight_decay=settings.NOT_NEGATIVE)

    def init(self, params: Tree) -> Tree:
        del params
        return ()

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        chosen = iter([self.only is None or self.only(path) for path in tree.paths(params)])

        def pull(g: Any, w: Any) -> Any:
            return g + like(self.weight_decay, w) * w if next(chosen) else g

        return tree.map(pull, gradient, params), state
