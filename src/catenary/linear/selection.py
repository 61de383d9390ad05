"""Maps that move numbers: picking, permuting, padding, and adding up what was picked."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.types import FLOAT64
from catenary.function.arguments import result
from catenary.linear.diagonal import Identity
from catenary.linear.map import LinearMap
from catenary.linear.properties import NOTHING, Properties
from catenary.linear.space import Space, flat_space
from catenary.linear.structured import StructuredMap, is_traced, positions
from catenary.ops.index import scatter_add
from catenary.tracing.trace import operand

Index = np.ndarray[Any, Any]


class Selection(StructuredMap):
    """out[i] = v[index[i]], or 0 where index[i] is −1: slicing, copying, padding.

    ``size`` is the length of v.

    >>> import numpy as np
    >>> Selection([2, -1, 2], size=3) @ np.array([5.0, 6.0, 7.0])
    array([7., 0., 7.])
    """

    def __init__(
        self,
        index: Any,
        size: int,
        domain: Space | None = None,
        codomain: Space | None = None,
        *,
        dtype: Any = FLOAT64,
    ) -> None:
        self.index = positions(index, type(self).__name__, size)
        super().__init__((self.index.size, size), dtype, domain, codomain)

    def images(self, vectors: Any) -> Any:
        if not self.index.size or not self.shape[1]:
            return np.zeros((len(vectors), self.shape[0]), self.dtype)
        picked = vectors[:, self.index]
        missing = self.index < 0
        return np.where(missing, np.zeros((), self.dtype), picked) if missing.any() else picked

    def _transposed(self) -> LinearMap:
        """Again a selection where nothing is picked twice."""
        rows = np.flatnonzero(self.index >= 0)
        back = np.full(self.shape[1], -1, np.int64)
        back[self.index[rows]] = rows
        if np.count_nonzero(back >= 0) < rows.size:
            return Scatter(self.index, self.shape[1], self.codomain, self.domain)
        return Selection(back, self.shape[0], self.codomain, self.domain)

    def sparse(self) -> Any:
        from scipy.sparse import coo_array, csr_array

        rows = np.flatnonzero(self.index >= 0)
        ones = np.ones(rows.size, self.dtype)
        return csr_array(coo_array((ones, (rows, self.index[rows])), shape=self.shape))

    def known_singular_values(self) -> Any:
        """The roots of how often each coordinate is picked."""
        counts = np.bincount(self.index[self.index >= 0], minlength=self.shape[1])
        return np.sqrt(np.sort(counts)[::-1][: min(self.shape)]).astype(self.dtype)


class Permutation(Selection):
    """out[i] = v[order[i]], where every position occurs once. Its transpose is its inverse.

    >>> import numpy as np
    >>> P = Permutation([2, 0, 1])
    >>> P @ np.array([5.0, 6.0, 7.0]), P.solve(np.array([7.0, 5.0, 6.0]))
    (array([7., 5., 6.]), array([5., 6., 7.]))
    """

    def __init__(
        self,
        order: Any,
        domain: Space | None = None,
        codomain: Space | None = None,
        *,
        dtype: Any = FLOAT64,
    ) -> None:
        super().__init__(order, len(order), domain, codomain, dtype=dtype)
        if not np.array_equal(np.sort(self.index), np.arange(self.index.size)):
            raise self._refused("every position once", self.index)

    def _transposed(self) -> LinearMap:
        inverse = np.empty_like(self.index)
        inverse[self.index] = np.arange(self.index.size)
        return Permutation(inverse, self.codomain, self.domain)

    def _known(self) -> Properties:
        return frozenset(("orthogonal",))


class Scatter(StructuredMap):
    """out[index[i]] += v[i], into ``size`` zeros; where index[i] is −1, v[i] is dropped.

    The transpose of a selection that picks some numbers more than once: sums of what was copied.

    >>> import numpy as np
    >>> Scatter([0, 0, 1], size=2) @ np.array([5.0, 6.0, 7.0])
    array([11.,  7.])
    """

    def __init__(
        self,
        index: Any,
        size: int,
        domain: Space | None = None,
        codomain: Space | None = None,
        *,
        dtype: Any = FLOAT64,
    ) -> None:
        self.index = positions(index, "Scatter", size)
        super().__init__((size, self.index.size), dtype, domain, codomain)

    def images(self, vectors: Any) -> Any:
        if not is_traced(vectors):
            return (self.sparse().astype(vectors.dtype) @ vectors.T).T
        rows = np.flatnonzero(self.index >= 0)
        return scattered(vectors[:, rows], self.index[rows], self.shape[0])

    def _transposed(self) -> LinearMap:
        return Selection(self.index, self.shape[0], self.codomain, self.domain)

    def sparse(self) -> Any:
        return self.T.sparse().T.tocsr()

    def known_singular_values(self) -> Any:
        return self.T.known_singular_values()

    def _known(self) -> Properties:
        return NOTHING


def scattered(vectors: Any, index: Index, size: int) -> Any:
    """Each row's numbers, added up at positions; also of traced arrays."""
    shape = (size, len(vectors))
    return result(scatter_add(operand(vectors.T).value, index, shape=shape)).T


def selected(index: Index, size: int, dtype: Any = FLOAT64) -> StructuredMap:
    """The selection of these positions, as the simplest map that it is."""
    if index.size == size:
        steps = np.arange(size)
        if np.array_equal(index, steps):
            return Identity(flat_space(size, dtype))
        seen = np.zeros(size, bool)
        seen[index[index >= 0]] = True
        if seen.all():
            return Permutation(index, dtype=dtype)
    return Selection(index, size, dtype=dtype)
