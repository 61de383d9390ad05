"""Dense links and nets of them: the formula, shapes, dtypes, names, refusals."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from catenary.core.errors import InputError, ShapeError
from catenary.nn import Dense, dense, leaky_relu, mlp, relu
from catenary.nn.initializers import orthogonal
from catenary.tracing import random, tree

WEIGHT = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]])
BIAS = np.array([0.5, -0.5, 1.0])
KEY = random.key(0)


def test_the_formula_to_the_last_bit() -> None:
    x = np.array([[0.3, -1.7], [2.0, 0.1]])
    link = Dense(WEIGHT, BIAS, np.tanh)
    np.testing.assert_array_equal(link(x), np.tanh(x @ WEIGHT + BIAS))
    np.testing.assert_array_equal(Dense(WEIGHT)(x), x @ WEIGHT)


def test_leading_axes_are_examples() -> None:
    link = Dense(WEIGHT, BIAS, "tanh")
    batch = np.linspace(-1, 1, 24).reshape(3, 4, 2)
    out = link(batch)
    assert out.shape == (3, 4, 3)
    np.testing.assert_allclose(out[1, 2], link(batch[1, 2]), rtol=1e-15)
    assert link(batch[:0]).shape == (0, 4, 3)


def test_signals_are_z_and_a() -> None:
    x = np.array([0.3, -1.7])
    signals = Dense(WEIGHT, BIAS, "relu").signals(x)
    assert list(signals) == ["z", "a"]
    np.testing.assert_array_equal(signals["z"], x @ WEIGHT + BIAS)
    np.testing.assert_array_equal(signals["a"], relu(signals["z"]))


def test_integers_do_not_widen_float32() -> None:
    link = Dense(WEIGHT.astype(np.float32), BIAS.astype(np.float32), "gelu")
    for x in (np.array([1, 2]), np.array([True, False]), [1, 2], np.array([1, 2], np.float32)):
        assert link(x).dtype == np.float32
    np.testing.assert_array_equal(link([1, 2]), link(np.array([1, 2], np.float32)))


def test_coordinates_are_weight_and_bias() -> None:
    assert tree.paths(Dense(WEIGHT, BIAS, "relu")) == ["weight", "bias"]
    assert tree.paths(Dense(WEIGHT)) == ["weight"]
    assert Dense(WEIGHT, BIAS).parameter_count == 9
    half = Dense(WEIGHT, BIAS, "relu") - 0.5 * Dense(WEIGHT, BIAS, "relu")
    np.testing.assert_array_equal(half.weight, WEIGHT / 2)
    assert half.activation is relu


def test_a_link_prints_its_sizes() -> None:
    assert repr(Dense(WEIGHT, BIAS)) == "Dense(2 -> 3, float64)"
    assert repr(Dense(WEIGHT.astype(np.float32))) == "Dense(2 -> 3, no bias)"
    leaky = dense(2, 3, partial(leaky_relu, slope=0.2), key=KEY)
    assert repr(leaky) == "Dense(2 -> 3, leaky_relu(slope=0.2))"


@pytest.mark.parametrize("x", [np.zeros(3), np.zeros((2, 3)), np.float64(1), np.zeros((2, 0))])
def test_an_input_that_does_not_fit_is_refused(x: Any) -> None:
    with pytest.raises(ShapeError, match=r"does not fit Dense\(2 -> 3, float64\)") as caught:
        Dense(WEIGHT, BIAS)(x)
    assert "2 features" in str(caught.value)
    assert f"got:      shape {x.shape}" in str(caught.value)


@pytest.mark.parametrize(("weight", "bias"), [(BIAS, BIAS), (WEIGHT, BIAS[:2]), (WEIGHT, WEIGHT)])
def test_arrays_that_do_not_fit_are_refused(weight: Any, bias: Any) -> None:
    with pytest.raises(ShapeError, match="bias of shape"):
        Dense(weight, bias)


def test_fresh_links() -> None:
    link = dense(200, 300, "relu", key=KEY)
    assert link.weight.dtype == link.bias.dtype == np.float32
    assert link.weight.var() == pytest.approx(2 / 200, rel=0.05)
    assert not link.bias.any()
    assert dense(2, 3, key=KEY, bias=False).bias is None
    wide = dense(4, 4, key=KEY, weights=orthogonal, dtype=np.float64)
    np.testing.assert_allclose(wide.weight @ wide.weight.T, np.eye(4), atol=1e-14)


def test_mlp() -> None:
    net = mlp([4, 8, 8, 3], activation="tanh", seed=3)
    assert [link.activation.__name__ for link in net] == ["tanh", "tanh", "identity"]
    assert net.parameter_count == 4 * 8 + 8 + 8 * 8 + 8 + 8 * 3 + 3
    assert all(leaf.dtype == np.float32 for leaf in tree.coordinates(net))
    assert mlp([4, 2], output="softmax")(np.zeros((1, 4), np.float32)).tolist() == [[0.5, 0.5]]
    assert mlp([4, 2], dtype=np.float64)[0].weight.dtype == np.float64


def test_equal_seeds_give_equal_nets_and_links_differ() -> None:
    first, again, other = (mlp([5, 5, 5], "identity", seed=seed) for seed in (1, 1, 2))
    assert tree.norm(first - again) == 0
    assert tree.norm(first - other) > 1
    assert not np.array_equal(first[0].weight, first[1].weight)


@pytest.mark.parametrize("widths", [[], [3], [3, 0], [3, -1, 2], [3, 2.5], ["3", 2]])
def test_widths_that_make_no_network(widths: Any) -> None:
    with pytest.raises(InputError, match="at least two positive integers"):
        mlp(widths)
