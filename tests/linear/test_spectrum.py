"""Norms, ranks, singular values and eigenvalues: by structure, exactly, and by Lanczos."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary import linear
from catenary.core.errors import InputError, ShapeError
from tests.linear.maps import MAKERS, by_hand

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("name", MAKERS)
def test_against_the_matrix(name: str) -> None:
    map = MAKERS[name](np.float64)
    matrix = by_hand(map)
    values = np.linalg.svd(matrix, compute_uv=False)
    np.testing.assert_allclose(map.norm(2), values[0], rtol=1e-12)
    np.testing.assert_allclose(map.norm("fro"), np.linalg.norm(matrix), rtol=1e-12)
    assert map.rank() == np.linalg.matrix_rank(matrix)
    expected = values[0] / values[-1] if values[-1] > 1e-12 else np.inf
    assert map.cond() == pytest.approx(expected, rel=1e-9) or map.cond() > 1e12
    U, s, Vt = map.svd()
    np.testing.assert_allclose(U * s @ Vt, matrix, atol=1e-12)
    np.testing.assert_allclose(map.svd(2).s, values[:2], atol=1e-12)
    if np.allclose(matrix, matrix.T):
        w, V = map.eigh()
        np.testing.assert_allclose(V * w @ V.T, matrix, atol=1e-12)
    else:
        with pytest.raises(InputError, match=r"eigh is of symmetric maps[\s\S]*assume\(symmetric"):
            map.eigh()


def large() -> tuple[Any, np.ndarray[Any, Any]]:
    """A symmetric map of 400 dimensions that is no single matrix, and its eigenvalues."""
    n = 400
    Q = np.linalg.qr(RNG.normal(size=(n, n)))[0]
    w = np.sort(RNG.normal(size=n))
    return linear.Dense(Q) @ linear.Diagonal(w) @ linear.Dense(Q).T, w


def test_eigenvalues_by_lanczos() -> None:
    map, w = large()
    assert "symmetric" not in map.properties  # two matrices, not one and its transpose
    near = {"rtol": 1e-8}
    np.testing.assert_allclose(map.eigh(3).eigenvalues, w[-3:], **near)
    np.testing.assert_allclose(map.eigh(3, "smallest").eigenvalues, w[:3], **near)
    values, vectors = map.eigh(3, "magnitude")
    np.testing.assert_allclose(values, np.sort(w[np.argsort(abs(w))[-3:]]), **near)
    np.testing.assert_allclose(map.matmat(vectors), vectors * values, atol=1e-8)
    again = map.eigh(3, "magnitude")
    np.testing.assert_array_equal(again.eigenvalues, values)


def test_singular_values_by_lanczos() -> None:
    map, w = large()
    U, s, Vt = map.svd(4)
    np.testing.assert_allclose(s, np.sort(abs(w))[::-1][:4], rtol=1e-8)
    np.testing.assert_allclose(map.matmat(Vt.T), U * s, atol=1e-8)
    np.testing.assert_allclose(map.norm(2), abs(w).max(), rtol=1e-8)


def test_a_few_of_a_small_map() -> None:
    w = np.array([-5.0, 1.0, 2.0, 3.0])
    D = linear.Diagonal(w)
    assert list(D.eigh(2).eigenvalues) == [2, 3]
    assert list(D.eigh(2, "smallest").eigenvalues) == [-5, 1]
    assert list(D.eigh(2, "magnitude").eigenvalues) == [-5, 3]


def test_the_condition_of_a_large_map_by_solving() -> None:
    """The singular values of running sums are 1 / (2 sin((2k − 1)π / (4n + 2)))."""
    n = 1500
    angles = np.array([1, 2 * n - 1]) * np.pi / (4 * n + 2)
    map = linear.RunningSum(n) @ linear.Permutation(np.arange(n)[::-1])
    assert map.cond() == pytest.approx(np.sin(angles[1]) / np.sin(angles[0]), rel=1e-5)


def test_rectangular_maps() -> None:
    matrix = RNG.normal(size=(3, 5))
    for map in (linear.Dense(matrix), linear.Kronecker([[1.0, 2.0]], matrix)):
        dense = map.matrix()
        np.testing.assert_allclose(map.norm(2), np.linalg.norm(dense, 2))
        assert map.rank() == map.T.rank() == 3
        assert map.svd().U.shape == (3, 3)
        with pytest.raises(ShapeError, match=r"square maps only[\s\S]*D\.svd"):
            map.trace()
        with pytest.raises(ShapeError, match="square maps only"):
            map.eigh()


def test_the_diagonal_of_a_derivative() -> None:
    A = RNG.normal(size=(4, 4))
    _, D = cat.linearize(lambda x: np.tanh(A @ x), np.ones(4))
    np.testing.assert_allclose(D.diagonal(), np.diag(D.matrix()))
    np.testing.assert_allclose(D.trace(), np.trace(D.matrix()))


def test_the_diagonal_of_a_gram_map_asks_for_as_many_columns_as_its_middle_is_wide() -> None:
    A = RNG.normal(size=(3, 200_000))
    _, D = cat.linearize(lambda x: np.tanh(A @ x), np.zeros(200_000))
    G = D.T @ D  # 4·10¹⁰ entries
    np.testing.assert_allclose(G.diagonal(), np.sum(A**2, axis=0))
    np.testing.assert_allclose(G.trace(), np.sum(A**2))


def test_the_norm_of_a_wide_map_takes_as_many_products_as_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    X = RNG.normal(size=(5, 3))
    _, D = cat.linearize(lambda w: np.tanh(X @ np.tanh(w @ np.ones((7, 2)))), np.ones((3, 7)))
    asked: list[int] = []
    blocks = cat.LinearMap.column_blocks

    def counted(map: Any, memory: int = 2**28) -> Any:
        asked.append(map.shape[1])
        return blocks(map, memory)

    monkeypatch.setattr(cat.LinearMap, "column_blocks", counted)
    np.testing.assert_allclose(D.norm(), np.linalg.norm(D.matrix()))
    np.testing.assert_allclose(D.T.norm(), np.linalg.norm(D.matrix()))
    assert asked
    assert max(asked) == 10


def test_bad_requests() -> None:
    D = linear.Diagonal([1.0, 2.0])
    with pytest.raises(ShapeError, match="k: expected a whole number from 1 to 2, got 3"):
        D.svd(3)
    with pytest.raises(ShapeError, match=r"k: expected a whole number from 1 to 2, got 1\.5"):
        linear.Dense(np.eye(2)).svd(1.5)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="'fro', '2'"):
        D.norm("nuc")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="'largest', 'smallest', 'magnitude'"):
        D.eigh(1, "middle")  # type: ignore[arg-type]
