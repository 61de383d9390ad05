"""linearize : Graph → (Graph, linear Graph): the value, and the derivative as a linear map.

The rules are read from the *kinds* of derivative that operations declare; no operation is named.
What the linear graph needs of the value's computation (its residuals) it captures, by being the
inner of two builders; so the value is computed once, and the map can be applied many times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catenary.core import errors
from catenary.core.derivative import (
    Diagonal,
    Differential,
    Flow,
    Linear,
    Multilinear,
    Nested,
    Undefined,
    Zero,
)
from catenary.core.graph import Atom, Builder, Graph, Literal, Node, Var, inline
from catenary.core.operators import slots
from catenary.core.primitive import Primitive

Tangent = Any  # a value of the linear graph, or None for zero


@dataclass(frozen=True)
class Linearized:
    """``value``: inputs → outputs + residuals; ``linear``: residuals + tangents → tangents."""

    value: Graph
    linear: Graph
    outputs: int
    residuals: int


def linearize(graph: Graph, wrt: Sequence[int]) -> Linearized:
    """The derivative of a graph with respect to some of its inputs, at any point."""
    value, linear = Builder(), Builder()
    primals: dict[Atom, Any] = {v: value.input(v.type) for v in graph.inputs}
    tangents: dict[Atom, Tangent] = {
        graph.inputs[i]: linear.input(graph.inputs[i].type) for i in wrt
    }
    for node in graph.nodes:
        value.where = linear.where = node.where
        operands = [primals.get(a, a) for a in node.operands]
        moving = [tangents.get(a) for a in node.operands]
        outputs, pushed = _follow(value, node, operands, moving)
        primals.update(zip(node.outputs, outputs, strict=True))
        if pushed is not None:
            for var, tangent in zip(node.outputs, pushed, strict=True):
                if not (tangent is None or is_zero(tangent)) and var.type.is_float:
                    tangents[var] = as_variable(linear, tangent)
    answers = [tangents[a] if a in tangents else slots.full(0, a.type) for a in graph.outputs]
    linear_graph, residuals = linear.finish(answers)
    # dead tangent code may have captured more than the live part needs: keep what is used
    value_graph, _ = value.finish([primals.get(a, a) for a in graph.outputs] + residuals)
    return Linearized(value_graph, linear_graph, len(graph.outputs), len(residuals))


def _follow(
    value: Builder, node: Node, operands: Sequence[Any], tangents: Sequence[Tangent]
) -> tuple[Sequence[Any], Sequence[Tangent] | None]:
    """Record one operation; its outputs, and their tangents if any operand moves."""
    primitive, params = node.primitive, dict(node.params)
    moves = any(v is not None for v in tangents)
    if moves and isinstance(primitive.derivative, Flow):
        return primitive.derivative.linearize(value, operands, tangents, **params)
    results = value.emit(primitive, operands, params)
    outputs = results if primitive.multiple else (results,)
    return outputs, push(primitive, operands, tangents, outputs, params) if moves else None


def is_zero(value: Any) -> bool:
    """Whether a tangent or cotangent is known to vanish; then it need not travel on."""
    return isinstance(value, Literal) and value.value == 0


def as_variable(builder: Builder, value: Any) -> Any:
    """A tangent or cotangent that rules may look at through operations: never a literal."""
    return slots.variable(builder, value) if isinstance(value, Literal) else value


def push(
    primitive: Primitive,
    operands: Sequence[Any],
    tangents: Sequence[Tangent],
    outputs: Sequence[Var],
    params: dict[str, Any],
) -> Sequence[Tangent]:
    """The tangents of an operation's outputs, from those of its operands."""
    kind = primitive.derivative
    if isinstance(kind, Zero):
        return [None] * len(outputs)
    if isinstance(kind, Linear):
        return [_push_linear(primitive, kind, operands, tangents, params)]
    if isinstance(kind, Multilinear):
        operation = kind.tangent or primitive
        terms = []
        for i, tangent in enumerate(tangents):
            if tangent is not None:
                replaced = [tangent if i == j else x for j, x in enumerate(operands)]
                terms.append(operation(*replaced, **params))
        return [_total(terms)]
    if isinstance(kind, Diagonal):
        return [
            _total(
                slots.scale(partial(*operands, outputs[0], **params), tangent)
                for partial, tangent in zip(kind.partials, tangents, strict=True)
                if tangent is not None
            )
        ]
    if isinstance(kind, Differential):
        result = kind.rule(operands, tangents, tuple(outputs), **params)
        return tuple(result) if primitive.multiple else [result]
    if isinstance(kind, Nested):
        return _push_nested(primitive, operands, tangents, params)
    assert isinstance(kind, Undefined)
    raise errors.no_derivative(primitive.name, kind.reason)


def _total(terms: Any) -> Tangent:
    total = None
    for term in terms:
        total = term if total is None else slots.add(total, term)
    return total


def _push_linear(
    primitive: Primitive,
    kind: Linear,
    operands: Sequence[Any],
    tangents: Sequence[Tangent],
    params: dict[str, Any],
) -> Tangent:
    """The operation itself, on the tangents."""
    linear = range(len(operands)) if kind.operands is None else kind.operands
    missing = [i for i in linear if tangents[i] is None]
    if missing and primitive.elementwise:
        # diagonal maps are their own transposes: only the terms that move
        return _total(
            kind.transpose(tangents[i], *operands, **params)[i]
            for i in linear
            if tangents[i] is not None
        )
    filled = [
        x if i not in linear else slots.full(0, x.type) if tangents[i] is None else tangents[i]
        for i, x in enumerate(operands)
    ]
    return primitive(*filled, **params)


def tangent_graph(graph: Graph, wrt: Sequence[int]) -> tuple[Graph, list[int]]:
    """inputs + tangents of some of them → the tangents of the floating-point outputs."""
    parts = linearize(graph, wrt)
    floats = [i for i, type in enumerate(graph.output_types) if type.is_float]
    builder = Builder()
    inputs = [builder.input(v.type) for v in graph.inputs]
    tangents = [builder.input(graph.inputs[i].type) for i in wrt]
    residuals = inline(builder, parts.value, inputs)[parts.outputs :]
    answers = inline(builder, parts.linear, [*residuals, *tangents])
    return builder.close([answers[i] for i in floats]), floats


def _push_nested(
    primitive: Primitive,
    operands: Sequence[Any],
    tangents: Sequence[Tangent],
    params: dict[str, Any],
) -> Sequence[Tangent]:
    graph = params["graph"]
    wrt = [i for i, tangent in enumerate(tangents) if tangent is not None]
    body, floats = tangent_graph(graph, wrt)
    marks = (False,) * len(operands) + (True,) * len(wrt)
    given = [tangents[i] for i in wrt]
    pushed = primitive(*operands, *given, **{**params, "graph": body, "linear": marks})
    result: list[Tangent] = [None] * len(graph.outputs)
    for i, tangent in zip(floats, pushed, strict=True):
        result[i] = tangent
    return result


slots.linearize_graph = linearize
