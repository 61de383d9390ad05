"""Colourings: what is read off the products is the matrix, and how few products do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catenary.core.errors import InputError
from catenary.linear.sparsity.colouring import (
    Colouring,
    column_colouring,
    fewest_products,
    row_colouring,
    two_sided_colouring,
)
from catenary.linear.sparsity.pattern import Pattern, from_entries, of_matrix
from catenary.linear.sparsity.recovery import places
from catenary.linear.sparsity.star import star_colouring

Array = np.ndarray[Any, Any]
ANY = {
    "column": column_colouring,
    "row": row_colouring,
    "two-sided": two_sided_colouring,
    "auto": fewest_products,
}


def recovered(matrix: Array, pattern: Pattern, colouring: Colouring) -> Array:
    """The matrix as it is read off its products with sums of unit vectors."""
    forward = [matrix @ (colouring.columns == c) for c in range(colouring.forward)]
    reverse = [matrix.T @ (colouring.rows == c) for c in range(colouring.reverse)]
    products = np.concatenate([np.zeros(0), *forward, *reverse])
    result = np.zeros(matrix.shape)
    result[pattern.rows, pattern.columns] = products[places(pattern, colouring)]
    return result


@st.composite
def matrices(draw: Any, *, symmetric: bool = False) -> Array:
    m = draw(st.integers(0, 12))
    n = m if symmetric else draw(st.integers(0, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    matrix = rng.integers(1, 9, (m, n)) * (rng.random((m, n)) < draw(st.floats(0, 1)))
    if m and n and draw(st.booleans()):  # a full row and a full column
        matrix[rng.integers(m)] = 1
        matrix[:, rng.integers(n)] = 2
    result: Array = (matrix + matrix.T if symmetric else matrix).astype(float)
    return result


@pytest.mark.parametrize("name", ANY)
@given(matrix=matrices())
@settings(max_examples=150, deadline=None)
def test_a_colouring_determines_the_matrix(name: str, matrix: Array) -> None:
    pattern = of_matrix(matrix)
    colouring = ANY[name](pattern)
    assert np.array_equal(recovered(matrix, pattern, colouring), matrix)
    assert colouring.products <= sum(matrix.shape)


@given(matrix=matrices(symmetric=True))
@settings(max_examples=300, deadline=None)
def test_a_star_colouring_determines_a_symmetric_matrix(matrix: Array) -> None:
    pattern = of_matrix(matrix)
    colouring = star_colouring(pattern)
    assert np.array_equal(recovered(matrix, pattern, colouring), matrix)
    assert colouring.products <= matrix.shape[0]


@given(matrix=matrices(symmetric=True))
@settings(max_examples=150, deadline=None)
def test_no_path_over_four_vertices_has_two_colours(matrix: Array) -> None:
    edges = (matrix != 0) & ~np.eye(len(matrix), dtype=bool)
    colours = star_colouring(of_matrix(matrix + 99 * np.eye(len(matrix)))).columns
    beside = [np.flatnonzero(row).tolist() for row in edges]
    for b, c in zip(*np.nonzero(edges), strict=True):
        assert colours[b] != colours[c]
        for a in set(beside[b]) - {c}:
            for d in set(beside[c]) - {a, b}:
                assert colours[a] != colours[c] or colours[b] != colours[d]


@given(matrix=matrices())
@settings(max_examples=150, deadline=None)
def test_the_fewest_are_not_more_than_columns_or_rows_need(matrix: Array) -> None:
    pattern = of_matrix(matrix)
    best = fewest_products(pattern).products
    assert best <= column_colouring(pattern).products
    assert best <= row_colouring(pattern).products


def tridiagonal(n: int) -> Pattern:
    i = np.arange(n)
    rows, columns = [i, i[1:], i[:-1]], [i, i[:-1], i[1:]]
    return from_entries(np.concatenate(rows), np.concatenate(columns), (n, n))


def arrowhead(n: int) -> Pattern:
    i = np.arange(n)
    return from_entries(np.concatenate([i, 0 * i, i]), np.concatenate([i, i, 0 * i]), (n, n))


def five_points(n: int) -> Pattern:
    """Each point of an n × n grid with its four neighbours."""
    points = np.arange(n * n).reshape(n, n)
    pairs = [(points, points), (points[1:], points[:-1]), (points[:, 1:], points[:, :-1])]
    first = np.concatenate([a.reshape(-1) for a, _ in pairs])
    second = np.concatenate([b.reshape(-1) for _, b in pairs])
    both = np.concatenate([first, second]), np.concatenate([second, first])
    return from_entries(*both, (n * n, n * n))


def test_a_tridiagonal_matrix_takes_three_products() -> None:
    for n in (5, 100, 100_000):
        assert column_colouring(tridiagonal(n)).products == 3
        assert row_colouring(tridiagonal(n)).reverse == 3
        assert star_colouring(tridiagonal(n)).products == 3
        assert repr(fewest_products(tridiagonal(n))) == "<column colouring: 3 forward>"


def test_an_arrowhead_takes_two_or_three_products() -> None:
    for n in (5, 100, 100_000):
        found = fewest_products(arrowhead(n))
        assert repr(found) == "<two-sided colouring: 2 forward + 1 reverse>"
        assert star_colouring(arrowhead(n)).products == 2


def test_a_grid_takes_as_many_products_as_it_has_neighbours() -> None:
    for n in (5, 20, 100):
        assert column_colouring(five_points(n)).products == 5
        assert star_colouring(five_points(n)).products <= 5


def test_a_grid_in_space_takes_seven() -> None:
    n = 6
    points = np.arange(n**3).reshape(n, n, n)
    pairs = [(points, points)]
    for axis in range(3):
        along = np.moveaxis(points, axis, 0)
        pairs += [(along[1:], along[:-1]), (along[:-1], along[1:])]
    rows, columns = (np.concatenate([pair[k].reshape(-1) for pair in pairs]) for k in (0, 1))
    assert column_colouring(from_entries(rows, columns, (n**3, n**3))).products == 7


def test_nothing_takes_no_product() -> None:
    for shape in ((0, 0), (3, 4), (0, 4)):
        found = fewest_products(of_matrix(np.zeros(shape)))
        assert found.products == 0


def test_a_wrong_colouring_is_refused_with_the_entry() -> None:
    pattern = of_matrix(np.array([[1.0, 0.0], [1.0, 1.0]]))
    none = np.full(2, -1)
    with pytest.raises(InputError, match=r"entry \(1, 0\)"):
        places(pattern, Colouring("column", np.zeros(2, int), none))
    with pytest.raises(InputError, match=r"entry \(0, 0\)"):
        places(pattern, Colouring("column", none, none))
    path = np.array([0, 1, 0, 1])  # proper, but one path over four vertices
    with pytest.raises(InputError, match=r"entry \(1, 2\)"):
        places(tridiagonal(4), Colouring("star", path, np.full(4, -1)))


def test_pieces_of_patterns() -> None:
    one = of_matrix(np.array([[1.0, 0, 2], [0, 0, 0]]))
    other = of_matrix(np.array([[0.0, 1, 2], [0, 0, 0]]))
    assert (one | other).matrix().tolist() == [[True, True, True], [False, False, False]]
    assert one.T.matrix().tolist() == one.matrix().T.tolist()
    assert one.select(np.array([0, -1, 0])).starts.tolist() == [0, 2, 2, 4]
    assert one.gathered(np.array([1, 1]), 3).lengths.tolist() == [0, 2, 0]
    assert (one | other).contains(one)
    assert not one.contains(other)
    assert one.equals(one.T.T)
    assert not one.equals(other)
