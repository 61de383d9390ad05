"""Functions of a few numbers with many shared values, drawn at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_ONE = (np.sin, np.cos, np.tanh, np.exp)


def random_scalar_function(
    seed: int, inputs: int = 4, inner: int = 20, outputs: int = 3
) -> tuple[Callable[..., Any], Any]:
    """A vector function made of operations on single numbers, and a point."""
    rng = np.random.default_rng(seed)
    steps = []
    for k in range(inner):
        one, other = rng.integers(0, inputs + k, 2)
        # what came last is likely to be used: long paths
        steps.append((int(rng.integers(0, 7)), int(max(one, inputs + k - 3)), int(other)))
    results = [int(i) for i in rng.integers(inputs + inner // 2, inputs + inner, outputs)]

    def f(x: Any) -> Any:
        values = [x[i] for i in range(inputs)]
        for kind, i, j in steps:
            one, other = values[i], values[j]
            if kind < 4:
                values.append(_ONE[kind](one) * 0.5)
            else:
                values.append((one * other, one + other, one / (other * other + 1))[kind - 4])
        return np.stack([values[i] for i in results])

    return f, rng.uniform(0.2, 1.0, inputs)
