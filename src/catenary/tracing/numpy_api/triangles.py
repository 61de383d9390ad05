"""Diagonals and triangles of matrices: diag, diagonal, trace, tril, triu."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import operand_shapes
from catenary.ops.arrange import permute
from catenary.ops.index import gather
from catenary.tracing.numpy_api.arguments import Array, atom_of, axes_in
from catenary.tracing.table import implements


@implements(np.diagonal, view=True)
def diagonal(a: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """a[i, i + offset] over two axes, as the last axis of the result."""
    if a.ndim < 2:
        raise operand_shapes("diagonal", "an array of at least two axes", a.shape)
    first, second = axes_in((axis1, axis2), a.ndim)
    others = [i for i in range(a.ndim) if i not in (first, second)]
    rows, columns = a.shape[first], a.shape[second]
    length = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    i = np.arange(length)
    turned = permute(atom_of(a), order=(first, second, *others))
    taken = gather(turned, i + max(-offset, 0), i + max(offset, 0))
    return permute(taken, order=(*range(1, len(others) + 1), 0))


@implements(np.linalg.diagonal)
def linalg_diagonal(x: Array, /, *, offset: int = 0) -> Any:
    return np.diagonal(x, offset, -2, -1)


@implements(np.trace)
def trace(
    a: Array, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None,
    out: Any = None,
) -> Any:  # fmt: skip
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


@implements(np.linalg.trace)
def linalg_trace(x: Array, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return trace(x, offset, -2, -1, dtype)


@implements(np.diag)
def diag(v: Array, k: int = 0) -> Any:
    """The diagonal of a matrix; of a vector, the matrix with it on the diagonal."""
    if v.ndim == 2:
        return np.diagonal(v, k)
    if v.ndim != 1:
        raise operand_shapes("diag", "a vector or a matrix", v.shape)
    n = v.size + abs(k)
    result = np.zeros_like(v, shape=(n, n))
    i = np.arange(v.size)
    result[i + max(-k, 0), i + max(k, 0)] = v
    return result


@implements(np.diagflat)
def diagflat(v: Array, k: int = 0) -> Any:
    return diag(np.ravel(v), k)


def _triangle(kept: Any) -> Any:
    def triangle(m: Array, k: int = 0) -> Any:
        square = m if m.ndim > 1 else np.broadcast_to(m, (m.size, m.size))
        mask = kept(square.shape[-2:], k)
        return np.where(mask, square, np.zeros_like(square))

    return triangle


tril = implements(np.tril)(_triangle(lambda shape, k: np.tri(shape[0], shape[1], k, bool)))
triu = implements(np.triu)(_triangle(lambda shape, k: ~np.tri(shape[0], shape[1], k - 1, bool)))
