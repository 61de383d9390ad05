"""Graphs: what was computed, as a list of operations on immutable values.

A graph is in static single assignment form. Its atoms are variables (an input, or the output of
one node) and literals (one number, filling a whole array). Builders grow graphs node by node; a
value of another builder that meets an operation here is *captured*: it becomes an input.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from catenary.core import errors
from catenary.core.operators import Operators
from catenary.core.text import graph_text
from catenary.core.types import ArrayType, type_of

if TYPE_CHECKING:
    from catenary.core.primitive import Primitive

Where: TypeAlias = tuple[str, int]  # the user's file and line


class Literal(Operators):
    """One number that fills an array of a given type; part of the graph, so it can be folded."""

    __slots__ = ("_array", "type", "value")

    def __init__(self, value: Any, type: ArrayType) -> None:
        self.value = type.dtype.type(value)
        self.type = type
        self._array: Any = None

    @property
    def array(self) -> np.ndarray[Any, Any]:
        """The array this stands for (a broadcast view: no memory)."""
        if self._array is None:
            self._array = np.broadcast_to(np.asarray(self.value), self.type.shape)
        return self._array  # type: ignore[no-any-return]

    def key(self) -> Hashable:
        return (self.type, self.value.tobytes())


class Var(Operators):
    """An immutable value of a graph under construction.

    ``value`` is the concrete array while a function is traced with its values at hand.
    """

    __slots__ = ("builder", "index", "type", "value")

    def __init__(self, type: ArrayType, builder: Builder, index: int, value: Any = None) -> None:
        self.type = type
        self.builder = builder
        self.index = index
        self.value = value


Atom: TypeAlias = Var | Literal


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operation: outputs = primitive(operands; params)."""

    primitive: Primitive
    operands: tuple[Atom, ...]
    params: Mapping[str, Any]
    outputs: tuple[Var, ...]
    where: Where | None = None


class Graph:
    """inputs → outputs, by nodes in the order of their evaluation.

    Two graphs are equal when they compute the same things in the same order; the user's source
    lines, kept for messages, do not count.
    """

    __slots__ = ("__dict__", "inputs", "nodes", "outputs")

    def __init__(
        self, inputs: Sequence[Var], nodes: Sequence[Node], outputs: Sequence[Atom]
    ) -> None:
        self.inputs = tuple(inputs)
        self.nodes = tuple(nodes)
        self.outputs = tuple(outputs)

    @property
    def input_types(self) -> tuple[ArrayType, ...]:
        return tuple(v.type for v in self.inputs)

    @property
    def output_types(self) -> tuple[ArrayType, ...]:
        return tuple(a.type for a in self.outputs)

    @cached_property
    def key(self) -> Hashable:
        """A hashable value equal for graphs that compute the same."""
        numbers: dict[Var, int] = {}

        def name(atom: Atom) -> Hashable:
            return numbers[atom] if isinstance(atom, Var) else atom.key()

        for var in self.inputs:
            numbers[var] = len(numbers)
        lines = []
        for node in self.nodes:
            operands = tuple(name(a) for a in node.operands)
            lines.append((node.primitive.name, operands, tuple(sorted(node.params.items()))))
            for var in node.outputs:
                numbers[var] = len(numbers)
        return (self.input_types, tuple(lines), tuple(name(a) for a in self.outputs))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graph) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: Graph) -> bool:  # parameters are sorted by name first: never decides
        return id(self) < id(other)

    def __str__(self) -> str:
        return graph_text(self)

    __repr__ = __str__


_LEVELS = itertools.count()


def next_level() -> int:
    """A number larger than that of everything made so far."""
    return next(_LEVELS)


