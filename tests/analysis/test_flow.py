"""The way of the gradient: against dense products, verdicts, and remedies that work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.analysis.flow import judge
from catenary.analysis.saturation import saturation, slope
from catenary.nn import initializers

RNG = np.random.default_rng(0)
X = RNG.standard_normal((12, 3))
Y = RNG.standard_normal((12, 2))


def deep(activation: str, **options: Any) -> Any:
    return cat.nn.mlp([3, *20 * [16], 2], activation=activation, dtype=np.float64, **options)


def test_singular_values_are_those_of_the_dense_products() -> None:
    net = cat.nn.mlp([3, 5, 4, 2], activation="tanh", dtype=np.float64, seed=3)
    found = cat.analysis.flow(net, "mse", (X[:1], Y[:1]))
    for l in range(4):  # noqa: E741
        inner = net[:l](X[0])
        dense = cat.jacobian(net[l:])(inner) if l < 3 else np.eye(2)
        values = np.linalg.svd(dense, compute_uv=False)
        assert found.largest[l] == pytest.approx(values[0], rel=1e-12)
        assert found.smallest[l] == pytest.approx(values[-1], rel=1e-12)


def test_errors_and_gradients_are_those_of_grad() -> None:
    net = cat.nn.mlp([3, 5, 2], activation="relu", dtype=np.float64)
    found = cat.analysis.flow(net, "mse", (X, Y), optimizer="sgd", learning_rate=0.5)
    gradient = cat.grad(lambda net: cat.nn.mse(net(X), Y))(net)
    for l in range(2):  # noqa: E741
        assert found.gradient[l] == pytest.approx(float(cat.tree.norm(gradient[l])))
        assert found.weight[l] == pytest.approx(float(cat.tree.norm(net[l])))
        assert found.update[l] == pytest.approx(0.5 * found.gradient[l] / found.weight[l])
    by_input = cat.grad(lambda x: cat.nn.mse(net(x), Y))(X)
    assert found.error[0] == pytest.approx(np.linalg.norm(by_input))


def test_sigmoids_in_a_row_vanish_and_the_remedy_heals() -> None:
    net = deep("sigmoid")
    found = cat.analysis.flow(net, "mse", (X, Y))
    assert (found.verdict, found.remedy.activation) == ("vanishing", "tanh")  # type: ignore[union-attr]
    assert found.error[1] < 1e-8 * found.error[20]
    assert "tanh" in found.advice
    assert found.start is not None
    assert found.start >= 15
    assert cat.analysis.flow(found.remedy(net), "mse", (X, Y)).verdict == "healthy"  # type: ignore[misc]


@pytest.mark.parametrize(("activation", "deviation"), [("tanh", 1.5), ("relu", 0.9)])
def test_large_weights_explode_and_the_remedy_heals(activation: str, deviation: float) -> None:
    def large(key: Any, shape: Any, dtype: Any) -> Any:
        return initializers.normal(key, shape, dtype, deviation=deviation)

    net = deep(activation, weights=large)
    found = cat.analysis.flow(net, "mse", (X, Y))
    assert found.verdict == "exploding"
    assert found.remedy is not None
    assert found.remedy.activation is None  # the weights alone are at fault
    assert cat.analysis.flow(found.remedy(net), "mse", (X, Y)).verdict == "healthy"


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
def test_usual_nets_are_healthy(activation: str) -> None:
    net = cat.nn.mlp([3, 32, 32, 32, 2], activation=activation)
    found = cat.analysis.flow(net, "mse", (X, Y))
    assert (found.verdict, found.start, found.remedy) == ("healthy", None, None)
    assert found.advice == "Nothing needs to be done."


def test_a_verdict_names_the_link() -> None:
    assert judge(np.array([1, 1e-5, 1e-5, 1.0, 1.0])) == ("vanishing", 2)
    assert judge(np.array([1, 1e5, 50.0, 1.0, 1.0])) == ("exploding", 2)
    assert judge(np.array([1, np.inf, 1.0, 1.0])) == ("exploding", 1)
    assert judge(np.array([1, 0.0, 0.0, 1.0])) == ("vanishing", 2)
    assert judge(np.array([5.0, 1.0])) == ("healthy", None)


def test_float32_that_overflows_is_exploding() -> None:
    net = cat.nn.mlp([3, *20 * [16], 2], weights="constant")
    assert cat.analysis.flow(net, "mse", (1e3 * np.abs(X), Y)).verdict == "exploding"


def test_saturation_counts_flat_entries_and_dead_units() -> None:
    weight = np.array([[1.0, 1.0, 0.0]])
    x = np.array([[-20.0], [0.0], [20.0], [20.0]])
    sigmoids = cat.nn.Dense(weight, np.array([0.0, 60.0, 0.0]), "sigmoid")
    assert saturation(sigmoids, x) == (pytest.approx(7 / 12), pytest.approx(1 / 3))
    rectified = cat.nn.Dense(weight, np.array([0.0, -60.0, 1.0]), "relu")
    assert saturation(rectified, x) == (pytest.approx(5 / 12), pytest.approx(1 / 3))
    assert np.isnan(saturation(cat.nn.Dense(weight), x)).all()
    assert np.isnan(saturation(cat.nn.Function(cat.nn.softmax), x)).all()
    assert saturation(cat.nn.Function(np.tanh), x)[0] == 0.75


def test_the_slope_of_an_activation() -> None:
    np.testing.assert_allclose(slope(np.tanh, X), 1 - np.tanh(X) ** 2)


def test_links_without_parameters_take_part() -> None:
    net = cat.nn.Chain([*cat.nn.mlp([3, 4], dtype=np.float64), np.tanh, *cat.nn.mlp([4, 2])])
    found = cat.analysis.flow(net, "mse", (X, Y))
    assert np.isnan(found.update).tolist() == [False, True, False]
    assert found.largest.shape == (4,)


def test_whole_numbers_are_inputs_too() -> None:
    whole = np.arange(36).reshape(12, 3)
    net = cat.nn.mlp([3, 5, 2], activation="tanh", dtype=np.float64)
    found = cat.analysis.flow(net, "mse", (whole, Y))
    as_real = cat.analysis.flow(net, "mse", (whole.astype(float), Y))
    np.testing.assert_array_equal(found.error, as_real.error)


def test_links_with_state_and_randomness_take_part() -> None:
    key = cat.random.key(0)
    first = cat.nn.dense(3, 8, key=key)
    net = cat.nn.Chain([first, cat.nn.batch_norm(8), "relu", cat.nn.dropout(0.5), "tanh"])
    assert cat.analysis.flow(net, "mse", (X, np.zeros((12, 8)))).verdict == "healthy"


def test_what_is_refused() -> None:
    for net in (np.tanh, cat.nn.Chain([np.tanh])):
        with pytest.raises(cat.errors.InputError, match="chain of two links"):
            cat.analysis.flow(net, "mse", (X, Y))  # type: ignore[arg-type]


def test_it_can_be_read() -> None:
    text = repr(cat.analysis.flow(deep("sigmoid"), "mse", (X, Y)))
    head, columns, _, first, *rest = text.splitlines()
    assert head.startswith("Flow: vanishing, starting at link 1")
    assert columns.split()[:5] == ["link", "σ", "max", "σ", "min"]
    assert "Dense(3 -> 16, sigmoid, float64)" in first
    assert len(rest) == 20
