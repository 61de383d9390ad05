"""batch : Graph → Graph. One example becomes many, along a new leading axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catenary.core import errors
from catenary.core.graph import Atom, Builder, Graph, Literal
from catenary.core.operators import slots
from catenary.core.primitive import NotYet


def batch(
    graph: Graph, size: int, batched: Sequence[bool], spread: Sequence[bool] | None = None
) -> Graph:
    """The graph on ``size`` examples at once.

    Inputs marked ``batched`` have a new leading axis; every output gets one, or those marked
    ``spread`` do: the others must be the same for all examples.
    """
    builder = Builder()
    values: dict[Atom, Any] = {}
    has_axis: set[Atom] = set()
    for var, flag in zip(graph.inputs, batched, strict=True):
        type = var.type.with_shape((size, *var.type.shape)) if flag else var.type
        values[var] = builder.input(type)
        if flag:
            has_axis.add(var)
    for node in graph.nodes:
        builder.where = node.where
        operands = [values.get(a, a) for a in node.operands]
        flags = [a in has_axis for a in node.operands]
        params = dict(node.params)
        if any(flags):
            rule = node.primitive.batch
            if isinstance(rule, NotYet):
                raise errors.not_batched(node.primitive.name, rule.reason, node.where)
            if not node.primitive.elementwise:
                operands = [
                    slots.variable(builder, a) if isinstance(a, Literal) else a for a in operands
                ]
            results = rule(size, operands, flags, **params)
            has_axis.update(node.outputs)
        else:
            results = builder.emit(node.primitive, operands, params)
        values.update(
            zip(node.outputs, results if node.primitive.multiple else (results,), strict=True)
        )
    wanted = spread or (True,) * len(graph.outputs)
    outputs = [
        slots.spread(values.get(a, a), size) if want and a not in has_axis else values.get(a, a)
        for a, want in zip(graph.outputs, wanted, strict=True)
    ]
    return builder.close(outputs)


slots.batch_graph = batch
