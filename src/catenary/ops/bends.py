"""What operations that bend have in common: slopes at ties, and tangents made of slopes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from catenary.core.kink import Slopes
from catenary.core.operators import slots
from catenary.ops.replicate import sum_over


def elementwise_tangent(slopes: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Σ slope · tangent, over the operands that move."""
    total = None
    for slope, tangent in zip(slopes, tangents, strict=True):
        if tangent is not None:
            term = slots.scale(slope, tangent)
            total = term if total is None else slots.add(total, term)
    return total


# ---- the extreme over axes ----------------------------------------------------------------------


def _attained(x: Any, output: Any, axes: tuple[int, ...]) -> Any:
    return x == np.expand_dims(output, axes)


def tied_slopes(extreme: Callable[..., Any]) -> Callable[..., Slopes]:
    """The slopes of an extreme a little way on: of its elements the one that moves furthest."""

    def toward(operands: Any, directions: Any, output: Any, *, axes: tuple[int, ...]) -> Slopes:
        attained = _attained(operands[0], output, axes)
        nowhere = -np.inf if extreme is np.max else np.inf
        moving = np.where(attained, directions[0], nowhere)
        ahead = attained & (moving == extreme(moving, axis=axes, keepdims=True))
        return (ahead / np.sum(ahead, axis=axes, keepdims=True),)

    return toward


def tied_bounds(operands: Any, output: Any, *, axes: tuple[int, ...]) -> tuple[Slopes, Slopes]:
    """From 0 to 1 for elements that attain the extreme together, else 0 or 1."""
    attained = _attained(operands[0], output, axes)
    alone = np.sum(attained, axis=axes, keepdims=True) == 1
    return (1.0 * (attained & alone),), (1.0 * attained,)


def tied_tangent(slopes: Sequence[Any], tangents: Sequence[Any], *, axes: tuple[int, ...]) -> Any:
    """Σ slope · tangent along the axes."""
    return sum_over(slots.scale(slopes[0], tangents[0]), axes=axes)


# ---- order --------------------------------------------------------------------------------------


def ordered_toward(operands: Any, directions: Any, output: Any, *, axis: int) -> Slopes:
    """The order a little way on: ties are settled by where their elements move.

    An order is no slope but a place to take each tangent from.
    """
    return (np.lexsort((directions[0], operands[0]), axis=axis),)


def ordered_bounds(operands: Any, output: Any, *, axis: int) -> tuple[Slopes, Slopes] | None:
    """The order, where there are no ties."""
    if np.any(np.diff(output, axis=axis) == 0):
        return None
    order = (np.argsort(operands[0], axis, kind="stable"),)
    return order, order
