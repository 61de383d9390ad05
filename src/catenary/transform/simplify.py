"""simplify : Graph → Graph. The same meaning with less work.

What is done: dead code goes, inside loops and branches too; equal expressions are computed once;
operations on filled arrays are folded; zeros, ones, involutions and idle operations disappear.
Every identity is exact, for NaN and infinity too; they are read from the ``algebra`` of the
declarations.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from catenary.core.derivative import Linear
from catenary.core.graph import Atom, Builder, Graph, Literal, Node, Var
from catenary.core.operators import slots
from catenary.core.primitive import Primitive


def simplify(graph: Graph) -> Graph:
    """An equal graph, smaller."""
    graph = narrowed(graph)
    builder = Builder()
    values: dict[Atom, Any] = {v: builder.input(v.type) for v in graph.inputs}
    known: dict[Hashable, Sequence[Any]] = {}
    made_by: dict[Var, Node] = {}
    for node in graph.nodes:
        operands = [values.get(a, a) for a in node.operands]
        shorter = None if node.primitive.multiple else rewrite(node, operands, made_by)
        if shorter is not None:
            values[node.outputs[0]] = shorter
            continue
        key = _key(node.primitive, operands, dict(node.params))
        results = known.get(key)
        if results is None:
            builder.where = node.where
            result = builder.emit(node.primitive, operands, dict(node.params))
            results = result if node.primitive.multiple else (result,)
            known[key] = results
            for var in results:
                made_by[var] = builder.nodes[-1]
        values.update(zip(node.outputs, results, strict=True))
    return builder.close([values.get(a, a) for a in graph.outputs])


def narrowed(graph: Graph) -> Graph:
    """The graph without outputs of operations that nobody reads, and what only these need."""
    needed = {a for a in graph.outputs if isinstance(a, Var)}
    nodes = []
    for node in reversed(graph.nodes):
        used = [var in needed for var in node.outputs]
        if any(used):
            narrow = node.primitive.algebra.narrow
            if narrow is not None and not all(used):
                operands, outputs, params = narrow(used, **node.params)
                node = replace(
                    node,
                    operands=tuple([node.operands[i] for i in operands]),
                    outputs=tuple([node.outputs[k] for k in outputs]),
                    params=params,
                )
            needed.update(a for a in node.operands if isinstance(a, Var))
            nodes.append(node)
    return Graph(graph.inputs, nodes[::-1], graph.outputs)


def _key(primitive: Primitive, operands: Sequence[Atom], params: dict[str, Any]) -> Hashable:
    names: list[Hashable] = [a.key() if isinstance(a, Literal) else id(a) for a in operands]
    if primitive.algebra.commutative:
        names.sort(key=repr)
    return primitive.name, tuple(names), tuple(sorted(params.items()))


def rewrite(node: Node, operands: Sequence[Any], made_by: dict[Var, Node]) -> Any:
    """A shorter expression of the same value, or None."""
    primitive, algebra, type = node.primitive, node.primitive.algebra, node.outputs[0].type
    first = operands[0] if operands else None
    literals = [a.value if isinstance(a, Literal) else None for a in operands]
    if algebra.idle and algebra.idle(*[a.type for a in operands], **node.params):
        return first
    if operands and all(v is not None for v in literals):
        if primitive.elementwise:
            return _folded(primitive, literals, node, type)
        if algebra.fills:
            return slots.full(literals[0], type)
    if _maps_zeros(primitive, literals):
        return slots.full(0, type)
    if any(_is(value, algebra.absorbing) for value in literals):
        return slots.full(algebra.absorbing, type)
    for i, neutral in enumerate(algebra.neutral):
        if _is(literals[i], neutral):
            return operands[1 - i]
    if algebra.involution and isinstance(first, Var) and first in made_by:
        inner = made_by[first]
        if inner.primitive is primitive and inner.params == node.params:
            return inner.operands[0]
    return None


def _folded(primitive: Primitive, literals: Sequence[Any], node: Node, type: Any) -> Any:
    with np.errstate(all="ignore"):
        value = primitive.evaluate(*map(np.asarray, literals), **node.params)
    return slots.full(np.asarray(value)[()], type)


def _maps_zeros(primitive: Primitive, literals: Sequence[Any]) -> bool:
    """Whether the operation is linear in operands that are all zero."""
    kind = primitive.derivative
    if not isinstance(kind, Linear):
        return False
    linear = range(len(literals)) if kind.operands is None else kind.operands
    return all(_is(literals[i], 0.0) for i in linear)


def _is(value: Any, number: float | None) -> bool:
    """Whether a literal is this very number: −0 is not 0, as x − (−0) is not always x."""
    if value is None or number is None or value != number:
        return False
    return math.copysign(1.0, value) == math.copysign(1.0, number)


slots.simplify_graph = simplify
