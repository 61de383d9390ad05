"""Small problems on which trainings are tried."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary import nn
from catenary.tracing import tree

RNG = np.random.default_rng(5)
X = RNG.normal(size=(22, 3))
Y = X @ RNG.normal(size=(3, 2)) + 0.1 * RNG.normal(size=(22, 2))
CLASSES = (X[:, 0] > 0).astype(np.int64)


def line(dtype: Any = np.float64) -> nn.Chain:
    """Linear regression."""
    return nn.mlp([3, 2], seed=1, dtype=dtype)


def net_with_everything(dtype: Any = np.float32) -> nn.Chain:
    """Randomness, state, a function, two dense links."""
    first, last = nn.mlp([3, 4, 2], activation="tanh", seed=2, dtype=dtype)
    return nn.Chain([first, nn.batch_norm(4, dtype=dtype), nn.Dropout(0.25), np.sin, last])


def quadratic_slope(net: nn.Chain, x: Any, y: Any) -> nn.Chain:
    """The gradient of 1/(2n) Σ‖x W + b − y‖² by the formula, as a net."""
    error = (net(x) - y) / len(x)
    return nn.Chain([nn.Dense(x.T @ error, error.sum(0))])


def same(a: Any, b: Any) -> bool:
    """Equal to the last bit, arrays of one dtype."""
    xs, ys = tree.flatten(a)[0], tree.flatten(b)[0]
    return len(xs) == len(ys) and all(
        np.shape(x) == np.shape(y)
        and getattr(x, "dtype", None) == getattr(y, "dtype", None)
        and np.array_equal(x, y)
        for x, y in zip(xs, ys)
        if tree.is_array(x)
    )
