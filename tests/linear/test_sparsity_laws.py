"""Patterns of every operation: they contain all that is other than zero, at every point."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catenary.core.derivative import Undefined
from catenary.core.graph import Graph
from catenary.core.primitive import Primitive
from catenary.core.structure import (
    Blocks,
    Composition,
    Dense,
    Diagonal,
    Identity,
    Kronecker,
    Map,
    Ones,
    RunningSum,
    Scalar,
    Selection,
    Sum,
    Zero,
)
from catenary.linear.sparsity.compressed import Derivative, derivative_of
from catenary.linear.sparsity.pattern import of_matrix
from catenary.linear.sparsity.through import pattern_of, through
from tests import registry
from tests.laws.graphs import operation
from tests.laws.law import Case, cases
from tests.laws.local_map import LocalMap

FLOAT64 = np.dtype(np.float64)


def tried(primitive: Primitive) -> list[Case]:
    return [
        case
        for case in cases(primitive)
        if case.place == "interior" and case.dtype == FLOAT64 and case.floats
    ]


def with_derivative() -> list[Primitive]:
    return [
        primitive
        for primitive in registry.primitives().values()
        if not isinstance(primitive.derivative, Undefined)
        and any(t.is_float for case in tried(primitive)[:1] for t in _graph(primitive, case)[1])
    ]


def _graph(primitive: Primitive, case: Case) -> tuple[Graph, Any]:
    """The operation as a graph whose last inputs are its real numbers."""
    graph = operation(primitive, case)
    order = [*(i for i in range(len(graph.inputs)) if i not in case.floats), *case.floats]
    moved = Graph([graph.inputs[i] for i in order], graph.nodes, graph.outputs)
    return moved, graph.output_types


def _points(case: Case) -> list[list[Any]]:
    order = [*(i for i in range(len(case.operands)) if i not in case.floats), *case.floats]
    return [[like[i] for i in order] for like in case.likes]


@pytest.mark.parametrize("primitive", with_derivative(), ids=lambda p: p.name)
def test_a_pattern_contains_what_is_not_zero(primitive: Primitive) -> None:
    for case in tried(primitive):
        graph, _ = _graph(primitive, case)
        derivative = derivative_of(graph, len(case.floats))
        everywhere = derivative.pattern({})
        for point in _points(case):
            _contains(derivative, everywhere, point)


def _contains(derivative: Derivative, everywhere: Any, point: list[Any]) -> None:
    matrix = LocalMap(derivative.graph, point, derivative.wrt).columns()
    held = len(point) - derivative.count
    found = of_matrix(matrix)
    here = derivative.pattern(dict(enumerate(point)))
    of_held = derivative.pattern(dict(enumerate(point[:held])))
    assert here.contains(found), f"{here.matrix()} misses entries of {matrix}"
    assert of_held.contains(here)
    assert everywhere.contains(of_held)


MAPS: list[Map] = [
    Identity(3),
    Zero((2, 3)),
    Scalar(2.0, 3),
    Scalar(0.0, 3),
    Diagonal(np.array([1.0, 0.0, 3.0])),
    Selection(np.array([2, -1, 0, 2]), 3),
    Ones(Selection(np.array([1, 1, -1]), 2)),
    RunningSum(3),
    RunningSum(3, reverse=True),
    Dense(np.array([[0.0, 1, 2], [3, 0, 0]])),
    Blocks(np.arange(3.0).reshape(3, 1, 1)),
    Kronecker(Identity(1), Dense(np.eye(3))),
    Kronecker(Dense(np.array([[0.0], [1.0]])), Dense(np.array([[1.0, 0.0, 2.0]]))),
    Composition((Dense(np.array([[1.0, 0, 0]])), Diagonal(np.array([1.0, 0.0, 3.0])))),
    Sum((Identity(3), Diagonal(np.array([0.0, 1.0, 0.0])))),
]


@pytest.mark.parametrize("map", MAPS, ids=lambda m: type(m).__name__)
def test_the_pattern_of_a_map_is_where_its_matrix_is_not_zero(map: Map) -> None:
    assert np.array_equal(pattern_of(map).matrix(), map.matrix() != 0)
    behind = np.array([[1.0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]])
    product = np.abs(map.matrix()) @ behind
    assert np.array_equal(through(map, of_matrix(behind)).matrix(), product != 0)
