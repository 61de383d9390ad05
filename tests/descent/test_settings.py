"""A setting that cannot be is refused where it is written, by name, with what would be right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from catenary import descent as optim
from catenary import nn
from catenary.core import errors

WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: optim.Adam(-0.1), r"learning_rate=-0.1 cannot be.\n  expected: a number, 0 or more"),
    (lambda: optim.Adam(float("nan")), "learning_rate=nan"),
    (lambda: optim.Adam(float("inf")), "learning_rate=inf"),
    (lambda: optim.Adam("0.1"), "learning_rate='0.1'"),  # type: ignore[arg-type]
    (lambda: optim.Adam(None), "learning_rate=None"),  # type: ignore[arg-type]
    (lambda: optim.Adam(optim.Plateau()), r"Plateau is none: .*chain\(optimizer, Plateau\(\)\)"),  # type: ignore[arg-type]
    (lambda: optim.Adam(beta1=1.0), "beta1=1.0 cannot be"),
    (lambda: optim.Adam(beta2=-0.1), "beta2=-0.1"),
    (lambda: optim.Adam(epsilon=0.0), "epsilon=0.0"),
    (lambda: optim.AMSGrad(beta1=2.0), "beta1=2.0"),
    (lambda: optim.AdamW(weight_decay=-1.0), "weight_decay=-1.0"),
    (lambda: optim.Nadam(momentum_decay=-1.0), "momentum_decay=-1.0"),
    (lambda: optim.RAdam(beta2=0.6), "beta2=0.6 cannot be.\n  expected: a number above 0.6"),
    (lambda: optim.Adamax(beta2=1.0), "beta2=1.0"),
    (lambda: optim.Momentum(momentum=1.5), "momentum=1.5"),
    (lambda: optim.Nesterov(momentum=-0.5), "momentum=-0.5"),
    (lambda: optim.Adagrad(initial=-1.0), "initial=-1.0"),
    (lambda: optim.RMSprop(decay=1.0), "decay=1.0"),
    (lambda: optim.Adadelta(epsilon=-1.0), "epsilon=-1.0"),
    (lambda: optim.Lion(beta1=7.0), "beta1=7.0"),
    (lambda: optim.Rprop(0.0), "learning_rate=0.0"),
    (lambda: optim.Rprop(grow=0.9), "grow=0.9"),
    (lambda: optim.Rprop(optim.Constant(0.1)), "learning_rate=Constant"),  # type: ignore[arg-type]
    (lambda: optim.ClipValue(0.0), "limit=0.0"),
    (lambda: optim.ClipGlobalNorm(-1.0), "limit=-1.0"),
    (lambda: optim.Accumulate(optim.Adam(), 0), "every=0"),
    (lambda: optim.Accumulate(optim.Adam(), 1.5), "every=1.5"),  # type: ignore[arg-type]
    (lambda: optim.AverageWeights(optim.Adam(), decay=1.0), "decay=1.0"),
    (lambda: optim.Plateau(factor=1.0), "factor=1.0"),
    (lambda: optim.Plateau(patience=-1), "patience=-1"),
    (lambda: optim.Constant(-1.0), "rate=-1.0"),
    (lambda: optim.StepDecay(0.1, every=0), "every=0"),
    (lambda: optim.ExponentialDecay(0.1, factor=1.5), "factor=1.5"),
    (lambda: optim.PolynomialDecay(0.1, steps=10, power=0.0), "power=0.0"),
    (lambda: optim.CosineDecay(0.1, steps=True), "steps=True"),
    (lambda: optim.CosineRestarts(0.1, steps=2, growth=0), "growth=0"),
    (lambda: optim.OneCycle(0.1, steps=10, rise=1.0), "rise=1.0"),
    (lambda: optim.Piecewise((0.1, 0.2), boundaries=()), r"one fewer .* \(2 rates\)"),
    (lambda: optim.Piecewise((0.1, 0.2, 0.3), boundaries=(5, 5)), "increasing step counts"),
    (lambda: optim.Piecewise((0.1, -0.2), boundaries=(5,)), r"rates\[1\]=-0.2"),
    (lambda: optim.WarmUp(-1.0, steps=10), "after=-1.0"),
    (lambda: optim.WarmUp(0.1, steps=0), "steps=0"),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_setting_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(errors.InputError, match=message):
        make()


def test_numpy_numbers_and_arrays_are_settings_too() -> None:
    for rate in (np.float32(0.5), np.float64(0.5), np.array(0.5), 1):
        descent = optim.GradientDescent(rate)
        w = np.ones(1)
        np.testing.assert_array_equal(descent.update(w, descent.init(w), w)[0], [-rate])


def test_habits_from_elsewhere_are_answered() -> None:
    with pytest.raises(errors.InputError, match=r"learning_rate=Chain\(.*\) cannot be"):
        optim.Adam(nn.mlp([2, 1]))  # type: ignore[arg-type]
    with pytest.raises(errors.InputError, match="setting of Adam called 'lr'"):
        optim.Adam(lr=0.1)  # type: ignore[call-arg]
