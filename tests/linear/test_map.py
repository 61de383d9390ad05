"""The laws of linear maps on real derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import DTypeError, ShapeError

X = np.array([0.3, -1.2, 2.0])
V = np.array([1.0, -2.0, 0.5])


def inner(x: Any) -> Any:
    return np.stack([x[0] * x[1], np.sin(x[2])])


def outer(y: Any) -> Any:
    return np.stack([y[0] ** 2, y[0] * y[1], np.exp(y[1])])


def matrix_of(f: Any, x: Any) -> Any:
    """The Jacobian by central differences."""
    h = 1e-6
    columns = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(x.size)]
    return np.stack(columns, 1)


def test_application_matrix_and_transpose() -> None:
    y, derivative = cat.linearize(inner, X)
    matrix = derivative.matrix()
    assert np.allclose(y, inner(X))
    assert derivative.shape == (2, 3)
    assert np.allclose(matrix, matrix_of(inner, X), atol=1e-8)
    assert np.allclose(derivative @ V, matrix @ V)
    assert np.allclose(derivative(V), matrix @ V)
    assert np.allclose(derivative.T @ np.array([2.0, 3.0]), np.array([2.0, 3.0]) @ matrix)
    assert np.allclose(derivative.T.matrix(), matrix.T)
    assert derivative.T.T is derivative


def test_the_chain_rule_is_composition() -> None:
    y, first = cat.linearize(inner, X)
    _, second = cat.linearize(outer, y)
    _, whole = cat.linearize(lambda x: outer(inner(x)), X)
    chain = second @ first
    assert np.allclose(chain.matrix(), whole.matrix())
    assert np.allclose(chain @ V, whole @ V)
    assert np.allclose(chain.T @ np.ones(3), whole.T @ np.ones(3))
    assert np.allclose((first.T @ second.T).matrix(), chain.T.matrix())


def test_sums_and_multiples() -> None:
    _, first = cat.linearize(inner, X)
    _, second = cat.linearize(lambda x: x[:2] ** 3, X)
    a, b = first.matrix(), second.matrix()
    combined = 2 * first - second / 4 + (-first) * 0.5
    assert np.allclose(combined.matrix(), 1.5 * a - b / 4)
    assert np.allclose(combined @ V, (1.5 * a - b / 4) @ V)
    assert np.allclose(combined.T.matrix(), combined.matrix().T)


def test_maps_between_trees() -> None:
    point = {"w": X, "b": 2.0, "name": "p"}

    def f(p: Any) -> Any:
        return (p["w"] * p["b"], np.sum(p["w"]))

    _, derivative = cat.linearize(f, point)
    assert derivative.shape == (4, 4)
    image = derivative @ {"w": V, "b": 1.0, "name": "p"}
    assert np.allclose(image[0], 2 * V + X)
    assert np.isclose(image[1], V.sum())
    pulled = derivative.T @ (np.ones(3), 1.0)
    assert np.allclose(pulled["w"], 3.0)
    assert np.isclose(pulled["b"], X.sum())
    assert pulled["name"] == "p"
    expected = np.block([[X[:, None], 2 * np.eye(3)], [np.zeros((1, 1)), np.ones((1, 3))]])
    assert np.allclose(derivative.matrix(), expected)  # keys in sorted order: b, w


def test_several_arguments_make_a_tuple() -> None:
    _, derivative = cat.linearize(lambda x, y: x @ y, X, V)
    assert np.isclose(derivative @ (V, X), V @ V + X @ X)


def test_a_map_inside_another_transform() -> None:
    def speed(x: Any) -> Any:
        _, derivative = cat.linearize(inner, x)
        return np.sum((derivative @ V) ** 2)

    h = 1e-6
    expected = [(speed(X + h * e) - speed(X - h * e)) / (2 * h) for e in np.eye(3)]
    assert np.allclose(cat.grad(speed)(X), expected, atol=1e-6)


def test_spaces_must_fit() -> None:
    _, first = cat.linearize(inner, X)
    with pytest.raises(ShapeError, match="composed"):
        first @ first
    with pytest.raises(ShapeError, match="added"):
        first + first.T
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        first @ np.ones(2)


def test_a_large_map_in_small_batches() -> None:
    _, derivative = cat.linearize(lambda x: np.cumsum(np.sin(x)), np.linspace(0, 1, 50))
    assert np.array_equal(derivative.matrix(memory=1), derivative.matrix())


def test_repr_says_the_spaces() -> None:
    _, derivative = cat.linearize(inner, X)
    assert repr(derivative) == "<GraphMap 2×3: R^3 (float64[3]) ⊸ R^2 (float64[2])>"


def test_the_matrix_inside_another_transform() -> None:
    def total(x: Any) -> Any:
        _, derivative = cat.linearize(lambda z: z**3, x)
        return np.sum((2 * derivative).matrix())

    assert np.allclose(cat.grad(total)(X), 12 * X)
    assert np.allclose(cat.jit(total)(X), 6 * X @ X)


def test_whole_numbers_are_vectors_too() -> None:
    _, derivative = cat.linearize(inner, X)
    assert np.allclose(derivative @ np.array([1, 0, 0]), derivative.matrix()[:, 0])


def test_complex_vectors_are_refused_and_not_halved() -> None:
    _, D = cat.linearize(inner, X)
    with pytest.raises(DTypeError, match="complex128"):
        D @ (1j * V)
    with pytest.raises(DTypeError, match="complex128"):
        cat.jvp(inner, (X,), (V + 0j,))


def test_two_maps_have_no_elementwise_product() -> None:
    _, D = cat.linearize(inner, X)
    with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for \*"):
        D * D
