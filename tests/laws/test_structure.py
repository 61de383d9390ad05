"""The algebra of linear maps: what combinations mean, their transposes, shapes and costs."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from catenary.core.structure import (
    Blocks,
    Composition,
    Dense,
    Diagonal,
    Identity,
    Kronecker,
    Map,
    Ones,
    RunningSum,
    Scalar,
    Selection,
    Sum,
    Zero,
)

ATOMS: dict[str, tuple[Map, np.ndarray[Any, Any]]] = {
    "identity": (Identity(3), np.eye(3)),
    "zero": (Zero((2, 3)), np.zeros((2, 3))),
    "scalar": (Scalar(-2.0, 3), -2 * np.eye(3)),
    "diagonal": (Diagonal(np.array([1.0, 0.0, 3.0])), np.diag([1.0, 0.0, 3.0])),
    "selection": (
        Selection(np.array([2, -1, 0, 2]), 3),
        np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0], [0, 0, 1.0]]),
    ),
    "ones": (Ones(Selection(np.array([1, 1]), 3)), np.array([[0, 0], [1, 1], [0, 0.0]])),
    "running sum": (RunningSum(3), np.tri(3)),
    "running sum from the end": (RunningSum(2, reverse=True), np.array([[1, 1], [0, 1.0]])),
    "dense": (Dense(np.arange(6.0).reshape(2, 3)), np.arange(6.0).reshape(2, 3)),
    "blocks": (
        Blocks(np.arange(4.0).reshape(2, 1, 2)),
        np.array([[0, 1, 0, 0], [0, 0, 2, 3.0]]),
    ),
    "empty": (Dense(np.zeros((0, 2))), np.zeros((0, 2))),
}
PRODUCTS = list(itertools.product(ATOMS, repeat=2))


def agrees(map: Map, matrix: np.ndarray[Any, Any]) -> None:
    """A map is this matrix, and so is all that it says of itself."""
    np.testing.assert_allclose(map.matrix(), matrix, rtol=1e-14)
    np.testing.assert_allclose(map.T.matrix(), matrix.T, rtol=1e-14)
    np.testing.assert_allclose(map.T.T.matrix(), matrix, rtol=1e-14)
    assert map.shape == matrix.shape
    assert map.T.shape == matrix.shape[::-1]
    assert map.cost == map.T.cost >= 0


@pytest.mark.parametrize("name", ATOMS)
def test_an_atom_is_its_matrix(name: str) -> None:
    map, matrix = ATOMS[name]
    agrees(map, matrix)
    assert map.cost <= matrix.size


@pytest.mark.parametrize(("a", "b"), PRODUCTS)
def test_a_kronecker_product_is_numpys(a: str, b: str) -> None:
    (left, A), (right, B) = ATOMS[a], ATOMS[b]
    agrees(Kronecker(left, right), np.kron(A, B))


@pytest.mark.parametrize(("a", "b"), PRODUCTS)
def test_a_composition_is_the_matrix_product(a: str, b: str) -> None:
    (outer, A), (inner, B) = ATOMS[a], ATOMS[b]
    between = Dense(np.arange(float(A.shape[1] * B.shape[0])).reshape(A.shape[1], -1) - 4)
    both = Composition((outer, between, inner))
    agrees(both, A @ between.a @ B)
    assert both.cost == outer.cost + between.cost + inner.cost


@pytest.mark.parametrize(("a", "b"), PRODUCTS)
def test_a_sum_is_the_sum_of_matrices(a: str, b: str) -> None:
    (first, A), (second, B) = ATOMS[a], ATOMS[b]
    if A.shape == B.shape:
        both = Sum((first, second, first))
        agrees(both, A + B + A)
        assert both.cost == 2 * first.cost + second.cost


@pytest.mark.parametrize(
    ("a", "b", "c"), [("dense", "blocks", "ones"), ("scalar", "dense", "dense")]
)
def test_combinations_combine(a: str, b: str, c: str) -> None:
    (x, X), (y, Y), (z, Z) = ATOMS[a], ATOMS[b], ATOMS[c]
    nested = Kronecker(Kronecker(x, y), Sum((z, z)))
    agrees(nested, np.kron(np.kron(X, Y), 2 * Z))


class Counted:
    """A number that counts the multiplications it takes part in."""

    count = 0

    def __init__(self, value: float) -> None:
        self.value = value

    def __mul__(self, other: Counted) -> Counted:
        Counted.count += 1
        return Counted(self.value * other.value)

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.value + other.value)


def _counted(shape: tuple[int, int]) -> np.ndarray[Any, Any]:
    result = np.empty(shape, object)
    for at in np.ndindex(shape):
        result[at] = Counted(1.0)
    return result


def _multiplications(*matrices: np.ndarray[Any, Any]) -> int:
    """How many the product of these takes, from left to right."""
    Counted.count = 0
    product = matrices[0]
    for matrix in matrices[1:]:
        product = product @ matrix
    return Counted.count


@pytest.mark.parametrize(("m", "n", "p", "q"), [(2, 3, 4, 1), (1, 4, 3, 2), (3, 3, 2, 2)])
def test_the_cost_of_a_kronecker_product_is_counted(m: int, n: int, p: int, q: int) -> None:
    """left · V · rightᵀ, in the better of the two orders."""
    left, right, vector = _counted((m, n)), _counted((p, q)), _counted((n, q))
    right_first = _multiplications(vector, right.T) + _multiplications(left, _counted((n, p)))
    left_first = _multiplications(left, vector) + _multiplications(_counted((m, q)), right.T)
    map = Kronecker(Dense(np.ones((m, n))), Dense(np.ones((p, q))))
    assert map.cost == min(right_first, left_first)
