"""Levenberg–Marquardt: Gauss–Newton with as much damping as the model deserves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from catenary.descent import settings
from catenary.descent.arithmetic import Tree
from catenary.descent.coordinates import Vector
from catenary.descent.newton import truncated
from catenary.descent.objective import Point
from catenary.descent.oracle import Oracle
from catenary.descent.second_order import Method, empty
from catenary.descent.trust_region import ACCEPTED, Model, gain


@dataclass(frozen=True)
class Damping:
    """The memory of :class:`LevenbergMarquardt`: μ, by what it grows next, and the scales D."""

    strength: Any
    growth: Any
    scales: Vector


@dataclass(frozen=True)
class LevenbergMarquardt(Method):
    """Levenberg–Marquardt: s minimizes ½‖r + J s‖² + ½ μ ‖D s‖².

    r are the residuals and J their Jacobian. Between the step of Gauss–Newton (μ = 0) and a short
    one along the gradient (μ large); D holds the largest lengths that the columns of J have had,
    so that the units of the coordinates do not matter. μ falls to a third where the model keeps
    its promise, and grows by 2, 4, 8, … where it does not.

    For networks, the equation is (G + μ) s = −g with G as in :class:`GaussNewton`, solved by
    conjugate gradients. ``damping`` is the first μ.

    >>> import numpy as np
    >>> from catenary.descent import least_squares
    >>> t = np.linspace(0, 1, 9)
    >>> residuals = lambda x: x[0] * np.exp(x[1] * t) - 2 * np.exp(-3 * t)
    >>> least_squares(residuals, [0.0, 0.0], method=LevenbergMarquardt()).x.round(6)
    array([ 2., -3.])

    Source: Levenberg, 1944; Marquardt, 1963; Moré, The Levenberg–Marquardt algorithm, 1978 (D);
    Nielsen, Damping parameter in Marquardt's method, 1999 (μ).
    """

    damping: float = 1e-3
    residuals: ClassVar[bool] = True
    stuck: ClassVar[str] = "no step, however damped, improves the value"

    def __post_init__(self) -> None:
        settings.check(self, damping=settings.POSITIVE)

    def init(self, params: Tree) -> Damping:
        return Damping(np.array(float(self.damping)), np.array(2.0), empty(params))

    def move(self, oracle: Oracle, point: Point, memory: Damping) -> tuple[Point | None, Damping]:
        solve, scales = _solver(oracle, point, memory.scales)
        strength, growth = float(memory.strength), float(memory.growth)
        shortest = oracle.epsilon * (oracle.epsilon + float(np.linalg.norm(point.x)))
        while True:
            model = solve(strength)
            if not np.linalg.norm(model.step) > shortest:
                return None, replace(memory, scales=scales)
            after = oracle.along(point, model.step)
            quality = gain(point, after, model.promised, oracle.epsilon)
            if quality > ACCEPTED:
                strength *= max(1 / 3, 1 - (2 * min(quality, 1) - 1) ** 3)
                return after, Damping(np.array(strength), np.array(2.0), scales)
            strength, growth = strength * growth, 2 * growth


def _solver(
    oracle: Oracle, point: Point, scales: Vector
) -> tuple[Callable[[float], Model], Vector]:
    """From a damping to a step, and the scales of the coordinates."""
    g, kind = point.gradient, point.gradient.dtype.type
    written = oracle.jacobian(point.x)
    if written is None:
        product = oracle.gauss_newton(point.x)

        def inner(strength: float) -> Model:
            step = truncated(lambda v: product(v) + kind(strength) * v, g, oracle.epsilon)
            return Model(step, -float(g @ step + step @ product(step) / 2))

        return inner, scales
    residuals, J = written
    scales = np.maximum(scales, np.linalg.norm(J, axis=0))
    D = np.where(scales > 0, scales, 1)
    below = np.concatenate([-residuals, np.zeros_like(g)])

    def dense(strength: float) -> Model:
        rows = np.concatenate([J, np.diag(kind(strength**0.5) * D)])
        step, *_ = np.linalg.lstsq(rows, below)
        image = J @ step
        return Model(step, -float(g @ step + image @ image / 2))

    return dense, scales
