"""The affine model of a function at a point, and derivatives along directions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core import model_errors
from catenary.function.modes import jvp
from catenary.linear.linearize import linearize
from catenary.linear.map import LinearMap
from catenary.tracing import tree
from catenary.tracing.recorder import user_line


@dataclass(frozen=True, eq=False, repr=False)
class Tangent:
    """The affine model t(x) = f(a) + Df(a)·(x − a) of a function f at a point a.

    ``f`` is the function, ``point`` a, ``value`` f(a) and ``derivative`` the linear map Df(a).
    The graph of t is the line, plane or space that touches the graph of f at a; its error is
    O(‖x − a‖²) where f is twice differentiable. Made by :func:`tangent`.

    >>> import numpy as np
    >>> model = tangent(np.exp, 0.0)
    >>> float(model(0.5)), round(float(model.error(0.5)), 4)
    (1.5, 0.1487)
    """

    f: Callable[[Any], Any]
    point: Any
    value: Any
    derivative: LinearMap

    def __call__(self, x: Any) -> Any:
        """The model's value at x, a tree like the point."""
        return plus(self.value, self.derivative @ step_from(self.point, x, "Tangent"))

    def error(self, x: Any) -> Any:
        """f(x) − t(x): how far the function leaves its model."""
        return minus(self.f(x), self(x))

    def __repr__(self) -> str:
        rows, columns = self.derivative.shape
        return "\n".join(
            [
                "Tangent: f(a) + Df(a)·(x − a)",
                f"  a      {shown(self.point)}",
                f"  f(a)   {shown(self.value)}",
                f"  Df(a)  {_written_out(self.derivative) or f'{rows}×{columns}'}",
            ]
        )


def tangent(f: Callable[[Any], Any], x: Any) -> Tangent:
    """The affine model of f at x, f(x) + Df(x)·(z − x) as a function of z.

    ``f`` takes one tree of arrays and returns one; ``x`` is the point. Where f is not finite at x,
    or where the model's slope is not, :class:`~catenary.core.errors.DerivativeError` is raised.

    >>> import numpy as np
    >>> plane = tangent(lambda x: x[0] ** 2 * x[1], np.array([1.0, 2.0]))
    >>> plane
    Tangent: f(a) + Df(a)·(x − a)
      a      [1. 2.]
      f(a)   2.0
      Df(a)  [4. 1.]
    >>> float(plane(np.array([1.5, 2.0])))
    4.0
    """
    value, derivative = linearize(f, x)
    require_finite("tangent", "f(x)", value)
    require_finite("tangent", "Df(x)·(1, …, 1)", derivative @ tree.map(_ones, x))
    return Tangent(f, x, value, derivative)


def directional(f: Callable[[Any], Any], x: Any, v: Any) -> Any:
    """The derivative of f at x along v: the limit of (f(x + h·v) − f(x)) / h for h → 0.

    It is Df(x)·v, linear in v, which is not made a unit vector; computed by one forward pass.
    ``x`` and ``v`` are trees of one structure.

    >>> import numpy as np
    >>> float(directional(lambda x: x[0] * x[1], np.array([2.0, 3.0]), np.array([1.0, 0.0])))
    3.0
    """
    return jvp(f, (x,), (v,))[1]


# ---- what models share --------------------------------------------------------------------------


def step_from(point: Any, x: Any, name: str) -> Any:
    """x − a, for an x that is a tree of the same shapes as the point a."""
    leaves, given = tree.flatten(point)[0], tree.flatten(x)[0]
    shapes, got = ([np.shape(leaf) for leaf in leaves_] for leaves_ in (leaves, given))
    if shapes != got:
        raise model_errors.not_like_the_point(name, _listed(shapes), _listed(got), user_line())
    return minus(x, point)


def _listed(shapes: list[tuple[int, ...]]) -> str:
    return ", ".join(map(str, shapes)) or "nothing"


def minus(a: Any, b: Any) -> Any:
    """The difference of two trees."""
    return tree.map(lambda p, q: p - q, a, b)


def plus(a: Any, b: Any) -> Any:
    """The sum of two trees."""
    return tree.map(lambda p, q: p + q, a, b)


def require_finite(name: str, what: str, found: Any) -> None:
    """Refuse a point outside the domain; values that are still being traced pass."""
    for leaf in tree.coordinates(found):
        if isinstance(leaf, float | np.ndarray | np.generic) and not np.isfinite(leaf).all():
            text = str(leaf) if np.ndim(leaf) == 0 else "not finite everywhere"
            raise model_errors.outside_domain(name, what, text, user_line())


def shown(content: Any) -> str:
    """A tree in a line, or the number of its coordinates."""
    text = " ".join(str(content).split())
    return text if len(text) <= 60 else f"{tree.size(content)} numbers"


def _written_out(derivative: LinearMap) -> str | None:
    """The entries of a small derivative."""
    if derivative.shape[0] * derivative.shape[1] > 12:
        return None
    matrix = derivative.matrix()
    return shown(matrix[0] if len(matrix) == 1 else matrix)


def _ones(leaf: Any) -> Any:
    return np.ones_like(leaf) if isinstance(leaf, np.ndarray) else leaf * 0 + 1


__all__ = ["Tangent", "directional", "tangent"]
