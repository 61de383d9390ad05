"""What holds for every optimizer, piece and wrapper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catenary import descent as optim
from catenary.tracing import tree
from tests.descent.problems import NAMES, every_optimizer, gradients, kinds, parameters, run

EVERY = every_optimizer()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", EVERY)
def test_parameters_and_state_keep_structure_shape_and_dtype(name: str, dtype: Any) -> None:
    before = parameters(dtype)
    fresh = EVERY[name].init(before)
    params, state = run(EVERY[name], before)
    assert tree.flatten(params)[1] == tree.flatten(before)[1]
    assert kinds(params) == kinds(before)
    assert tree.flatten(state)[1] == tree.flatten(fresh)[1]
    assert kinds(state) == kinds(fresh)


@pytest.mark.parametrize("name", EVERY)
def test_float32_steps_are_those_of_float64_rounded(name: str) -> None:
    narrow, _ = run(EVERY[name], parameters(np.float32))
    wide, _ = run(EVERY[name], parameters(np.float64))
    for a, b in zip(tree.coordinates(narrow), tree.coordinates(wide)):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("name", EVERY)
def test_nothing_that_the_caller_holds_is_written(name: str) -> None:
    params = parameters(np.float64)
    gradient = gradients(params, 1)[0]
    state = EVERY[name].update(gradient, EVERY[name].init(params), params)[1]
    held = [leaf for t in (params, gradient, state) for leaf in tree.flatten(t)[0]]
    arrays = [leaf for leaf in held if isinstance(leaf, np.ndarray)]
    copies = [leaf.copy() for leaf in arrays]
    for leaf in arrays:
        leaf.setflags(write=False)
    EVERY[name].observe(EVERY[name].update(gradient, state, params)[1], 1.0)
    for leaf, copy in zip(arrays, copies):
        np.testing.assert_array_equal(leaf, copy)


@pytest.mark.parametrize("name", EVERY)
def test_what_is_no_coordinate_stays(name: str) -> None:
    before = parameters(np.float64)
    after, _ = run(EVERY[name], before)
    assert after["layers"][0].name == "layer"
    np.testing.assert_array_equal(after["layers"][0].running_mean, np.ones(2))


# The global norm joins all arrays: that is its meaning.
@pytest.mark.parametrize("name", sorted(EVERY.keys() - {"clip global norm", "all together"}))
def test_a_tree_moves_as_its_arrays_would_alone(name: str) -> None:
    params = parameters(np.float64)
    together, _ = run(EVERY[name], params)
    alone, _ = run(EVERY[name], params["bias"])
    np.testing.assert_allclose(together["bias"], alone, rtol=1e-15)


@pytest.mark.parametrize("name", EVERY)
def test_python_floats_are_parameters_too(name: str) -> None:
    number, _ = run(EVERY[name], {"w": np.float64(0.7)})
    state, w = EVERY[name].init({"w": 0.7}), {"w": 0.7}
    for gradient in gradients({"w": np.float64(0.7)}, 6):
        step, state = EVERY[name].update({"w": float(gradient["w"])}, state, w)
        state = EVERY[name].observe(state, 1.0)
        w = optim.apply(w, step)
    np.testing.assert_allclose(w["w"], number["w"], rtol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_a_bowl_is_descended(name: str) -> None:
    """½ Σ λᵢ wᵢ² with λ from 1 to 10: all lose 99 % of the value at the start in 500 steps."""
    curvature = np.array([1.0, 3.0, 10.0])
    rates = {"adadelta": 10.0, "lion": 0.004, "adagrad": 0.5, "rmsprop": 0.005, "adamw": 0.05}
    extra = {"weight_decay": 0.0} if name == "adamw" else {}
    optimizer = optim.get(name, rates.get(name, 0.05), **extra)
    w = np.array([1.0, -1.0, 1.0])
    start, state = 0.5 * curvature @ w**2, optimizer.init(w)
    for _ in range(500):
        step, state = optimizer.update(curvature * w, state, w)
        w = optim.apply(w, step)
    assert 0.5 * curvature @ w**2 < 0.01 * start


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"rprop"}))
def test_a_schedule_is_asked_with_the_number_of_steps_taken(name: str) -> None:
    seen = []

    def schedule(step: Any) -> Any:
        seen.append(int(step))
        return np.where(step < 2, 0.1, 0.0)

    w = np.ones(2, np.float32)
    optimizer = optim.get(name, schedule)
    state, moved = optimizer.init(w), []
    for _ in range(4):
        step, state = optimizer.update(w, state, w)
        assert step.dtype == np.float32
        moved.append(bool(np.any(step)))
    assert seen == [0, 1, 2, 3]
    assert moved == [True, True, False, False]
