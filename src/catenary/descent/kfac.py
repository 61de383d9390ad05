"""KFAC: Gauss–Newton steps for networks, with the matrix inverted link by link."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from catenary.descent import kronecker, settings
from catenary.descent.arithmetic import Tree
from catenary.descent.coordinates import Vector
from catenary.descent.kronecker import Factors
from catenary.descent.objective import Point
from catenary.descent.oracle import Oracle
from catenary.descent.second_order import Method, empty
from catenary.descent.trust_region import gain

SHRINK, GROW = 0.75, 4.0  # by which the damping changes after a good and after a bad trial
POOR, GOOD = 0.25, 0.75
TRIALS = 20


@dataclass(frozen=True)
class Averages:
    """The memory of :class:`KFAC`: factors, the last step, the damping, the number of steps."""

    factors: list[Factors]
    last: Vector
    damping: Any
    steps: Any


@dataclass(frozen=True)
class KFAC(Method):
    """Natural-gradient steps by Kronecker factors: Δ = −A⁻¹ ∇W̄ G⁻¹ for each dense link.

    A is the second moment of a link's inputs (with a 1 for the bias), G that of the curvature of
    the cost behind it; A ⊗ G stands for the link's block of the Gauss–Newton matrix, so two small
    inverses do for one large. Both are averages over the steps, of weight min(1 − 1/k, ``decay``)
    for what came before step k.

    The step is α Δ + μ δ, with δ the step before, and α and μ such that the quadratic model with
    the full Gauss–Newton matrix is least: no learning rate. ``damping`` λ is split between the
    factors, and grows and shrinks with how well the model predicts the cost.

    For :func:`fit`, and chains of dense links; links without parameters may stand between. A batch
    should be large: the factors are estimates.

    >>> import numpy as np
    >>> from catenary.nn import mlp
    >>> from catenary.train import fit
    >>> x = np.linspace(-1, 1, 40)[:, None]
    >>> net = mlp([1, 8, 1], activation="tanh", seed=0, dtype=np.float64)
    >>> run = {"optimizer": KFAC(), "batch_size": None, "epochs": 40, "verbose": False}
    >>> bool(fit(net, "mse", (x, np.sin(3 * x)), **run).history.cost[-1] < 1e-3)
    True

    Source: Martens and Grosse, Optimizing neural networks with Kronecker-factored approximate
    curvature, ICML 2015.
    """

    damping: float = 1.0
    decay: float = 0.95
    momentum: bool = True

    def __post_init__(self) -> None:
        settings.check(self, damping=settings.POSITIVE, decay=settings.FRACTION)

    def init(self, params: Tree) -> Averages:
        last = empty(params)
        zeros = [
            Factors(np.zeros((rows, rows), last.dtype), np.zeros((columns, columns), last.dtype))
            for rows, columns in kronecker.shapes(params)
        ]
        return Averages(zeros, last, np.array(float(self.damping)), np.zeros((), np.int64))

    def move(self, oracle: Oracle, point: Point, memory: Averages) -> tuple[Point | None, Averages]:
        steps = int(memory.steps) + 1
        share = 1 - min(1 - 1 / steps, self.decay)
        new = oracle.kronecker(point.x)
        averages = [_blend(share, a, b) for a, b in zip(memory.factors, new, strict=True)]
        product = oracle.gauss_newton(point.x)
        g, damping = point.gradient, float(memory.damping)
        for _ in range(TRIALS):
            directions = [_preconditioned(averages, g, damping)]
            if self.momentum and memory.last.any():
                directions.append(memory.last)
            step, promised = _best(np.stack(directions), product, g, damping)
            after = oracle.along(point, step)
            quality = gain(point, after, promised, oracle.epsilon)
            if quality > GOOD:
                damping *= SHRINK
            elif not quality >= POOR:
                damping *= GROW
            if quality > 0:
                kept = Averages(averages, step, np.array(damping), np.array(steps))
                return after, kept
        return None, replace(memory, factors=averages, steps=np.array(steps))


def _blend(share: float, old: Factors, new: Factors) -> Factors:
    return Factors(
        old.inputs + share * (new.inputs - old.inputs),
        old.outputs + share * (new.outputs - old.outputs),
    )


def _preconditioned(averages: list[Factors], g: Vector, damping: float) -> Vector:
    """−(A + π√λ)⁻¹ ∇W̄ (G + √λ/π)⁻¹ for each link, with π² = (tr A / rows) / (tr G / columns)."""
    parts, at = [], 0
    for factor in averages:
        rows, columns = len(factor.inputs), len(factor.outputs)
        slope = g[at : at + rows * columns].reshape(rows, columns)
        at += rows * columns
        ratio = (np.trace(factor.inputs) / rows) / max(np.trace(factor.outputs) / columns, 1e-30)
        pi = max(ratio, 1e-30) ** 0.5
        A = factor.inputs + g.dtype.type(pi * damping**0.5) * np.eye(rows, dtype=g.dtype)
        G = factor.outputs + g.dtype.type(damping**0.5 / pi) * np.eye(columns, dtype=g.dtype)
        parts.append(-np.linalg.solve(G, np.linalg.solve(A, slope).T).T.ravel())
    return np.concatenate(parts)


def _best(directions: Any, product: Any, g: Vector, damping: float) -> tuple[Vector, float]:
    """The combination of directions at which the quadratic model is least, and its decrease."""
    images = np.stack([product(d) for d in directions])
    curved = (directions @ images.T).astype(np.float64)
    damped = curved + damping * (directions @ directions.T)
    slopes = (directions @ g).astype(np.float64)
    shares, *_ = np.linalg.lstsq(damped, -slopes)
    promised = -float(shares @ slopes + shares @ curved @ shares / 2)
    return (shares @ directions).astype(g.dtype), promised
