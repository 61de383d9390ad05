"""D x = b: every way to a solution, and what is said where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import diags_array
from scipy.sparse.linalg import LinearOperator

import catenary as cat
from catenary import linear
from catenary.core.errors import InputError
from catenary.core.linear_map_errors import SolveError
from catenary.linear.solve import WRITTEN_OUT

RNG = np.random.default_rng(0)
A = RNG.normal(size=(5, 5))
B = RNG.normal(size=5)


def laplacian(n: int) -> Any:
    return diags_array([np.full(n, 2.0), np.full(n - 1, -1.0), np.full(n - 1, -1.0)],
                       offsets=[0, 1, -1])  # fmt: skip


def hidden(matrix: Any, **known: bool) -> Any:
    """A map that says nothing of itself but products with vectors."""
    operator = LinearOperator(
        matrix.shape, lambda v: matrix @ v, rmatvec=lambda v: matrix.T @ v, dtype=np.float64
    )
    return linear.from_scipy(operator).assume(**known)


@pytest.mark.parametrize("method", ["auto", "dense", "lsmr"])
def test_methods_agree(method: Any) -> None:
    D = linear.Dense(A)
    near = 1e-12 if method != "lsmr" else 1e-6
    x = D.solve(B, method, tolerance=1e-10)
    np.testing.assert_allclose(A @ x, B, atol=near)


@pytest.mark.parametrize("method", ["cg", "minres", "lsmr"])
def test_krylov_methods(method: Any) -> None:
    D = linear.Dense(A @ A.T + np.eye(5))
    x = D.solve(B, method, tolerance=1e-9)
    np.testing.assert_allclose(D @ x, B, atol=1e-7)


@pytest.mark.parametrize(
    ("known", "chosen"),
    [({"positive_semidefinite": True}, "cg"), ({"symmetric": True}, "minres"), ({}, "lsmr")],
)
def test_large_maps_are_solved_by_products_alone(known: dict[str, bool], chosen: str) -> None:
    n = WRITTEN_OUT + 10
    matrix = laplacian(n) + diags_array(np.full(n, 0.1))
    D = hidden(matrix, **known)
    b = np.cos(np.arange(n))
    np.testing.assert_allclose(matrix @ D.solve(b), b, atol=1e-6)
    with pytest.raises(SolveError, match=rf"{chosen} stopped after 3 steps.*\n.*\n.*tolerance="):
        D.solve(b, steps=3)


def test_least_squares_of_least_norm() -> None:
    tall, wide = RNG.normal(size=(6, 3)), RNG.normal(size=(3, 6))
    for matrix in (tall, wide):
        b = RNG.normal(size=len(matrix))
        expected = np.linalg.lstsq(matrix, b)[0]
        np.testing.assert_allclose(linear.Dense(matrix).solve(b), expected, atol=1e-12)
        found = hidden(matrix).solve(b, "lsmr", tolerance=1e-12)
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_least_squares_in_single_precision_do_not_warn() -> None:
    D = linear.Dense(A[:3].astype(np.float32))
    b = np.ones(3, np.float32)
    np.testing.assert_allclose(D @ D.solve(b, "lsmr"), b, rtol=1e-3)


def test_a_singular_map_by_least_squares() -> None:
    D = linear.Diagonal([1.0, 0.0, 2.0])
    np.testing.assert_allclose(D.solve(np.array([1.0, 5.0, 4.0]), "lsmr"), [1, 0, 2], atol=1e-7)


def test_trees() -> None:
    point = {"w": np.array([1.0, 2.0]), "b": 3.0}
    D = linear.Diagonal(point)
    x = D.solve({"w": np.array([2.0, 2.0]), "b": 6.0})
    np.testing.assert_allclose(x["w"], [2, 1])
    assert x["b"] == 2
    _, derivative = cat.linearize(lambda p: (p["w"] * p["b"], np.sum(p["w"]) - p["b"]), point)
    solved = derivative.solve(derivative @ point)
    np.testing.assert_allclose(solved["w"], point["w"])
    np.testing.assert_allclose(solved["b"], point["b"])


def test_woodbury_asks_for_a_small_matrix_only() -> None:
    n = 200_000
    U, d = np.ones((n, 1)) / np.sqrt(n), np.linspace(1, 2, n)
    D = linear.Diagonal(d) + linear.LowRank(U)
    x = np.sin(np.arange(n))
    np.testing.assert_allclose(D.solve(D @ x), x, atol=1e-10)


def test_woodbury_sees_through_a_product_of_easy_maps() -> None:
    n = 100_000
    x = np.linspace(-1.0, 1.0, n)
    _, D = cat.linearize(lambda x: np.cumsum(np.sin(x)) + np.sum(x), x)
    assert "RunningSum" in D.structure.name
    np.testing.assert_allclose(D.solve(D @ np.cos(x)), np.cos(x), rtol=1e-6)


def test_kronecker_factors_are_solved_one_by_one() -> None:
    left, right = RNG.normal(size=(40, 40)), RNG.normal(size=(50, 50))
    D = linear.Kronecker(left, right)
    x = RNG.normal(size=2000)
    np.testing.assert_allclose(D.solve(D @ x), x, atol=1e-6)


def test_block_triangles_by_substitution() -> None:
    D = linear.Block([[A, None], [RNG.normal(size=(2, 5)), np.diag([2.0, 4.0])]])
    x = (B, np.array([1.0, -1.0]))
    found = D.solve(D @ x)
    np.testing.assert_allclose(found[0], x[0])
    np.testing.assert_allclose(found[1], x[1])


def test_a_factorization_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    D = linear.Dense(A)
    D.solve(B)
    monkeypatch.setattr("catenary.linear.factorization._lu", None)
    np.testing.assert_allclose(A @ D.solve(2 * B), 2 * B)


def test_the_derivative_of_softmax_is_solved_by_structure() -> None:
    _, D = cat.linearize(lambda x: x + np.exp(x) / np.sum(np.exp(x)), B)
    np.testing.assert_allclose(D.solve(D @ A[0]), A[0])


@pytest.mark.parametrize(
    ("D", "reason"),
    [
        (linear.Diagonal([1.0, 0.0]), "1 of the 2 entries of its diagonal are zero"),
        (linear.Zero(2, 2), "it is zero"),
        (linear.Dense([[1.0, 2.0], [2.0, 4.0]]), "the pivot of column 1 is zero"),
        (linear.Dense([[1.0, 1.0], [1.0, 1.0 + 1e-16 * 3]]), "condition number"),
        (linear.Dense([[1.0, 0.0], [5.0, 0.0]]), "entries of its diagonal are zero"),
        (
            linear.Dense([[1.0, 2.0], [2.0, 1.0]]).assume(positive_semidefinite=True),
            "not positive definite",
        ),
        (linear.LowRank([[1.0], [2.0]]), "rank is at most 1"),
        (linear.BlockDiagonal(np.ones((2, 2, 2))), "one of its blocks is singular"),
        (linear.Sparse(diags_array([1.0, 0.0])), "pivot"),
        (linear.Kronecker(np.eye(2), np.ones((2, 2))), "pivot"),
    ],
)
def test_a_singular_map_is_refused_with_causes_and_remedies(D: Any, reason: str) -> None:
    with pytest.raises(SolveError) as caught:
        D.solve(np.ones(D.shape[0]))
    text = str(caught.value)
    assert reason in text
    assert "Likely causes" in text
    assert 'method="lsmr"' in text
    assert "test_solve.py:" in text


def test_an_inconsistent_system_is_not_taken_for_solved() -> None:
    n = WRITTEN_OUT + 10
    D = hidden(diags_array(np.r_[np.ones(n - 1), 0.0]))
    with pytest.raises(SolveError, match="lsmr stopped"):
        D.solve(np.ones(n))


def test_an_unknown_method() -> None:
    with pytest.raises(InputError, match="'auto', 'dense', 'cg', 'minres', 'lsmr'"):
        linear.Dense(A).solve(B, "gmres")  # type: ignore[arg-type]
