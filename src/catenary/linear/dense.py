"""Maps written out as arrays: a matrix, a product of two thin ones, a stack along the diagonal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from catenary.linear.factorization import singular
from catenary.linear.map import LinearMap
from catenary.linear.memory import MEMORY, check_matrix_fits
from catenary.linear.properties import NOTHING, Properties, Property
from catenary.linear.space import Space
from catenary.linear.structured import StructuredMap, is_traced, numbers


class Dense(StructuredMap):
    """v ↦ A v, for a matrix A of shape (rows, columns); ``D.a`` is the matrix.

    >>> import numpy as np
    >>> A = Dense([[1.0, 2.0], [3.0, 4.0]])
    >>> A.T @ np.array([1.0, 1.0])
    array([4., 6.])
    """

    def __init__(self, a: Any, domain: Space | None = None, codomain: Space | None = None) -> None:
        self.a = numbers(a, "Dense", 2, domain)
        super().__init__(self.a.shape, self.a.dtype, domain, codomain)

    def images(self, vectors: Any) -> Any:
        return vectors @ self.a.T

    def _transposed(self) -> LinearMap:
        return Dense(self.a.T, self.codomain, self.domain)

    def times(self, number: Any) -> LinearMap:
        return Dense(self.a * number).between(self.domain, self.codomain)

    def _matrix(self, memory: int) -> Any:
        return self.a.copy()

    def column_blocks(self, memory: int = MEMORY) -> Iterator[tuple[int, Any]]:
        yield 0, self.a.T

    def known_diagonal(self) -> Any:
        return np.diagonal(self.a) if self.shape[0] == self.shape[1] else None

    def _known(self) -> Properties:
        """Symmetry and triangles are seen at once; definiteness is not."""
        if is_traced(self.a) or self.shape[0] != self.shape[1]:
            return NOTHING
        known: set[Property] = set()
        if np.array_equal(self.a, self.a.T):
            known.add("symmetric")
        if not np.triu(self.a, 1).any():
            known.add("lower_triangular")
        if not np.tril(self.a, -1).any():
            known.add("upper_triangular")
        return frozenset(known)


class LowRank(StructuredMap):
    """v ↦ U (Vᵀ v), for U of shape (rows, r) and V of shape (columns, r).

    r (rows + columns) numbers for a matrix of rows × columns. ``V`` is U unless given, which makes
    the map symmetric and positive semi-definite.

    >>> LowRank([[1.0], [2.0]], [[3.0], [4.0]]).matrix()
    array([[3., 4.],
           [6., 8.]])
    """

    def __init__(
        self, U: Any, V: Any = None, domain: Space | None = None, codomain: Space | None = None
    ) -> None:
        self.U = numbers(U, "LowRank: U", 2, domain)
        self.V = self.U if V is None or V is U else numbers(V, "LowRank: V", 2, domain)
        shape = self.U.shape[0], self.V.shape[0]
        super().__init__(shape, self.U.dtype, domain, codomain)
        if self.U.shape[1] != self.V.shape[1]:
            raise self._refused("U and V with equally many columns", (self.U.shape, self.V.shape))

    def images(self, vectors: Any) -> Any:
        return (vectors @ self.V) @ self.U.T

    def _transposed(self) -> LinearMap:
        return LowRank(self.V, self.U, self.codomain, self.domain)

    def times(self, number: Any) -> LinearMap:
        return LowRank(self.U * number, self.V).between(self.domain, self.codomain)

    def _matrix(self, memory: int) -> Any:
        return self.U @ self.V.T

    def sparse(self) -> Any:
        check_matrix_fits(self.shape, self.dtype)  # hardly an entry is zero
        return super().sparse()

    def known_diagonal(self) -> Any:
        return np.sum(self.U * self.V, 1) if self.shape[0] == self.shape[1] else None

    def known_singular_values(self) -> Any:
        """Those of R_U R_Vᵀ, r × r, where U = Q_U R_U and V = Q_V R_V."""
        left, right = (np.linalg.qr(factor)[1] for factor in (self.U, self.V))
        inner = left @ right.T
        return np.linalg.svd(inner, compute_uv=False)

    def _known(self) -> Properties:
        return frozenset(("symmetric", "positive_semidefinite")) if self.U is self.V else NOTHING


class BlockDiagonal(StructuredMap):
    """A stack of matrices of one size along the diagonal, of shape (blocks, rows, columns).

    Each block acts on its own stretch of the flat vector. For blocks of different sizes, or given
    as maps, see :func:`block_diagonal`.

    >>> import numpy as np
    >>> BlockDiagonal(np.array([[[1.0, 2.0]], [[3.0, 4.0]]])).matrix()
    array([[1., 2., 0., 0.],
           [0., 0., 3., 4.]])
    """

    def __init__(
        self, stack: Any, domain: Space | None = None, codomain: Space | None = None
    ) -> None:
        self.stack = numbers(stack, "BlockDiagonal", 3, domain)
        count, rows, columns = self.stack.shape
        super().__init__((count * rows, count * columns), self.stack.dtype, domain, codomain)

    def images(self, vectors: Any) -> Any:
        count, _, columns = self.stack.shape
        parts = np.reshape(vectors, (len(vectors), count, columns))
        return np.reshape(np.einsum("bmn,kbn->kbm", self.stack, parts), (len(vectors), -1))

    def _transposed(self) -> LinearMap:
        return BlockDiagonal(np.swapaxes(self.stack, 1, 2), self.codomain, self.domain)

    def times(self, number: Any) -> LinearMap:
        return BlockDiagonal(self.stack * number).between(self.domain, self.codomain)

    def sparse(self) -> Any:
        from scipy.sparse import bsr_array, csr_array

        count = len(self.stack)
        steps = np.arange(count)
        return csr_array(bsr_array((self.stack, steps, np.arange(count + 1)), shape=self.shape))

    def known_diagonal(self) -> Any:
        square = self.stack.shape[1] == self.stack.shape[2]
        return np.reshape(np.diagonal(self.stack, axis1=1, axis2=2), -1) if square else None

    def known_singular_values(self) -> Any:
        return np.reshape(np.linalg.svd(self.stack, compute_uv=False), -1)

    def _known(self) -> Properties:
        if is_traced(self.stack) or self.stack.shape[1] != self.stack.shape[2]:
            return NOTHING
        symmetric = np.array_equal(self.stack, np.swapaxes(self.stack, 1, 2))
        return frozenset(("symmetric",)) if symmetric else NOTHING


def solve_blocks(map: BlockDiagonal) -> Any:
    """Each block on its own stretch, by LU."""
    count, rows, columns = map.stack.shape
    if rows != columns:
        return None

    def solved(b: Any) -> Any:
        parts = np.moveaxis(np.reshape(b, (len(b), count, rows)), 0, 2)
        try:
            x = np.linalg.solve(map.stack, parts)
        except np.linalg.LinAlgError:
            raise singular(map.name, "one of its blocks is singular") from None
        return np.reshape(np.moveaxis(x, 2, 0), (len(b), -1))

    return solved
