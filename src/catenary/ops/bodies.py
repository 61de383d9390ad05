"""Graphs inside operations, made smaller: what is known outside is not computed inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catenary.core.graph import Atom, Builder, Graph, Literal, Var, inline
from catenary.core.operators import slots
from catenary.core.primitive import Primitive
from catenary.core.replay import replay
from catenary.core.types import ArrayType


def emit(builder: Builder, primitive: Primitive, operands: Sequence[Any], **params: Any) -> Any:
    """Record where the innermost operand lives; in the builder, if no operand is a variable."""
    if any(isinstance(operand, Var) for operand in operands):
        return primitive(*operands, **params)
    return builder.emit(primitive, operands, params)


def vanishes(atom: Any) -> bool:
    """Whether a tangent or cotangent is known to be zero."""
    return atom is None or (isinstance(atom, Literal) and atom.value == 0)


def bound(graph: Graph, operands: Sequence[Any], order: Sequence[int]) -> tuple[Graph, list[int]]:
    """The graph with numbers for those inputs whose operands are numbers, simplified.

    The other inputs come in the given order, as positions; also what these positions are.
    """
    builder = Builder()
    types = graph.input_types
    given: list[Any] = [None] * len(types)
    kept = []
    for i in order:
        if isinstance(operands[i], Literal):
            given[i] = Literal(operands[i].value, types[i])
        else:
            given[i] = builder.input(types[i])
            kept.append(i)
    return slots.simplify_graph(builder.close(inline(builder, graph, given))), kept


def reading(graph: Graph, types: Sequence[ArrayType], positions: Sequence[int]) -> Graph:
    """The graph with inputs of these types, of which it reads those at some positions."""
    builder = Builder()
    inputs = [builder.input(type) for type in types]
    return builder.close(inline(builder, graph, [inputs[i] for i in positions]))


def read(graph: Graph) -> set[Atom]:
    """The atoms that the nodes and outputs of a graph read."""
    return {*graph.outputs, *(atom for node in graph.nodes for atom in node.operands)}


def without_unread(graph: Graph, keep: Sequence[int] = ()) -> tuple[Graph, list[int]]:
    """The graph without the inputs that nobody reads; the positions of those that stay."""
    needed = read(graph)
    kept = [i for i, var in enumerate(graph.inputs) if var in needed or i in keep]
    return Graph([graph.inputs[i] for i in kept], graph.nodes, graph.outputs), kept


def hoisted(graph: Graph, constants: Sequence[Any]) -> tuple[Graph, list[Any]]:
    """The graph without what depends on its first inputs alone, which is computed outside, once.

    ``constants`` are the operands of the first inputs; those that come back are for the first
    inputs of the graph that comes back.
    """
    fixed: set[Atom] = set(graph.inputs[: len(constants)])
    inside, outside = [], []
    for node in graph.nodes:
        variables = [a for a in node.operands if isinstance(a, Var)]
        if variables and fixed.issuperset(variables):
            outside.append(node)
            fixed.update(node.outputs)
        else:
            inside.append(node)
    if not outside:
        return graph, list(constants)
    left = Graph(graph.inputs, inside, graph.outputs)
    needed = read(left)
    moved = [var for node in outside for var in node.outputs if var in needed]
    values = replay(Graph(graph.inputs[: len(constants)], outside, moved), constants)
    kept = [i for i in range(len(constants)) if graph.inputs[i] in needed]
    inputs = [*(graph.inputs[i] for i in kept), *moved, *graph.inputs[len(constants) :]]
    return Graph(inputs, inside, graph.outputs), [*(constants[i] for i in kept), *values]
