"""From a graph that fails to a small one that fails too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from catenary.core.graph import Atom, Builder, Graph, Literal, Node, Var
from tests.fuzz.check import Example, fault
from tests.fuzz.known import Array, Known, Unknown, outcome

Fails = Callable[[Example], bool]


def fails(one: Example) -> bool:
    try:
        return fault(one) is not None
    except Unknown:
        return False


def shrunk(one: Example, fails: Fails = fails) -> Example:
    """The example with as much taken away as can be."""
    smaller: Example | None = one
    while smaller is not None:
        one = smaller
        smaller = next((e for e in _candidates(one) if fails(e)), None)
    return one


def _candidates(one: Example) -> Iterator[Example]:
    """Fewer outputs, fewer operations, plain operands."""
    graph = one.graph
    if len(graph.outputs) > 1:
        for output in graph.outputs:
            yield _of(one, graph.nodes, [output])
        for i in range(len(graph.outputs)):
            yield _of(one, graph.nodes, [*graph.outputs[:i], *graph.outputs[i + 1 :]])
    values = _values(one)
    for i in reversed(range(len(graph.nodes))):
        yield _of(one, [*graph.nodes[:i], *graph.nodes[i + 1 :]], graph.outputs, values)
    if len(graph.nodes) > 1:  # what leads to a node may show the fault as well
        for node in graph.nodes[:-1]:
            yield _of(one, graph.nodes, node.outputs)
    if one.seed is not None:
        yield replace(one, seed=None)


def _values(one: Example) -> dict[Atom, Array]:
    """The number that each atom stands for."""
    known: dict[Atom, Known] = {
        var: Known(x) for var, x in zip(one.graph.inputs, one.arrays, strict=True)
    }
    for node in one.graph.nodes:
        operands = [Known(a.array) if isinstance(a, Literal) else known[a] for a in node.operands]
        known.update(zip(node.outputs, outcome(node, operands), strict=True))
    return {atom: k.value for atom, k in known.items()}


def _of(
    one: Example,
    nodes: list[Node] | tuple[Node, ...],
    outputs: list[Atom] | tuple[Atom, ...],
    values: dict[Atom, Array] | None = None,
) -> Example:
    """An example of these nodes; what they read but none makes becomes an input."""
    values = values or {}
    values |= dict(zip(one.graph.inputs, one.arrays, strict=True))
    builder = Builder()
    fresh: dict[Atom, Atom] = {}
    arrays: list[Array] = []

    def read(atom: Atom) -> Atom:
        if isinstance(atom, Literal):
            return atom
        if atom not in fresh:
            fresh[atom] = builder.input(atom.type)
            arrays.append(values[atom])
        return fresh[atom]

    wanted = _needed(nodes, outputs)
    for node in nodes:
        if any(var in wanted for var in node.outputs):
            made = builder.emit(node.primitive, [read(a) for a in node.operands], dict(node.params))
            fresh.update(
                zip(node.outputs, made if node.primitive.multiple else (made,), strict=True)
            )
    graph: Graph = builder.finish([read(a) for a in outputs])[0]
    return Example(graph, tuple(arrays), one.seed)


def _needed(
    nodes: list[Node] | tuple[Node, ...], outputs: list[Atom] | tuple[Atom, ...]
) -> set[Atom]:
    needed: set[Atom] = {a for a in outputs if isinstance(a, Var)}
    for node in reversed(nodes):
        if any(var in needed for var in node.outputs):
            needed.update(node.operands)
    return needed
