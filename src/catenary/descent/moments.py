"""The two moving averages that the Adam family shares.

Here and in its files: g gradient, w parameters, η learning rate, t = 1, 2, … the number of the
step; all operations elementwise. m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g² start at 0;
m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) are the averages without the bias towards 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catenary.descent.arithmetic import Tree, blend, counter, scale
from catenary.tracing import tree


@dataclass(frozen=True)
class Moments:
    """What the Adam family remembers: the step count t, and m and v shaped like the parameters."""

    count: Any
    mean: Tree
    square: Tree

    @staticmethod
    def zero(params: Tree) -> Moments:
        """The memory before the first step."""
        zero = tree.zeros_like(params)
        return Moments(counter(), zero, zero)

    def after(self, gradient: Tree, beta1: float, beta2: float) -> Moments:
        """The memory after one more gradient."""
        squares = tree.map(lambda g: g * g, gradient)
        return Moments(
            self.count + 1,
            blend(1 - beta1, self.mean, gradient),
            blend(1 - beta2, self.square, squares),
        )


def unbiased(mean: Tree, beta: float, count: Any) -> Tree:
    """A moving average that started at 0, divided by the weight 1 − βᵗ that it has gathered."""
    return scale(1 / (1 - beta**count), mean)
