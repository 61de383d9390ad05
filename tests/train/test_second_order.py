"""Training by methods of second order: fewer steps, exact curvature, and all that fit promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris

from catenary import descent as optim
from catenary.core import errors
from catenary.descent.coordinates import Coordinates
from catenary.descent.kfac import _preconditioned
from catenary.descent.kronecker import Factors
from catenary.linear.hessian import hessian
from catenary.linear.jacobian import jacobian
from catenary.nn import Chain, Dense, batch_norm, dropout, mlp
from catenary.nn.losses import LOSSES
from catenary.tracing import random, tree
from catenary.train import Examples, fit
from catenary.train.second_order import BatchOracle, MethodRunner, Programs

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 3))
Y = np.stack([np.sin(X[:, 0]) + X[:, 1], X[:, 2] ** 2], axis=1)
LABELS = (Y[:, 0] > 0).astype(np.int64) + (Y[:, 1] > 1)

METHODS: dict[str, Any] = {
    "l-bfgs": optim.LBFGS(),
    "bfgs": optim.BFGS(),
    "conjugate gradient": optim.ConjugateGradient(),
    "newton-cg": optim.NewtonCG(),
    "trust region": optim.TrustRegion("cg"),
    "gauss-newton": optim.GaussNewton(),
    "levenberg-marquardt": optim.LevenbergMarquardt(),
    "saddle-free": optim.SaddleFreeNewton("lanczos", rank=10),
    "kfac": optim.KFAC(),
}


def small(dtype: Any = np.float64, outputs: int = 2) -> Any:
    return mlp([3, 5, outputs], activation="tanh", seed=1, dtype=dtype)


def quietly(net: Any, loss: Any, data: Any, **settings: Any) -> Any:
    return fit(net, loss, data, verbose=False, **{"batch_size": None, **settings})


@pytest.mark.parametrize("name", METHODS)
def test_fewer_steps_than_adam_to_the_same_cost(name: str) -> None:
    rates = (0.01, 0.03, 0.1, 0.3)
    adam = [quietly(small(), "mse", (X, Y), learning_rate=r, epochs=60) for r in rates]
    goal = min(run.history.cost[-1] for run in adam)
    run = quietly(small(), "mse", (X, Y), optimizer=METHODS[name], epochs=60)
    assert run.stopped == "done"
    steps = int(np.argmax(run.history.cost <= goal))
    assert 0 < steps <= 40, (goal, run.history.cost[-1])


@pytest.mark.parametrize("name", ["l-bfgs", "newton-cg", "kfac"])
def test_iris_is_learnt_in_twenty_steps(name: str) -> None:
    flowers = load_iris()
    inputs = (flowers.data - flowers.data.mean(axis=0)) / flowers.data.std(axis=0)
    net = mlp([4, 8, 3], activation="tanh", seed=0, dtype=np.float64)
    data = (inputs, flowers.target)
    run = quietly(net, "cross_entropy", data, optimizer=METHODS[name], epochs=25)
    adam = quietly(net, "cross_entropy", data, learning_rate=0.1, epochs=25)
    assert run.history.cost[-1] < 0.05 < adam.history.cost[-1]


@pytest.mark.parametrize("name", METHODS)
def test_float32_on_batches(name: str) -> None:
    run = quietly(
        small(np.float32), "mse", (X, Y), optimizer=METHODS[name], batch_size=20, epochs=6
    )
    assert {leaf.dtype for leaf in tree.coordinates(run.net)} == {np.dtype(np.float32)}
    assert run.state.steps == 12
    assert run.history.cost[-1] < 0.5 * run.history.cost[0]


@pytest.mark.parametrize("name", METHODS)
def test_a_training_goes_on_bit_for_bit(name: str, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"optimizer": METHODS[name], "batch_size": 15}
    whole = quietly(small(), "mse", (X, Y), epochs=4, **settings)
    half = quietly(small(), "mse", (X, Y), epochs=2, **settings)
    on = quietly(half, "mse", (X, Y), epochs=4, **settings)
    file = tmp_path / "run.safetensors"
    quietly(small(), "mse", (X, Y), epochs=2, checkpoint=file, **settings)
    again = quietly(small(), "mse", (X, Y), epochs=4, checkpoint=file, resume=True, **settings)
    for other in (on, again):
        for a, b in zip(tree.coordinates(whole.net), tree.coordinates(other.net)):
            np.testing.assert_array_equal(a, b)


def test_weights_validation_and_patience() -> None:
    weights = np.where(LABELS == 1, 3.0, 1.0)
    run = quietly(
        small(outputs=3),
        "cross_entropy",
        (X, LABELS, weights),
        optimizer="l-bfgs",
        epochs=200,
        validation=0.25,
        patience=5,
        metrics="accuracy",
    )
    assert run.stopped == "early"
    assert run.best_epoch == len(run.history) - 5
    assert np.isfinite(run.history.metrics["accuracy"]).all()


def test_links_with_state_and_randomness() -> None:
    net = Chain([*small(outputs=5).links, batch_norm(5), *mlp([5, 2], seed=0).links])
    run = quietly(net, "mse", (X, Y), optimizer="l-bfgs", epochs=5)
    assert run.history.cost[-1] < run.history.cost[0]


def test_what_the_last_step_knew_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the cost is another one: of another batch, or with other randomness or state."""
    first, last = small().links
    plain, noisy = Chain([first, last]), Chain([first, dropout(0.3), last])
    stateful = Chain([first, batch_norm(5, dtype=np.float64), last])
    looks, look = [], BatchOracle.at

    def counting(self: Any, x: Any) -> Any:
        looks.append(1)
        return look(self, x)

    monkeypatch.setattr(BatchOracle, "at", counting)

    def count(net: Any, **settings: Any) -> int:
        looks.clear()
        method = optim.LevenbergMarquardt(damping=10.0)  # one look for each good step
        quietly(net, "mse", (X, Y), optimizer=method, epochs=4, **settings)
        return len(looks)

    assert count(plain) == 5
    assert count(plain, batch_size=20) >= 16
    assert min(count(noisy), count(stateful)) >= 8