class Builder:
    """Grows a graph. The builder that was created later is the inner one: it captures."""

    __slots__ = ("captured", "inputs", "level", "nodes", "where")

    def __init__(self) -> None:
        self.level = next_level()
        self.inputs: list[Var] = []
        self.nodes: list[Node] = []
        self.captured: dict[int, tuple[Var, Any]] = {}  # id → (input, the thing captured)
        self.where: Where | None = None

    def input(self, type: ArrayType, value: Any = None) -> Var:
        var = Var(type, self, len(self.inputs), value)
        self.inputs.append(var)
        return var

    def capture(self, thing: Any) -> Var:
        """The input of this graph that stands for a value from outside."""
        known = self.captured.get(id(thing))
        if known is None:
            is_var = isinstance(thing, Var)
            type = thing.type if is_var else type_of(thing)
            var = Var(type, self, -1 - len(self.captured), thing.value if is_var else thing)
            known = self.captured[id(thing)] = (var, thing)
        return known[0]

    def lift(self, operand: Any) -> Atom:
        """An operand as an atom of this graph."""
        if isinstance(operand, Var):
            return operand if operand.builder is self else self.capture(operand)
        if isinstance(operand, Literal):
            return operand
        return self.capture(operand)

    def emit(self, primitive: Primitive, operands: Sequence[Any], params: dict[str, Any]) -> Any:
        """Append one operation; its output, or the tuple of its outputs."""
        atoms = tuple([self.lift(operand) for operand in operands])
        types = primitive.output_types([a.type for a in atoms], params)
        outputs = tuple([Var(t, self, i) for i, t in enumerate(types)])
        self.nodes.append(Node(primitive, atoms, params, outputs, self.where))
        return outputs if primitive.multiple else outputs[0]

    def finish(self, outputs: Sequence[Any]) -> tuple[Graph, list[Any]]:
        """The graph of these outputs without dead code, and what its first inputs captured."""
        atoms = [self.lift(output) for output in outputs]
        captured = list(self.captured.values())
        inputs = [var for var, _ in captured] + self.inputs
        graph = copy(inputs, live_nodes(self.nodes, atoms), atoms)
        return graph, [thing for _, thing in captured]

    def close(self, outputs: Sequence[Any]) -> Graph:
        """The graph of these outputs, which must not depend on anything outside."""
        graph, captured = self.finish(outputs)
        if captured:
            raise errors.bad_graph(graph, f"it captured {len(captured)} value(s) from outside")
        return graph


def live_nodes(nodes: Sequence[Node], outputs: Sequence[Atom]) -> list[Node]:
    """The nodes that the outputs depend on, in order."""
    needed = {a for a in outputs if isinstance(a, Var)}
    live = []
    for node in reversed(nodes):
        if any(var in needed for var in node.outputs):
            live.append(node)
            needed.update(a for a in node.operands if isinstance(a, Var))
    return live[::-1]


def dependent(graph: Graph, marked: Sequence[bool]) -> list[bool]:
    """Which outputs depend on the inputs that are marked."""
    reached = {var for var, mark in zip(graph.inputs, marked, strict=True) if mark}
    for node in graph.nodes:
        if any(a in reached for a in node.operands):
            reached.update(node.outputs)
    return [a in reached for a in graph.outputs]


def copy(inputs: Sequence[Var], nodes: Sequence[Node], outputs: Sequence[Atom]) -> Graph:
    """A graph of fresh variables that hold no values and no reference to their builder."""
    owner = Builder()
    fresh: dict[Var, Var] = {}

    def renew(var: Var) -> Var:
        new = fresh[var] = Var(var.type, owner, len(fresh))
        return new

    def read(atom: Atom) -> Atom:
        return fresh[atom] if isinstance(atom, Var) else atom

    new_inputs = [renew(var) for var in inputs]
    new_nodes = [
        Node(
            n.primitive,
            tuple([read(a) for a in n.operands]),
            n.params,
            tuple([renew(v) for v in n.outputs]),
            n.where,
        )
        for n in nodes
    ]
    return Graph(new_inputs, new_nodes, [read(a) for a in outputs])


def inline(builder: Builder, graph: Graph, operands: Sequence[Any]) -> list[Any]:
    """Append a whole graph to a builder, its inputs bound to operands; the outputs."""
    env: dict[Atom, Any] = dict(zip(graph.inputs, operands, strict=True))
    outside = builder.where
    for node in graph.nodes:
        builder.where = node.where or outside
        results = builder.emit(
            node.primitive, [env.get(a, a) for a in node.operands], dict(node.params)
        )
        env.update(
            zip(node.outputs, results if node.primitive.multiple else (results,), strict=True)
        )
    builder.where = outside
    return [env.get(a, a) for a in graph.outputs]


def subgraphs(node: Node) -> Iterator[Graph]:
    """The graphs that a node holds among its parameters."""
    for value in node.params.values():
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Graph):
                yield part


def check(graph: Graph) -> None:
    """Raise unless the graph keeps its rules: defined before use, once, and well typed."""
    known: set[Var] = set()

    def define(var: Var) -> None:
        if var in known:
            raise errors.bad_graph(graph, "a variable is defined twice")
        known.add(var)

    for var in graph.inputs:
        define(var)
    for node in graph.nodes:
        if any(isinstance(a, Var) and a not in known for a in node.operands):
            raise errors.bad_graph(graph, f"{node.primitive.name} reads an undefined variable")
        types = node.primitive.output_types([a.type for a in node.operands], dict(node.params))
        if types != tuple(v.type for v in node.outputs):
            raise errors.bad_graph(graph, f"{node.primitive.name} has an output of wrong type")
        for var in node.outputs:
            define(var)
        for body in subgraphs(node):
            check(body)
    if any(isinstance(a, Var) and a not in known for a in graph.outputs):
        raise errors.bad_graph(graph, "an output is undefined")
