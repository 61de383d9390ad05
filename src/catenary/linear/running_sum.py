"""Running sums, and their inverse: differences of neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.types import FLOAT64
from catenary.linear.map import LinearMap
from catenary.linear.memory import check_matrix_fits
from catenary.linear.properties import Properties
from catenary.linear.space import Space
from catenary.linear.structured import StructuredMap


class RunningSum(StructuredMap):
    """out[i] = v[0] + … + v[i] for vectors of n numbers; from the end where ``reverse``.

    >>> import numpy as np
    >>> D = RunningSum(3)
    >>> D @ np.array([1.0, 2.0, 3.0]), D.solve(np.array([1.0, 3.0, 6.0]))
    (array([1., 3., 6.]), array([1., 2., 3.]))
    """

    def __init__(
        self,
        n: int,
        reverse: bool = False,
        domain: Space | None = None,
        codomain: Space | None = None,
        *,
        dtype: Any = FLOAT64,
    ) -> None:
        self.reverse = reverse
        super().__init__((n, n), dtype, domain, codomain)

    def images(self, vectors: Any) -> Any:
        if self.reverse:
            return np.flip(np.cumsum(np.flip(vectors, 1), 1), 1)
        return np.cumsum(vectors, 1)

    def _transposed(self) -> LinearMap:
        return RunningSum(self.shape[0], not self.reverse, self.codomain, self.domain)

    def _matrix(self, memory: int) -> Any:
        ones = np.tri(self.shape[0], dtype=self.dtype)
        return ones.T if self.reverse else ones

    def sparse(self) -> Any:
        check_matrix_fits(self.shape, self.dtype)  # hardly an entry is zero
        return super().sparse()

    def known_diagonal(self) -> Any:
        return np.ones(self.shape[0], self.dtype)

    def _known(self) -> Properties:
        return frozenset(("upper_triangular" if self.reverse else "lower_triangular",))


def solve_running_sum(map: RunningSum) -> Any:
    """Each number less the one before it."""

    def solved(rows: Any) -> Any:
        zero = np.zeros((len(rows), 1), map.dtype)
        if map.reverse:
            return rows - np.concatenate([rows[:, 1:], zero], axis=1)
        return rows - np.concatenate([zero, rows[:, :-1]], axis=1)

    return solved
