"""Arithmetic between values of a graph, written with Python's operators.

The operations themselves are declared a floor above; they fill the slots here when they are
declared. Transforms use the slots ``add`` and ``scale`` and so need no operation's name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Slots:
    """Where the floor of operations puts the few that the floors around it speak of."""

    add: Callable[..., Any]
    sub: Callable[..., Any]
    mul: Callable[..., Any]
    div: Callable[..., Any]
    neg: Callable[..., Any]
    scale: Callable[..., Any]
    select: Callable[..., Any]
    full: Callable[..., Any]  # (number, type) → the literal filling that type
    spread: Callable[..., Any]  # (value, size) → copies along a new leading axis
    variable: Callable[..., Any]  # (builder, literal) → a variable there, of that value
    # filled by the transforms, for graphs inside nodes
    batch_graph: Callable[..., Any]
    linearize_graph: Callable[..., Any]
    simplify_graph: Callable[..., Any]
    transpose_graph: Callable[..., Any]


slots = Slots()


class Operators:
    """Operators between values of equal type, or a value and a Python number."""

    __slots__ = ()
    type: Any

    def _like(self, other: Any) -> Any:
        return slots.full(other, self.type) if isinstance(other, (int, float)) else other

    def __add__(self, other: Any) -> Any:
        return slots.add(self, self._like(other))

    def __radd__(self, other: Any) -> Any:
        return slots.add(self._like(other), self)

    def __sub__(self, other: Any) -> Any:
        return slots.sub(self, self._like(other))

    def __rsub__(self, other: Any) -> Any:
        return slots.sub(self._like(other), self)

    def __mul__(self, other: Any) -> Any:
        return slots.mul(self, self._like(other))

    def __rmul__(self, other: Any) -> Any:
        return slots.mul(self._like(other), self)

    def __truediv__(self, other: Any) -> Any:
        return slots.div(self, self._like(other))

    def __rtruediv__(self, other: Any) -> Any:
        return slots.div(self._like(other), self)

    def __neg__(self) -> Any:
        return slots.neg(self)
