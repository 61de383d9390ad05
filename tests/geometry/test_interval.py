"""Interval arithmetic encloses: every operation that is linear in something, at its samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catenary.core.derivative import Linear, Multilinear
from catenary.core.graph import Builder
from catenary.core.primitive import Primitive
from catenary.core.types import FLOAT64, ArrayType
from catenary.geometry.interval import point, run
from catenary.ops.additive import sub
from catenary.ops.transcendental import exp
from tests import registry
from tests.laws.graphs import operation
from tests.laws.law import Case, cases

OPERATIONS = {
    name: primitive
    for name, primitive in registry.primitives().items()
    if isinstance(primitive.derivative, Linear | Multilinear)
}


def linear_operands(primitive: Primitive, case: Case) -> list[int]:
    """The operands of which any one, and for linear operations all, may be intervals."""
    kind = primitive.derivative
    chosen = kind.operands if isinstance(kind, Linear) else None
    return [i for i in case.floats if chosen is None or i in chosen]


def real(primitive: Primitive, case: Case) -> bool:
    """Whether what comes out are real numbers, in double precision."""
    outputs = primitive.output_types(case.types, case.params)
    return case.dtype == FLOAT64 and all(type.dtype == FLOAT64 for type in outputs)


def corners(operands: list[Any], rng: np.random.Generator, moved: Any) -> list[Any]:
    """Operands somewhere between their ends, most often at one of them."""
    share = rng.choice([0.0, 0.3, 1.0])
    return [
        low + np.where(rng.random(np.shape(low)) < 0.5, share, 1.0) * (high - low)
        if i in moved
        else low
        for i, (low, high) in enumerate(operands)
    ]


@pytest.mark.parametrize("name", OPERATIONS)
def test_results_lie_within(name: str) -> None:
    primitive = OPERATIONS[name]
    for case in cases(primitive):
        places = linear_operands(primitive, case)
        if case.place == "edge" or not places or not real(primitive, case):
            continue
        rng = case.rng()
        graph = operation(primitive, case)
        ends = [
            (x - rng.random(np.shape(x)), x + rng.random(np.shape(x))) if i in places else point(x)
            for i, x in enumerate(case.operands)
        ]
        (low, high), *_ = run(graph, ends)
        slack = 1e-12 * (1 + np.abs(high).max(initial=0))
        for _ in range(10):
            value = primitive.evaluate(*corners(ends, rng, places), **case.params)
            assert np.all(value >= low - slack)
            assert np.all(value <= high + slack)


def test_a_difference_of_equals_is_wide() -> None:
    builder = Builder()
    x = builder.input(ArrayType((), FLOAT64))
    ends = run(builder.close([sub(x, x)]), [(np.array(1.0), np.array(3.0))])
    assert ends == [(-2.0, 2.0)]


def test_what_is_not_linear_is_refused() -> None:
    builder = Builder()
    x = builder.input(ArrayType((), FLOAT64))
    graph = builder.close([exp(x)])
    with pytest.raises(AssertionError, match="exp is not made of sums"):
        run(graph, [(np.array(1.0), np.array(3.0))])
    assert run(graph, [point(0.0)])[0][0] == 1
