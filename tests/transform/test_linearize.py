"""linearize and transpose: what is computed once, what is dropped, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from catenary.core.errors import DerivativeError
from catenary.core.graph import Builder, Graph, Literal, check
from catenary.core.types import FLOAT64, INT64, ArrayType
from catenary.ops.arrange import reshape
from catenary.ops.compare import gt, select
from catenary.ops.control import Rule, custom
from catenary.ops.index import gather
from catenary.ops.product import contract, scale
from catenary.ops.replicate import sum_over
from catenary.ops.transcendental import exp, sin
from catenary.ops.window import window
from catenary.transform.linearize import linearize
from catenary.transform.modes import forward, reverse
from catenary.transform.transpose import transpose
from tests.laws.graphs import run

VECTOR = ArrayType((3,), FLOAT64)


def graph(body: Callable[..., Any], *types: ArrayType) -> Graph:
    builder = Builder()
    outputs = body(*[builder.input(type) for type in types])
    return builder.close(outputs if isinstance(outputs, list) else [outputs])


def names(graph: Graph) -> list[str]:
    return [node.primitive.name for node in graph.nodes]


def test_the_value_is_computed_once_and_the_map_reads_it() -> None:
    parts = linearize(graph(lambda x: exp(sin(x)), VECTOR), [0])
    assert names(parts.value) == ["sin", "cos", "exp"]
    assert names(parts.linear) == ["scale", "scale"]
    assert parts.residuals == 2


def test_what_does_not_move_costs_nothing() -> None:
    parts = linearize(graph(lambda x, y: sin(x) * exp(y), VECTOR, VECTOR), [0])
    assert names(parts.linear) == ["scale", "scale"]
    still = linearize(graph(lambda x, y: exp(y), VECTOR, VECTOR), [0])
    assert names(still.linear) == []
    assert still.residuals == 0


def test_a_linear_function_needs_nothing_of_the_value() -> None:
    parts = linearize(graph(lambda x: reshape(x + x, shape=(3, 1)), VECTOR), [0])
    assert parts.residuals == 0
    assert names(parts.linear) == ["add", "reshape"]


def test_comparisons_and_integers_carry_no_tangent() -> None:
    indices = ArrayType((2,), INT64)
    parts = linearize(graph(lambda x, i: gather(x, i), VECTOR, indices), [0])
    assert names(parts.linear) == ["gather"]
    choice = graph(lambda x, y: select(gt(x, y), x, y), VECTOR, VECTOR)
    assert names(linearize(choice, [0]).linear) == ["select"]


def test_a_rule_that_says_zero_ends_there() -> None:
    """The tangent 0 of the inner function meets a sum and a product that are not elementwise."""
    body = graph(lambda x: x * 1, VECTOR)
    zero = Rule(lambda: graph(lambda x, x_dot: Literal(0, VECTOR), VECTOR, VECTOR))

    def f(x: Any) -> Any:
        (held,) = custom(x, graph=body, rule=zero, held=0)
        return contract(sum_over(held, axes=(0,)), x, spec=",i->i")

    derivative = forward(graph(f, VECTOR), [0])
    check(derivative)
    x, v = np.arange(3.0), np.ones(3)
    np.testing.assert_array_equal(run(derivative, [x, v])[1], 3 * v)
    np.testing.assert_array_equal(run(reverse(graph(f, VECTOR), [0]), [x, v])[1], 3 * v)


def test_a_cotangent_that_is_zero_goes_no_further() -> None:
    """Nothing of the slice is left, so nothing comes back through the product before it."""

    def f(x: Any) -> Any:
        doubled = contract(Literal(2, VECTOR), x, spec="i,i->i")
        return window(doubled, start=(1,), stop=(1,), step=(1,))

    backward = reverse(graph(f, VECTOR), [0])
    check(backward)
    x_bar = run(backward, [np.arange(3.0), np.zeros(0)])[1]
    np.testing.assert_array_equal(x_bar, np.zeros(3))


def test_only_linear_graphs_have_a_transpose() -> None:
    for body in (sin, lambda x: x * x, lambda x: x * sin(x)):
        with pytest.raises(DerivativeError, match="is not linear"):
            transpose(graph(body, VECTOR), [0])


def test_a_transpose_holds_what_the_map_holds() -> None:
    linear = graph(lambda a, v: scale(exp(a), v), VECTOR, VECTOR)
    backward = transpose(linear, [1])
    assert names(backward) == ["exp", "scale"]
    a, u = np.arange(3.0), np.ones(3)
    np.testing.assert_array_equal(run(backward, [a, u])[0], np.exp(a))


def test_cotangents_of_a_value_used_twice_are_added() -> None:
    backward = transpose(graph(lambda v: [v + v, -v], VECTOR), [0])
    u, w = np.array([1.0, 2.0, 3.0]), np.ones(3)
    np.testing.assert_array_equal(run(backward, [u, w])[0], 2 * u - w)


def test_an_unused_input_has_cotangent_zero() -> None:
    backward = transpose(graph(lambda v, w: v, VECTOR, VECTOR), [0, 1])
    np.testing.assert_array_equal(run(backward, [np.ones(3)])[1], np.zeros(3))


def test_a_deep_graph_needs_no_deep_stack() -> None:
    def f(x: Any) -> Any:
        for _ in range(10_000):
            x = sin(x)
        return x

    deep = graph(f, ArrayType((), FLOAT64))
    assert len(forward(deep, [0]).nodes) == 30_000
    assert len(reverse(deep, [0]).nodes) == 30_000
