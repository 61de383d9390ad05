"""Sharpness against the edge of stability, and the condition number."""

from __future__ import annotations

import math
from dataclasses import dataclass

from catenary.core import curvature_errors
from catenary.linear.curvature.extremes import extremes
from catenary.linear.map import LinearMap
from catenary.tracing.recorder import user_line


@dataclass(frozen=True, repr=False)
class Sharpness:
    """The largest curvature λ_max of a cost, beside the largest that a learning rate bears.

    On a quadratic bowl plain gradient descent multiplies the component along an eigenvector by
    1 − η λ in each step: it shrinks if and only if λ < 2/η = ``limit``. With a heavy ball of
    momentum μ the limit is 2 (1 + μ)/η.

    >>> Sharpness(19.0, 0.1, 20.0, 40)
    sharpness 19 ± 0.1, below the limit 20 (95 % of it)
    """

    value: float
    error: float
    limit: float
    products: int

    @property
    def stable(self) -> bool:
        """Whether steps of this rate shrink along every direction."""
        return self.value < self.limit

    def __repr__(self) -> str:
        shares = "below" if self.stable else "beyond"
        return (
            f"sharpness {self.value:.4g} ± {self.error:.1g}, {shares} the limit {self.limit:.4g} "
            f"({100 * self.value / self.limit:.3g} % of it)"
        )


def sharpness(
    A: LinearMap, learning_rate: float, *, momentum: float = 0.0, products: int = 40, seed: int = 0
) -> Sharpness:
    """The sharpness λ_max of a Hessian against 2 (1 + μ)/η.

    Trainings by full gradients tend to sharpen until λ_max hovers at the limit: the edge of
    stability (Cohen et al., Gradient descent on neural networks typically occurs at the edge of
    stability, ICLR 2021).

    >>> import numpy as np
    >>> from catenary.linear.curvature import hessian
    >>> H = hessian(lambda x: 3 * x[0] ** 2 + x[1] ** 2, np.zeros(2))
    >>> found = sharpness(H, learning_rate=0.1)
    >>> found.value, found.limit, found.stable
    (6.0, 20.0, True)
    """
    if not learning_rate > 0:
        expected = "a number above 0"
        raise curvature_errors.bad_number("learning_rate", expected, learning_rate, user_line())
    if not momentum >= 0:
        raise curvature_errors.bad_number("momentum", "0 or more", momentum, user_line())
    ends = extremes(A, products, seed=seed)
    limit = 2 * (1 + momentum) / learning_rate
    return Sharpness(ends.largest, ends.errors[1], limit, ends.products)


@dataclass(frozen=True, repr=False)
class Condition:
    """κ = |λ|_max / |λ|_min with bounds; infinite where the map may be singular.

    >>> Condition(40.0, 39.0, 41.0, 100)
    40 (from 39 to 41)
    """

    value: float
    low: float
    high: float
    products: int

    def __repr__(self) -> str:
        return f"{self.value:.4g} (from {self.low:.4g} to {self.high:.4g})"


def condition_number(A: LinearMap, *, products: int = 100, seed: int = 0) -> Condition:
    """The condition number λ_max/λ_min of a positive definite symmetric map.

    Both ends by Lanczos's process; infinite where λ_min is not positive. ``low`` and ``high``
    come from the bounds of :class:`Extremes`, with its probability.

    >>> import numpy as np
    >>> from catenary.linear.curvature import hessian
    >>> condition_number(hessian(lambda x: 50 * x[0] ** 2 + x[1] ** 2, np.zeros(2))).value
    50.0
    """
    ends = extremes(A, products, seed=seed)

    def ratio(top: float, bottom: float) -> float:
        return top / bottom if bottom > ends.rounding else math.inf

    return Condition(
        ratio(ends.largest, ends.smallest),
        ratio(ends.largest, ends.smallest),
        ratio(ends.upper, ends.lower + ends.rounding if ends.exact else ends.lower),
        ends.products,
    )
