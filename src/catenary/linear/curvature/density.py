"""The whole spectrum of a large map as a density, by stochastic Lanczos quadrature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catenary.linear.curvature.flat import Flat
from catenary.linear.curvature.krylov import Krylov, start_vector
from catenary.linear.map import LinearMap

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class SpectralDensity:
    """Where the n eigenvalues of a symmetric map lie: nodes θ with weights that add up to 1.

    ``nodes`` and ``weights`` have shape (probes, steps): each row is a quadrature of the same
    spectrum, and their spread tells the error of sampling. Where eigenvalues lie denser than
    nodes, a node stands for all around it: edges of intervals are best put into gaps.
    ``mass(low, high)`` is the share of eigenvalues in an interval, ``at(grid, width)`` the
    smoothed density.

    >>> SpectralDensity(np.array([[0.0, 2.0]]), np.array([[0.75, 0.25]]), 100, 2).mass(1.0)
    0.25
    """

    nodes: Array
    weights: Array
    n: int
    products: int

    def mass(self, low: float = -np.inf, high: float = np.inf) -> float:
        """The share of the eigenvalues in [low, high]."""
        inside = (self.nodes >= low) & (self.nodes <= high)
        return float(np.mean(np.sum(self.weights * inside, axis=1)))

    def error(self, low: float = -np.inf, high: float = np.inf) -> float:
        """The standard error of :meth:`mass`, from how the probes differ."""
        inside = (self.nodes >= low) & (self.nodes <= high)
        return _standard_error(np.sum(self.weights * inside, axis=1))

    def moment(self, power: int) -> float:
        """The mean of λ^power over all eigenvalues; n times that of power 1 is the trace."""
        return float(np.mean(np.sum(self.weights * self.nodes**power, axis=1)))

    def at(self, grid: Any, width: float | None = None) -> Array:
        """The density on a grid, each node smoothed to a Gaussian of this standard deviation.

        By default a hundredth of the spectrum's width.
        """
        span = float(self.nodes.max() - self.nodes.min())
        sigma = width if width is not None else max(span / 100, 1e-12)
        distance = (np.asarray(grid)[:, None] - self.nodes.reshape(-1)) / sigma
        bells = np.exp(-(distance**2) / 2) / (sigma * np.sqrt(2 * np.pi))
        smoothed: Array = bells @ (self.weights.reshape(-1) / len(self.nodes))
        return smoothed

    def __repr__(self) -> str:
        low, high = float(self.nodes.min()), float(self.nodes.max())
        small = (high - low) / (2 * self.nodes.shape[1])  # what so many nodes can tell apart
        parts = {
            "negative": (-np.inf, -small), "near 0": (-small, small), "positive": (small, np.inf),
        }  # fmt: skip
        shares = ", ".join(
            f"{100 * self.mass(*ends):.1f} ± {100 * self.error(*ends):.1f} % {name}"
            for name, ends in parts.items()
        )
        return (
            f"SpectralDensity of {self.n:,} eigenvalues in [{low:.4g}, {high:.4g}]: {shares} "
            f"({self.products} products)"
        )


def density(A: LinearMap, *, probes: int = 8, steps: int = 64, seed: int = 0) -> SpectralDensity:
    """The density of the eigenvalues of a symmetric map, from ``probes · steps`` products.

    For a random unit vector v, E vᵀ f(A) v = tr f(A)/n; Lanczos's process from v gives the Gauss
    quadrature of it: the eigenvalues of T as nodes, the squared first components of its
    eigenvectors as weights, exact for polynomials f of degree below 2·steps.

    >>> import numpy as np
    >>> from catenary.linear.curvature import hessian
    >>> H = hessian(lambda x: np.sum(x[:300] ** 2) - np.sum(x[300:] ** 2), np.zeros(400))
    >>> found = density(H, steps=4)
    >>> round(found.mass(1.9, 2.1), 1)
    0.7

    Source: Ubaru, Chen & Saad, Fast estimation of tr(f(A)) via stochastic Lanczos quadrature, SIAM
    J. Matrix Anal. Appl. 38, 2017; for networks Ghorbani, Krishnan & Xiao, ICML 2019.
    """
    flat = Flat(A, "density")
    steps = min(steps, flat.n)
    nodes, weights = np.empty((probes, steps)), np.empty((probes, steps))
    for i in range(probes):
        first = seed + 7919 * (i + 1)
        ritz = Krylov(flat, start_vector(flat.n, first), first).extend(steps).ritz()
        nodes[i], weights[i] = ritz.values, ritz.coordinates[:, 0] ** 2
    return SpectralDensity(nodes, weights, flat.n, flat.products)


def _standard_error(samples: Array) -> float:
    if len(samples) < 2:
        return float("nan")
    return float(np.std(samples, ddof=1) / np.sqrt(len(samples)))
