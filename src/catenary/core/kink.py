"""How an operation bends: its slopes on either side of a kink.

The derivative that an operation declares is one slope, the mean. Here are the others. Slopes are
numbers by which a tangent goes through, one for each element of each operand; all functions
below work on plain arrays, except ``tangent``, which is made of operations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Slopes: TypeAlias = Sequence[Any]  # an array for each operand


@dataclass(frozen=True)
class Kink:
    """The slopes near a point where an operation may bend.

    ``toward(operands, directions, output, **params)``: the slopes a little way along the
    directions. ``bounds(operands, output, **params)``: the least and the largest of all slopes
    nearby; None where slopes of single elements do not tell it. ``tangent(slopes, tangents,
    **params)``: the tangent of the output; a tangent is None where nothing moves.
    """

    toward: Callable[..., Slopes]
    bounds: Callable[..., tuple[Slopes, Slopes] | None]
    tangent: Callable[..., Any]
