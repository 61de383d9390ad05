"""A few eigenvalues at the ends of a spectrum, by products alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from catenary.core import curvature_errors, errors
from catenary.linear.curvature.data_map import is_count
from catenary.linear.curvature.flat import Flat, Vector
from catenary.linear.curvature.krylov import Krylov, Ritz, start_vector
from catenary.linear.map import LinearMap
from catenary.nn.table import table
from catenary.tracing.recorder import user_line

Which = Literal["largest", "smallest", "both"]


@dataclass(frozen=True, eq=False, repr=False)
class Eigenpairs:
    """Eigenvalues with their eigenvectors, and how far off they may be.

    An eigenvalue lies within ``errors[i]`` of ``values[i]``; ``vectors[i]`` is a tree of length 1.
    ``converged`` says whether all errors are within the tolerance asked for.

    >>> from catenary.linear.curvature import hessian
    >>> eigenpairs(hessian(lambda x: x[0] ** 2 + 3 * x[1] ** 2, np.zeros(2)), 2).values
    array([6., 2.])
    """

    values: Vector
    errors: Vector
    vectors: tuple[Any, ...]
    products: int
    converged: bool

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        rows = [[f"{v:.6g}", f"{e:.1e}"] for v, e in zip(self.values, self.errors)]
        end = "" if self.converged else ", not converged: give more products"
        return f"{table(['eigenvalue', 'error'], rows)}\n{self.products} products{end}"


def eigenpairs(
    A: LinearMap,
    k: int = 1,
    *,
    which: Which = "largest",
    tolerance: float | None = None,
    products: int | None = None,
    seed: int = 0,
) -> Eigenpairs:
    """The k largest (smallest, or k of both) eigenvalues of a symmetric map, and eigenvectors.

    The process of Lanczos with full reorthogonalization, extended until ‖A y − θ y‖ is below
    ``tolerance`` times the largest |θ| for all pairs, or ``products`` products are spent (by
    default 200, at most the dimension n, where it is exact). Memory: one vector for each product.
    The default tolerance is ε^0.4: 5e-7 for float64, 2e-3 for float32.

    ``ShapeError`` if the map does not send a space into itself.

    >>> import numpy as np
    >>> from catenary.linear.curvature import hessian
    >>> H = hessian(lambda x: np.sum(np.arange(1.0, 6.0) * x**2) / 2, np.zeros(5))
    >>> eigenpairs(H, 2).values
    array([5., 4.])

    Source: Lanczos, An iteration method for the solution of the eigenvalue problem …, 1950.
    """
    if which not in ("largest", "smallest", "both"):
        raise errors.unknown_option("which", which, ("largest", "smallest", "both"))
    flat = Flat(A, "eigenpairs")
    if not is_count(k) or k > flat.n:
        raise curvature_errors.bad_number("k", f"an integer from 1 to {flat.n}", k, user_line())
    limit = min(flat.n, 200 if products is None else products)
    bound = flat.epsilon**0.4 if tolerance is None else tolerance
    space = Krylov(flat, start_vector(flat.n, seed), seed)
    size = min(limit, max(2 * k + 2, 10))
    while True:
        ritz = space.extend(size).ritz()
        chosen = _chosen(ritz, k, which)
        good = ritz.residuals[chosen] <= bound * np.abs(ritz.values).max()
        if good.all() or space.size >= limit:
            break
        size = min(limit, size + max(8, size // 4))
    vectors = (ritz.coordinates[chosen] @ space.basis).reshape(len(chosen), -1)
    return Eigenpairs(
        ritz.values[chosen],
        ritz.residuals[chosen],
        tuple(flat.tree(v) for v in vectors),
        flat.products,
        bool(good.all()),
    )


def _chosen(ritz: Ritz, k: int, which: Which) -> Any:
    """Positions of the wanted values, the one at the end of the spectrum first."""
    order = np.arange(len(ritz.values))
    top, bottom = order[::-1][:k], order[:k]
    if which == "both":
        return np.concatenate([top, bottom[~np.isin(bottom, top)][::-1]])
    return top if which == "largest" else bottom


def unseen(n: int, steps: int, confidence: float) -> float:
    """How much of a spectrum's width may lie beyond the Ritz values at *each* end.

    With probability ``confidence`` over a start uniform on the sphere, after k steps both
    λ_max − θ_max and θ_min − λ_min are below this share of λ_max − λ_min:

        P(λ_max − θ_max > ε (λ_max − λ_min)) ≤ 1.648 √n exp(−√ε (2k − 1))

    and the same at the other end. 0 when the Krylov space is the whole space.

    >>> round(unseen(100_000, 60, 0.99), 4)
    0.0094

    Source: Kuczyński & Woźniakowski, Estimating the largest eigenvalue by the power and Lanczos
    algorithms with a random start, SIAM J. Matrix Anal. Appl. 13, 1992, theorem 4.2.
    """
    if steps >= n:
        return 0.0
    if steps < 4:
        return 1.0
    root = math.log(2 * 1.648 * math.sqrt(n) / (1 - confidence)) / (2 * steps - 1)
    return min(1.0, root**2)
