"""Third and fourth derivatives along the directions in which the second ones vanish."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catenary.function.modes import grad, jvp
from catenary.geometry.classification import HigherOrder

Vector = NDArray[np.float64]
Function = Callable[[Any], Any]  # of a flat vector of float64

_ANGLES = 32


def _rate(g: Function) -> Function:
    return lambda t: jvp(g, (t,), (1.0,))[1]


def along(f: Function, x: Vector, v: Vector, order: int) -> Any:
    """dᵏ/dtᵏ f(x + t v) at t = 0.

    >>> float(along(lambda x: x[0] ** 4, np.zeros(1), np.ones(1), 4))
    24.0
    """

    def path(t: Any) -> Any:
        return f(x + t * v)

    derived: Function = path
    for _ in range(order):
        derived = _rate(derived)
    return derived(0.0)


def higher_order(
    f: Function, x: Vector, eigenvalues: Vector, eigenvectors: Vector, *, zero: Any, moved: float
) -> HigherOrder | None:
    """What f does near a critical point whose Hessian H has a kernel.

    With the kernel's directions u, and H⁺ the inverse on the rest, f restricted to the surface on
    which it is least (greatest) across is, up to fourth order,

        f(x) + D³f[u,u,u]/6 + (D⁴f[u,u,u,u] − 3 b·H⁺b)/24,   b = D³f[u,u,·].

    A cubic that is not zero has both signs: a saddle. Otherwise the signs of the quartic and of
    the other eigenvalues decide. Complete for a kernel of one or two dimensions; of more, only
    the cubic is tried. ``zero`` marks the eigenvalues taken for 0; ``moved`` is how far the true
    critical point may be.

    Source: the splitting lemma; Gromoll & Meyer, On differentiable functions with isolated
    critical points, Topology 8, 1969.
    """
    kernel = eigenvectors[:, zero]
    rest, Q = eigenvalues[~zero], eigenvectors[:, ~zero]
    directions = _directions(kernel)
    cubic = np.array([float(along(f, x, v, 3)) for v in directions])
    quartic = np.array([_quartic(f, x, v, rest, Q) for v in directions])
    scale = max(1.0, float(np.abs(eigenvalues).max()), float(np.abs(quartic).max()))
    within = math.sqrt(np.finfo(float).eps) * scale
    steepest = int(np.argmax(np.abs(cubic)))
    if abs(cubic[steepest]) > within + 4 * float(np.abs(quartic).max()) * moved:
        reason = f"along a flat direction the third derivative is {cubic[steepest]:.4g}: both signs"
        return HigherOrder("saddle", 3, reason)
    if kernel.shape[1] > 2:
        return None
    return _by_quartic(quartic, rest, within)


def _directions(kernel: Vector) -> list[Vector]:
    """Unit vectors of the kernel: the one, a half circle of them, or some at random."""
    dimension = kernel.shape[1]
    if dimension == 1:
        return [kernel[:, 0]]
    if dimension == 2:
        angles = np.pi * np.arange(_ANGLES) / _ANGLES
        return [math.cos(a) * kernel[:, 0] + math.sin(a) * kernel[:, 1] for a in angles]
    drawn = np.random.default_rng(0).normal(size=(8, dimension))
    return [kernel @ (row / np.linalg.norm(row)) for row in drawn]


def _quartic(f: Function, x: Vector, v: Vector, rest: Vector, Q: Vector) -> float:
    """D⁴f[v,v,v,v] − 3 b·H⁺b."""
    fourth = float(along(f, x, v, 4))
    if not rest.size:
        return fourth
    b = Q.T @ np.asarray(along(grad(f), x, v, 2))
    return fourth - 3 * float(np.sum(b**2 / rest))


def _by_quartic(quartic: Vector, rest: Vector, within: float) -> HigherOrder | None:
    low, high = float(quartic.min()), float(quartic.max())
    if low < -within and high > within:
        reason = f"along flat directions the fourth derivative goes from {low:.4g} to {high:.4g}"
        return HigherOrder("saddle", 4, reason)
    if abs(low) <= within or abs(high) <= within:
        return None
    where = "along the flat direction" if len(quartic) == 1 else "along all flat directions"
    sign = "positive" if low > 0 else "negative"
    reason = f"{where} the fourth derivative is {sign}, {low:.4g}"
    agree = bool((rest * low > 0).all())
    if not agree:
        return HigherOrder("saddle", 4, f"{reason}, and across it curves the other way")
    return HigherOrder("minimum" if low > 0 else "maximum", 4, reason)
