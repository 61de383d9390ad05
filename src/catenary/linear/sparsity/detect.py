"""Which inputs each number of a linear graph may depend on, read from what operations declare.

Patterns travel along the graph of a derivative: each operation that a tangent meets is linear in
it and says, in its field ``structure``, which map it is there. Of the values that this map holds
fast only those are used that are known: with numbers that do not depend on the point the pattern
is right at every point, and with all the values at a point it is the pattern at that point.
(Griewank and Walther, Evaluating Derivatives, 2nd ed., section 7.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from catenary.core.derivative import Linear, Multilinear, Nested
from catenary.core.graph import Atom, Graph, Literal, Node, Var
from catenary.core.primitive import NotYet
from catenary.core.structure import Identity, Map
from catenary.linear.sparsity.control import through_control
from catenary.linear.sparsity.pattern import (
    Array,
    Pattern,
    TooDense,
    empty,
    identity,
    spread,
    stacked,
)
from catenary.linear.sparsity.through import through

# Entries that the pattern of one value may have before everything is taken to be full; all of
# them together may have some times as many.
LIMIT = 2**26
TOGETHER = 8


class Patterns:
    """The patterns of the values of a graph, and the values that are known."""

    def __init__(
        self, graph: Graph, known: Mapping[Any, Array], moving: Mapping[Any, Pattern], limit: int
    ) -> None:
        self.known: dict[Atom, Array] = {**known}
        self.moving: dict[Atom, Pattern] = {**moving}
        self.limit = limit
        self.entries = 0
        with np.errstate(all="ignore"):
            for node in graph.nodes:
                if any(a in self.moving for a in node.operands):
                    self._follow(node)
                elif all(self.value(a) is not None for a in node.operands):
                    self._evaluate(node)

    def value(self, atom: Atom) -> Array | None:
        return atom.array if isinstance(atom, Literal) else self.known.get(atom)

    def _evaluate(self, node: Node) -> None:
        results = node.primitive.evaluate(*map(self.value, node.operands), **node.params)
        values = results if node.primitive.multiple else (results,)
        self.known.update(zip(node.outputs, map(np.asarray, values), strict=True))

    def _follow(self, node: Node) -> None:
        given = [self.moving.get(a) for a in node.operands]
        kind = node.primitive.derivative
        values = [self.value(a) for a in node.operands]
        follow = partial(followed, limit=self.limit)
        results: Sequence[Pattern | None]
        if isinstance(kind, Nested):
            results = follow(node.params["graph"], values, given)
        elif isinstance(kind, (Linear, Multilinear)):
            results = [self._through(node, given)]
        else:
            found = through_control(node, values, given, follow)
            results = found or [spread_over(given, v, self.limit) for v in node.outputs]
        for var, pattern in zip(node.outputs, results, strict=True):
            if pattern is not None and var.type.is_float:
                self.moving[var] = pattern
                self.entries += pattern.nonzeros
        if self.entries > TOGETHER * self.limit:
            raise TooDense

    def _through(self, node: Node, given: Sequence[Pattern | None]) -> Pattern:
        """The union of what arrives through each operand that moves."""
        total = None
        for i, pattern in enumerate(given):
            if pattern is None:
                continue
            map = self._map(node, i, given)
            if map is None:
                return spread_over(given, node.outputs[0], self.limit)
            arriving = through(map, pattern, self.limit)
            total = arriving if total is None else total | arriving
        assert total is not None
        return total

    def _map(self, node: Node, i: int, given: Sequence[Pattern | None]) -> Map | None:
        """The map that an operation is of its operand i; None where nothing is known of it."""
        primitive, output = node.primitive, node.outputs[0].type
        structure = primitive.structure
        if isinstance(structure, NotYet):
            return None
        values = [self.value(a) for a in node.operands]
        held = [v for v, pattern in zip(values, given, strict=True) if pattern is None]
        unknown = any(v is None for v in held)
        if primitive.elementwise and (unknown or not held):
            return Identity(output.size)
        if unknown and isinstance(primitive.derivative, Linear):
            return None
        stand_ins = [
            value if value is not None else _stand_in(atom, 0 if pattern is not None else 1)
            for atom, value, pattern in zip(node.operands, values, given, strict=True)
        ]
        out = np.broadcast_to(np.zeros((), output.dtype), output.shape)
        map: Map = structure(i, stand_ins, out, **node.params)
        return map


def _stand_in(atom: Atom, number: int) -> Array:
    return np.broadcast_to(np.asarray(number, atom.type.dtype), atom.type.shape)


def spread_over(given: Sequence[Pattern | None], var: Var, limit: int) -> Pattern:
    """What is known of an operation that says nothing: all it may depend on."""
    return spread([p for p in given if p is not None], var.type.size, limit)


def followed(
    graph: Graph,
    values: Sequence[Array | None],
    given: Sequence[Pattern | None],
    limit: int,
) -> list[Pattern | None]:
    """The patterns of a graph's outputs, for inputs that are known, or move, or neither."""
    inputs = graph.inputs
    known = {v: x for v, x in zip(inputs, values, strict=True) if x is not None}
    moving = {v: p for v, p in zip(inputs, given, strict=True) if p is not None}
    found = Patterns(graph, known, moving, limit)
    return [found.moving.get(a) for a in graph.outputs]


def pattern_of_tangents(
    graph: Graph, known: Mapping[int, Array], count: int, limit: int = LIMIT
) -> Pattern:
    """The pattern of the matrix that takes the last ``count`` inputs of a graph to its outputs.

    The graph is linear in them; ``known`` holds values of other inputs, by position. Rows and
    columns number the flattened outputs and inputs. Raises TooDense beyond its ``limit``.
    """
    moving = graph.inputs[len(graph.inputs) - count :]
    sizes = [v.type.size for v in moving]
    columns = sum(sizes)
    start, given = 0, {}
    for var, size in zip(moving, sizes, strict=True):
        unit = identity(size)
        given[var] = Pattern((size, columns), unit.rows * columns + unit.columns + start)
        start += size
    values = {graph.inputs[i]: value for i, value in known.items()}
    found = Patterns(graph, values, given, limit).moving
    outputs = [found.get(a) or empty((a.type.size, columns)) for a in graph.outputs]
    return stacked(outputs, columns)
