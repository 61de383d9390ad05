"""batch: what differs between examples gets the new axis, everything else stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from catenary.core.derivative import Undefined
from catenary.core.errors import DerivativeError, TraceError
from catenary.core.graph import Builder, Graph, check
from catenary.core.primitive import NotYet
from catenary.core.types import FLOAT64, ArrayType
from catenary.ops.control import call
from catenary.ops.product import contract
from catenary.ops.transcendental import exp, sin
from catenary.transform.batch import batch
from catenary.transform.linearize import linearize
from tests.laws.graphs import run

VECTOR = ArrayType((3,), FLOAT64)


def graph(body: Callable[..., Any], *types: ArrayType) -> Graph:
    builder = Builder()
    outputs = body(*[builder.input(type) for type in types])
    return builder.close(outputs if isinstance(outputs, list) else [outputs])


def test_what_all_examples_share_is_computed_once() -> None:
    many = batch(graph(lambda x, y: sin(x) * exp(y), VECTOR, VECTOR), 5, [True, False])
    types = {node.primitive.name: node.outputs[0].type for node in many.nodes}
    assert types["sin"].shape == (5, 3)
    assert types["exp"].shape == (3,)


def test_every_output_has_the_axis() -> None:
    many = batch(graph(lambda x, y: [x, exp(y)], VECTOR, VECTOR), 5, [True, False])
    check(many)
    x, y = np.ones((5, 3)), np.arange(3.0)
    np.testing.assert_array_equal(run(many, [x, y])[1], np.tile(np.exp(y), (5, 1)))


def test_a_product_with_a_shared_matrix_stays_one_product() -> None:
    matrix = ArrayType((2, 3), FLOAT64)
    body = graph(lambda A, x: contract(A, x, spec="ij,j->i"), matrix, VECTOR)
    (node,) = batch(body, 5, [False, True]).nodes
    assert node.outputs[0].type.shape == (5, 2)


def test_no_examples_at_all() -> None:
    many = batch(graph(sin, VECTOR), 0, [True])
    assert run(many, [np.zeros((0, 3))])[0].shape == (0, 3)


def test_batches_of_batches_of_graphs_in_graphs() -> None:
    inner = graph(lambda x, y: x * y, VECTOR, VECTOR)
    outer = graph(lambda x, y: list(call(x, y, graph=inner, linear=(False,) * 2)), VECTOR, VECTOR)
    twice = batch(batch(outer, 4, [True, False]), 2, [False, True])
    check(twice)
    x, y = np.arange(12.0).reshape(4, 3), np.array([[1.0, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(run(twice, [x, y])[0], x * y[:, None, :])


# ---- what is not there says so ------------------------------------------------------------------


def test_an_operation_without_a_rule_is_named() -> None:
    lonely = replace(sin, batch=NotYet("nobody asked for many"))
    with pytest.raises(TraceError, match="sin cannot be batched yet: nobody asked for many"):
        batch(graph(lonely, VECTOR), 5, [True])


def test_an_operation_without_a_derivative_is_named() -> None:
    jagged = replace(sin, derivative=Undefined("it has none anywhere"))
    with pytest.raises(DerivativeError, match="sin has no derivative: it has none anywhere"):
        linearize(graph(jagged, VECTOR), [0])
