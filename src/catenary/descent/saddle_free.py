"""Saddle-free Newton: steps by the size of the curvature, not by its sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from catenary.core import errors
from catenary.descent import settings, wolfe
from catenary.descent.coordinates import Matrix, Vector
from catenary.descent.objective import Point
from catenary.descent.oracle import Oracle, Product
from catenary.descent.second_order import Method

CURVATURES = ("exact", "lanczos")


@dataclass(frozen=True)
class SaddleFreeNewton(Method):
    """Newton's step with |H| in place of H: x ← x − t |H|⁻¹ g.

    |H| has the eigenvectors of H and the absolute values of its eigenvalues, so the step leads
    away from a saddle along the directions in which it falls, and as fast as it leads towards it
    along the others; Newton's own step would lead into it. Eigenvalues smaller in size than
    ``damping`` times the largest count as that; t comes from a strong Wolfe search.

    ``curvature="exact"`` writes the Hessian out. ``"lanczos"`` takes the ``rank``-dimensional
    Krylov space of g, H g, H² g, …, and steps within it, by products with H alone.

    >>> import numpy as np
    >>> from catenary.descent import minimize
    >>> f = lambda x: x[0] ** 2 - x[1] ** 2 + x[1] ** 4 / 2
    >>> minimize(f, [1.0, 1e-3], method=SaddleFreeNewton()).x.round(6)
    array([0., 1.])

    Source: Dauphin, Pascanu, Gulcehre, Cho, Ganguli and Bengio, Identifying and attacking the
    saddle point problem in high-dimensional non-convex optimization, NeurIPS 2014.
    """

    curvature: Literal["exact", "lanczos"] = "exact"
    rank: int = 20
    damping: float = 1e-6

    def __post_init__(self) -> None:
        settings.check(self, rank=settings.COUNT, damping=settings.POSITIVE)
        if self.curvature not in CURVATURES:
            raise errors.unknown_name("curvature of SaddleFreeNewton", self.curvature, CURVATURES)

    def move(self, oracle: Oracle, point: Point, memory: Any) -> tuple[Point | None, Any]:
        g = point.gradient
        if self.curvature == "exact":
            direction = self._divided(oracle.hessian(point.x), g)
        else:
            basis, T = lanczos(oracle.product(point.x), g, int(self.rank))
            direction = basis @ self._divided(T, basis.T @ g)
        trial = wolfe.search(oracle, point, -direction)
        if trial is None:
            trial = wolfe.search(oracle, point, -g)
        return (trial.point if trial else None), memory

    def _divided(self, H: Matrix, g: Vector) -> Vector:
        """|H|⁻¹ g, small eigenvalues damped."""
        values, axes = np.linalg.eigh(H)
        size = np.abs(values)
        largest = max(size.max(), np.finfo(size.dtype).tiny)
        divided: Vector = axes @ ((axes.T @ g) / np.maximum(size, self.damping * largest))
        return divided.astype(g.dtype, copy=False)


def lanczos(product: Product, start: Vector, rank: int) -> tuple[Matrix, Matrix]:
    """An orthonormal basis V of the Krylov space of a symmetric map, and T = VᵀHV.

    Each new vector is made orthogonal to all before it, twice: the recurrence alone loses that
    to rounding.

    >>> V, T = lanczos(lambda v: np.array([1.0, 2.0, 3.0]) * v, np.ones(3), 3)
    >>> np.linalg.eigvalsh(T).round(9)
    array([1., 2., 3.])

    Source: Lanczos, 1950; Golub and Van Loan, Matrix Computations, section 10.1.
    """
    basis = [start / np.linalg.norm(start)]
    images: list[Vector] = []
    for _ in range(min(rank, start.size)):
        images.append(product(basis[-1]))
        V = np.stack(basis, axis=1)
        rest = images[-1] - V @ (V.T @ images[-1])
        rest = rest - V @ (V.T @ rest)
        length = np.linalg.norm(rest)
        if length <= 100 * np.finfo(start.dtype).eps * np.linalg.norm(images[-1]):
            break
        basis.append(rest / length)
    V = np.stack(basis[: len(images)], axis=1)
    T = V.T @ np.stack(images, axis=1)
    return V, (T + T.T) / 2
