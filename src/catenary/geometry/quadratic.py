"""The quadratic model of a real-valued function at a point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catenary.function.modes import grad
from catenary.geometry.tangent import Tangent, require_finite, shown, step_from, tangent
from catenary.linear.linearize import linearize
from catenary.linear.map import LinearMap
from catenary.tracing import tree


@dataclass(frozen=True, eq=False, repr=False)
class Quadratic:
    """The model q(x) = f(a) + ∇f(a)·(x − a) + ½ (x − a)·H(a)(x − a) of f at a point a.

    ``f`` is the function, ``point`` a, ``value`` f(a), ``gradient`` ∇f(a), a tree like a, and
    ``hessian`` the linear map H(a), applied by one forward pass over the gradient and never
    written out unless asked for. Its error is O(‖x − a‖³) where f has three derivatives. Made by
    :func:`quadratic`.

    >>> import numpy as np
    >>> model = quadratic(np.exp, 0.0)
    >>> float(model(0.5)), round(float(model.error(0.5)), 4)
    (1.625, 0.0237)
    """

    f: Callable[[Any], Any]
    point: Any
    value: Any
    gradient: Any
    hessian: LinearMap

    def __call__(self, x: Any) -> Any:
        """The model's value at x, a tree like the point."""
        step = step_from(self.point, x, "Quadratic")
        bend = tree.dot(step, self.hessian @ step)
        return self.value + tree.dot(self.gradient, step) + bend / 2

    def error(self, x: Any) -> Any:
        """f(x) − q(x): how far the function leaves its model."""
        return self.f(x) - self(x)

    @property
    def tangent(self) -> Tangent:
        """The model without its quadratic part."""
        return tangent(self.f, self.point)

    def __repr__(self) -> str:
        small = self.hessian.shape[0] <= 4
        size = "{}×{}".format(*self.hessian.shape)
        return "\n".join(
            [
                "Quadratic: f(a) + g·(x − a) + ½ (x − a)·H(x − a)",
                f"  a     {shown(self.point)}",
                f"  f(a)  {shown(self.value)}",
                f"  g     {shown(self.gradient)}",
                f"  H     {shown(self.hessian.matrix()) if small else size}",
            ]
        )


def quadratic(f: Callable[[Any], Any], x: Any) -> Quadratic:
    """The quadratic model of f at x: value, slope and curvature, as a function.

    ``f`` takes one tree of arrays and returns one real number; ``x`` is the point. A function
    with another result, or a point where f or a first derivative is not finite, raises
    :class:`~catenary.core.errors.DerivativeError`.

    >>> import numpy as np
    >>> model = quadratic(lambda x: x[0] ** 2 * x[1], np.array([1.0, 2.0]))
    >>> model
    Quadratic: f(a) + g·(x − a) + ½ (x − a)·H(x − a)
      a     [1. 2.]
      f(a)  2.0
      g     [4. 1.]
      H     [[4. 2.] [2. 0.]]
    >>> float(model(np.array([1.5, 2.0])))
    4.5
    """
    gradient, hessian = linearize(grad(f), x)
    value = f(x)
    require_finite("quadratic", "f(x)", value)
    require_finite("quadratic", "the gradient", gradient)
    return Quadratic(f, x, value, gradient, hessian)


__all__ = ["Quadratic", "quadratic"]
