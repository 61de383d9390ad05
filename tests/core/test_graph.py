"""Graphs: the rules that they keep, when two are equal, and what builders capture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from catenary.core.errors import GraphError
from catenary.core.graph import Builder, Graph, Literal, Node, check, subgraphs
from catenary.core.primitive import REGISTRY, declare
from catenary.core.types import BOOL, FLOAT32, FLOAT64, ArrayType
from catenary.ops.additive import add, neg
from catenary.ops.control import call
from catenary.ops.replicate import sum_over
from catenary.ops.transcendental import sin

VECTOR = ArrayType((3,), FLOAT64)


def unary(*primitives: Any, type: ArrayType = VECTOR) -> Graph:
    """One operation after the other."""
    builder = Builder()
    x = builder.input(type)
    for primitive in primitives:
        x = primitive(x)
    return builder.close([x])


# ---- rules -------------------------------------------------------------------------------------


def broken(graph: Graph, node: Node) -> Graph:
    """The graph with its first node replaced."""
    return Graph(graph.inputs, [node, *graph.nodes[1:]], graph.outputs)


def test_a_graph_that_keeps_the_rules_passes() -> None:
    check(unary(sin, neg))


def test_reading_before_defining_is_refused() -> None:
    graph = unary(sin, neg)
    with pytest.raises(GraphError, match="neg reads an undefined variable"):
        check(Graph(graph.inputs, graph.nodes[::-1], graph.outputs))


def test_defining_twice_is_refused() -> None:
    graph = unary(sin)
    with pytest.raises(GraphError, match="defined twice"):
        check(Graph(graph.inputs, [*graph.nodes, *graph.nodes], graph.outputs))
    with pytest.raises(GraphError, match="defined twice"):
        check(Graph([*graph.inputs, *graph.inputs], graph.nodes, graph.outputs))


def test_an_output_of_wrong_type_is_refused() -> None:
    graph = unary(sin)
    (output,) = graph.outputs
    output.type = VECTOR.with_dtype(FLOAT32)
    with pytest.raises(GraphError, match="sin has an output of wrong type"):
        check(graph)


def test_an_undefined_output_is_refused() -> None:
    graph, other = unary(sin), unary(sin)
    with pytest.raises(GraphError, match="an output is undefined"):
        check(Graph(graph.inputs, graph.nodes, other.outputs))


def test_graphs_inside_nodes_are_checked() -> None:
    inside = unary(sin, neg)
    wrong = Graph(inside.inputs, inside.nodes[::-1], inside.outputs)
    builder = Builder()
    outputs = call(builder.input(VECTOR), graph=wrong, linear=(False,))
    graph = builder.close(outputs)
    assert list(subgraphs(graph.nodes[0])) == [wrong]
    with pytest.raises(GraphError, match="undefined"):
        check(graph)


def test_a_closed_graph_takes_nothing_from_outside() -> None:
    builder = Builder()
    with pytest.raises(GraphError, match="captured 1 value"):
        builder.close([add(builder.input(VECTOR), np.ones(3))])


def test_a_name_is_declared_once() -> None:
    with pytest.raises(GraphError, match="'sin' is declared twice"):
        declare(replace(sin))
    assert REGISTRY["sin"] is sin


# ---- equality ----------------------------------------------------------------------------------


def plus(number: Any, type: ArrayType = VECTOR) -> Graph:
    builder = Builder()
    return builder.close([add(builder.input(type), Literal(number, type))])


def test_equal_graphs_do_the_same() -> None:
    assert unary(sin, neg) == unary(sin, neg)
    assert hash(unary(sin)) == hash(unary(sin))
    assert plus(np.nan) == plus(np.nan)
    assert len({unary(sin), unary(sin), unary(neg)}) == 2


@pytest.mark.parametrize(
    "other",
    [
        unary(neg),
        unary(sin, sin),
        unary(sin, type=ArrayType((4,), FLOAT64)),
        unary(sin, type=ArrayType((3,), FLOAT32)),
    ],
    ids=str,
)
def test_other_graphs_are_not_equal(other: Graph) -> None:
    assert unary(sin) != other


def test_numbers_and_parameters_count() -> None:
    assert plus(0.0) != plus(-0.0)
    assert plus(0.0) != plus(0.0, VECTOR.with_dtype(FLOAT32))

    def summed(axes: tuple[int, ...]) -> Graph:
        builder = Builder()
        return builder.close([sum_over(builder.input(ArrayType((3, 3), FLOAT64)), axes=axes)])

    assert summed((0,)) != summed((1,))


# ---- building ----------------------------------------------------------------------------------


def test_the_inner_builder_captures_what_comes_from_outside_once() -> None:
    outer = Builder()
    x = outer.input(VECTOR)
    inner = Builder()
    y = inner.input(VECTOR)
    graph, captured = inner.finish([add(x, y) + x])
    assert captured == [x]
    assert len(graph.inputs) == 2
    check(graph)


def test_an_operation_goes_to_the_innermost_builder() -> None:
    outer, inner = Builder(), Builder()
    x, y = outer.input(VECTOR), inner.input(VECTOR)
    assert sin(x).builder is outer
    assert add(x, y).builder is add(y, x).builder is inner


def test_dead_code_is_left_out() -> None:
    builder = Builder()
    x = builder.input(VECTOR)
    sin(sin(x))
    assert [node.primitive for node in builder.close([neg(x)]).nodes] == [neg]


def test_operators_speak_the_operations() -> None:
    builder = Builder()
    x = builder.input(VECTOR)
    names = [
        node.primitive.name
        for node in builder.close([2 - (-(x * 3 + 1) / x), 1 / x - x, 1 + x]).nodes
    ]
    assert names == ["mul", "add", "neg", "div", "sub", "div", "sub", "add"]


def test_a_literal_is_a_view_of_one_number() -> None:
    array = Literal(2.5, ArrayType((1000, 1000), FLOAT32)).array
    assert array.shape == (1000, 1000)
    assert array.strides == (0, 0)
    assert array.dtype == FLOAT32


def test_operations_on_numbers_are_numbers() -> None:
    one = Literal(1.0, VECTOR)
    result = add(one, one)
    assert isinstance(result, Literal)
    assert result.value == 2.0
    infinite = sin(Literal(np.inf, VECTOR))  # and no warning
    assert np.isnan(infinite.value)


# ---- text --------------------------------------------------------------------------------------


def test_the_text_of_a_graph() -> None:
    builder = Builder()
    x = builder.input(ArrayType((2, 3), FLOAT64))
    total = sum_over(x * 2, axes=(0,))
    text = """\
(a: float64[2,3]) →
  b: float64[2,3] = mul(a, 2.0)
  c: float64[3] = sum(b; axes=(0,))
→ (c, 1.5, True)"""
    outputs = [total, Literal(1.5, VECTOR), Literal(True, VECTOR.with_dtype(BOOL))]
    assert str(builder.close(outputs)) == text


def test_a_graph_in_a_graph_is_indented() -> None:
    builder = Builder()
    graph = builder.close(call(builder.input(VECTOR), graph=unary(sin), linear=(False,)))
    lines = str(graph).splitlines()
    assert lines[1].startswith("  b: float64[3] = call(a; graph={")
    assert lines[2:5] == ["    (a: float64[3]) →", "      b: float64[3] = sin(a)", "    → (b)"]


def test_names_go_on_after_z() -> None:
    lines = str(unary(*[sin] * 27)).splitlines()
    assert lines[25].strip().startswith("z: ")
    assert lines[26].strip().startswith("aa: ")
    assert lines[27].strip() == "ab: float64[3] = sin(aa)"
