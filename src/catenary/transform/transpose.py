"""transpose : linear Graph → linear Graph. Forward mode becomes reverse mode.

Values flow backwards along the edges of the graph; where one was used twice, what comes back is
added. Only operations that are linear in what moves have a transpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catenary.core import errors
from catenary.core.derivative import Differential, Flow, Linear, Multilinear, Nested
from catenary.core.graph import Atom, Builder, Graph, Node, Var
from catenary.core.operators import slots
from catenary.transform.linearize import as_variable, is_zero


def transpose(graph: Graph, linear: Sequence[int]) -> Graph:
    """The transpose with respect to the inputs at these positions, in which the graph is linear.

    held inputs + cotangents of the outputs → cotangents of the linear inputs.
    """
    builder = Builder()
    values: dict[Atom, Any] = {
        v: builder.input(v.type) for i, v in enumerate(graph.inputs) if i not in linear
    }
    moving = {graph.inputs[i] for i in linear}
    backwards = []
    for node in graph.nodes:
        if any(a in moving for a in node.operands):
            moving.update(node.outputs)
            backwards.append(node)
        else:
            builder.where = node.where
            results = builder.emit(
                node.primitive, [values.get(a, a) for a in node.operands], dict(node.params)
            )
            values.update(
                zip(node.outputs, results if node.primitive.multiple else (results,), strict=True)
            )

    cotangents: dict[Var, Any] = {}

    def receive(atom: Atom, cotangent: Any) -> None:
        if cotangent is None or is_zero(cotangent) or atom not in moving:
            return
        known = cotangents.get(atom)
        cotangent = as_variable(builder, cotangent)
        cotangents[atom] = cotangent if known is None else slots.add(known, cotangent)

    for output in graph.outputs:
        receive(output, builder.input(output.type))
    for node in reversed(backwards):
        arriving = [cotangents.pop(v, None) for v in node.outputs]
        if any(y_bar is not None for y_bar in arriving):
            builder.where = node.where
            operands = [values.get(a, a) for a in node.operands]
            pulled = pull(builder, node, operands, arriving, moving)
            for atom, x_bar in zip(node.operands, pulled, strict=True):
                receive(atom, x_bar)
    answers = [cotangents.get(graph.inputs[i], slots.full(0, graph.inputs[i].type)) for i in linear]
    result, captured = builder.finish(answers)
    if captured:
        raise errors.bad_graph(graph, "a transpose looked at a value that it is linear in")
    return result


def pull(
    builder: Builder,
    node: Node,
    operands: Sequence[Any],
    arriving: Sequence[Any],
    moving: set[Var],
) -> Sequence[Any]:
    """The cotangents of a node's operands, from those of its outputs."""
    kind, params = node.primitive.derivative, node.params
    movers = [i for i, a in enumerate(node.operands) if a in moving]
    if isinstance(kind, Linear):
        return kind.transpose(arriving[0], *operands, **params)
    if isinstance(kind, Multilinear) and len(movers) == 1:
        i = movers[0]
        x_bar = kind.transposes[i](arriving[0], *operands, **params)
        return [x_bar if i == j else None for j in range(len(operands))]
    if isinstance(kind, Differential) and kind.transpose and set(movers) <= set(kind.linear):
        return kind.transpose(arriving[0], *operands, **params)
    if isinstance(kind, Flow):
        marks = [a in moving for a in node.operands]
        try:
            return kind.transpose(builder, arriving, operands, marks, **params)  # type: ignore[no-any-return]
        except errors.CatenaryError as error:
            raise errors.located(error, node.where) from None
    if isinstance(kind, Nested) and all(params["linear"][i] for i in movers):
        return _pull_nested(node, operands, arriving, movers)
    raise errors.not_linear(node.primitive.name, node.where)


def _pull_nested(
    node: Node, operands: Sequence[Any], arriving: Sequence[Any], movers: Sequence[int]
) -> Sequence[Any]:
    params = node.params
    body = transpose(params["graph"], movers)
    held = [x for i, x in enumerate(operands) if i not in movers]
    given = [
        slots.full(0, var.type) if y_bar is None else y_bar
        for var, y_bar in zip(node.outputs, arriving, strict=True)
    ]
    marks = (False,) * len(held) + (True,) * len(given)
    pulled = node.primitive(*held, *given, **{**params, "graph": body, "linear": marks})
    result: list[Any] = [None] * len(operands)
    for i, x_bar in zip(movers, pulled, strict=True):
        result[i] = x_bar
    return result


slots.transpose_graph = transpose
