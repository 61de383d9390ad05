"""What makes a linear map a LinearOperator to SciPy."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self

import numpy as np

Array = np.ndarray[Any, Any]


class ScipyOperator:
    """Products with flat vectors, as ``scipy.sparse.linalg.aslinearoperator`` asks for them."""

    @property
    @abstractmethod
    def T(self) -> Self: ...

    @abstractmethod
    def images(self, vectors: Any) -> Any: ...

    def matvec(self, vector: Array) -> Any:
        """D v, of a flat vector."""
        return self.images(np.reshape(vector, (1, -1)))[0]

    def rmatvec(self, vector: Array) -> Any:
        """Dᵀ u, of a flat vector."""
        return self.T.matvec(vector)

    def matmat(self, matrix: Array) -> Any:
        """D V, of flat vectors that are the columns of V."""
        return self.images(np.asarray(matrix).T).T

    def rmatmat(self, matrix: Array) -> Any:
        """Dᵀ U, of flat vectors that are the columns of U."""
        return self.T.matmat(matrix)
