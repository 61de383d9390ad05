"""Derivatives of activations, losses, links and a network: PyTorch's, at kinks, at the edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary import nn
from tests.nn import from_torch
from tests.nn.test_losses import CASES, LOGITS, TORCH_TARGETS, WEIGHTS, function

TORCH = from_torch.load()
POINTS = np.array(from_torch.POINTS, np.float64)
TARGETS = np.array(from_torch.TARGETS)
ON_EACH_NUMBER = sorted(set(nn.ACTIVATIONS) - {"softmax", "log_softmax"})


def slope(f: Any, x: Any) -> Any:
    return cat.grad(lambda x: np.sum(f(x)))(x)


# ---- activations --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ON_EACH_NUMBER)
def test_slopes_of_torch(name: str) -> None:
    found = slope(nn.ACTIVATIONS[name], POINTS)
    np.testing.assert_allclose(found, TORCH["activations"][name]["slope"], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_slopes_of_torch_along_an_axis(name: str) -> None:
    found = slope(lambda x: nn.ACTIVATIONS[name](x) * TARGETS, LOGITS)
    np.testing.assert_allclose(found, TORCH["along_axis"][name]["slope"], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", sorted(nn.ACTIVATIONS))
def test_first_and_second_derivatives_against_differences(name: str) -> None:
    # Away from all kinks: −6, −3, −1, 0, 1, 3, 6.
    x = np.array([[-7.25, -3.5, -2.0, -0.5], [0.25, 1.5, 3.75, 6.5]])
    cat.check_grads(nn.ACTIVATIONS[name], x)


# The mean of the two one-sided slopes, at every point where they differ.
KINKS = {
    ("relu", 0.0): 0.5,
    ("leaky_relu", 0.0): 0.505,
    ("relu6", 0.0): 0.5,
    ("relu6", 6.0): 0.5,
    ("hard_tanh", -1.0): 0.5,
    ("hard_tanh", 1.0): 0.5,
    ("hard_sigmoid", -3.0): 1 / 12,
    ("hard_sigmoid", 3.0): 1 / 12,
    ("hard_swish", -3.0): -0.25,
    ("hard_swish", 3.0): 1.25,
    ("elu", 0.0): 1.0,
    ("selu", 0.0): 1.0507009873554805 * (1 + 1.6732632423543772) / 2,
    ("softsign", 0.0): 1.0,
}


@pytest.mark.parametrize(("name", "at"), sorted(KINKS))
def test_slopes_at_kinks(name: str, at: float) -> None:
    f = nn.ACTIVATIONS[name]
    assert slope(f, np.array([at]))[0] == pytest.approx(KINKS[name, at], rel=1e-14)
    h = 1e-7
    around = (f(np.float64(at + h)) - f(np.float64(at - h))) / (2 * h)
    assert around == pytest.approx(KINKS[name, at], abs=1e-6)


@pytest.mark.parametrize("name", sorted(nn.ACTIVATIONS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_slopes_are_finite_where_values_are(name: str, dtype: Any) -> None:
    x = np.array([-1e12, -1e4, -40.0, -1e-30, 0.0, 1e-30, 40.0, 1e4, 1e12], dtype)
    found = slope(nn.ACTIVATIONS[name], x)
    assert found.dtype == dtype
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "hard_tanh", "sigmoid", "tanh", "elu"])
def test_slopes_at_infinity(name: str) -> None:
    expected = {"relu": [0, 1], "leaky_relu": [0.01, 1], "elu": [0, 1]}.get(name, [0, 0])
    found = [slope(nn.ACTIVATIONS[name], np.array([x])).item() for x in (-np.inf, np.inf)]
    assert found == expected


def test_masked_logits_have_slope_zero() -> None:
    found = slope(lambda x: nn.softmax(x)[..., 0], np.array([[0.0, -np.inf, 1.0]]))
    assert np.isfinite(found).all()
    assert found[0, 1] == 0


# ---- losses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_slopes_of_torchs_losses(case: str, weights: Any) -> None:
    found = cat.grad(lambda z: function(case)(z, TORCH_TARGETS[case], weights))(LOGITS)
    stored = TORCH["losses"][case if weights is None else f"{case}, weighted"]["slope"]
    np.testing.assert_allclose(found, stored, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("case", CASES)
def test_losses_against_differences(case: str) -> None:
    # Off the kinks of the absolute value, of Huber's bends and of the hinge.
    cat.check_grads(lambda z: function(case)(z, TORCH_TARGETS[case]), LOGITS + 0.0371)


def test_multiclass_hinge_against_differences() -> None:
    cat.check_grads(lambda z: nn.hinge(z, np.array([1, 2, 0, 0])), LOGITS)


@pytest.mark.parametrize("case", [case for case in CASES if case != "poisson"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_losses_have_finite_slopes_at_huge_logits(case: str, dtype: Any) -> None:
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]], dtype)
    found = cat.grad(lambda z: function(case)(z, TORCH_TARGETS[case][:2]))(logits)
    assert found.dtype == dtype
    assert np.isfinite(found).all()


def test_cross_entropys_slope_is_probability_minus_truth() -> None:
    classes = np.array([0, 2, 1, 1])
    found = cat.grad(lambda z: nn.cross_entropy(z, classes))(LOGITS)
    np.testing.assert_allclose(found, (nn.softmax(LOGITS) - np.eye(3)[classes]) / 4, rtol=1e-13)


# ---- links --------------------------------------------------------------------------------------


def test_batch_norms_slope_is_torchs() -> None:
    zeros, ones = np.zeros(3), np.ones(3)
    link = nn.BatchNorm(np.array([1.5, -0.5, 2.0]), np.array([0.1, 0.2, -0.3]), zeros, ones)
    found = slope(lambda x: link(x, train=True) * TARGETS, LOGITS)
    np.testing.assert_allclose(found, TORCH["batch_norm"]["slope"], rtol=1e-11, atol=1e-14)
    cat.check_grads(lambda link, x: link(x, train=True), link, LOGITS)


def test_state_has_no_slope_and_comes_back() -> None:
    link = nn.batch_norm(3, dtype=np.float64)

    def cost(link: nn.BatchNorm, x: Any) -> Any:
        y, after = link.forward(x, train=True)
        return np.sum(y**2), after

    (_, after), gradient = cat.value_and_grad(cost, has_aux=True)(link, LOGITS)
    np.testing.assert_allclose(after.mean, 0.1 * LOGITS.mean(0))
    np.testing.assert_array_equal(gradient.mean, link.mean)
    assert np.shape(gradient.scale) == (3,)
    jitted = cat.jit(cat.value_and_grad(cost, has_aux=True))
    (_, again), _ = jitted(link, LOGITS)
    np.testing.assert_allclose(again.variance, after.variance)
    assert again.epsilon == link.epsilon
    assert type(again.epsilon) is float


def test_dropout_under_jit_is_dropout() -> None:
    link, key, ones = nn.Dropout(0.5), cat.random.key(1), np.ones(50, np.float32)
    jitted = cat.jit(lambda link, x, key: link(x, key=key, train=True))
    np.testing.assert_array_equal(jitted(link, ones, key), link(ones, key=key, train=True))
    assert jitted(link, ones, key).dtype == np.float32
    found = slope(lambda x: link(x, key=key, train=True), ones)
    np.testing.assert_array_equal(found, link(ones, key=key, train=True))


@pytest.mark.parametrize("name", sorted(nn.ACTIVATIONS))
def test_activations_under_jit_and_vmap(name: str) -> None:
    f = nn.ACTIVATIONS[name]
    for dtype in (np.float32, np.float64):
        x = LOGITS.astype(dtype)
        for found in (cat.jit(f)(x), cat.vmap(f)(x)):
            assert found.dtype == dtype
            np.testing.assert_allclose(found, f(x), rtol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_losses_under_jit(case: str) -> None:
    f, target = function(case), TORCH_TARGETS[case]
    single = LOGITS.astype(np.float32)
    found = cat.jit(f)(single, target, WEIGHTS)
    assert found.dtype == np.float32
    assert found == pytest.approx(f(single, target, WEIGHTS), rel=1e-6)


# ---- a network ----------------------------------------------------------------------------------


def network(arrays: list[Any]) -> nn.Chain:
    w1, b1, w2, b2, w3, b3 = map(np.array, arrays)
    return nn.Chain([nn.Dense(w1, b1, "tanh"), nn.Dense(w2, b2, "gelu"), nn.Dense(w3, b3)])


def test_gradient_and_hessian_vector_product_of_three_links_are_torchs() -> None:
    stored = TORCH["network"]
    net, direction = network(stored["weights"]), network(stored["directions"])

    def cost(net: nn.Chain) -> Any:
        return nn.quadratic_cost(net(LOGITS), TARGETS[:, :2])

    value, gradient = cat.value_and_grad(cost)(net)
    assert value == pytest.approx(stored["value"], rel=1e-14)
    product = cat.hvp(cost, net, direction)
    for found, name in ((gradient, "gradient"), (product, "hvp")):
        for a, b in zip(cat.tree.coordinates(found), stored[name]):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-12 * np.abs(b).max())


def test_training_is_subtraction() -> None:
    net = nn.mlp([3, 8, 2], "tanh", seed=0, dtype=np.float64)

    def cost(net: nn.Chain) -> Any:
        return nn.mse(net(LOGITS), TARGETS[:, :2])

    costs = []
    for _ in range(50):
        costs.append(float(cost(net)))
        net = net - 0.1 * cat.grad(cost)(net)
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 0.2 * costs[0]
    assert isinstance(net, nn.Chain)
