"""How often the gradient turns around along the edge of a box: what the points inside add up to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catenary.geometry.newton import Derivatives

Array = NDArray[np.float64]

_FEWEST, _MOST = 256, 2**16


def degree(derivatives: Derivatives, box: Array) -> int | None:
    """The degree of ∇f on the boundary of a box in one or two dimensions; None where unknown.

    It is the sum of the indices of the critical points inside: +1 for a minimum or maximum, −1
    for a saddle in two dimensions (in one: +1 for a minimum, −1 for a maximum); what is listed
    must add up to it. The angle of ∇f is followed on a grid that is doubled until no step turns
    it by more than a quarter; where ∇f vanishes on the boundary there is no degree.

    Source: the theorem of Poincaré and Hopf; Milnor, Topology from the Differentiable Viewpoint.
    """
    if len(box) == 1:
        gradients, _ = derivatives(box.T)
        signs = np.sign(gradients[:, 0])
        return None if not signs.all() else int(signs[1] - signs[0]) // 2
    if len(box) != 2:
        return None
    count = _FEWEST
    while count <= _MOST:
        gradients, _ = derivatives(_boundary(box, count))
        if not np.isfinite(gradients).all() or not np.any(gradients, axis=1).all():
            return None
        angle = np.arctan2(gradients[:, 1], gradients[:, 0])
        turns = (np.diff(angle, append=angle[0]) + np.pi) % (2 * np.pi) - np.pi
        if np.abs(turns).max() < np.pi / 2:
            return round(float(turns.sum()) / (2 * np.pi))
        count *= 2
    return None


def _boundary(box: Array, count: int) -> Array:
    """Points along the edges, counterclockwise."""
    (left, right), (low, high) = box
    t = np.arange(count) / count
    across, up = left + (right - left) * t, low + (high - low) * t
    edges = [
        (across, np.full(count, low)), (np.full(count, right), up),
        (across[::-1] + (right - left) / count, np.full(count, high)),
        (np.full(count, left), up[::-1] + (high - low) / count),
    ]  # fmt: skip
    return np.concatenate([np.stack(edge, axis=1) for edge in edges])
