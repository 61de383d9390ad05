"""Trace and diagonal of a symmetric map by products with random vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core import curvature_errors
from catenary.linear.curvature.flat import Flat, Vector
from catenary.linear.map import LinearMap
from catenary.tracing import random
from catenary.tracing.recorder import user_line


@dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    """A number, or a tree of numbers, with its standard error; 0 where it is exact.

    >>> Estimate(2.5, 0.125, 90)
    2.5 ± 0.12 (90 products)
    """

    value: Any
    error: Any
    products: int

    def __repr__(self) -> str:
        if np.ndim(self.value) == 0 and isinstance(self.value, float):
            return f"{self.value:.6g} ± {self.error:.2g} ({self.products} products)"
        return f"Estimate({self.value}, {self.products} products)"


def trace(A: LinearMap, *, products: int = 90, seed: int = 0) -> Estimate:
    """The trace of a symmetric map by the algorithm Hutch++.

    A third of the products finds a space Q in which A is large; there the trace is computed
    exactly, tr(Qᵀ A Q), and what is left, (I − QQᵀ) A (I − QQᵀ), is sampled with random signs.
    The error falls as 1/products, not as 1/√products, for positive semi-definite maps. Exact for
    n ≤ products.

    >>> import numpy as np
    >>> from catenary.linear.curvature import hessian
    >>> H = hessian(lambda x: np.sum(np.arange(1.0, 301.0) ** -2 * x**2) / 2, np.zeros(300))
    >>> found = trace(H, products=60)
    >>> bool(abs(found.value - np.sum(np.arange(1.0, 301.0) ** -2)) < 0.05)
    True

    Source: Meyer, Musco, Musco & Woodruff, Hutch++: optimal stochastic trace estimation, SOSA 2021.
    """
    flat = Flat(A, "trace")
    if flat.n <= products:
        whole = flat.columns(np.eye(flat.n))
        return Estimate(float(np.trace(whole)), 0.0, flat.products)
    if products < 6:
        raise curvature_errors.bad_number("products", "an integer from 6", products, user_line())
    third = products // 3
    Q, _ = np.linalg.qr(flat.columns(signs(flat.n, third, seed)))
    exact = float(np.sum(Q * flat.columns(Q)))
    G = signs(flat.n, third, seed + 1)
    G = G - Q @ (Q.T @ G)
    samples = np.sum(G * flat.columns(G), axis=0)
    error = float(np.std(samples, ddof=1) / np.sqrt(third))
    return Estimate(exact + float(np.mean(samples)), error, flat.products)


def diagonal(A: LinearMap, *, products: int | None = None, seed: int = 0) -> Estimate:
    """The diagonal of a symmetric map, as a tree of its space.

    Exact by n products, or, when ``products`` is given and smaller than n, the mean of z ⊙ A z
    over random signs z, whose error at i is √Σ_{j≠i} A_ij² / √products.

    >>> import numpy as np
    >>> from catenary.linear.curvature import hessian
    >>> H = hessian(lambda x: x[0] ** 2 * x[1], np.array([1.0, 3.0]))
    >>> diagonal(H).value
    array([6., 0.])

    Source: Bekas, Kokiopoulou & Saad, An estimator for the diagonal of a matrix, 2007.
    """
    flat = Flat(A, "diagonal")
    if products is None or products >= flat.n:
        exact = np.array([flat(unit)[i] for i, unit in enumerate(np.eye(flat.n))])
        return Estimate(flat.tree(exact), flat.tree(np.zeros(flat.n)), flat.products)
    if products < 2:
        raise curvature_errors.bad_number("products", "an integer from 2", products, user_line())
    total, squares = np.zeros(flat.n), np.zeros(flat.n)
    for z in signs(flat.n, products, seed).T:
        sample = z * flat(z)
        total, squares = total + sample, squares + sample**2
    mean = total / products
    spread = np.maximum(squares / products - mean**2, 0) / (products - 1)
    return Estimate(flat.tree(mean), flat.tree(np.sqrt(spread)), flat.products)


def signs(n: int, count: int, seed: int) -> Vector:
    """Random signs, n rows and so many columns."""
    drawn = np.asarray(random.bernoulli(random.key(seed), 0.5, (n, count)))
    return np.where(drawn, 1.0, -1.0)
