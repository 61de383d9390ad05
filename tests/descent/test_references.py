"""The optimizers and schedules against the numbers of PyTorch and Optax.

``benchmarks/optimizer_references.py`` made the numbers; each case names its origin. The formulas
are the same, written in another order of operations: agreement is to 1e-12 relative.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catenary import descent as optim
from tests.descent.problems import rosenbrock_gradient

REFERENCES = json.loads((Path(__file__).parent / "references.json").read_text("utf-8"))
POINTS, RATES = REFERENCES["optimizers"], REFERENCES["schedules"]

OPTIMIZERS: dict[str, optim.Optimizer] = {
    "gradient descent": optim.GradientDescent(1e-4),
    "momentum": optim.Momentum(1e-4, momentum=0.9),
    "nesterov": optim.Nesterov(1e-4, momentum=0.9),
    "coupled weight decay": optim.chain(optim.WeightDecay(0.1), optim.Momentum(1e-4)),
    "adagrad": optim.Adagrad(0.1),
    "adagrad, initial sum": optim.Adagrad(0.1, initial=0.5),
    "adadelta": optim.Adadelta(),
    "rmsprop": optim.RMSprop(0.01),
    "rmsprop, centered": optim.RMSprop(0.01, decay=0.9, centered=True),
    "rmsprop, momentum": optim.chain(
        optim.RmsDirection(), optim.Velocity(0.9), optim.Descend(0.01)
    ),
    "adam": optim.Adam(0.1),
    "adam, other settings": optim.Adam(0.1, beta1=0.8, beta2=0.95, epsilon=1e-3),
    "adam, coupled weight decay": optim.chain(optim.WeightDecay(0.1), optim.Adam(0.1)),
    "adamw": optim.AdamW(0.1, weight_decay=0.1),
    "adamax": optim.Adamax(0.1),
    "nadam": optim.Nadam(0.1),
    "radam": optim.RAdam(3e-4, beta1=0.9, beta2=0.9),
    "amsgrad": optim.AMSGrad(0.1, beta1=0.5, beta2=0.6),
    "rprop": optim.Rprop(0.01),
    "lion": optim.Lion(0.01),
    "lion, weight decay": optim.Lion(0.01, weight_decay=0.1),
    "clipped": optim.chain(optim.ClipGlobalNorm(1.0), optim.GradientDescent(0.01)),
}

SCHEDULES: dict[str, Any] = {
    "step": optim.StepDecay(0.1, every=6, factor=0.3),
    "exponential": optim.ExponentialDecay(0.1, factor=0.9),
    "polynomial": optim.PolynomialDecay(0.1, steps=15, power=2.0),
    "cosine": optim.CosineDecay(0.1, steps=15, final=0.01),
    "cosine restarts": optim.CosineRestarts(0.1, steps=5, growth=2, final=0.01),
    "cosine restarts, equal": optim.CosineRestarts(0.1, steps=5),
    "one cycle": optim.OneCycle(0.1, steps=20),
    "piecewise": optim.Piecewise((0.1, 0.01, 0.001), boundaries=(5, 12)),
}

PLATEAUS: dict[str, optim.Plateau] = {
    "plateau": optim.Plateau(factor=0.5, patience=2),
    "plateau, cooldown": optim.Plateau(factor=0.1, patience=1, cooldown=3, smallest=0.005),
}


def test_every_reference_is_compared() -> None:
    assert POINTS.keys() == OPTIMIZERS.keys()
    assert RATES.keys() == SCHEDULES.keys() | PLATEAUS.keys()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_twenty_steps_equal_the_reference(name: str) -> None:
    optimizer, x = OPTIMIZERS[name], np.array([-1.2, 1.0, 0.8])
    state = optimizer.init(x)
    reached = []
    for _ in range(20):
        step, state = optimizer.update(rosenbrock_gradient(x), state, x)
        x = optim.apply(x, step)
        reached.append(x)
    np.testing.assert_allclose(reached, POINTS[name]["points"], rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_equal_the_reference(name: str) -> None:
    expected = RATES[name]["rates"]
    schedule = SCHEDULES[name]
    np.testing.assert_allclose(schedule(np.arange(len(expected))), expected, rtol=1e-12, atol=1e-17)
    one_by_one = [schedule(np.array(step)) for step in range(len(expected))]
    np.testing.assert_allclose(one_by_one, expected, rtol=1e-12, atol=1e-17)


@pytest.mark.parametrize("name", PLATEAUS)
def test_plateau_falls_when_the_reference_does(name: str) -> None:
    plateau, case = PLATEAUS[name], RATES[name]
    state = plateau.init(np.ones(1))
    scales = []
    for cost in case["costs"]:
        state = plateau.observe(state, cost)
        scales.append(plateau.update(np.ones(1), state, np.ones(1))[0][0])
    np.testing.assert_allclose(scales, case["rates"], rtol=1e-12)
