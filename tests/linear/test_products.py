"""The table of structures × structures: every product, sum, multiple and transpose."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np
import pytest

from catenary import linear
from catenary.core.linear_map_errors import SolveError
from catenary.linear.map import LinearMap
from catenary.linear.properties import NAMES
from tests.linear.maps import MAKERS, Array, N, by_hand, numbers

PAIRS = list(itertools.product(MAKERS, repeat=2))
CLOSE = {np.dtype(np.float64): 1e-12, np.dtype(np.float32): 2e-5}


@cache
def made(name: str, dtype: Any = np.float64) -> tuple[LinearMap, Array]:
    map = MAKERS[name](dtype)
    return map, by_hand(map)


def holds(name: str, matrix: Array) -> bool:
    """Whether a matrix has a property."""
    small = 1e-4 if matrix.dtype == np.float32 else 1e-10
    near = {"atol": small * max(1.0, float(np.abs(matrix).max(initial=0)))}
    checks = {
        "symmetric": lambda: np.allclose(matrix, matrix.T, **near),
        "positive_semidefinite": lambda: (
            np.allclose(matrix, matrix.T, **near)
            and np.linalg.eigvalsh(matrix).min() >= -near["atol"]
        ),
        "diagonal": lambda: not (matrix - np.diag(np.diag(matrix))).any(),
        "lower_triangular": lambda: not np.triu(matrix, 1).any(),
        "upper_triangular": lambda: not np.tril(matrix, -1).any(),
        "orthogonal": lambda: np.allclose(matrix @ matrix.T, np.eye(len(matrix)), **near),
    }
    return bool(checks[name]())


def agrees(map: LinearMap, matrix: Array) -> None:
    """A map is this matrix, and so is all that it says of itself."""
    dtype = np.dtype(map.dtype)
    close = {"rtol": CLOSE[dtype], "atol": CLOSE[dtype] * max(1, float(np.abs(matrix).max()))}
    assert dtype == matrix.dtype
    v, w = numbers(N, dtype=dtype, seed=11), numbers(N, dtype=dtype, seed=12)
    image, pulled = map @ v, map.T @ w
    assert image.dtype == pulled.dtype == dtype
    np.testing.assert_allclose(image, matrix @ v, **close)
    np.testing.assert_allclose(pulled, matrix.T @ w, **close)
    for written in (map.matrix(), map.T.matrix().T, map.sparse().toarray()):
        assert written.dtype == dtype
        np.testing.assert_allclose(written, matrix, **close)
    several = numbers(3, N, dtype=dtype, seed=13)
    np.testing.assert_allclose(map.images(several), several @ matrix.T, **close)
    np.testing.assert_allclose(map.diagonal(), np.diag(matrix), **close)
    np.testing.assert_allclose(map.trace(), np.trace(matrix), **close)
    np.testing.assert_allclose(map.norm(), np.linalg.norm(matrix), **close)
    assert map.T.T is map
    for name in map.properties:
        assert holds(name, matrix), f"{map.name} is not {name}"
    assert {name for name in NAMES if name in map.T.properties} >= {
        name for name in map.properties if "triangular" not in name
    }


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", MAKERS)
def test_a_map_is_its_matrix(name: str, dtype: Any) -> None:
    map, matrix = made(name, dtype)
    agrees(map, matrix)
    agrees(3 * map, 3 * matrix)
    agrees(map / 4, matrix / 4)
    agrees(-map, -matrix)
    negative = -map
    assert type(-negative) is type(map)


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_products_and_sums_are_those_of_matrices(a: str, b: str) -> None:
    (first, A), (second, B) = made(a), made(b)
    agrees(first @ second, A @ B)
    agrees(first + second, A + B)


@pytest.mark.parametrize("a", MAKERS)
def test_nothing_widens_single_precision(a: str) -> None:
    first, A = made(a, np.float32)
    v = numbers(N, dtype=np.float32)
    for b in MAKERS:
        second, B = made(b, np.float32)
        for map, matrix in ((first @ second, A @ B), (first - second, A - B)):
            assert map.dtype == (map @ v).dtype == map.matrix().dtype == np.float32
            np.testing.assert_allclose(map @ v, matrix @ v, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("a", MAKERS)
def test_sandwiches(a: str) -> None:
    """A B Aᵀ has the symmetry of B, and what is claimed of it is true."""
    first, A = made(a)
    for b in MAKERS:
        second, B = made(b)
        whole, matrix = first @ second @ first.T, A @ B @ A.T
        np.testing.assert_allclose(whole.matrix(), matrix, rtol=1e-10, atol=1e-10)
        assert all(holds(name, matrix) for name in whole.properties)
        assert ("symmetric" in second.properties) <= ("symmetric" in whole.properties)


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_what_can_be_solved_is_solved(a: str, b: str) -> None:
    (first, A), (second, B) = made(a), made(b)
    for map, matrix in ((first @ second, A @ B), (first + second, A + B)):
        x = numbers(N, seed=21)
        if np.linalg.cond(matrix) < 1e6:
            np.testing.assert_allclose(map.solve(matrix @ x), x, rtol=1e-6, atol=1e-6)
            np.testing.assert_allclose(map.T.solve(matrix.T @ x), x, rtol=1e-6, atol=1e-6)
        else:
            with pytest.raises(SolveError, match="cannot be solved"):
                map.solve(x)


KEPT = [
    ("identity", "dense", linear.Dense),
    ("graph", "identity", linear.GraphMap),
    ("zero", "graph", linear.Zero),
    ("graph", "zero", linear.Zero),
    ("scalar", "scalar", linear.Scalar),
    ("scalar", "dense", linear.Composition),
    ("low rank", "scalar", linear.LowRank),
    ("diagonal", "diagonal", linear.Diagonal),
    ("scalar", "diagonal", linear.Diagonal),
    ("diagonal", "dense", linear.Composition),
    ("dense", "dense", linear.Composition),
    ("low rank", "graph", linear.LowRank),
    ("operator", "low rank", linear.LowRank),
    ("permutation", "permutation", linear.Permutation),
    ("permutation", "dense", linear.Dense),
    ("dense", "permutation", linear.Dense),
    ("selection", "shift", linear.Selection),
    ("all into one", "scatter", linear.Scatter),
    ("kronecker", "half kronecker", linear.Kronecker),
    ("sparse", "permutation", linear.Sparse),
    ("diagonal", "sparse", linear.Sparse),
    ("block", "block", linear.Block),
]


@pytest.mark.parametrize(("a", "b", "kind"), KEPT)
def test_products_keep_structure(a: str, b: str, kind: type) -> None:
    assert type(made(a)[0] @ made(b)[0]) is kind


ADDED = [
    ("zero", "graph", linear.GraphMap),
    ("graph", "zero", linear.GraphMap),
    ("identity", "identity", linear.Scalar),
    ("scalar", "diagonal", linear.Diagonal),
    ("diagonal", "diagonal", linear.Diagonal),
    ("dense", "dense", linear.Dense),
    ("low rank", "gram", linear.LowRank),
    ("diagonal", "low rank", linear.Sum),
    ("sparse", "diagonal", linear.Sparse),
    ("identity", "sparse", linear.Sparse),
    ("block", "block", linear.Block),
]


@pytest.mark.parametrize(("a", "b", "kind"), ADDED)
def test_sums_keep_structure(a: str, b: str, kind: type) -> None:
    assert type(made(a)[0] + made(b)[0]) is kind


def test_a_long_chain_is_simplified_wherever_its_parts_meet() -> None:
    P, D, A = made("permutation")[0], made("diagonal")[0], made("dense")[0]
    chain = (A @ P) @ (P.T @ D) @ (D @ A)
    assert [type(factor) for factor in chain.factors] == [
        linear.Dense,
        linear.Diagonal,
        linear.Dense,
    ]
    whole = made("scalar")[0] @ (A @ D) - 2 * (A @ D)
    assert isinstance(whole, linear.Sum)
    nothing = D - D
    assert not by_hand(nothing).any()
    assert type(made("scalar")[0] + 2 * made("identity")[0]) is linear.Zero


@pytest.mark.parametrize("name", ["dense", "kronecker", "low rank", "stack", "sparse", "block"])
def test_multiples_keep_structure(name: str) -> None:
    map, matrix = made(name)
    assert type(-map) is type(map)
    twice = 2 * (map + made("operator")[0])
    assert isinstance(twice, linear.Sum)
    np.testing.assert_allclose(twice.matrix(), 2 * (matrix + made("operator")[1]))


def test_an_inverse_permutation_cancels() -> None:
    P = made("permutation")[0]
    assert type(P @ P.T) is linear.Identity
    assert type(P.T @ P) is linear.Identity


@pytest.mark.parametrize("seed", range(60))
def test_expressions_of_several_maps(seed: int) -> None:
    """Random products, sums, multiples and transposes of random maps."""
    rng = np.random.default_rng(seed)
    names = list(MAKERS)

    def grown(depth: int) -> tuple[LinearMap, Array]:
        if depth == 0:
            return made(names[rng.integers(len(names))])
        (a, A), (b, B) = grown(depth - 1), grown(depth - 1)
        forms = [(a @ b, A @ B), (a + b, A + B), (a.T @ b - 0.5 * a, A.T @ B - 0.5 * A)]
        map, matrix = forms[rng.integers(len(forms))]
        return (map.T, matrix.T) if rng.random() < 0.3 else (map, matrix)

    map, matrix = grown(3)
    size = max(1.0, float(np.abs(matrix).max()))
    v = numbers(N, seed=seed)
    np.testing.assert_allclose(map @ v, matrix @ v, atol=1e-10 * size)
    np.testing.assert_allclose(map.T @ v, matrix.T @ v, atol=1e-10 * size)
    np.testing.assert_allclose(map.matrix(), matrix, atol=1e-10 * size)
    assert all(holds(name, matrix) for name in map.properties - {"positive_semidefinite"})
