"""Kronecker products: maps of matrices that act on rows and columns separately."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.linear.diagonal import Identity
from catenary.linear.map import LinearMap
from catenary.linear.properties import Properties
from catenary.linear.solve import solve_rows
from catenary.linear.space import Space, flat_space
from catenary.linear.sparse import as_map
from catenary.linear.spectrum import singular_values
from catenary.linear.structured import StructuredMap


class Kronecker(StructuredMap):
    """A ⊗ B, which sends a matrix X, flattened row by row, to A X Bᵀ.

    ``left`` and ``right`` are linear maps or matrices; ``D.left`` and ``D.right`` the maps. The
    derivative of X W with respect to W is X ⊗ I. Loan, The ubiquitous Kronecker product (2000).

    >>> import numpy as np
    >>> D = Kronecker(np.array([[1.0, 2.0]]), np.eye(2))
    >>> D.matrix()
    array([[1., 0., 2., 0.],
           [0., 1., 0., 2.]])
    """

    def __init__(
        self,
        left: Any,
        right: Any,
        domain: Space | None = None,
        codomain: Space | None = None,
    ) -> None:
        self.left, self.right = flattened(as_map(left)), flattened(as_map(right))
        (m, n), (p, q) = self.left.shape, self.right.shape
        dtype = np.result_type(self.left.dtype, self.right.dtype)
        super().__init__((m * p, n * q), dtype, domain, codomain)

    def images(self, vectors: Any) -> Any:
        (m, n), (p, q) = self.left.shape, self.right.shape
        count = len(vectors)
        if m * q <= n * p:  # whichever product in between is the smaller
            return _on_rows(self.right, _on_columns(self.left, vectors, (count, n, q)), (count, m))
        moved = _on_rows(self.right, vectors, (count, n))
        return _on_columns(self.left, moved, (count, n, p))

    def _transposed(self) -> LinearMap:
        return Kronecker(self.left.T, self.right.T, self.codomain, self.domain)

    def times(self, number: Any) -> LinearMap:
        left = self.left * number
        return Kronecker(left, self.right, self.domain, self.codomain)

    def _matrix(self, memory: int) -> Any:
        return np.kron(self.left.matrix(memory=memory), self.right.matrix(memory=memory))

    def sparse(self) -> Any:
        from scipy.sparse import kron

        return kron(self.left.sparse(), self.right.sparse(), format="csr")

    def known_diagonal(self) -> Any:
        if self.left.shape[0] != self.left.shape[1] or self.right.shape[0] != self.right.shape[1]:
            return None
        return np.reshape(np.outer(self.left.diagonal(), self.right.diagonal()), -1)

    def known_singular_values(self) -> Any:
        """The products of those of the factors."""
        return np.outer(singular_values(self.left), singular_values(self.right)).reshape(-1)

    def _known(self) -> Properties:
        return self.left.properties & self.right.properties


def _on_rows(map: LinearMap, vectors: Any, lead: tuple[int, int]) -> Any:
    """A map of the rows of each matrix; the matrices are flat before and after."""
    if isinstance(map, Identity):
        return vectors
    rows = np.reshape(vectors, (lead[0] * lead[1], map.shape[1]))
    return np.reshape(map.images(rows), (lead[0], lead[1] * map.shape[0]))


def _on_columns(map: LinearMap, vectors: Any, shape: tuple[int, int, int]) -> Any:
    """A map of the columns of each matrix of this shape."""
    if isinstance(map, Identity):
        return vectors
    count, n, width = shape
    columns = np.swapaxes(np.reshape(vectors, shape), 1, 2)
    moved = map.images(np.reshape(columns, (count * width, n)))
    back = np.swapaxes(np.reshape(moved, (count, width, map.shape[0])), 1, 2)
    return np.reshape(back, (count, map.shape[0] * width))


def flattened(map: LinearMap) -> LinearMap:
    """The same map between flat vectors."""
    domain = flat_space(map.shape[1], map.domain.dtype)
    codomain = flat_space(map.shape[0], map.codomain.dtype)
    if isinstance(map, StructuredMap):
        return map.between(domain, codomain)
    if (map.domain.types, map.codomain.types) == (domain.types, codomain.types):
        return map
    flat: LinearMap = Identity(map.codomain, codomain) @ map @ Identity(domain, map.domain)
    return flat


def solve_factors(map: Kronecker) -> Any:
    """(A ⊗ B)⁻¹ = A⁻¹ ⊗ B⁻¹."""
    (m, n), (p, q) = map.left.shape, map.right.shape
    if m != n or p != q:
        return None

    def solved(rows: Any) -> Any:
        count = len(rows)
        on_rows = np.reshape(rows, (count * n, q))
        half = np.reshape(solve_rows(map.right, on_rows), (count, n, q))
        columns = np.reshape(np.swapaxes(half, 1, 2), (count * q, n))
        whole = np.reshape(solve_rows(map.left, columns), (count, q, n))
        return np.reshape(np.swapaxes(whole, 1, 2), (count, n * q))

    return solved
