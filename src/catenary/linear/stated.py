"""From the maps that operations state to linear maps: one conversion for each kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from catenary.core import structure as core
from catenary.linear.dense import BlockDiagonal, Dense
from catenary.linear.diagonal import Diagonal, Identity, Scalar, Zero
from catenary.linear.kronecker import Kronecker
from catenary.linear.map import LinearMap
from catenary.linear.running_sum import RunningSum
from catenary.linear.selection import selected
from catenary.linear.space import flat_space


def converted(map: core.Map, dtype: Any) -> LinearMap:
    """A map as operations state it, as a map of flat vectors of a dtype."""
    return _CONVERSIONS[type(map)](map, dtype)


def _blocks(map: core.Blocks, dtype: Any) -> LinearMap:
    count, rows, columns = map.stack.shape
    stack = map.stack.astype(dtype, copy=False)
    if count == 1:
        return Dense(stack[0])
    return Diagonal(stack.reshape(-1)) if rows == columns == 1 else BlockDiagonal(stack)


def _kronecker(map: core.Kronecker, dtype: Any) -> LinearMap:
    return _product(converted(map.left, dtype), converted(map.right, dtype))


def _product(left: LinearMap, right: LinearMap) -> LinearMap:
    """left ⊗ right, of identities and diagonals again such."""
    if isinstance(left, Identity) and left.shape[0] == 1:
        return right
    if isinstance(right, Identity):
        n = right.shape[0]
        if n == 1:
            return left
        if isinstance(left, Diagonal):
            return Diagonal(np.repeat(left.d, n))
        if isinstance(left, Identity):
            return Identity(flat_space(left.shape[0] * n, left.dtype))
    return Kronecker(left, right)


def _composition(map: core.Composition, dtype: Any) -> LinearMap:
    swapped = _swapped(map.factors, dtype)
    if swapped is not None:
        return swapped
    whole = converted(map.factors[0], dtype)
    for factor in map.factors[1:]:
        whole = whole @ converted(factor, dtype)
    return whole


def _swapped(factors: Sequence[core.Map], dtype: Any) -> LinearMap | None:
    """K (A ⊗ B) K = B ⊗ A, where K exchanges the axes of a matrix: moves that need not be."""
    if len(factors) != 3 or not isinstance(factors[1], core.Kronecker):
        return None
    outward, inward = factors[0], factors[2]
    if not (isinstance(outward, core.Selection) and isinstance(inward, core.Selection)):
        return None
    left, right = factors[1].left, factors[1].right
    (m, n), (p, q) = left.shape, right.shape
    arrives = np.array_equal(inward.index, core.positions((q, n)).T.reshape(-1))
    leaves = np.array_equal(outward.index, core.positions((m, p)).T.reshape(-1))
    if not (arrives and leaves):
        return None
    return _product(converted(right, dtype), converted(left, dtype))


def _summed(map: core.Sum, dtype: Any) -> LinearMap:
    whole = converted(map.terms[0], dtype)
    for term in map.terms[1:]:
        whole = whole + converted(term, dtype)
    return whole


_CONVERSIONS: dict[type, Callable[[Any, Any], LinearMap]] = {
    core.Identity: lambda map, dtype: Identity(flat_space(map.n, dtype)),
    core.Zero: lambda map, dtype: Zero(*(flat_space(n, dtype) for n in map.shape[::-1])),
    core.Scalar: lambda map, dtype: Scalar(map.c, flat_space(map.n, dtype)),
    core.Diagonal: lambda map, dtype: Diagonal(map.d.reshape(-1).astype(dtype)),
    core.Selection: lambda map, dtype: selected(map.index.reshape(-1), map.n, dtype),
    core.Ones: lambda map, dtype: converted(map.selection, dtype).T,
    core.RunningSum: lambda map, dtype: RunningSum(map.n, map.reverse, dtype=dtype),
    core.Dense: lambda map, dtype: Dense(map.a.astype(dtype, copy=False)),
    core.Blocks: _blocks,
    core.Kronecker: _kronecker,
    core.Sum: _summed,
    core.Composition: _composition,
}
