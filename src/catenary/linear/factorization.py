"""Solving with a matrix at hand: the factorization that its properties allow (LAPACK)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core import linear_map_errors
from catenary.linear.properties import Properties
from catenary.tracing.recorder import user_line

Array = np.ndarray[Any, Any]
RowSolver = Callable[[Any], Any]


def singular(name: str, reason: str) -> Exception:
    """The error of a map that cannot be solved, at the user's line."""
    return linear_map_errors.singular(name, reason, user_line())


def divided(rows: Any, diagonal: Any, name: str) -> Any:
    """Rows divided by a diagonal none of whose entries may be zero."""
    zeros = np.count_nonzero(np.asarray(diagonal) == 0) if isinstance(diagonal, np.ndarray) else 0
    if zeros:
        raise singular(name, f"{zeros} of the {diagonal.size} entries of its diagonal are zero")
    return rows / diagonal


def dense_solver(matrix: Array, properties: Properties, name: str) -> RowSolver:
    """Rows of right-hand sides → rows of solutions; least squares where it is not square."""
    rows, columns = matrix.shape
    if rows != columns:
        return lambda b: np.linalg.lstsq(matrix, np.asarray(b).T, rcond=None)[0].T
    if not rows:
        return lambda b: b
    if "diagonal" in properties:
        return lambda b: divided(b, np.diagonal(matrix), name)
    if properties & {"lower_triangular", "upper_triangular"}:
        return _triangular(matrix, "lower_triangular" in properties, name)
    if "positive_semidefinite" in properties:
        return _cholesky(matrix, name)
    return _lu(matrix, name)


def _triangular(matrix: Array, lower: bool, name: str) -> RowSolver:
    from scipy.linalg import solve_triangular

    divided(1.0, np.diagonal(matrix), name)
    return lambda b: solve_triangular(matrix, np.asarray(b).T, lower=lower).T


def _cholesky(matrix: Array, name: str) -> RowSolver:
    from scipy.linalg import LinAlgError, cho_factor, cho_solve, get_lapack_funcs

    try:
        factor = cho_factor(matrix)
    except LinAlgError:
        raise singular(name, "it has no Cholesky factor: it is not positive definite") from None
    (estimate,) = get_lapack_funcs(("pocon",), (factor[0],))
    _check(estimate(factor[0], _norm(matrix), uplo="L" if factor[1] else "U")[0], matrix, name)
    return lambda b: cho_solve(factor, np.asarray(b).T).T


def _lu(matrix: Array, name: str) -> RowSolver:
    from scipy.linalg import get_lapack_funcs, lu_solve

    factorize, estimate = get_lapack_funcs(("getrf", "gecon"), (matrix,))
    factor, pivots, zero = factorize(matrix)
    if zero > 0:
        raise singular(name, f"the pivot of column {zero - 1} is zero")
    _check(estimate(factor, _norm(matrix), norm="1")[0], matrix, name)
    return lambda b: lu_solve((factor, pivots), np.asarray(b).T).T


def _norm(matrix: Array) -> Any:
    return np.linalg.norm(matrix, 1)


def _check(reciprocal: float, matrix: Array, name: str) -> None:
    """Refuse a matrix that is singular up to rounding."""
    if not reciprocal >= np.finfo(matrix.dtype).eps:
        raise singular(name, f"its condition number is {1 / max(reciprocal, 1e-300):.1e} or more")