def test_dropout_is_the_same_within_a_step() -> None:
    first, last = small().links
    net = Chain([first, dropout(0.3), last])
    run = quietly(net, "mse", (X, Y), optimizer="newton-cg", epochs=15)
    assert run.history.cost[-1] < run.history.cost[0]


def test_a_cost_that_is_not_finite_ends_the_training() -> None:
    def loss(prediction: Any, target: Any) -> Any:
        return np.mean((prediction - np.log(target)) ** 2)

    with pytest.warns(RuntimeWarning, match="a cost of inf"):
        run = quietly(small(), loss, (X, np.maximum(Y, 0)), optimizer="l-bfgs", nan_check=True)
    assert run.stopped == "not finite"
    assert run.state.steps == 0


def test_an_interrupted_training_returns_what_it_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    settings: dict[str, Any] = {"optimizer": "l-bfgs", "batch_size": 10, "epochs": 4}
    whole = quietly(small(), "mse", (X, Y), **settings)
    step, calls = MethodRunner._step, []

    def interrupted(self: Any, state: Any) -> Any:
        calls.append(1)
        if len(calls) == 9:
            raise KeyboardInterrupt
        return step(self, state)

    with monkeypatch.context() as patch:
        patch.setattr(MethodRunner, "_step", interrupted)
        reached = quietly(small(), "mse", (X, Y), **settings)
    assert reached.stopped == "interrupted"
    assert reached.state.steps < 9
    on = quietly(reached, "mse", (X, Y), **settings)
    np.testing.assert_array_equal(on.history.cost, whole.history.cost)


# ---- curvature against dense matrices -----------------------------------------------------------


def oracle(net: Any, loss: str, data: Any) -> tuple[BatchOracle, np.ndarray]:
    coordinates = Coordinates.of(net)
    batch = (LOSSES[loss], Examples(*data), (random.key(0), np.int64(0)))
    made = BatchOracle(Programs(), coordinates, net, batch)
    return made, coordinates.vector(net)


CASES = {
    "mse": (Y, 2),
    "quadratic_cost": (Y, 2),
    "cross_entropy": (LABELS, 3),
    "binary_cross_entropy": ((Y > 0.5).astype(float), 2),
    "poisson": (np.round(np.abs(Y)), 2),
}


@pytest.mark.parametrize("loss", CASES)
def test_products_are_those_of_the_dense_matrices(loss: str) -> None:
    targets, k = CASES[loss]
    net = small(outputs=k)
    made, x = oracle(net, loss, (X, targets))
    predict = lambda x: np.ravel(made.coordinates.tree(x)(X))  # noqa: E731
    cost = lambda z: LOSSES[loss](np.reshape(z, (len(X), k)), targets)  # noqa: E731
    J, H = jacobian(predict)(x), hessian(cost)(predict(x))
    G = J.T @ H @ J
    v = RANDOM.normal(size=x.size)
    np.testing.assert_allclose(made.gauss_newton(x)(v), G @ v, atol=1e-12)
    whole = hessian(lambda x: cost(predict(x)))(x)
    np.testing.assert_allclose(made.product(x)(v), whole @ v, atol=1e-12)
    np.testing.assert_allclose(made.hessian(x), whole, atol=1e-12)


