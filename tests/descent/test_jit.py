"""Every optimizer under ``jit``: the same steps, traced once for all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary import descent as optim
from catenary.tracing import tree
from tests.descent.problems import NAMES, every_optimizer, kinds, parameters, run

EVERY = every_optimizer()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", EVERY)
def test_jit_takes_the_same_steps_and_traces_once(name: str, dtype: Any) -> None:
    traces = []

    def update(gradient: Any, state: Any, params: Any) -> Any:
        traces.append(name)
        return EVERY[name].update(gradient, state, params)

    eager, eager_state = run(EVERY[name], parameters(dtype))
    jitted, jitted_state = run(EVERY[name], parameters(dtype), update=cat.jit(update))
    assert len(traces) == 1
    tolerance = 1e-6 if dtype == np.float32 else 1e-14
    for a, b in zip(
        tree.coordinates((jitted, jitted_state)), tree.coordinates((eager, eager_state))
    ):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
    assert kinds((jitted, jitted_state)) == kinds((eager, eager_state))


@pytest.mark.parametrize("name", NAMES)
def test_an_optimizer_may_be_an_argument_of_a_jitted_function(name: str) -> None:
    traces = []

    @cat.jit
    def update(optimizer: Any, gradient: Any, state: Any, params: Any) -> Any:
        traces.append(name)
        return optimizer.update(gradient, state, params)

    w = np.array([1.0, -2.0], np.float32)
    for rate in (0.1, 0.2):
        optimizer = optim.get(name, rate)
        step, _ = update(optimizer, w, optimizer.init(w), w)
        expected, _ = optimizer.update(w, optimizer.init(w), w)
        assert step.dtype == np.float32
        np.testing.assert_allclose(step, expected, rtol=1e-6)
    assert len(traces) == 1
