"""Patterns through the algebra of linear maps: which inputs reach which outputs."""

from __future__ import annotations

import math
from functools import reduce

import numpy as np

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
from catenary.linear.sparsity.pattern import (
    Array,
    Pattern,
    TooDense,
    empty,
    full,
    identity,
    of_matrix,
    times,
)


def through(map: Map, pattern: Pattern, limit: int | None = None) -> Pattern:
    """The pattern of map · A, for a matrix A of this pattern. Zeros of the map are zeros."""
    columns = pattern.shape[1]
    if isinstance(map, Identity) or (isinstance(map, Scalar) and map.c != 0):
        return pattern
    if isinstance(map, (Zero, Scalar)):
        return empty((map.shape[0], columns))
    if isinstance(map, Diagonal):
        return _masked(map.d.reshape(-1) != 0, pattern)
    if isinstance(map, Selection):
        return pattern.select(map.index.reshape(-1), limit)
    if isinstance(map, Ones):
        return pattern.gathered(map.selection.index.reshape(-1), map.selection.n)
    if isinstance(map, Composition):
        return reduce(lambda p, factor: through(factor, p, limit), map.factors[::-1], pattern)
    if isinstance(map, Sum):
        return reduce(lambda p, q: p | q, [through(t, pattern, limit) for t in map.terms])
    return times(pattern_of(map, limit), pattern, limit)


def pattern_of(map: Map, limit: int | None = None) -> Pattern:
    """Where the matrix of a map may be other than zero."""
    if isinstance(map, Dense):
        return of_matrix(map.a)
    if isinstance(map, Blocks):
        return _of_blocks(map.stack)
    if isinstance(map, RunningSum):
        return _triangle(map.n, map.reverse, limit)
    if isinstance(map, Kronecker):
        return _kronecker(pattern_of(map.left, limit), pattern_of(map.right, limit), limit)
    known = (Identity, Zero, Scalar, Diagonal, Selection, Ones, Composition, Sum)
    if isinstance(map, known):
        return through(map, identity(map.shape[1]), limit)
    return full(map.shape, limit)


def _masked(kept: Array, pattern: Pattern) -> Pattern:
    return pattern if kept.all() else Pattern(pattern.shape, pattern.keys[kept[pattern.rows]])


def _of_blocks(stack: Array) -> Pattern:
    count, rows, columns = stack.shape
    block, row, column = np.nonzero(stack)
    keys = (block * rows + row) * (count * columns) + block * columns + column
    return Pattern((count * rows, count * columns), keys)


def _triangle(n: int, upper: bool, limit: int | None) -> Pattern:
    if limit is not None and n * (n + 1) // 2 > limit:
        raise TooDense
    starts = np.arange(n, dtype=np.int64)
    lengths = n - starts if upper else starts + 1
    rows = np.repeat(starts, lengths)
    within = np.arange(rows.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return Pattern((n, n), rows * n + within + (rows if upper else 0))


def _kronecker(left: Pattern, right: Pattern, limit: int | None) -> Pattern:
    (m, n), (p, q) = left.shape, right.shape
    if limit is not None and left.nonzeros * right.nonzeros > limit:
        raise TooDense
    rows = left.rows[:, None] * p + right.rows
    columns = left.columns[:, None] * q + right.columns
    keys = np.sort((rows * math.prod((n, q)) + columns).reshape(-1))
    return Pattern((m * p, n * q), keys)