@pytest.mark.parametrize("loss", ["mse", "quadratic_cost"])
def test_factors_of_one_linear_link_are_exact(loss: str) -> None:
    """There the curvature of the loss is the same for all examples: A ⊗ G is the matrix itself."""
    net = Chain([Dense(RANDOM.normal(size=(3, 2)), RANDOM.normal(size=2))])
    made, x = oracle(net, loss, (X, Y))
    (found,) = made.kronecker(x)
    dense = np.stack([made.gauss_newton(x)(unit) for unit in np.eye(x.size)])
    np.testing.assert_allclose(np.kron(found.inputs, found.outputs), dense, atol=1e-13)
    bare = Chain([Dense(RANDOM.normal(size=(3, 2)))])
    made, x = oracle(bare, loss, (X, Y))
    (found,) = made.kronecker(x)
    assert (found.inputs.shape, found.outputs.shape) == ((3, 3), (2, 2))


def test_factors_are_the_means_of_the_blocks() -> None:
    net = small(outputs=3)
    made, x = oracle(net, "cross_entropy", (X, LABELS))
    first, second = made.kronecker(x)
    z = net(X)
    p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
    blocks = [np.diag(row) - np.outer(row, row) for row in p]
    np.testing.assert_allclose(second.outputs, np.mean(blocks, axis=0), atol=1e-12)
    hidden = np.tanh(X @ net[0].weight + net[0].bias)
    pulled = [
        np.diag(1 - a**2) @ net[1].weight @ H @ net[1].weight.T @ np.diag(1 - a**2)
        for a, H in zip(hidden, blocks)
    ]
    np.testing.assert_allclose(first.outputs, np.mean(pulled, axis=0), atol=1e-12)
    ones = np.concatenate([X, np.ones((len(X), 1))], axis=1)
    np.testing.assert_allclose(first.inputs, ones.T @ ones / len(X), atol=1e-12)


def test_the_kfac_direction_is_that_of_the_damped_product() -> None:
    A, G = np.array([[4.0, 1.0], [1.0, 2.0]]), np.array([[0.3, 0.1], [0.1, 0.2]])
    g, damping = np.array([1.0, -2.0, 0.5, 3.0]), 0.1
    pi = np.sqrt(3.0 / 0.25)  # of the mean diagonals
    damped = np.kron(A + pi * damping**0.5 * np.eye(2), G + damping**0.5 / pi * np.eye(2))
    found = _preconditioned([Factors(A, G)], g, damping)
    np.testing.assert_allclose(found, -np.linalg.solve(damped, g), rtol=1e-12)


def test_kfac_averages_its_factors() -> None:
    net, method = small(), optim.KFAC()
    made, x = oracle(net, "mse", (X, Y))
    first, memory = method.move(made, made.at(x), method.init(net))
    assert first is not None
    _, memory = method.move(made, first, memory)
    pairs = zip(memory.factors, made.kronecker(x), made.kronecker(first.x))
    for kept, before, after in pairs:
        np.testing.assert_allclose(kept.outputs, (before.outputs + after.outputs) / 2)
        np.testing.assert_allclose(kept.inputs, (before.inputs + after.inputs) / 2)


def test_one_kfac_step_solves_a_linear_link() -> None:
    net = Chain([Dense(np.zeros((3, 2)), np.zeros(2))])
    run = quietly(net, "mse", (X, Y), optimizer=optim.KFAC(damping=1e-9), epochs=2)
    ones = np.concatenate([X, np.ones((len(X), 1))], axis=1)
    best = np.linalg.lstsq(ones, Y)[0]
    np.testing.assert_allclose(run.history.cost[1], np.mean((ones @ best - Y) ** 2), rtol=1e-6)


# ---- refusals -----------------------------------------------------------------------------------


def test_kfac_names_the_link_that_it_cannot_take() -> None:
    net = Chain([*small(outputs=5).links, batch_norm(5)])
    with pytest.raises(errors.InputError, match=r"link 2 is BatchNorm[\s\S]*\"l-bfgs\""):
        quietly(net, "mse", (X, RANDOM.normal(size=(40, 5))), optimizer="kfac")


def test_pure_newton_is_for_functions() -> None:
    with pytest.raises(errors.InputError, match=r"Newton\(\) does not train networks"):
        quietly(small(), "mse", (X, Y), optimizer=optim.Newton())


def test_a_method_takes_no_learning_rate() -> None:
    with pytest.raises(errors.InputError, match="beside the method 'l-bfgs'"):
        quietly(small(), "mse", (X, Y), optimizer="l-bfgs", learning_rate=0.1)
