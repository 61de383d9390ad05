"""Forward and reverse mode, composed from linearize and transpose: no rule of their own."""

from __future__ import annotations

from collections.abc import Sequence

from catenary.core.graph import Builder, Graph, inline
from catenary.core.operators import slots
from catenary.transform.linearize import linearize
from catenary.transform.simplify import simplify
from catenary.transform.transpose import transpose


def forward(graph: Graph, wrt: Sequence[int]) -> Graph:
    """inputs + tangents of some → outputs + their tangents."""
    parts = linearize(graph, wrt)
    builder = Builder()
    inputs = [builder.input(v.type) for v in graph.inputs]
    tangents = [builder.input(graph.inputs[i].type) for i in wrt]
    values = inline(builder, parts.value, inputs)
    outputs, residuals = values[: parts.outputs], values[parts.outputs :]
    answers = inline(builder, parts.linear, [*residuals, *tangents])
    return simplify(builder.close([*outputs, *answers]))


def reverse(graph: Graph, wrt: Sequence[int], seed: float | None = None) -> Graph:
    """inputs + cotangents of the outputs → outputs + cotangents of some inputs.

    With ``seed`` the first output is the one differentiated, its cotangent is that number, and
    the graph takes no cotangents: 1 gives the gradient.
    """
    parts = linearize(graph, wrt)
    linear = parts.linear
    if seed is not None:  # only the first output moves anything
        linear = Graph(linear.inputs, linear.nodes, linear.outputs[:1])
    backward = transpose(linear, range(parts.residuals, len(linear.inputs)))
    builder = Builder()
    inputs = [builder.input(v.type) for v in graph.inputs]
    if seed is None:
        cotangents = [builder.input(type) for type in graph.output_types]
    else:
        cotangents = [slots.full(seed, graph.output_types[0])]
    values = inline(builder, parts.value, inputs)
    outputs, residuals = values[: parts.outputs], values[parts.outputs :]
    answers = inline(builder, backward, [*residuals, *cotangents])
    return simplify(builder.close([*outputs, *answers]))


def pullback(graph: Graph, wrt: Sequence[int]) -> tuple[Graph, Graph]:
    """The value with its residuals, and the transposed map: residuals + cotangents → cotangents."""
    parts = linearize(graph, wrt)
    backward = transpose(parts.linear, range(parts.residuals, len(parts.linear.inputs)))
    return simplify(parts.value), simplify(backward)
