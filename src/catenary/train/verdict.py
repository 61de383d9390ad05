"""What kind of point a training reached: minimum, saddle, flat, or no critical point at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from catenary.backend import reference
from catenary.core.errors import CatenaryError
from catenary.descent.momentum import GradientDescent, Momentum
from catenary.function.modes import grad, value_and_grad
from catenary.geometry.classification import Classification, Kind
from catenary.geometry.classify import Size, by_extremes, curvature_along
from catenary.linear.curvature.extremes import extremes
from catenary.linear.linearize import linearize
from catenary.linear.map import LinearMap
from catenary.tracing import random, tree
from catenary.train.diagnosis import all_finite
from catenary.train.examples import Examples
from catenary.train.plan import Plan
from catenary.train.step import cost_of, forward

End: TypeAlias = Kind | Literal["unknown"]

PRODUCTS = 20
_WORK = 2**24  # parameters × examples in one product
_SMALL = 100_000  # parameters
_ROWS = (32, 1024)  # examples in one product, at least and at most
_BLOCKS = 16  # of so many examples, for the gradient


@dataclass(frozen=True, eq=False, repr=False)
class Verdict:
    """What the point is for the cost, judged on so many of the training examples.

    ``kind`` is that of :class:`~catenary.geometry.classification.Classification`, or ``"unknown"``
    where the cost has no finite second derivatives; ``point`` holds the certificate. ``limit`` is
    the largest curvature at which steps of the last learning rate are stable, 2 (1 + μ)/η, where
    the steps are −η times the gradient, with momentum μ or none; else None. ``examples`` went
    into gradient and cost, ``curved`` of them into the curvature, of ``total``.

    The cost is that of the net in use, without dropout; weight decay is no part of it.

    >>> from catenary.nn import mlp
    >>> from catenary.train import fit
    >>> x = np.linspace(-1, 1, 16)[:, None]
    >>> line = fit(
    ...     mlp([1, 1], dtype=np.float64),
    ...     "mse",
    ...     (x, 3 * x),
    ...     optimizer="gradient-descent",
    ...     learning_rate=0.5,
    ...     batch_size=None,
    ...     epochs=200,
    ...     verbose=False,
    ... )
    >>> line.verdict.kind, round(line.verdict.largest, 6), line.verdict.limit
    ('minimum', 2.0, 4.0)
    """

    kind: End
    reason: str
    point: Classification | None
    limit: float | None
    examples: int
    curved: int
    total: int

    @property
    def largest(self) -> float:
        """The largest curvature that was found; NaN where none is known."""
        return self.point.largest.value if self.point else math.nan

    @property
    def smallest(self) -> float:
        """The smallest curvature that was found: below 0 a direction that still goes down."""
        return self.point.smallest.value if self.point else math.nan

    @property
    def plain(self) -> dict[str, Any]:
        """The verdict as plain values, for a file."""
        values: dict[str, Any] = {"kind": self.kind, "sentence": str(self)}
        if self.point is not None:
            values |= {
                "gradient_norm": self.point.gradient_norm,
                "tolerance": self.point.tolerance,
                "largest_curvature": self.largest,
                "smallest_curvature": self.smallest,
            }
        return values | {"limit": self.limit, "examples": self.examples, "curved": self.curved}

    def __str__(self) -> str:
        parts = [f"{self.point.title if self.point else self.kind}: {self.reason}"]
        if self.point is not None:
            parts.append(self._curvatures(self.point))
        if self.point is not None and self.curved < self.total:
            parts.append(f"gradient on {self.examples:,} and curvature on {self.curved:,} of "
                         f"{self.total:,} examples")  # fmt: skip
        return "; ".join(parts)

    __repr__ = __str__

    def _curvatures(self, point: Classification) -> str:
        limit = ""
        if self.limit is not None:
            sign = "<" if self.largest < self.limit else "≥"
            limit = f" ({sign} {self.limit:.3g}, the most that this learning rate bears)"
        below = point.smallest.low
        down = f"smallest {self.smallest:.3g}"
        if self.smallest > below and point.confidence < 1:
            down += f" (none below {below:.2g}, {100 * point.confidence:g} % sure)"
        return f"largest curvature {self.largest:.3g}{limit}, {down}"


def judge(plan: Plan, net: Any, steps: int = 0, *, products: int = PRODUCTS) -> Verdict:
    """The verdict on a net as the end of a training that was planned so, after so many steps.

    A bounded number of products with the Hessian on a bounded number of examples, drawn by the
    plan's key. Never raises for what a training may end in.
    """
    whole, size = plan.examples, max(1, tree.size(net))
    rows = int(np.clip(_WORK // size, *_ROWS))
    chosen = _drawn(whole, _BLOCKS * rows, plan.key)
    limit = stable_curvature(plan.optimizer, steps)

    def unknown(reason: str) -> Verdict:
        return Verdict("unknown", reason, None, limit, len(chosen), 0, len(whole))

    if not all_finite(net):
        return unknown("the weights are not finite")
    try:
        with np.errstate(all="ignore"):
            cost, slope = _slope(plan, net, chosen, rows)
            if not np.isfinite([cost, float(tree.norm(slope))]).all():
                return unknown("the cost or its gradient is not finite")
            curved = chosen if len(chosen) <= rows else _first(chosen, rows)
            H = _curvature(plan, net, curved)
            ends = extremes(H, products, confidence=0.99)
            along = curvature_along(H, slope)
    except CatenaryError as error:
        return unknown(str(error).splitlines()[0])
    epsilon = float(np.finfo(H.domain.types[0].dtype).eps)
    point = by_extremes(Size(cost, float(tree.norm(slope)), epsilon, None), ends, along)
    reason = point.reason
    if point.kind == "not critical":
        reason = f"gradient norm {point.gradient_norm:.2g}, above {point.tolerance:.2g}"
    return Verdict(point.kind, reason, point, limit, len(chosen), len(curved), len(whole))


def cost(plan: Plan, net: Any, examples: Examples) -> Any:
    """The cost of examples for the net in use; weights of examples count as they do in steps."""
    value = cost_of(plan.loss, forward(net, examples.inputs)[0], examples)
    return value if examples.weights is None else value * np.mean(examples.weights)


def _drawn(whole: Examples, most: int, key: Any) -> Examples:
    """All examples, or so many of them in random order."""
    if len(whole) <= most:
        return whole
    order = random.permutation(random.fold_in(key, 3), len(whole))
    return whole.take(np.asarray(order[:most]))


def _first(examples: Examples, rows: int) -> Examples:
    return examples.take(np.arange(rows))


def _slope(plan: Plan, net: Any, examples: Examples, rows: int) -> tuple[float, Any]:
    """Cost and gradient, block by block."""
    total, slope = 0.0, tree.zeros_like(net)
    for start in range(0, len(examples), rows):
        block = examples.take(np.arange(start, min(start + rows, len(examples))))
        share = len(block) / len(examples)
        value, part = value_and_grad(lambda w, block=block: cost(plan, w, block))(net)
        total += share * float(value)
        slope = tree.map(lambda a, b, s=share: a + (s * b).astype(a.dtype), slope, part)
    return total, slope


def _curvature(plan: Plan, net: Any, examples: Examples) -> LinearMap:
    """The Hessian; for few parameters run on NumPy, where machine code is made more slowly than a
    few products are.
    """
    H = linearize(grad(lambda w: cost(plan, w, examples)), net)[1]
    return _Interpreted(H) if tree.size(net) <= _SMALL else H


class _Interpreted(LinearMap):
    """The map of a graph, run operation by operation."""

    def __init__(self, H: Any) -> None:
        self.domain, self.codomain = H.domain, H.codomain
        self._held, self._program = H.held, reference.compile_graph(H.graph)

    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        return list(self._program([*self._held, *arrays]))

    def _transposed(self) -> LinearMap:
        return self


def stable_curvature(optimizer: Any, steps: int) -> float | None:
    """2 (1 + μ)/η for gradient descent and the heavy ball, with the rate after so many steps.

    >>> stable_curvature(GradientDescent(0.1), 0)
    20.0
    """
    if not isinstance(optimizer, GradientDescent | Momentum):
        return None
    rate = optimizer.learning_rate
    number = float(rate(np.int64(max(steps - 1, 0)))) if callable(rate) else float(rate)
    momentum = optimizer.momentum if isinstance(optimizer, Momentum) else 0.0
    return 2 * (1 + momentum) / number if number > 0 else None
