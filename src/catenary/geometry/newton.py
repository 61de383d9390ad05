"""Newton's method on a gradient, from many starts at once, with known solutions deflated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catenary.function.jit import Jitted
from catenary.function.modes import grad, jvp
from catenary.function.vmap import vmap

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_ROWS = 256
_LONGEST = 0.2  # of the box's width along an axis, in one step
_STEPS = 120
_REFINED = 1e-13


class Derivatives:
    """Gradients and Hessians at many points, rows of an array (count, n), in one compiled call."""

    def __init__(self, f: Callable[[Any], Any], n: int) -> None:
        slope = grad(f)

        def at(x: Any) -> Any:
            return slope(x), vmap(lambda v: jvp(slope, (x,), (v,))[1])(np.eye(n))

        self._many = Jitted(vmap(at), ())

    def __call__(self, points: Array) -> tuple[Array, Array]:
        """Gradients (count, n) and Hessians (count, n, n)."""
        count = len(points)
        # Whole blocks, the last one filled up: one compiled program for any number of points.
        padded = np.resize(points, (-(-count // _ROWS) * _ROWS, points.shape[1]))
        with np.errstate(all="ignore"):
            blocks = [self._many(padded[i : i + _ROWS]) for i in range(0, len(padded), _ROWS)]
        if not blocks:
            return points, np.empty((0, points.shape[1], points.shape[1]))
        gradients, hessians = (np.concatenate(parts)[:count] for parts in zip(*blocks))
        return gradients, hessians


def search(derivatives: Derivatives, starts: Array, box: Array, known: Array) -> Array:
    """Where Newton's method on ∇f comes to rest from these starts: rows (found, n).

    The step is −H⁻¹∇f, shortened to a fifth of the box; ``known`` points are deflated: the
    gradient is multiplied with Π (1 + 1/‖x − xᵢ‖²), which has no zero there any more. Its Newton
    step is the same, times a number that tells known points from new ones. Starts that leave the
    box by more than its width are dropped.

    Source: Farrell, Birkisson & Funke, Deflation techniques for finding distinct solutions of
    nonlinear partial differential equations, SIAM J. Sci. Comput. 37, 2015.
    """
    width = box[:, 1] - box[:, 0]
    x, alive = starts.copy(), np.ones(len(starts), bool)
    for _ in range(_STEPS):
        gradients, hessians = derivatives(x)
        step, fine = newton_steps(gradients, hessians)
        if len(known):
            step = step * _deflation(x, step, known)[:, None]
        length = np.max(np.abs(step) / width, axis=1)
        step /= np.maximum(1.0, length / _LONGEST)[:, None]
        alive &= fine & np.all((x >= box[:, 0] - width) & (x <= box[:, 1] + width), axis=1)
        at_rest = length <= _REFINED * (1 + np.max(np.abs(x) / width, axis=1))
        moving = alive & ~at_rest
        if not moving.any():
            break
        x[moving] += step[moving]
    return x[alive]


def newton_steps(gradients: Array, hessians: Array) -> tuple[Array, Flags]:
    """−H⁺∇f for each row, and whether all numbers of the row are finite."""
    fine: Flags = np.isfinite(gradients).all(axis=1)  # type: ignore[assignment]
    fine &= np.isfinite(hessians).all(axis=(1, 2))
    H = np.where(fine[:, None, None], hessians, 0.0)
    g = np.where(fine[:, None], gradients, 0.0)
    values, Q = np.linalg.eigh((H + H.swapaxes(1, 2)) / 2)
    along = np.einsum("kij,ki->kj", Q, g)
    smallest = np.finfo(float).tiny ** 0.5
    inverse = np.where(np.abs(values) > smallest, 1 / np.where(values == 0, 1.0, values), 0.0)
    return -np.einsum("kij,kj->ki", Q, along * inverse), fine


def _deflation(x: Array, step: Array, known: Array) -> Array:
    """1/(1 − ∇log m · p) for m(x) = Π (1 + 1/‖x − xᵢ‖²) and the plain step p."""
    away = x[:, None, :] - known
    squares = np.maximum(np.sum(away**2, axis=2), 1e-300)
    # ∇ log(1 + 1/s) = −2 (x − xᵢ)/(s (s + 1))
    slope = -2 * np.einsum("kij,ki->kj", away, 1 / (squares * (squares + 1)))
    denominator = 1 - np.sum(slope * step, axis=1)
    return 1 / np.where(denominator == 0, 1.0, denominator)


def polish(derivatives: Derivatives, points: Array) -> Array:
    """A few plain steps more, from points that are nearly there."""
    for _ in range(3):
        step, fine = newton_steps(*derivatives(points))
        near = fine & (np.linalg.norm(step, axis=1) <= 1e-3 * (1 + np.abs(points).max(axis=1)))
        points = np.where(near[:, None], points + step, points)
    return points
