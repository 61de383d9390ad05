"""Maps made of maps: compositions and sums, where no simpler map is the same."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.function.arguments import result
from catenary.linear import properties
from catenary.linear.diagonal import Scalar
from catenary.linear.fitting import require_addable, require_composable
from catenary.linear.map import LinearMap
from catenary.linear.memory import MEMORY
from catenary.linear.properties import Properties
from catenary.tracing.array import TracedArray
from catenary.tracing.trace import operand


class Composition(LinearMap):
    """v ↦ A₁ (A₂ (… v)): what ``A1 @ A2`` is when no simpler map is the same.

    ``D.factors`` are the maps, the first applied last.

    >>> from catenary.linear.dense import Dense
    >>> from catenary.linear.diagonal import Diagonal
    >>> D = Diagonal([1.0, 2.0]) @ Dense([[1.0, 1.0], [1.0, 0.0]])
    >>> D.factors[0].d, D.matrix()
    (array([1., 2.]), array([[1., 1.], [2., 0.]]))
    """

    def __init__(self, *factors: LinearMap) -> None:
        for left, right in itertools.pairwise(factors):
            require_composable(left, right)
        super().__init__(factors[-1].domain, factors[0].codomain)
        self.factors = factors

    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        moved = list(arrays)
        for factor in reversed(self.factors):
            moved = factor.apply(moved)
        return moved

    def columns(self, arrays: Sequence[Any], count: int) -> list[Any]:
        moved = list(arrays)
        for factor in reversed(self.factors):
            moved = factor.columns(moved, count)
        return moved

    def images(self, vectors: Any) -> Any:
        for factor in reversed(self.factors):
            vectors = factor.images(vectors)
        return vectors

    @property
    def column_bytes(self) -> int:
        return sum(factor.column_bytes for factor in self.factors)

    def _transposed(self) -> LinearMap:
        return Composition(*(factor.T for factor in reversed(self.factors)))

    def _by_columns(self, memory: int) -> Any:
        """The innermost matrix, if it is not too large itself, sent through the other factors."""
        *outer, inner = self.factors
        if inner.shape[0] * inner.shape[1] * self.dtype.itemsize > memory:
            return super()._by_columns(memory)
        rows = inner.matrix(memory=memory).T
        chunk = max(1, memory // max(self.column_bytes, 1))
        blocks = []
        for start in range(0, max(len(rows), 1), chunk):
            moved = rows[start : start + chunk]
            for factor in reversed(outer):
                moved = factor.images(moved)
            blocks.append(moved.astype(self.dtype))
        return np.concatenate(blocks).T

    def sparse(self) -> Any:
        product = self.factors[0].sparse()
        for factor in self.factors[1:]:
            product = product @ factor.sparse()
        return product.tocsr()

    def known_diagonal(self) -> Any:
        """Σ_k L_ik R_ki, where the chain is cut at a place that is narrower than its ends."""
        inside = range(1, len(self.factors))
        cut = min(inside, key=lambda i: self.factors[i].shape[0], default=0)
        size, inner = self.shape[0], self.factors[cut].shape[0]
        if inner >= size or inner * size * self.dtype.itemsize > MEMORY:
            return None
        left, right = _chain(self.factors[:cut]), _chain(self.factors[cut:])
        return np.sum(left.matrix() * right.matrix().T, axis=1)

    def _known(self) -> Properties:
        return known_of_product(self.factors)

    @property
    def name(self) -> str:
        return " @ ".join(
            f"({factor.name})" if isinstance(factor, Sum) else factor.name
            for factor in self.factors
        )


def _chain(factors: Sequence[LinearMap]) -> LinearMap:
    return Composition(*factors) if len(factors) > 1 else factors[0]


class Sum(LinearMap):
    """v ↦ A₁ v + A₂ v + …: what ``A1 + A2`` is when no simpler map is the same.

    ``D.terms`` are the maps.

    >>> from catenary.linear.dense import LowRank
    >>> from catenary.linear.diagonal import Diagonal
    >>> D = Diagonal([1.0, 2.0]) + LowRank([[1.0], [1.0]])
    >>> len(D.terms), D.matrix()
    (2, array([[2., 1.], [1., 3.]]))
    """

    def __init__(self, *terms: LinearMap) -> None:
        for term in terms[1:]:
            require_addable(terms[0], term)
        super().__init__(terms[0].domain, terms[0].codomain)
        self.terms = terms

    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        return _totals([term.apply(arrays) for term in self.terms])

    def columns(self, arrays: Sequence[Any], count: int) -> list[Any]:
        return _totals([term.columns(arrays, count) for term in self.terms])

    def images(self, vectors: Any) -> Any:
        return _total([term.images(vectors) for term in self.terms])

    @property
    def column_bytes(self) -> int:
        return sum(term.column_bytes for term in self.terms)

    def _transposed(self) -> LinearMap:
        return Sum(*(term.T for term in self.terms))

    def _matrix(self, memory: int = MEMORY) -> Any:
        return _total([term.matrix(memory=memory) for term in self.terms])

    def sparse(self) -> Any:
        return _total([term.sparse() for term in self.terms]).tocsr()

    def known_diagonal(self) -> Any:
        return _total([term.diagonal() for term in self.terms])

    def _known(self) -> Properties:
        return properties.of_sum(self.terms)

    @property
    def name(self) -> str:
        return " + ".join(term.name for term in self.terms)


def _total(values: Sequence[Any]) -> Any:
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


def _totals(parts: Sequence[Sequence[Any]]) -> list[Any]:
    """The sums of arrays that stand at the same place."""
    sums = [_total([result(a) for a in arrays]) for arrays in zip(*parts, strict=True)]
    return [operand(a).value if isinstance(a, TracedArray) else a for a in sums]


def known_of_product(factors: Sequence[LinearMap]) -> Properties:
    """What a product of maps has; multiples of the identity may stand wherever they like."""
    known = properties.of_product([f for f in factors if not isinstance(f, Scalar)])
    for factor in factors:
        if isinstance(factor, Scalar):
            known = properties.scaled(known, factor.c)
    return known
