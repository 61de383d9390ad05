"""One square map of every structure, of one size, beside its dense matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator

import catenary as cat
from catenary import linear
from catenary.linear.map import LinearMap
from catenary.linear.space import flat_space

Array = np.ndarray[Any, Any]
N = 4


def numbers(*shape: int, dtype: Any = np.float64, seed: int = 0) -> Array:
    """Random numbers in whole sixteenths: sums and products of a few are exact."""
    drawn = np.random.default_rng([seed, *shape]).integers(-32, 33, shape) / 16
    return drawn.astype(dtype)


def _graph(dtype: Any) -> LinearMap:
    A, x = numbers(N, N, dtype=dtype, seed=5), np.full(N, 0.5, dtype)
    return cat.linearize(lambda x: np.tanh(A @ x) + x * x[0], x)[1]


def _operator(dtype: Any) -> LinearMap:
    A = numbers(N, N, dtype=dtype, seed=6)
    operator = LinearOperator((N, N), lambda v: A @ v, rmatvec=lambda v: A.T @ v, dtype=dtype)
    return linear.from_scipy(operator)


def _block(dtype: Any, *, lower: bool = False) -> LinearMap:
    space = flat_space(N, dtype)
    corner = None if lower else linear.Diagonal(numbers(2, dtype=dtype, seed=9))
    grid = [
        [numbers(2, 2, dtype=dtype, seed=7), corner],
        [linear.Scalar(2.0, flat_space(2, dtype)), numbers(2, 2, dtype=dtype, seed=8)],
    ]
    return linear.Block(grid, space, space)


def _spd(dtype: Any) -> LinearMap:
    A = numbers(N, N, dtype=dtype, seed=3)
    matrix = A @ A.T + np.eye(N, dtype=dtype)
    return linear.Dense(matrix).assume(positive_semidefinite=True)


def _sum(dtype: Any) -> LinearMap:
    d = linear.Diagonal(np.arange(3, 3 + N).astype(dtype))
    return d + linear.LowRank(numbers(N, 1, dtype=dtype))


MAKERS: dict[str, Callable[[Any], LinearMap]] = {
    "zero": lambda t: linear.Zero(flat_space(N, t), flat_space(N, t)),
    "identity": lambda t: linear.Identity(flat_space(N, t)),
    "scalar": lambda t: linear.Scalar(-2.0, flat_space(N, t)),
    "diagonal": lambda t: linear.Diagonal(np.array([1, -2, 0.5, 3], t)),
    "singular diagonal": lambda t: linear.Diagonal(np.array([1, 0, 2, 3], t)),
    "dense": lambda t: linear.Dense(numbers(N, N, dtype=t)),
    "symmetric": lambda t: linear.Dense(numbers(N, N, dtype=t) + numbers(N, N, dtype=t).T),
    "definite": _spd,
    "lower": lambda t: linear.Dense(np.tril(numbers(N, N, dtype=t), -1) + 2 * np.eye(N, dtype=t)),
    "low rank": lambda t: linear.LowRank(numbers(N, 2, dtype=t), numbers(N, 2, dtype=t, seed=1)),
    "gram": lambda t: linear.LowRank(numbers(N, 2, dtype=t)),
    "stack": lambda t: linear.BlockDiagonal(numbers(2, 2, 2, dtype=t)),
    "permutation": lambda t: linear.Permutation([2, 0, 3, 1], dtype=t),
    "selection": lambda t: linear.Selection([1, -1, 3, 1], N, dtype=t),
    "shift": lambda t: linear.Selection([-1, 0, 1, 2], N, dtype=t),
    "scatter": lambda t: linear.Scatter([2, 2, -1, 0], N, dtype=t),
    "all into one": lambda t: linear.Scatter([1, 1, 1, 1], N, dtype=t),
    "running sum": lambda t: linear.RunningSum(N, dtype=t),
    "reverse sum": lambda t: linear.RunningSum(N, reverse=True, dtype=t),
    "kronecker": lambda t: linear.Kronecker(
        numbers(2, 2, dtype=t, seed=1), numbers(2, 2, dtype=t, seed=2)
    ),
    "half kronecker": lambda t: linear.Kronecker(
        linear.Identity(flat_space(2, t)), numbers(2, 2, dtype=t, seed=2)
    ),
    "sparse": lambda t: linear.Sparse(csr_array(np.triu(numbers(N, N, dtype=t, seed=4), -1))),
    "block": _block,
    "block triangle": lambda t: _block(t, lower=True),
    "graph": _graph,
    "composition": lambda t: (
        linear.Diagonal(np.array([1, -2, 0.5, 3], t)) @ linear.Dense(numbers(N, N, dtype=t))
    ),
    "sum": _sum,
    "operator": _operator,
}


def by_hand(map: LinearMap) -> Array:
    """The matrix, from products with unit vectors alone."""
    units = np.eye(map.shape[1], dtype=map.domain.dtype)
    return np.stack(
        [map.codomain.flatten(map @ map.domain.unflatten(unit)) for unit in units], axis=1
    )
