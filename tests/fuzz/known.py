"""What is known of the values of a graph: the numbers, and how far another backend may be off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core.graph import Atom, Graph, Literal, Node

Array = np.ndarray[Any, Any]


class Unknown(Exception):
    """The right answer cannot be told: nothing can be learned from such a graph."""


@dataclass(frozen=True, eq=False)
class Known:
    """A value of the reference, and how far another backend may be off.

    ``error``: a bound for each element (None: exact). ``signed``: whether zeros have the same
    sign everywhere.
    """

    value: Array
    error: Array | None = None
    signed: bool = True

    @property
    def bound(self) -> Array:
        return np.zeros(self.value.shape) if self.error is None else self.error

    @property
    def finite(self) -> bool:
        return self.value.dtype.kind != "f" or bool(np.isfinite(self.value).all())

    def disagreement(self, got: Array) -> str | None:
        """Where a result is not what it must be; None if it is."""
        value = self.value
        if got.shape != value.shape or got.dtype != value.dtype:
            return f"{got.dtype}{got.shape}, not {value.dtype}{value.shape}"
        fits = got == value
        if value.dtype.kind == "f":
            fits |= np.isnan(got) & np.isnan(value)
            if self.error is not None:
                with np.errstate(all="ignore"):
                    fits |= np.abs(np.subtract(got, value, dtype=np.float64)) <= self.error
            if self.signed and self.error is None:
                fits &= (value != 0) | (np.signbit(got) == np.signbit(value))
        if fits.all():
            return None
        at = tuple(int(i) for i in np.argwhere(~fits)[0])
        return (
            f"{(~fits).sum()} of {fits.size} elements, first {at}: {got[at]!r}, not {value[at]!r}"
        )


Rule = Callable[[Node, Sequence[Known]], Sequence[Known]]
RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Enter what is known of the results of operations."""

    def enter(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, function))
        return function

    return enter


def evaluated(node: Node, operands: Sequence[Any]) -> list[Array]:
    """The results of the reference, on numbers of one's choice."""
    with np.errstate(all="ignore"):
        results = node.primitive.evaluate(*operands, **node.params)
    return [np.asarray(r) for r in (results if node.primitive.multiple else (results,))]


def outcome(node: Node, operands: Sequence[Known]) -> Sequence[Known]:
    """What is known of the results of one operation."""
    return RULES[node.primitive.name](node, operands)


def of_graph(graph: Graph, inputs: Sequence[Known]) -> list[Known]:
    """What is known of the outputs of a graph."""
    values: dict[Atom, Known] = dict(zip(graph.inputs, inputs, strict=True))

    def read(atom: Atom) -> Known:
        return Known(atom.array) if isinstance(atom, Literal) else values[atom]

    for node in graph.nodes:
        values.update(
            zip(node.outputs, outcome(node, [read(a) for a in node.operands]), strict=True)
        )
    return [read(atom) for atom in graph.outputs]
