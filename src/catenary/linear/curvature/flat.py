"""A symmetric map on flat float64 vectors, with its products counted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from catenary.core import curvature_errors
from catenary.linear.map import LinearMap
from catenary.tracing.recorder import user_line

Vector = NDArray[np.float64]


class Flat:
    """v ↦ A v for vectors of length n. Products run in the dtypes of the map's own space."""

    def __init__(self, A: LinearMap, purpose: str) -> None:
        rows, columns = A.shape
        if rows != columns or A.domain.types != A.codomain.types:
            raise curvature_errors.not_symmetric_shape(purpose, rows, columns, user_line())
        self.n = rows
        self.products = 0
        self._map = A
        self._purpose = purpose
        self._types = A.domain.types
        self.epsilon = max(float(np.finfo(t.dtype).eps) for t in self._types)

    def __call__(self, vector: Vector) -> Vector:
        self.products += 1
        image = self._map.apply(self.arrays(vector))
        flat = np.concatenate([np.reshape(np.asarray(a), -1).astype(np.float64) for a in image])
        if not np.isfinite(flat).all():
            raise curvature_errors.product_not_finite(self._purpose, user_line())
        return flat

    def arrays(self, vector: Vector) -> list[Any]:
        """The coordinates that a flat vector stands for."""
        arrays, start = [], 0
        for t in self._types:
            part = vector[start : start + t.size]
            arrays.append(np.reshape(part, t.shape).astype(t.dtype))
            start += t.size
        return arrays

    def tree(self, vector: Vector) -> Any:
        """The tree that a flat vector stands for."""
        return self._map.domain.vector(self.arrays(vector))

    def columns(self, vectors: Vector) -> Vector:
        """The images of the columns of a matrix."""
        return np.stack([self(v) for v in vectors.T], axis=1)
