"""The slopes of a function at a kink: all of them, and one chosen by a policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from catenary.core import errors, model_errors
from catenary.core.graph import Var
from catenary.function.arguments import check_callable, result, split
from catenary.function.modes import follow, wrt
from catenary.geometry import interval
from catenary.geometry.bends import (
    OpenDerivative,
    Values,
    open_derivative,
    read,
    step,
    typed_bounds,
)
from catenary.geometry.tangent import shown
from catenary.tracing import tree
from catenary.tracing.recorder import user_line

Policy = Literal["lower", "upper", "mean", "min-norm"]
PROBES = 32  # directions to look along, at most, beside those of the axes
AXES = 64  # arguments with more coordinates are looked at along random directions alone


@dataclass(frozen=True, eq=False, repr=False)
class Subdifferential:
    """The box of slopes of a real-valued function at a point: lower ≤ ∂f/∂x ≤ upper.

    ``lower`` and ``upper`` are trees like the point. Every limit of gradients at points that
    approach it lies between them, and so does Clarke's generalized gradient, the convex hull of
    these limits (Clarke, Optimization and Nonsmooth Analysis, 1983, section 2.5). ``exact`` tells
    that both ends of every coordinate are such limits; otherwise the box may be too wide.
    ``kinks`` counts the operations that bend at the point. Made by :func:`subdifferential`.

    >>> import numpy as np
    >>> slopes = subdifferential(np.abs, 0.0)
    >>> float(slopes.lower), float(slopes.upper), slopes.exact
    (-1.0, 1.0, True)
    """

    point: Any
    lower: Any
    upper: Any
    exact: bool
    kinks: int

    def gradient(self, policy: Policy = "mean") -> Any:
        """One slope for each coordinate: an end of the box, its middle, or its least in size.

        >>> import numpy as np
        >>> relu = subdifferential(lambda x: np.maximum(x, 0), 0.0)
        >>> [float(relu.gradient(p)) for p in ("lower", "upper", "mean", "min-norm")]
        [0.0, 1.0, 0.5, 0.0]
        """
        if policy not in get_args(Policy):
            raise model_errors.unknown_policy(policy, get_args(Policy), user_line())
        choose: dict[str, Callable[[Any, Any], Any]] = {
            "lower": lambda low, high: low,
            "upper": lambda low, high: high,
            "mean": lambda low, high: (low + high) / 2,
            "min-norm": lambda low, high: np.minimum(np.maximum(low, low * 0), high),
        }
        return tree.map(choose[policy], self.lower, self.upper)

    def __repr__(self) -> str:
        kinks = f"{self.kinks} kink{'s' * (self.kinks != 1)}"
        kind = "exact" if self.exact else "an enclosure"
        return "\n".join(
            [
                f"Subdifferential at {shown(self.point)}: {kinks}, {kind}",
                f"  lower  {shown(self.lower)}",
                f"  upper  {shown(self.upper)}",
            ]
        )


def subdifferential(f: Callable[[Any], Any], x: Any) -> Subdifferential:
    """The slopes of f near x, coordinate by coordinate, where f may bend.

    ``f`` takes a tree of arrays and returns one real number, through operations that are smooth
    or bend: abs, maximum, minimum, clip, a ``where`` that is one of these, max, min, hypot, sort.
    Where f is smooth the box is the gradient. Of one number x the interval goes from the slope on
    one side to the slope on the other, and is exact. Of more numbers the box comes from interval
    arithmetic along the chain rule, which encloses; limits of gradients, found by walking a
    little way along directions, tell when it is exact, as it is where a single maximum or magnitude
    bends. Jumps (sign, floor) are no kinks: like everywhere, nothing passes through them.

    Raises :class:`~catenary.core.errors.DerivativeError` for another result than one real number,
    where f is infinitely steep, for kinks inside loops, and for ties of sort in an argument of
    more than one number. Source: Khan and Barton, A vector forward mode of automatic
    differentiation for generalized derivative evaluation (2015), for the slopes along directions.

    >>> import numpy as np
    >>> subdifferential(lambda x: np.abs(x[0]) + 3 * x[1], np.array([0.0, 5.0]))
    Subdifferential at [0. 5.]: 1 kink, exact
      lower  [-1.  3.]
      upper  [1. 3.]
    """
    check_callable(f, "subdifferential", "cat.subdifferential(f, x)")
    arguments = split((x,), "subdifferential")
    recording = follow(lambda chosen: f(*chosen), arguments)
    types = [a.type for a in recording.outputs]
    if len(types) != 1 or types[0].shape != () or not types[0].is_float:
        raise errors.not_a_number(", ".join(map(str, types)) or "no array", user_line())
    graph = recording.graph()
    operands = [*recording.captured, *arguments.values]
    if any(isinstance(v, Var) for v in operands):
        raise model_errors.needs_values(user_line())
    places = wrt(recording, len(arguments.operands))
    with np.errstate(all="ignore"):
        slopes = _Slopes(open_derivative(graph, operands, places), types[0].dtype)
        ends, exact = slopes.box()
    lower, upper = (arguments.fill([result(e[side]) for e in ends])[0] for side in (0, 1))
    return Subdifferential(x, lower, upper, exact, len(slopes.derivative.bends))


class _Slopes:
    """The gradients of an open derivative, for slopes that are chosen or bounded."""

    def __init__(self, derivative: OpenDerivative, dtype: Any) -> None:
        self.derivative = derivative
        self.graph, self.known = derivative.backward()
        self.seed = np.ones((), dtype)

    def box(self) -> tuple[list[interval.Interval], bool]:
        """The least and the largest slopes, and whether they are known to be limits."""
        derivative = self.derivative
        if not derivative.bends:
            return [interval.point(g) for g in self.at({})], True
        size = sum(v.type.size for v in derivative.moving)
        found = [self.at(derivative.forward(v)) for v in self._directions(size)]
        inner = [(np.min(part, axis=0), np.max(part, axis=0)) for part in zip(*found, strict=True)]
        if size == 1:
            return inner, True
        outer = self.enclosure()
        return outer, all(_equal(a, b) for a, b in zip(inner, outer, strict=True))

    def at(self, slopes: Values) -> list[Any]:
        """The gradient with these slopes at the kinks."""
        env = {
            name: read(slopes, value) if isinstance(value, Var) else value
            for name, value in self.known.items()
        }
        env.update({v: self.seed for v in self.graph.inputs if v not in env})
        for node in self.graph.nodes:
            step(env, node)
            if not all(np.isfinite(env[v]).all() for v in node.outputs):
                raise model_errors.not_lipschitz(node.where, user_line())
        return [read(env, a) for a in self.graph.outputs]

    def enclosure(self) -> list[interval.Interval]:
        """The gradient by interval arithmetic, for all slopes at the kinks at once."""
        bounds = {
            slope: ends
            for bend in self.derivative.bends
            for slope, ends in zip(bend.slopes, typed_bounds(bend), strict=True)
        }
        inputs = []
        for var in self.graph.inputs:
            value = self.known.get(var, self.seed)
            inputs.append(bounds[value] if isinstance(value, Var) else interval.point(value))
        return interval.run(self.graph, inputs)

    def _directions(self, size: int) -> list[list[Any]]:
        """Both ways along each axis, and along random directions when there are several."""
        rng = np.random.default_rng(size)
        rows = list(np.eye(size)) if size <= AXES else []
        if size > 1:
            rows += list(rng.standard_normal((PROBES, size)))
        return [self._split(sign * row) for row in rows for sign in (1.0, -1.0)]

    def _split(self, row: Any) -> list[Any]:
        parts, start = [], 0
        for var in self.derivative.moving:
            stop = start + var.type.size
            parts.append(row[start:stop].reshape(var.type.shape).astype(var.type.dtype))
            start = stop
        return parts


def _equal(a: interval.Interval, b: interval.Interval) -> bool:
    """Whether two boxes are one, up to rounding."""
    size = max(float(np.abs(end).max(initial=0)) for end in (*a, *b))
    slack = 16 * float(np.finfo(a[0].dtype).eps) * size
    return all(np.all(np.abs(p - q) <= slack) for p, q in zip(a, b, strict=True))


__all__ = ["Policy", "Subdifferential", "subdifferential"]
