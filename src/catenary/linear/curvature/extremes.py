"""Both ends of a spectrum, with bounds: what decides between minimum, maximum and saddle."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from catenary.linear.curvature.flat import Flat, Vector
from catenary.linear.curvature.krylov import Krylov, start_vector
from catenary.linear.curvature.lanczos import unseen
from catenary.linear.map import LinearMap


@dataclass(frozen=True, eq=False, repr=False)
class Extremes:
    """The ends of the spectrum of a symmetric map of R^n.

    ``smallest`` and ``largest`` are values of the quadratic form on unit vectors, so that the
    true ends lie at or beyond them for certain; with probability ``confidence`` they lie between
    ``lower`` and ``upper``. ``errors`` are the residuals of the two. At least ``negative``
    eigenvalues are below −``rounding`` and at least ``positive`` above it; with ``exact``, exactly
    so many.

    >>> import numpy as np
    >>> from catenary.linear.curvature import hessian
    >>> ends = extremes(hessian(lambda x: x[0] ** 2 - x[1] ** 2, np.zeros(2)))
    >>> ends
    eigenvalues from -2 to 2, exactly 1 negative and 1 positive of 2 (2 products)
    >>> ends.smallest, ends.largest, ends.negative
    (-2.0, 2.0, 1)
    """

    smallest: float
    largest: float
    lower: float
    upper: float
    errors: tuple[float, float]
    negative: int
    positive: int
    rounding: float
    confidence: float
    products: int
    n: int
    direction: Vector  # the unit vector on which the form is ``smallest``

    @property
    def exact(self) -> bool:
        """Whether the process went through the whole space."""
        return self.products >= self.n

    @property
    def size(self) -> float:
        """The largest |λ| that was seen."""
        return max(abs(self.smallest), abs(self.largest))

    def __repr__(self) -> str:
        counted = f"{self.negative} negative and {self.positive} positive of {self.n}"
        ends = f"eigenvalues from {self.smallest:.4g} to {self.largest:.4g}, "
        if self.exact:
            return f"{ends}exactly {counted} ({self.products} products)"
        bounds = (
            f"none below {self.lower:.4g} or above {self.upper:.4g}, "
            f"{100 * self.confidence:.4g} % sure"
            if math.isfinite(self.upper - self.lower)
            else "too few products for bounds"
        )
        return f"{ends}at least {counted};\n{bounds} ({self.products} products)"


def extremes(
    A: LinearMap, products: int = 60, *, confidence: float = 0.99, seed: int = 0
) -> Extremes:
    """Both ends of the spectrum of a symmetric map by so many products of Lanczos's process.

    The values found lie within the spectrum. How much of it may lie beyond them is bounded, with
    probability ``confidence`` over the random start, by the theorem stated at :func:`unseen`;
    products in floating point add n^½ ε ‖A‖.

    >>> import numpy as np
    >>> from catenary.linear.curvature import hessian
    >>> H = hessian(lambda x: np.sum(np.linspace(-1.0, 3.0, 500) * x**2) / 2, np.zeros(500))
    >>> ends = extremes(H)
    >>> bool(ends.lower <= -1.0 <= ends.smallest), bool(ends.largest <= 3.0 <= ends.upper)
    (True, True)
    """
    flat = Flat(A, "extremes")
    space = Krylov(flat, start_vector(flat.n, seed), seed).extend(products)
    ritz = space.ritz()
    smallest, largest = float(ritz.values[0]), float(ritz.values[-1])
    rounding = 2 * flat.epsilon * math.sqrt(flat.n) * max(abs(smallest), abs(largest))
    share = unseen(flat.n, space.size, confidence)
    # share is of the true width w ≤ seen + 2 share w
    seen = largest - smallest
    beyond = math.inf if share >= 0.5 and seen > 0 else share * seen / (1 - 2 * min(share, 0.49))
    return Extremes(
        smallest,
        largest,
        smallest - beyond - rounding,
        largest + beyond + rounding,
        (float(ritz.residuals[0]), float(ritz.residuals[-1])),
        int(np.sum(ritz.values < -rounding)),
        int(np.sum(ritz.values > rounding)),
        rounding,
        1.0 if space.size >= flat.n else confidence,
        flat.products,
        flat.n,
        ritz.coordinates[0] @ space.basis,
    )
