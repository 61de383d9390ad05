"""Taylor polynomials of any order, of functions of one number or along a direction."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.backend.compile import Compiled
from catenary.core import model_errors
from catenary.core.graph import Graph
from catenary.function.arguments import beside, check_callable, operand_like, result, split
from catenary.function.modes import derived, follow, wrt
from catenary.geometry.tangent import require_finite, shown
from catenary.tracing import tree
from catenary.tracing.recorder import user_line
from catenary.transform.series import series


@dataclass(frozen=True, eq=False, repr=False)
class Taylor:
    """A Taylor polynomial p(h) = Σ cₖ hᵏ, k = 0, …, n, of a function near a point.

    ``coefficients`` is the tree that the function returns with one more leading axis, along which
    stand c₀, …, cₙ. Without a ``direction`` the polynomial is called like the function, with
    h = x − ``point``; with one it is called with the step t = h of f(point + t·direction). Made
    by :func:`taylor`.

    >>> import numpy as np
    >>> taylor(np.exp, 0.0, 3).derivatives
    array([1., 1., 1., 1.])
    """

    f: Callable[[Any], Any]
    point: Any
    direction: Any
    order: int
    coefficients: Any

    def __call__(self, x: Any) -> Any:
        """The polynomial's value, by Horner's rule."""
        h = x if self.direction is not None else x - self.point

        def value(rows: Any) -> Any:
            total = rows[-1]
            for k in range(self.order - 1, -1, -1):
                total = total * h + rows[k]
            return total

        return tree.map(value, self.coefficients)

    def error(self, x: Any) -> Any:
        """How far the function leaves its polynomial at x (at a step x along the direction)."""
        if self.direction is None:
            true = self.f(x)
        else:
            true = self.f(tree.map(lambda a, v: a + x * v, self.point, self.direction))
        return tree.map(lambda a, b: a - b, true, self(x))

    @property
    def derivatives(self) -> Any:
        """k! cₖ: the derivatives of order 0, …, n by h."""

        def scaled(rows: Any) -> Any:
            factorials = np.array([float(math.factorial(k)) for k in range(self.order + 1)])
            shape = (-1,) + (1,) * (rows.ndim - 1)
            return rows * factorials.astype(rows.dtype).reshape(shape)

        return tree.map(scaled, self.coefficients)

    def __repr__(self) -> str:
        along = "" if self.direction is None else f", along {shown(self.direction)}"
        return "\n".join(
            [
                f"Taylor: order {self.order} at {shown(self.point)}{along}",
                f"  coefficients  {shown(self.coefficients)}",
            ]
        )


def taylor(f: Callable[[Any], Any], x: Any, order: int, *, along: Any = None) -> Taylor:
    """The Taylor polynomial of f at x, f(x + h) = c₀ + c₁h + … + cₙhⁿ + O(hⁿ⁺¹).

    For a function of one real number cₖ = f⁽ᵏ⁾(x) / k!. With ``along=v``, a tree like ``x``, it is
    the polynomial of t ↦ f(x + t·v), for functions of any number of numbers. All coefficients
    come from one evaluation of f in the arithmetic of power series, which takes of the order of
    n² times the work of f, where nested derivatives would take 2ⁿ times.

    Raises :class:`~catenary.core.errors.InputError` for an order that is no whole number and for a
    missing direction, and :class:`~catenary.core.errors.DerivativeError` where a coefficient is
    not finite. Source: Griewank and Walther, Evaluating Derivatives (2008), chapter 13.

    >>> import numpy as np
    >>> taylor(np.log1p, 0.0, 4)
    Taylor: order 4 at 0.0
      coefficients  [ 0. 1. -0.5 0.33333333 -0.25 ]
    >>> taylor(lambda x: x[0] * x[1], np.array([2.0, 3.0]), 2, along=np.ones(2)).coefficients
    array([6., 5., 1.])
    """
    if not _is_order(order):
        raise model_errors.bad_order(order, user_line())
    check_callable(f, "taylor", "cat.taylor(f, x, order)")
    arguments = split((x,), "taylor")
    if along is None and (len(arguments.operands) != 1 or np.shape(x) != ()):
        types = ", ".join(str(o.type) for o in arguments.operands)
        raise model_errors.direction_needed(types, user_line())
    direction = (1.0,) if along is None else (along,)
    vectors = beside(direction, arguments.structure, arguments.positions, "the direction")
    given = [
        operand_like(v, o.type, "the direction")
        for v, o in zip(vectors, arguments.operands, strict=True)
    ]
    recording = follow(lambda chosen: f(*chosen), arguments)
    count, n = len(arguments.operands), len(recording.outputs)

    def make(graph: Graph) -> Compiled:
        return Compiled(series(graph, wrt(recording, count), int(order)))

    compiled = derived(recording, ("taylor", int(order)), make)
    values = compiled([*recording.captured, *arguments.values, *given])
    rows = [[result(v) for v in values[k * n : (k + 1) * n]] for k in range(int(order) + 1)]
    for k, row in enumerate(rows):
        require_finite("taylor", f"coefficient {k}" if k else "f(x)", row)
    whole = recording.returned([np.stack(column) for column in zip(*rows, strict=True)])
    return Taylor(f, x, along, int(order), whole)


def _is_order(order: object) -> bool:
    whole = isinstance(order, int | np.integer) and not isinstance(order, bool)
    return whole and int(order) >= 0  # type: ignore[call-overload]


__all__ = ["Taylor", "taylor"]
