"""The structures themselves: how they are made, what they refuse, SciPy both ways."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array, issparse
from scipy.sparse.linalg import LinearOperator, aslinearoperator, cg, svds

import catenary as cat
from catenary import linear
from catenary.core.errors import CatenaryError, InputError, ShapeError
from catenary.linear import memory
from tests.linear.maps import MAKERS, N, by_hand, numbers

A = np.random.default_rng(0).normal(size=(3, 4))


@pytest.mark.parametrize("name", MAKERS)
def test_scipy_takes_a_map_for_an_operator(name: str) -> None:
    map = MAKERS[name](np.float64)
    operator, matrix = aslinearoperator(map), by_hand(map)
    v, V = numbers(N), numbers(N, 3)
    assert operator.dtype == np.float64
    np.testing.assert_allclose(operator @ v, matrix @ v, atol=1e-12)
    np.testing.assert_allclose(operator.rmatvec(v), matrix.T @ v, atol=1e-12)
    np.testing.assert_allclose(operator @ V, matrix @ V, atol=1e-12)
    np.testing.assert_allclose(map.matmat(V), matrix @ V, atol=1e-12)
    np.testing.assert_allclose(map.rmatmat(V), matrix.T @ V, atol=1e-12)
    assert issparse(map.sparse())


def test_scipy_solves_with_a_derivative() -> None:
    _, D = cat.linearize(lambda x: 3 * x + np.sin(x), np.arange(4.0))
    x, info = cg(aslinearoperator(D), np.ones(4))
    assert info == 0
    np.testing.assert_allclose(D @ x, np.ones(4), rtol=1e-4)
    np.testing.assert_allclose(svds(aslinearoperator(D), 1)[1], D.norm(2))


def test_from_scipy() -> None:
    operator = LinearOperator((3, 4), lambda v: A @ v, rmatvec=lambda u: A.T @ u, dtype=A.dtype)
    kinds = {linear.Dense: A, linear.Sparse: csr_array(A), linear.Operator: operator}
    for kind, given in kinds.items():
        map = linear.from_scipy(given)
        assert type(map) is kind
        np.testing.assert_allclose(map.matrix(), A)
        np.testing.assert_allclose(map.T.matrix(), A.T)
        np.testing.assert_allclose(map.T.T.matrix(), A)
    with pytest.raises(CatenaryError, match="expected a linear map or a matrix, got str"):
        linear.from_scipy("A")


def test_spaces_may_be_trees() -> None:
    space = linear.space_of({"a": np.zeros((2, 1)), "b": 0.0, "name": "p"})
    D = linear.Dense(np.arange(9.0).reshape(3, 3), space, space)
    image = D @ {"a": np.ones((2, 1)), "b": 1.0, "name": "p"}
    np.testing.assert_allclose(image["a"], [[3.0], [12.0]])
    assert image["b"] == 21
    assert image["name"] == "p"
    assert D.T.domain is space


def test_every_array_of_a_tree_keeps_its_dtype() -> None:
    point = {"single": np.ones(2, np.float32), "double": np.ones(2)}
    space = linear.space_of(point)
    for D in (linear.Identity(space), linear.Dense(np.eye(4), space, space)):
        image = D @ point
        assert image["single"].dtype == D.T(point)["single"].dtype == np.float32
        assert image["double"].dtype == np.float64


def test_structures_meet_derivatives() -> None:
    _, D = cat.linearize(lambda x: np.tanh(A @ x), np.ones(4))
    damped = D.T @ D + 0.5 * linear.Identity(D.domain)
    assert {"symmetric", "positive_semidefinite"} <= damped.properties
    J = D.matrix()
    np.testing.assert_allclose(damped.matrix(), J.T @ J + 0.5 * np.eye(4))
    np.testing.assert_allclose(
        damped.solve(np.ones(4)), np.linalg.solve(J.T @ J + 0.5 * np.eye(4), np.ones(4))
    )


def test_misfits_name_both_maps_and_where_they_were_made() -> None:
    first = linear.Dense(A)
    second = linear.Diagonal(np.ones(3))
    with pytest.raises(ShapeError) as caught:
        first @ second
    text = str(caught.value)
    assert "expected: R^4 (float64[4])" in text
    assert "got:      R^3 (float64[3])" in text
    assert "left:     Dense 3×4, made at " in text
    assert "right:    Diagonal 3×3, made at " in text
    assert text.count("test_structures.py:") == 3
    with pytest.raises(ShapeError, match=r"added[\s\S]*left: +Dense 3×4[\s\S]*right: +Diagonal"):
        first + second
    with pytest.raises(ShapeError, match="composed"):
        linear.Identity(3) @ linear.Diagonal(np.ones(3, np.float32))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: linear.Dense(np.ones(3)), r"Dense: expected an array with 2 axes, got shape \(3,"),
        (lambda: linear.LowRank(np.ones((3, 1)), np.ones((4, 2))), "equally many columns"),
        (lambda: linear.BlockDiagonal(np.ones((2, 2))), "an array with 3 axes"),
        (lambda: linear.Selection([0, 5], 3), "whole numbers from -1 to 2, got 0 … 5"),
        (lambda: linear.Selection([0.5], 3), "whole numbers"),
        (lambda: linear.Permutation([0, 0]), "every position once"),
        (lambda: linear.Block([[A, None], [None, None]]), "at least one, got none"),
        (lambda: linear.Block([[A], [np.eye(2)]]), r"R\^4 .*, R\^2"),
        (lambda: linear.Dense(A, linear.space_of(np.zeros(2))), "4 and 3 dimensions"),
    ],
)
def test_what_does_not_make_a_map(make: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        make()


def test_a_matrix_that_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    n = 10**6
    D = linear.Diagonal(np.ones(n))
    monkeypatch.setattr(memory, "memory_available", lambda: 2**33)
    with pytest.raises(ShapeError, match=r"7450\.6 GiB; 8\.0 GiB are free[\s\S]*D\.sparse\(\)"):
        D.matrix()
    assert D.sparse().nnz == n


def test_properties_travel() -> None:
    S = linear.Dense(A @ A.T)
    P = S.assume(positive_semidefinite=True)
    assert P.assume(symmetric=True).properties >= {"symmetric", "positive_semidefinite"}
    assert "positive_semidefinite" not in S.properties
    assert "positive_semidefinite" in (2 * P).properties
    assert "positive_semidefinite" not in (-P).properties
    assert "symmetric" in (-P).properties
    assert "positive_semidefinite" in (P + linear.Identity(3)).properties
    assert "positive_semidefinite" in linear.Kronecker(P, P).properties
    assert "positive_semidefinite" in linear.block_diagonal(P, linear.Identity(2)).properties
    D = linear.Dense(A)
    assert {"symmetric", "positive_semidefinite"} <= (D @ D.T).properties
    assert {"symmetric", "positive_semidefinite"} <= (D.T @ P @ D).properties
    assert "symmetric" not in (D @ D.T.assume(orthogonal=True)).properties
    L = linear.Dense(np.tril(A[:, :3]))
    assert "lower_triangular" in (L @ L).properties
    assert "upper_triangular" in (L @ L).T.properties
    assert "upper_triangular" in L.assume(lower_triangular=True).T.properties
    Q = linear.Permutation([1, 2, 0])
    assert "orthogonal" in (Q @ Q.T @ Q).properties
    assert "orthogonal" in (-Q).properties
    assert "orthogonal" not in (2 * Q).properties


def test_a_gradient_is_of_a_map_to_one_number() -> None:
    point = {"w": np.array([1.0, 2.0]), "b": 3.0}
    _, D = cat.linearize(lambda p: np.sum(p["w"] ** 2) * p["b"], point)
    slope = D.gradient()
    np.testing.assert_allclose(slope["w"], [6, 12])
    assert slope["b"] == 5
    with pytest.raises(ShapeError, match=r"a map to one number, got Dense 3×4: take D\.T @ u"):
        linear.Dense(A).gradient()


def test_combinations_are_checked_however_made() -> None:
    D = linear.Dense(A)
    with pytest.raises(ShapeError, match="composed"):
        linear.Composition(D, D)
    with pytest.raises(ShapeError, match="added"):
        linear.Sum(D, D.T)


def test_an_unknown_property() -> None:
    with pytest.raises(InputError, match=r"no property 'definite'[\s\S]*positive_semidefinite"):
        linear.Dense(A).assume(definite=True)


def test_blocks_of_derivatives() -> None:
    x = np.arange(1.0, 4.0)
    _, D = cat.linearize(np.sin, x)
    _, E = cat.linearize(lambda x: x**2, x)
    both = linear.Block([[D, E], [None, D]])
    top, bottom = both @ (x, x)
    np.testing.assert_allclose(top, np.cos(x) * x + 2 * x * x)
    np.testing.assert_allclose(bottom, np.cos(x) * x)
    twice = both @ both.T
    assert isinstance(twice, linear.Block)
    np.testing.assert_allclose(twice.matrix(), both.matrix() @ both.matrix().T)


def test_a_map_of_ones_own() -> None:
    class Twice(cat.LinearMap):
        def __init__(self, space: Any) -> None:
            self.domain = self.codomain = space

        def apply(self, arrays: Any) -> list[Any]:
            return [2 * a for a in arrays]

        def _transposed(self) -> cat.LinearMap:
            return self

    D = Twice(linear.space_of(np.zeros(3)))
    np.testing.assert_allclose(D.matrix(), 2 * np.eye(3))
    np.testing.assert_allclose((D @ linear.Diagonal(np.arange(3.0))).matrix(), np.diag([0, 2, 4.0]))
    np.testing.assert_allclose((D + D).solve(np.ones(3)), np.full(3, 0.25))
    assert D.norm(2) == pytest.approx(2)
    assert D.T is D


def test_empty_maps() -> None:
    D = linear.Dense(np.zeros((0, 3)))
    assert D.matrix().shape == (0, 3)
    assert (D @ np.ones(3)).shape == (0,)
    assert (D.T @ D).matrix().shape == (3, 3)
    assert D.norm() == 0
    assert linear.Diagonal(np.zeros(0)).trace() == 0
