"""KFAC: exact where theory says so, found in models that no list of layers knows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary import nn
from catenary.core.errors import DerivativeError
from catenary.linear import curvature

RNG = np.random.default_rng(2)
X, Y = RNG.normal(size=(9, 3)), RNG.normal(size=(9, 2))
CLASSES = RNG.integers(0, 2, 9)


def model(net: Any, x: Any) -> Any:
    return net(x)


def deep() -> nn.Chain:
    return nn.mlp([3, 4, 2], activation="tanh", seed=1, dtype=np.float64)


def exact_blocks(net: Any, loss: Any, data: Any, of: Any = model) -> Any:
    return curvature.link_blocks(curvature.gauss_newton(of, loss, net, data)).matrix()


@pytest.mark.parametrize(("loss", "targets"), [(nn.mse, Y), (nn.cross_entropy, CLASSES)])
def test_one_example_is_exact_at_any_depth(loss: Any, targets: Any) -> None:
    data = X[:1], targets[:1]
    K = curvature.kfac(model, loss, deep(), data)
    np.testing.assert_allclose(K.matrix(), exact_blocks(deep(), loss, data), atol=1e-13)


def test_a_linear_net_with_squares_is_exact_for_many_examples() -> None:
    net = nn.mlp([3, 2], seed=0, dtype=np.float64)
    K = curvature.kfac(model, nn.mse, net, (X, Y))
    np.testing.assert_allclose(K.matrix(), exact_blocks(net, nn.mse, (X, Y)), atol=1e-13)
    A, G = K.factors["links[0].weight"]
    wide = np.column_stack([X, np.ones(9)])
    np.testing.assert_allclose(A, wide.T @ wide / 9)
    np.testing.assert_allclose(G, np.eye(2))  # the mean square over two outputs: 2/2


def test_factors_of_a_deep_net_are_second_moments() -> None:
    net = deep()
    K = curvature.kfac(model, nn.mse, net, (X, Y))
    assert list(K.groups) == ["links[0].weight", "links[1].weight"]
    first, last = net
    hidden = np.column_stack([first(X), np.ones(9)])
    A, G = K.factors["links[1].weight"]
    np.testing.assert_allclose(A, hidden.T @ hidden / 9)
    np.testing.assert_allclose(G, np.eye(2), atol=1e-15)
    slopes = 1 - first(X) ** 2
    back = np.stack([last.weight * s[:, None] for s in slopes])  # ∂prediction/∂z of each row
    np.testing.assert_allclose(
        K.factors["links[0].weight"][1], np.einsum("nij,nkj->ik", back, back) / 9
    )


def test_batches_are_averaged() -> None:
    whole = curvature.kfac(model, nn.cross_entropy, deep(), (X, CLASSES))
    parts = curvature.kfac(model, nn.cross_entropy, deep(), (X, CLASSES), batch_size=4)
    np.testing.assert_allclose(parts.matrix(), whole.matrix(), atol=1e-14)


def test_a_model_that_is_no_chain() -> None:
    """Weights stored either way, without a bias, and a scale that multiplies no rows."""
    net = {"in": RNG.normal(size=(3, 4)), "out": RNG.normal(size=(2, 4)), "scale": np.ones(4)}

    def own(net: Any, x: Any) -> Any:
        return np.sin(net["scale"] * (x @ net["in"])) @ net["out"].T

    data = X[:1], Y[:1]
    K = curvature.kfac(own, nn.mse, net, data)
    assert set(K.factors) == {"['in']", "['out']"}
    assert set(K.groups) == {"['in']", "['out']", "['scale']"}
    G = curvature.gauss_newton(own, nn.mse, net, data)
    each = {name: [i] for i, name in enumerate(cat.tree.paths(net))}
    expected = curvature.link_blocks(G, each).matrix()
    np.testing.assert_allclose(K.matrix(), expected, atol=1e-13)


def test_the_inverse_undoes_the_damped_blocks() -> None:
    net = deep()
    K = curvature.kfac(model, nn.mse, net, (X, Y))
    A, G = K.factors["links[0].weight"]
    pi = np.sqrt(np.trace(A) / 4 / (np.trace(G) / 4))
    left, right = A + pi * 0.1 * np.eye(4), G + 0.1 / pi * np.eye(4)
    block = K.inverse(0.01)["links[0].weight"]
    np.testing.assert_allclose(block.matrix() @ np.kron(left, right), np.eye(16), atol=1e-10)
    step = K.inverse(0.01) @ cat.grad(lambda w: nn.mse(w(X), Y))(net)
    assert isinstance(step, nn.Chain)


def test_float32_stays_float32() -> None:
    net = nn.mlp([3, 4, 2], seed=1)
    data = X.astype(np.float32), Y.astype(np.float32)
    K = curvature.kfac(model, nn.mse, net, data)
    image = K.inverse(0.1) @ (K @ net)
    assert {leaf.dtype for leaf in cat.tree.coordinates(image)} == {np.dtype(np.float32)}


def test_a_model_without_products_is_refused() -> None:
    with pytest.raises(DerivativeError, match=r"no parameter of the model is multiplied with rows"):
        curvature.kfac(lambda w, x: w * x, nn.mse, np.ones(3), (X, X))
