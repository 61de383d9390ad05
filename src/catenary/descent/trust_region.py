"""Newton's method within a trust region: damped as much as the quadratic model deserves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from catenary.core import errors
from catenary.descent import settings
from catenary.descent.arithmetic import Tree
from catenary.descent.coordinates import Matrix, Vector
from catenary.descent.objective import Point, rounding
from catenary.descent.oracle import Oracle, Product
from catenary.descent.second_order import Method

SUBPROBLEMS = ("auto", "exact", "cg")
SMALL = 200  # up to so many coordinates the Hessian is written out
ACCEPTED = 0.1  # the part of the promised decrease that makes a step good enough
POOR, GOOD = 0.25, 0.75  # below, the radius shrinks; above, it may grow
SECULAR_STEPS = 50


class Model(NamedTuple):
    """A step, and by how much the quadratic model falls along it."""

    step: Vector
    promised: float


@dataclass(frozen=True)
class TrustRegion(Method):
    """Newton's method in a ball: the step minimizes ⟨g, s⟩ + ½⟨s, H s⟩ over ‖s‖ ≤ Δ.

    The radius Δ shrinks where the value falls by less than a quarter of what the model promised,
    and grows where it falls by more than three quarters and the step reached the edge. Negative
    curvature is used, not avoided.

    ``subproblem`` says how the step is found: ``"exact"`` from all eigenvalues of H, hard case
    included, which also leaves saddles on which the gradient is 0; ``"cg"`` by the truncated
    conjugate gradients of Steihaug and Toint, without forming H; ``"auto"`` takes the first for up
    to 200 coordinates. ``radius`` is the first Δ.

    >>> from catenary.descent import minimize
    >>> saddle = lambda x: x[0] ** 2 - x[1] ** 2 + x[1] ** 4
    >>> abs(minimize(saddle, [1.0, 0.0], method=TrustRegion()).x.round(6))
    array([0.      , 0.707107])

    Source: Moré and Sorensen, Computing a trust region step, SIAM J. Sci. Stat. Comput. 4, 1983;
    Steihaug, 1983; Toint, 1981; Conn, Gould and Toint, Trust-Region Methods, 2000.
    """

    subproblem: Literal["auto", "exact", "cg"] = "auto"
    radius: float = 1.0

    def __post_init__(self) -> None:
        settings.check(self, radius=settings.POSITIVE)
        if self.subproblem not in SUBPROBLEMS:
            raise errors.unknown_name("subproblem of TrustRegion", self.subproblem, SUBPROBLEMS)

    def init(self, params: Tree) -> Any:
        del params
        return np.array(float(self.radius))

    def move(self, oracle: Oracle, point: Point, memory: Any) -> tuple[Point | None, Any]:
        ball = self._ball(oracle, point)
        radius = float(memory)
        shortest = oracle.epsilon * (oracle.epsilon + float(np.linalg.norm(point.x)))
        while radius > shortest:
            model = ball.step(radius)
            after = oracle.along(point, model.step)
            quality = gain(point, after, model.promised, oracle.epsilon)
            length = float(np.linalg.norm(model.step))
            if not quality >= POOR:
                radius = length / 4
            elif quality > GOOD and length > 0.99 * radius:
                radius = 2 * radius
            if quality > ACCEPTED:
                return after, np.array(radius)
        return None, memory

    def stays(self, oracle: Oracle, point: Point) -> bool:
        """False on a saddle or a maximum, where the Hessian is at hand to tell."""
        if not self._is_exact(point):
            return True
        values = np.linalg.eigvalsh(oracle.hessian(point.x))
        return bool(values[0] >= -(oracle.epsilon**0.5) * max(abs(values)))

    def _is_exact(self, point: Point) -> bool:
        small = point.x.size <= SMALL
        return self.subproblem == "exact" or (self.subproblem == "auto" and small)

    def _ball(self, oracle: Oracle, point: Point) -> ExactBall | KrylovBall:
        if self._is_exact(point):
            return ExactBall.of(oracle.hessian(point.x), point.gradient)
        return KrylovBall(oracle.product(point.x), point.gradient)


def gain(point: Point, after: Point, promised: float, epsilon: float) -> float:
    """The decrease of the value over what was promised; by the gradient where values are equal."""
    if not after.finite or not promised > 0:
        return -math.inf
    noise = rounding(point.value, epsilon)
    if promised <= noise and abs(after.value - point.value) <= noise:
        return 1.0 if after.norm < point.norm else -math.inf
    return (point.value - after.value) / promised


@dataclass(frozen=True)
class ExactBall:
    """The model in the axes of the Hessian: eigenvalues, eigenvectors, g in these axes."""

    values: Vector
    axes: Matrix
    gradient: Vector

    @classmethod
    def of(cls, H: Matrix, g: Vector) -> ExactBall:
        """The model with this Hessian and gradient."""
        values, axes = np.linalg.eigh(H)
        return cls(values.astype(np.float64), axes, (axes.T @ g).astype(np.float64))

    def step(self, radius: float) -> Model:
        """The minimum over the ball: (H + λ) s = −g with the least λ ≥ 0 that makes it fit."""
        least = self.values[0]
        scale = max(abs(least), abs(self.values[-1]), np.finfo(np.float64).tiny)
        if least > np.finfo(self.axes.dtype).eps * scale:
            s = -self.gradient / self.values
            if np.linalg.norm(s) <= radius:
                return self._model(s)
        floor = max(0.0, -least)
        near = np.abs(self.values - least) <= 1e-12 * scale
        outside = np.where(near, 0.0, -self.gradient / np.where(near, 1, self.values + floor))
        flat = np.linalg.norm(self.gradient[near]) <= 1e-14 * np.linalg.norm(self.gradient)
        if least <= 0 and flat and np.linalg.norm(outside) <= radius:
            return self._model(self._hard(outside, radius))
        return self._model(-self.gradient / (self.values + self._secular(floor, radius)))

    def _hard(self, s: Vector, radius: float) -> Vector:
        """Where g has no part along the lowest axis: go along it to the edge."""
        s = s.copy()
        s[0] = math.sqrt(max(0.0, radius**2 - float(s @ s)))
        return s

    def _secular(self, floor: float, radius: float) -> float:
        """λ with ‖(H + λ)⁻¹ g‖ = Δ: Newton on 1/‖s‖ − 1/Δ, which is nearly straight, kept between
        bounds.
        """
        norm = float(np.linalg.norm(self.gradient))
        low, high = floor, floor + norm / radius
        shift = high
        for _ in range(SECULAR_STEPS):
            below = self.values + shift
            length = float(np.linalg.norm(self.gradient / below))
            if abs(length - radius) <= 1e-10 * radius:
                break
            low, high = (shift, high) if length > radius else (low, shift)
            bend = float(self.gradient**2 @ below**-3.0)
            shift += length**2 / bend * (length - radius) / radius
            if not low < shift < high:
                shift = (low + high) / 2
        return shift

    def _model(self, s: Vector) -> Model:
        promised = -float(self.gradient @ s + 0.5 * self.values @ s**2)
        return Model((self.axes @ s).astype(self.axes.dtype), promised)


@dataclass(frozen=True)
class KrylovBall:
    """The model through products with the Hessian."""

    product: Product
    gradient: Vector

    def step(self, radius: float) -> Model:
        """Conjugate gradients from 0, to the edge where they cross it or curve down."""
        g, kind = self.gradient, self.gradient.dtype.type
        step, residual, direction = np.zeros_like(g), g.copy(), -g
        bent = np.zeros_like(g)  # H s
        square = float(g @ g)
        enough = min(0.5, square**0.25) * square**0.5
        for _ in range(2 * g.size + 10):
            Hd = self.product(direction)
            curvature = float(direction @ Hd)
            t = square / curvature if curvature > 0 else math.inf
            edge = to_edge(step, direction, radius)
            t = min(t, edge)
            step = step + kind(t) * direction
            bent = bent + kind(t) * Hd
            residual = residual + kind(t) * Hd
            after = float(residual @ residual)
            if t == edge or after**0.5 <= enough:
                break
            direction = -residual + kind(after / square) * direction
            square = after
        return Model(step, -float(g @ step + 0.5 * step @ bent))


def to_edge(step: Vector, direction: Vector, radius: float) -> float:
    """The t ≥ 0 with ‖s + t d‖ = Δ.

    >>> to_edge(np.array([0.0, 3.0]), np.array([2.0, 0.0]), 5.0)
    2.0
    """
    dd, sd = float(direction @ direction), float(step @ direction)
    room = max(0.0, radius**2 - float(step @ step))
    root = math.sqrt(sd**2 + dd * room)
    return room / (sd + root) if sd > 0 else (root - sd) / dd
