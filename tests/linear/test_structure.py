"""Derivatives arrive with their structure, and it is the matrix that forward mode gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary import linear
from catenary.linear.map import LinearMap

A = np.random.default_rng(0).normal(size=(3, 4))
X = np.random.default_rng(1).normal(size=4)


def softmax(x: Any) -> Any:
    return np.exp(x) / np.sum(np.exp(x))


CASES: dict[str, tuple[Callable[[Any], Any], Any, str]] = {
    "elementwise": (np.tanh, X, "Diagonal 4×4"),
    "elementwise, of a matrix": (lambda x: np.sin(x).reshape(2, 6), A, "Diagonal 12×12"),
    "a polynomial": (lambda x: 2 * x - x * x, X, "Diagonal 4×4"),
    "a branch": (lambda x: np.where(x > 0, x, 0.1 * x), X, "Diagonal 4×4"),
    "a multiple": (lambda x: 3 * x - x / 2, X, "Scalar 4×4"),
    "nothing": (lambda x: np.floor(x) * np.ones(4), X, "Zero 4×4"),
    "a matrix": (lambda x: A @ x, X, "Dense 3×4"),
    "a link, by its input": (lambda x: np.tanh(A @ x + 1), X, "Diagonal 3×3 @ Dense 3×4"),
    "a link, by its weights": (
        lambda W: np.tanh(W @ X + 1), A, "Diagonal 3×3 @ Kronecker 3×12"
    ),
    "many rows, by the weights": (lambda W: np.ones((5, 3)) @ W, A, "Kronecker 20×12"),
    "many columns, by the weights": (lambda W: W @ np.ones((4, 2)), A, "Kronecker 6×12"),
    "many rows, by the input": (lambda x: x @ A, np.ones((2, 3)), "Kronecker 8×6"),
    "a product laid out otherwise": (
        lambda X: np.einsum("ik,jk->ij", A, X),
        np.ones((2, 4)),
        "Kronecker 6×8 @ Permutation 8×8",
    ),
    "one number for many": (
        lambda x: np.einsum("i,ij->ij", X[:2], x), np.ones((2, 3)), "Diagonal 6×6"
    ),
    "many products": (
        lambda x: np.einsum("bij,bj->bi", np.arange(12.0).reshape(2, 2, 3), x),
        np.ones((2, 3)),
        "BlockDiagonal 4×6",
    ),
    "slices": (lambda x: x[1:3].reshape(2, 1), X, "Selection 2×4"),
    "chosen": (lambda x: x[[0, 2, 2]], X, "Selection 3×4"),
    "a transpose": (lambda x: x.T, A, "Permutation 12×12"),
    "sorted": (np.sort, X, "Permutation 4×4"),
    "a sum": (lambda x: np.sum(x, 0), A, "Scatter 4×12"),
    "running sums": (np.cumsum, X, "RunningSum 4×4"),
    "softmax": (softmax, X, "Diagonal 4×4 + LowRank 4×4"),
    "two results": (lambda x: (np.sin(x), A @ x), X, "Block 7×4"),
    "single precision": (np.cumsum, X.astype(np.float32), "RunningSum 4×4"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_derivative_has_its_structure(name: str) -> None:
    f, x, expected = CASES[name]
    _, derivative = cat.linearize(f, x)
    whole = derivative.structure
    assert whole.name == expected
    assert whole.dtype == x.dtype
    by_columns = derivative._by_columns(2**20)
    near = {"rtol": 1e-5, "atol": 1e-6} if x.dtype == np.float32 else {"atol": 1e-14}
    np.testing.assert_allclose(whole.matrix(), by_columns, **near)
    np.testing.assert_allclose(derivative.matrix(), by_columns, **near)
    np.testing.assert_allclose(derivative.T.structure.matrix(), by_columns.T, **near)
    np.testing.assert_allclose(derivative.sparse().toarray(), by_columns, **near)


def test_the_factors_of_a_link_are_readable() -> None:
    _, derivative = cat.linearize(lambda x: np.tanh(A @ x + 1), X)
    slope, weights = derivative.structure.factors  # type: ignore[attr-defined]
    np.testing.assert_allclose(slope.d, 1 - np.tanh(A @ X + 1) ** 2)
    np.testing.assert_array_equal(weights.a, A)


def test_signs_do_not_touch_the_matrix() -> None:
    _, derivative = cat.linearize(lambda x: 1 / (1 + np.exp(-(A @ x))), X)
    slope, weights = derivative.structure.factors  # type: ignore[attr-defined]
    assert (slope.d > 0).all()
    np.testing.assert_array_equal(weights.a, A)


def test_the_derivative_by_the_weights_is_a_kronecker_product() -> None:
    _, derivative = cat.linearize(lambda W: W @ X, A)
    whole = derivative.structure
    assert isinstance(whole, linear.Kronecker)
    assert isinstance(whole.left, linear.Identity)
    np.testing.assert_array_equal(whole.right.matrix(), X[None])


def test_the_derivative_of_a_composition_is_the_composition_of_derivatives() -> None:
    y, first = cat.linearize(lambda x: A @ x, X)
    _, second = cat.linearize(np.tanh, y)
    _, whole = cat.linearize(lambda x: np.tanh(A @ x), X)
    one, other = (second @ first).structure, whole.structure
    assert one.name == other.name == "Diagonal 3×3 @ Dense 3×4"
    for p, q in zip(one.factors, other.factors, strict=True):  # type: ignore[attr-defined]
        np.testing.assert_array_equal(p.matrix(), q.matrix())


def test_a_network_by_its_parameters_is_a_block_of_products() -> None:
    net = cat.nn.Chain(
        [
            cat.nn.dense(3, 4, "tanh", key=cat.random.key(0)),
            cat.nn.dense(4, 2, key=cat.random.key(1)),
        ]
    )
    x = np.random.default_rng(2).normal(size=(5, 3)).astype(np.float32)
    _, derivative = cat.linearize(lambda net: net(x), net)
    whole = derivative.structure
    assert isinstance(whole, linear.Block)
    kinds = [type(map).__name__ for map in whole.grid[0]]
    assert "Kronecker" in kinds
    np.testing.assert_allclose(whole.matrix(), derivative._by_columns(2**20), rtol=1e-4, atol=1e-6)
    pulled = derivative.structure.T @ np.ones((5, 2), np.float32)
    assert cat.tree.flatten(pulled)[1] == cat.tree.flatten(net)[1]


def test_what_would_grow_stays_a_graph() -> None:
    def deep(x: Any) -> Any:
        for _ in range(30):
            x = x + np.tanh(A[:, :3] @ x)
        return x

    _, derivative = cat.linearize(deep, X[:3])
    assert derivative.structure is derivative
    _, loop = cat.linearize(lambda x: cat.fori(0, 3, lambda i, c: np.sin(c), x), X)
    assert loop.structure is loop


def test_a_very_long_chain_stays_a_graph() -> None:
    def long(x: Any) -> Any:
        for _ in range(300):
            x = np.cumsum(np.sin(x))
        return x

    _, derivative = cat.linearize(long, X)
    assert derivative.structure is derivative


def test_an_infinite_slope_stays_a_graph() -> None:
    """0 · ∞ is 0 in derivatives: what a branch not taken contributes is nothing."""
    _, derivative = cat.linearize(np.sqrt, np.array([0.0, 1.0]))
    assert derivative.structure is derivative
    assert derivative.matrix()[0, 1] == 0


def test_a_large_diagonal_takes_linear_memory() -> None:
    import tracemalloc

    n = 10**6
    _, derivative = cat.linearize(np.tanh, np.linspace(-1, 1, n))
    tracemalloc.start()
    whole = derivative.structure
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(whole, linear.Diagonal)
    assert kept < 2 * 8 * n
    assert peak < 5 * 8 * n
    assert whole.rank() == n


def test_structure_is_computed_when_asked_for() -> None:
    _, derivative = cat.linearize(np.tanh, X)
    product = derivative.T @ derivative
    assert "_structure" not in derivative.__dict__
    assert isinstance(product.structure, linear.Diagonal)
    assert product.structure is product.structure


def traced(make: Callable[[Any], LinearMap]) -> Callable[[Any], Any]:
    return lambda x: np.sum((make(x) @ np.array([1.0, 2.0, 3.0, 4.0])) ** 2)


@pytest.mark.parametrize(
    "make",
    [
        lambda x: linear.Diagonal(x),
        lambda x: linear.Diagonal(x) @ linear.Diagonal(np.sin(x)) + 2 * linear.Diagonal(x),
        lambda x: linear.Dense(np.outer(x, x)),
        lambda x: linear.LowRank(x[:, None], np.cos(x)[:, None]),
        lambda x: linear.Kronecker(np.outer(x[:2], x[2:]), np.eye(2)),
        lambda x: linear.Permutation([1, 0, 3, 2]) @ linear.Diagonal(x),
        lambda x: linear.Scatter([0, 0, 2, 3], 4) @ linear.Diagonal(x),
        lambda x: x[0] * linear.Identity(4) + linear.Dense(np.outer(x, x)),
        lambda x: linear.RunningSum(4) @ linear.Diagonal(x),
        lambda x: linear.Sparse(np.diag([1.0, 2.0, 3.0, 4.0])) @ linear.Diagonal(x),
        lambda x: linear.BlockDiagonal(np.stack([np.outer(x[:2], x[:2])] * 2)),
    ],
)
def test_structured_maps_inside_transforms(make: Callable[[Any], LinearMap]) -> None:
    f, x = traced(make), np.array([0.5, -1.0, 2.0, 1.5])
    h = 1e-6
    expected = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(4)]
    np.testing.assert_allclose(cat.grad(f)(x), expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(cat.jit(f)(x), f(x))
