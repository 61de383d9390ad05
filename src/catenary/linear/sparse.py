"""Sparse maps, and maps that come from SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core import linear_map_errors
from catenary.linear.dense import Dense
from catenary.linear.factorization import singular
from catenary.linear.map import LinearMap
from catenary.linear.properties import NOTHING, Properties, Property
from catenary.linear.selection import scattered
from catenary.linear.space import Space
from catenary.linear.structured import StructuredMap, is_traced
from catenary.tracing.array import TracedArray
from catenary.tracing.recorder import user_line


class Sparse(StructuredMap):
    """v ↦ A v, for a sparse matrix of SciPy in any format; ``D.a`` is the matrix in CSR format.

    >>> import numpy as np
    >>> from scipy.sparse import diags_array
    >>> A = Sparse(diags_array([np.full(3, 2.0), np.full(2, -1.0)], offsets=[0, 1]))
    >>> A.solve(np.array([1.0, 1.0, 2.0]))
    array([1., 1., 1.])
    """

    def __init__(self, a: Any, domain: Space | None = None, codomain: Space | None = None) -> None:
        from scipy.sparse import csr_array

        matrix = csr_array(a)
        dtype = matrix.dtype if matrix.dtype.kind == "f" else np.dtype(np.float64)
        self.a = matrix.astype(dtype if domain is None else domain.dtype)
        super().__init__(self.a.shape, self.a.dtype, domain, codomain)

    def images(self, vectors: Any) -> Any:
        if not is_traced(vectors):
            return (self.a @ vectors.T).T
        entries = self.a.tocoo()
        rows, columns = entries.row.astype(np.int64), entries.col.astype(np.int64)
        return scattered(vectors[:, columns] * entries.data, rows, self.shape[0])

    def _transposed(self) -> LinearMap:
        return Sparse(self.a.T, self.codomain, self.domain)

    def times(self, number: Any) -> LinearMap | None:
        if is_traced(number):
            return None
        return Sparse(self.a * float(number), self.domain, self.codomain)

    def _matrix(self, memory: int) -> Any:
        return self.a.toarray()

    def sparse(self) -> Any:
        return self.a.copy()

    def known_diagonal(self) -> Any:
        return self.a.diagonal() if self.shape[0] == self.shape[1] else None

    def _known(self) -> Properties:
        if self.shape[0] != self.shape[1]:
            return NOTHING
        entries = self.a.tocoo()
        known: set[Property] = set()
        if (self.a != self.a.T).nnz == 0:
            known.add("symmetric")
        if np.all(entries.row >= entries.col):
            known.add("lower_triangular")
        if np.all(entries.row <= entries.col):
            known.add("upper_triangular")
        return frozenset(known)


def solve_sparse(map: Sparse) -> Any:
    """SuperLU, which orders the columns so that little fills in."""
    from scipy.sparse.linalg import splu

    if map.shape[0] != map.shape[1]:
        return None
    if not map.shape[0]:
        return lambda rows: rows
    try:
        factor = splu(map.a.tocsc())
    except RuntimeError:
        raise singular(map.name, "a pivot of its factorization is zero") from None
    return lambda rows: factor.solve(np.asarray(rows, map.dtype).T).T


class Operator(StructuredMap):
    """A LinearOperator of SciPy as a map; what :func:`from_scipy` makes of one.

    >>> import numpy as np
    >>> from scipy.sparse.linalg import aslinearoperator
    >>> Operator(aslinearoperator(np.diag([2.0, 3.0]))).T @ np.ones(2)
    array([2., 3.])
    """

    def __init__(
        self, operator: Any, domain: Space | None = None, codomain: Space | None = None
    ) -> None:
        self.operator = operator
        dtype = np.dtype(operator.dtype or np.float64)
        super().__init__(operator.shape, dtype, domain, codomain)

    def images(self, vectors: Any) -> Any:
        return self.operator.matmat(vectors.T).T

    def _transposed(self) -> LinearMap:
        return Operator(self.operator.T, self.codomain, self.domain)


def from_scipy(
    operator: Any, domain: Space | None = None, codomain: Space | None = None
) -> LinearMap:
    """A matrix, a sparse matrix or a LinearOperator of SciPy as a linear map.

    Spaces may be given: trees of as many numbers as the matrix has columns and rows. The way back
    is ``scipy.sparse.linalg.aslinearoperator(D)``, or ``D.sparse()``.

    >>> import numpy as np
    >>> from scipy.sparse.linalg import LinearOperator
    >>> double = LinearOperator((2, 2), lambda v: 2 * v, rmatvec=lambda v: 2 * v, dtype=float)
    >>> from_scipy(double) @ np.ones(2)
    array([2., 2.])
    """
    if isinstance(operator, (np.ndarray, TracedArray, list, tuple)):
        return Dense(operator, domain, codomain)
    from scipy.sparse import issparse
    from scipy.sparse.linalg import LinearOperator

    if issparse(operator):
        return Sparse(operator, domain, codomain)
    if isinstance(operator, LinearOperator):
        return Operator(operator, domain, codomain)
    raise linear_map_errors.not_a_map(operator, user_line())


def as_map(given: Any) -> LinearMap:
    """A linear map, or what can be made one."""
    return given if isinstance(given, LinearMap) else from_scipy(given)
