"""Which structure is solved how: the table."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.linear_map_errors import SolveError
from catenary.linear import dispatch
from catenary.linear.block import Block, solve_blockwise
from catenary.linear.combination import Composition, Sum
from catenary.linear.dense import BlockDiagonal, Dense, LowRank, solve_blocks
from catenary.linear.diagonal import Diagonal, Identity, Scalar, Zero, solve_pointwise
from catenary.linear.factorization import dense_solver, singular
from catenary.linear.kronecker import Kronecker, solve_factors
from catenary.linear.map import LinearMap
from catenary.linear.running_sum import RunningSum, solve_running_sum
from catenary.linear.selection import Permutation
from catenary.linear.solve import solve_rows
from catenary.linear.sparse import Sparse, solve_sparse


def _zero(map: Zero) -> Any:
    if map.shape[0] == map.shape[1] > 0:
        raise singular(map.name, "it is zero")


def _low_rank(map: LowRank) -> Any:
    rows, columns = map.shape
    rank = map.U.shape[1]
    if rows == columns > rank:
        raise singular(map.name, f"its rank is at most {rank}")


def _in_turn(map: Composition) -> Any:
    """(A B)⁻¹ = B⁻¹ A⁻¹, where all factors are square."""
    if any(factor.shape[0] != factor.shape[1] for factor in map.factors):
        return None

    def solved(rows: Any) -> Any:
        for factor in map.factors:
            rows = solve_rows(factor, rows)
        return rows

    return solved


_EASY = (Identity, Scalar, Diagonal, Kronecker, BlockDiagonal, Sparse, Permutation, RunningSum)


def _is_easy(map: LinearMap) -> bool:
    """Whether this can be solved by structure alone: one easy map, or a product of square ones."""
    factors = map.factors if isinstance(map, Composition) else (map,)
    return all(isinstance(a, _EASY) and a.shape[0] == a.shape[1] for a in factors)


def _woodbury(map: Sum) -> Any:
    """(A + U Vᵀ)⁻¹ b = A⁻¹ b − A⁻¹ U (1 + Vᵀ A⁻¹ U)⁻¹ Vᵀ A⁻¹ b. Woodbury (1950)."""
    thin = [term for term in map.terms if isinstance(term, LowRank)]
    rest = [term for term in map.terms if not isinstance(term, LowRank)]
    if len(thin) != 1 or len(rest) != 1 or not _is_easy(rest[0]):
        return None
    easy, (U, V) = rest[0], (thin[0].U, thin[0].V)
    try:
        through = solve_rows(easy, U.T)  # (A⁻¹ U)ᵀ
    except SolveError:
        return None  # the sum may be regular all the same
    small = np.eye(U.shape[1], dtype=map.dtype) + V.T @ through.T
    inner = dense_solver(small, frozenset(), map.name)

    def solved(rows: Any) -> Any:
        first = solve_rows(easy, rows)
        return first - inner(first @ V) @ through

    return solved


def _written(map: Dense) -> Any:
    return dense_solver(np.asarray(map.a), map.properties, map.name)


def _transposed_back(map: LinearMap) -> Any:
    """An orthogonal map: its transpose is its inverse."""
    return map.T.images if "orthogonal" in map.properties else None


dispatch.factorize.fill(
    [
        ((Zero,), _zero),
        ((Identity,), lambda map: lambda rows: rows),
        ((Scalar,), solve_pointwise),
        ((Diagonal,), solve_pointwise),
        ((LinearMap,), _transposed_back),
        ((RunningSum,), solve_running_sum),
        ((Dense,), _written),
        ((Kronecker,), solve_factors),
        ((BlockDiagonal,), solve_blocks),
        ((Block,), solve_blockwise),
        ((Sparse,), solve_sparse),
        ((LowRank,), _low_rank),
        ((Sum,), _woodbury),
        ((Composition,), _in_turn),
    ]
)
