"""How operations that move numbers are declared, and the map that moving is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from catenary.core.structure import Map, Ones, Zero, positions, selection


def moves(evaluate: Callable[..., Any], linear: Callable[[int], bool] = lambda i: True) -> Any:
    """The structure of an operation that only moves numbers and fills with zeros.

    What it does to positions (counted from 1, so that 0 is a fill) is the selection it makes.
    ``linear(i)`` tells the operands that hold numbers from those that hold indices.
    """

    def structure(operand: int, operands: Sequence[Any], output: Any, **params: Any) -> Map:
        stand_ins = [
            positions(np.shape(x)) + 1
            if i == operand
            else (np.zeros(np.shape(x), np.int64) if linear(i) else x)
            for i, x in enumerate(operands)
        ]
        index = np.asarray(evaluate(*stand_ins, **params)) - 1
        return selection(index, np.shape(operands[operand]))

    return structure


def gathers(moving: Callable[..., Any]) -> Any:
    """The structure of an operation that is the transpose of a move: it sums what was copied.

    ``moving(output positions, *operands, **params)`` is that move.
    """

    def structure(operand: int, operands: Sequence[Any], output: Any, **params: Any) -> Map:
        index = np.asarray(moving(positions(np.shape(output)), *operands, **params))
        return Ones(selection(index, np.shape(output)))

    return structure


def vanishes(operand: int, operands: Sequence[Any], output: Any, **params: Any) -> Map:
    """The structure of an operation whose derivative is zero."""
    return Zero((np.size(output), np.size(operands[operand])))
