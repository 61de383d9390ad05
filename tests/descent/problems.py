"""What the tests of this folder descend on, and the optimizers that they go through."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from catenary import descent as optim
from catenary.descent.arithmetic import scale
from catenary.descent.names import OPTIMIZERS
from catenary.tracing import tree

NAMES = sorted(set(OPTIMIZERS) - {"sgd"})

PIECES: dict[str, optim.Optimizer] = {
    "clip value": optim.ClipValue(0.5),
    "clip norm": optim.ClipNorm(0.5),
    "clip global norm": optim.ClipGlobalNorm(0.5),
    "weight decay": optim.WeightDecay(0.1),
    "velocity": optim.Velocity(0.9),
    "centered rms": optim.RmsDirection(centered=True),
    "descend by schedule": optim.Descend(optim.OneCycle(0.1, steps=10)),
    "plateau": optim.chain(optim.Adam(), optim.Plateau()),
    "accumulate": optim.Accumulate(optim.Adam(0.01), every=2),
    "average": optim.AverageWeights(optim.Nesterov(0.01)),
    "skip": optim.SkipNotFinite(optim.Adam(0.01)),
    "all together": optim.AverageWeights(
        optim.SkipNotFinite(
            optim.chain(
                optim.ClipGlobalNorm(1.0),
                optim.Accumulate(optim.AdamW(optim.WarmUp(0.01, steps=3)), every=2),
                optim.Plateau(patience=1),
            )
        )
    ),
}


def every_optimizer() -> dict[str, optim.Optimizer]:
    return {name: optim.get(name) for name in NAMES} | PIECES


def rosenbrock(x: Any) -> Any:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_gradient(x: Any) -> Any:
    bend = x[1:] - x[:-1] ** 2
    gradient = np.zeros_like(x)
    gradient[:-1] = -400 * x[:-1] * bend - 2 * (1 - x[:-1])
    gradient[1:] += 200 * bend
    return gradient


@dataclasses.dataclass(frozen=True)
class Layer:
    weight: Any
    running_mean: Any = tree.field(passive=True)
    name: str = "layer"


def parameters(dtype: Any) -> Any:
    layer = Layer(np.array([[1.0, -2.0], [0.5, 3.0]], dtype), np.ones(2, dtype))
    return {"layers": [layer], "bias": np.array([0.1, 0.2], dtype), "scale": np.array(2.0, dtype)}


def gradients(params: Any, count: int) -> list[Any]:
    """Gradients that change sign and size from step to step."""
    shifts = np.sin(1.7 * np.arange(count)) + 0.3
    return [scale(shift, params) for shift in shifts]


def kinds(params: Any) -> Any:
    return [(np.shape(leaf), np.asarray(leaf).dtype) for leaf in tree.flatten(params)[0]]


def run(optimizer: optim.Optimizer, params: Any, count: int = 6, update: Any = None) -> Any:
    state = optimizer.init(params)
    for gradient in gradients(params, count):
        step, state = (update or optimizer.update)(gradient, state, params)
        state = optimizer.observe(state, 1.0)
        params = optim.apply(params, step)
    return params, state
