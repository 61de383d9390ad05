"""Hessian, Gauss–Newton and Fisher maps: against dense matrices, closed forms, and each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary import nn
from catenary.core.errors import DerivativeError, InputError, ShapeError
from catenary.linear import curvature
from catenary.tracing import random, tree

RNG = np.random.default_rng(3)
X = RNG.normal(size=(14, 3))
Y = RNG.normal(size=(14, 2))
CLASSES = RNG.integers(0, 3, 14)


def small(outputs: int, dtype: Any = np.float64) -> nn.Chain:
    return nn.mlp([3, 4, outputs], activation="tanh", seed=1, dtype=dtype)


def model(net: Any, x: Any) -> Any:
    return net(x)


def cost(net: Any, x: Any, y: Any) -> Any:
    return nn.mse(net(x), y)


def class_cost(net: Any, x: Any, y: Any) -> Any:
    return nn.cross_entropy(net(x), y)


def dense_hessian(f: Any, net: Any) -> Any:
    return cat.linearize(cat.grad(f), net)[1].matrix()


def rows(of: Any, net: Any) -> Any:
    """The Jacobian of a function of the net, as a matrix."""
    return cat.linearize(of, net)[1].matrix()


@pytest.mark.parametrize(("f", "targets", "outputs"), [(cost, Y, 2), (class_cost, CLASSES, 3)])
@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_a_hessian_over_batches_is_the_hessian_of_the_mean(
    f: Any, targets: Any, outputs: int, batch_size: int | None
) -> None:
    net = small(outputs)
    H = curvature.hessian(f, net, (X, targets), batch_size=batch_size)
    whole = dense_hessian(lambda w: f(w, X, targets), net)
    np.testing.assert_allclose(H.matrix(), whole, atol=1e-13)
    assert H.T is H
    v = tree.map(lambda a: RNG.normal(size=a.shape), net)
    flat = np.concatenate([np.ravel(a) for a in tree.coordinates(v)])
    image = np.concatenate([np.ravel(a) for a in tree.coordinates(H @ v)])
    np.testing.assert_allclose(image, whole @ flat, atol=1e-12)


def test_a_hessian_needs_no_network_and_no_data() -> None:
    H = curvature.hessian(lambda p: p["a"] ** 2 * p["b"][1], {"a": 3.0, "b": np.array([1.0, 5.0])})
    np.testing.assert_allclose(H.matrix(), [[10, 0, 6], [0, 0, 0], [6, 0, 0]])
    assert repr(H) == "<Hessian 3×3>"


def test_data_and_batches_are_told() -> None:
    H = curvature.hessian(cost, small(2), (X, Y), batch_size=4)
    assert repr(H) == "<Hessian 26×26 over 14 examples in 4 batches>"


def test_float32_stays_float32() -> None:
    net = small(2, np.float32)
    data = X.astype(np.float32), Y.astype(np.float32)
    for A in (
        curvature.hessian(cost, net, data, batch_size=5),
        curvature.gauss_newton(model, nn.mse, net, data, batch_size=5),
        curvature.empirical_fisher(model, nn.mse, net, data, batch_size=5),
    ):
        assert {leaf.dtype for leaf in tree.coordinates(A @ net)} == {np.dtype(np.float32)}


@pytest.mark.parametrize(("loss", "targets", "outputs"), [
    (nn.mse, Y, 2), (nn.quadratic_cost, Y, 2), (nn.cross_entropy, CLASSES, 3),
    (nn.huber, Y, 2), (lambda z, y: np.mean(np.exp(z - y)), Y, 2),
])  # fmt: skip
def test_gauss_newton_is_the_jacobian_around_the_loss_curvature(
    loss: Any, targets: Any, outputs: int
) -> None:
    net = small(outputs)
    G = curvature.gauss_newton(model, loss, net, (X, targets), batch_size=7)
    J = rows(lambda w: w(X), net)
    inner = dense_hessian(lambda z: loss(z, targets), net(X))
    np.testing.assert_allclose(G.matrix(), J.T @ inner @ J, atol=1e-12)


def test_gauss_newton_is_the_hessian_where_the_model_is_linear() -> None:
    net = nn.mlp([3, 3], seed=2, dtype=np.float64)
    data = X, CLASSES
    G = curvature.gauss_newton(model, nn.cross_entropy, net, data)
    H = curvature.hessian(class_cost, net, data)
    np.testing.assert_allclose(G.matrix(), H.matrix(), atol=1e-13)


def test_gauss_newton_is_the_hessian_where_the_fit_is_exact() -> None:
    net = small(2)
    data = X, net(X)
    G = curvature.gauss_newton(model, nn.mse, net, data)
    np.testing.assert_allclose(G.matrix(), curvature.hessian(cost, net, data).matrix(), atol=1e-13)


def test_the_empirical_fisher_is_the_second_moment_of_gradients() -> None:
    net = small(3)
    F = curvature.empirical_fisher(model, nn.cross_entropy, net, (X, CLASSES), batch_size=6)
    gradients = rows(
        lambda w: np.stack(
            [nn.cross_entropy(w(X[i : i + 1]), CLASSES[i : i + 1]) for i in range(14)]
        ),
        net,
    )
    np.testing.assert_allclose(F.matrix(), gradients.T @ gradients / 14, atol=1e-13)


@pytest.mark.parametrize(("loss", "targets", "outputs"), [
    (nn.mse, Y, 2), (nn.cross_entropy, CLASSES, 3), (nn.binary_cross_entropy, (Y > 0) * 1.0, 2),
])  # fmt: skip
def test_the_fisher_of_natural_parameters_is_gauss_newton(
    loss: Any, targets: Any, outputs: int
) -> None:
    net = small(outputs)
    F = curvature.fisher(model, loss, net, (X, targets))
    assert repr(F).startswith("<Fisher ")
    G = curvature.gauss_newton(model, loss, net, (X, targets))
    np.testing.assert_array_equal(F.matrix(), G.matrix())


def test_the_fisher_of_classes_is_the_expectation_over_classes() -> None:
    net = small(3)
    F = curvature.fisher(model, nn.cross_entropy, net, (X, CLASSES)).matrix()
    probabilities = nn.softmax(net(X))
    expected = np.zeros_like(F)
    for y in range(3):
        each = rows(
            lambda w, y=y: np.stack(
                [nn.cross_entropy(w(X[i : i + 1]), np.array([y])) for i in range(14)]
            ),
            net,
        )
        expected += each.T @ (probabilities[:, y : y + 1] * each) / 14
    np.testing.assert_allclose(F, expected, atol=1e-13)


def poisson(log_rate: Any, y: Any) -> Any:
    return np.mean(np.exp(log_rate) - y * log_rate)


def test_the_fisher_of_other_losses_is_sampled() -> None:
    net = small(2)

    def cauchy(z: Any, y: Any) -> Any:  # its curvature depends on the target
        return np.mean(np.log1p((z - y) ** 2))

    with pytest.raises(DerivativeError, match=r"Give sample=\(key, prediction\)"):
        curvature.fisher(model, cauchy, net, (X, Y))

    def normal(key: Any, z: Any) -> Any:  # of variance ½, as −log p = (z − y)² has it
        return z + random.normal(key, z.shape) * np.sqrt(0.5)

    def squares(z: Any, y: Any) -> Any:
        return np.mean(np.sum((z - y) ** 2, axis=1))

    sampled = curvature.fisher(model, squares, net, (X, Y), sample=normal, draws=400)
    exact = curvature.fisher(model, squares, net, (X, Y))
    error = np.linalg.norm(sampled.matrix() - exact.matrix()) / np.linalg.norm(exact.matrix())
    assert error < 0.1
    np.testing.assert_array_equal(
        curvature.fisher(model, poisson, net, (X, np.abs(Y))).matrix(),
        curvature.gauss_newton(model, poisson, net, (X, np.abs(Y))).matrix(),
    )


def test_blocks_are_those_of_the_matrix() -> None:
    net = small(2)
    H = curvature.hessian(cost, net, (X, Y))
    B = curvature.link_blocks(H)
    assert list(B.groups) == ["links[0]", "links[1]"]
    whole, first = H.matrix(), 3 * 4 + 4
    expected = np.zeros_like(whole)
    expected[:first, :first] = whole[:first, :first]
    expected[first:, first:] = whole[first:, first:]
    np.testing.assert_allclose(B.matrix(), expected, atol=1e-14)
    np.testing.assert_allclose(B["links[1]"].matrix(), whole[first:, first:], atol=1e-14)
    assert "Restriction links[1]" in repr(B["links[1]"])
    assert repr(B) == "<LinkBlocks 26×26: links[0], links[1]>"


def test_arrays_outside_all_groups_go_to_zero() -> None:
    H = curvature.hessian(lambda p: p["a"] ** 2 + p["b"] ** 2, {"a": 1.0, "b": 1.0})
    np.testing.assert_array_equal(curvature.link_blocks(H, {"a": [0]}).matrix(), [[2, 0], [0, 0]])


def test_refusals() -> None:
    net = small(2)
    with pytest.raises(ShapeError, match=r"do not make examples(.|\n)*got: +14, 13"):
        curvature.hessian(cost, net, (X, Y[:13]))
    with pytest.raises(InputError, match="batch_size=0 cannot be"):
        curvature.hessian(cost, net, (X, Y), batch_size=0)
    with pytest.raises(DerivativeError, match="hessian takes a function, got int"):
        curvature.hessian(3, net)  # type: ignore[arg-type]
    with pytest.raises(DerivativeError):
        curvature.hessian(lambda w: w, np.ones(2)) @ np.ones(2)


def test_a_net_with_passive_arrays() -> None:
    """Running means are no coordinates, neither of the net nor of a gradient."""
    first, last = nn.mlp([3, 4, 2], activation="tanh", seed=2, dtype=np.float64)
    net = nn.Chain([first, nn.batch_norm(4, dtype=np.float64), last])
    D = cat.linearize(cat.grad(lambda w: cost(w, X, Y)), net)[1]
    assert D.shape == (tree.size(net),) * 2
    np.testing.assert_allclose(
        D.matrix(), curvature.hessian(cost, net, (X, Y)).matrix(), atol=1e-13
    )
