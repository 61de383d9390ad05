"""The maps that mix no coordinates: zero, identity, multiples of it, diagonals."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.linear.factorization import divided
from catenary.linear.map import LinearMap
from catenary.linear.properties import DIAGONAL, EVERYTHING, NOTHING, Properties
from catenary.linear.space import Space, space_of
from catenary.linear.structured import StructuredMap, as_space, is_traced
from catenary.tracing.array import TracedArray


class Zero(StructuredMap):
    """v ↦ 0, from one space to another; a space is given as such, by a number, or by an example.

    >>> Zero(3, 2).matrix()
    array([[0., 0., 0.],
           [0., 0., 0.]])
    """

    def __init__(self, domain: Space | Any, codomain: Space | Any) -> None:
        domain, codomain = as_space(domain), as_space(codomain)
        shape = codomain.dimension, domain.dimension
        super().__init__(shape, domain.dtype, domain, codomain)

    def images(self, vectors: Any) -> Any:
        return np.zeros((len(vectors), self.shape[0]), self.dtype)

    def _transposed(self) -> LinearMap:
        return Zero(self.codomain, self.domain)

    def times(self, number: Any) -> LinearMap:
        return self

    def _matrix(self, memory: int) -> Any:
        return np.zeros(self.shape, self.dtype)

    def sparse(self) -> Any:
        from scipy.sparse import csr_array

        return csr_array(self.shape, dtype=self.dtype)

    def known_diagonal(self) -> Any:
        return np.zeros(self.shape[0], self.dtype)

    def known_singular_values(self) -> Any:
        return np.zeros(min(self.shape), self.dtype)

    def _known(self) -> Properties:
        square = self.shape[0] == self.shape[1]
        return (DIAGONAL | {"positive_semidefinite"}) if square else NOTHING


class _Square(StructuredMap):
    """Between two spaces of one dimension, its own transpose."""

    def _transposed(self) -> LinearMap:
        return self.between(self.codomain, self.domain)

    def sparse(self) -> Any:
        from scipy.sparse import csr_array, diags_array

        return csr_array(diags_array(np.asarray(self.known_diagonal(), self.dtype)))

    def _matrix(self, memory: int) -> Any:
        return np.diag(self.known_diagonal())

    def known_singular_values(self) -> Any:
        return np.abs(self.known_diagonal())

    def known_diagonal(self) -> Any:
        raise NotImplementedError


class Identity(_Square):
    """v ↦ v, of a space: the space itself, its dimension, or an example of its vectors.

    >>> Identity(2).matrix()
    array([[1., 0.],
           [0., 1.]])
    """

    def __init__(self, domain: Space | Any, codomain: Space | None = None) -> None:
        domain = as_space(domain)
        n = domain.dimension
        super().__init__((n, n), domain.dtype, domain, codomain or domain)

    def images(self, vectors: Any) -> Any:
        return vectors

    def times(self, number: Any) -> LinearMap:
        return Scalar(number, self.domain, self.codomain)

    def known_diagonal(self) -> Any:
        return np.ones(self.shape[0], self.dtype)

    def _known(self) -> Properties:
        return EVERYTHING


class Scalar(_Square):
    """v ↦ c·v.

    >>> import numpy as np
    >>> Scalar(3.0, 2).solve(np.array([3.0, 6.0]))
    array([1., 2.])
    """

    def __init__(self, c: Any, domain: Space | Any, codomain: Space | None = None) -> None:
        domain = as_space(domain)
        n = domain.dimension
        super().__init__((n, n), domain.dtype, domain, codomain or domain)
        self.c = c if isinstance(c, TracedArray) else float(c)

    def images(self, vectors: Any) -> Any:
        return vectors * self.c

    def times(self, number: Any) -> LinearMap:
        return identities(self.c * number, self.domain, self.codomain)

    def known_diagonal(self) -> Any:
        return np.full(self.shape[0], self.c, self.dtype) if not is_traced(self.c) else (
            np.ones(self.shape[0], self.dtype) * self.c
        )  # fmt: skip

    def _known(self) -> Properties:
        return _signed(self.c)


def identities(c: Any, domain: Space, codomain: Space) -> LinearMap:
    """So many times the identity."""
    if not is_traced(c) and c == 1:
        return Identity(domain, codomain)
    return Scalar(c, domain, codomain)


class Diagonal(_Square):
    """v ↦ d ⊙ v; ``d`` is a vector of the space: an array of any shape, or a tree of them.

    ``D.d`` are its entries as one flat array: O(n) memory for n² entries of the matrix.

    >>> import numpy as np
    >>> D = Diagonal([2.0, 4.0])
    >>> (D @ D).d, D.solve(np.ones(2))
    (array([ 4., 16.]), array([0.5 , 0.25]))
    """

    def __init__(self, d: Any, domain: Space | None = None, codomain: Space | None = None) -> None:
        if isinstance(d, (list, tuple)):
            d = np.asarray(d)
        if isinstance(d, np.ndarray) and d.dtype.kind != "f":
            d = d.astype(np.float64)
        own = space_of(d)
        self.d = own.joined(own.coordinates(d))
        if domain is not None and self.d.dtype != domain.dtype:
            self.d = self.d.astype(domain.dtype)
        n = own.dimension
        super().__init__((n, n), self.d.dtype, domain or own, codomain or domain or own)

    def images(self, vectors: Any) -> Any:
        return vectors * self.d

    def times(self, number: Any) -> LinearMap:
        return Diagonal(self.d * number).between(self.domain, self.codomain)

    def known_diagonal(self) -> Any:
        return self.d

    def _known(self) -> Properties:
        return _signed(self.d)


def _signed(d: Any) -> Properties:
    """What a diagonal of these entries has."""
    if is_traced(d):
        return DIAGONAL
    known = set(DIAGONAL)
    if np.all(np.asarray(d) >= 0):
        known.add("positive_semidefinite")
    if np.all(np.abs(d) == 1):
        known.add("orthogonal")
    return frozenset(known)


def pointwise(first: StructuredMap, second: StructuredMap) -> tuple[Any, Any]:
    """The diagonals of two maps, as numbers where they are multiples of the identity."""
    return _entries(first), _entries(second)


def _entries(map: StructuredMap) -> Any:
    if isinstance(map, Identity):
        return 1.0
    return map.c if isinstance(map, Scalar) else map.d  # type: ignore[attr-defined]


def solve_pointwise(map: StructuredMap) -> Any:
    """Rows of right-hand sides → rows of solutions: a division."""
    entries = _entries(map)
    array = entries if is_traced(entries) else np.asarray(entries)
    return lambda rows: divided(rows, array, map.name)
