"""Operations as graphs, graphs run with every result held against its declared type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from catenary.core.graph import Atom, Builder, Graph, Literal, check
from catenary.core.primitive import Primitive
from catenary.core.types import ArrayType
from tests.laws.law import Case


def operation(primitive: Primitive, case: Case, literals: Mapping[int, Any] | None = None) -> Graph:
    """The graph of one operation; operands named in ``literals`` are filled with a number."""
    filled = literals or {}
    builder = Builder()
    operands = [
        Literal(filled[i], type) if i in filled else builder.input(type)
        for i, type in enumerate(case.types)
    ]
    outputs = builder.emit(primitive, operands, dict(case.params))
    return checked(builder.finish(outputs if primitive.multiple else [outputs])[0])


def checked(graph: Graph) -> Graph:
    """The graph, which keeps the rules of graphs."""
    check(graph)
    return graph


def run(graph: Graph, arrays: Sequence[Any]) -> list[Any]:
    """Each node's ``evaluate``; a result that is not of the declared type is an error."""
    values: dict[Atom, Any] = dict(zip(graph.inputs, arrays, strict=True))

    def read(atom: Atom) -> Any:
        return atom.array if isinstance(atom, Literal) else values[atom]

    with np.errstate(all="ignore"):
        for node in graph.nodes:
            result = node.primitive.evaluate(*map(read, node.operands), **node.params)
            outputs = result if node.primitive.multiple else (result,)
            for var, value in zip(node.outputs, outputs, strict=True):
                array = np.asarray(value)
                got = ArrayType(array.shape, array.dtype)
                assert got == var.type, f"{node.primitive.name} gave {got}, declared {var.type}"
                values[var] = array
    return [read(atom) for atom in graph.outputs]


def dtypes(graph: Graph) -> set[Any]:
    """The floating-point dtypes of everything in a graph."""
    atoms: list[Atom] = [*graph.inputs, *graph.outputs]
    for node in graph.nodes:
        atoms += [*node.operands, *node.outputs]
    return {atom.type.dtype for atom in atoms if atom.type.is_float}
