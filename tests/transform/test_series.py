"""Power series: the law that ties them to derivatives, closed forms, and composition."""

from __future__ import annotations

import numpy as np
import pytest

from catenary.core.derivative import Undefined
from catenary.core.graph import Builder, check
from catenary.core.types import FLOAT64, ArrayType
from catenary.ops.transcendental import cos, exp, sin
from catenary.transform.modes import forward
from catenary.transform.series import series
from tests import registry
from tests.laws.graphs import operation, run
from tests.laws.law import Case, cases, differentiable

ORDER = 3
OPERATIONS = registry.primitives()
SMOOTH = [
    name
    for name, primitive in OPERATIONS.items()
    if not isinstance(primitive.derivative, Undefined)
    and any(c.dtype == np.float64 and differentiable(primitive, c) for c in cases(primitive))
]


def interior(name: str) -> list[Case]:
    primitive = OPERATIONS[name]
    chosen = [c for c in cases(primitive) if c.place == "interior" and c.dtype == np.float64]
    return [c for c in chosen if differentiable(primitive, c)][:4]


@pytest.mark.parametrize("name", SMOOTH)
def test_the_derivative_of_a_coefficient_is_the_next(name: str) -> None:
    """D cₖ(x)·v = (k + 1) cₖ₊₁(x) for the coefficients of f(x + t·v)."""
    for case in interior(name):
        graph = operation(OPERATIONS[name], case)
        whole = series(graph, case.floats, ORDER)
        check(whole)
        rng = case.rng()
        v = [rng.standard_normal(np.shape(case.operands[i])) for i in case.floats]
        coefficients = run(whole, [*case.operands, *v])
        outputs = len(graph.outputs)
        shorter = forward(series(graph, case.floats, ORDER - 1), range(len(case.operands)))
        still = [np.zeros_like(x) for x in case.operands]
        for i, direction in zip(case.floats, v, strict=True):
            still[i] = direction
        pushed = run(shorter, [*case.operands, *v, *still])[ORDER * outputs :]
        for i, slope in enumerate(pushed):
            k = i // outputs + 1
            if slope.dtype.kind != "f":
                continue
            expected = k * coefficients[outputs + i]
            size = 1 + np.abs(expected).max(initial=0)
            np.testing.assert_allclose(slope, expected, rtol=0, atol=1e-12 * size)


def test_the_law_sees_every_kind_of_operation() -> None:
    assert {"exp", "mul", "contract", "sum", "sort", "prod", "scan", "custom", "call"} <= set(
        SMOOTH
    )


def test_an_equation_closes_upon_itself() -> None:
    builder = Builder()
    x = builder.input(ArrayType((), FLOAT64))
    graph = builder.close([sin(x), cos(x), exp(x)])
    counts = [sum(n.primitive is sin for n in series(graph, [0], k).nodes) for k in (2, 8)]
    assert counts == [1, 1]  # sin is evaluated once, at any order


def test_work_grows_with_the_square_of_the_order() -> None:
    builder = Builder()
    x = builder.input(ArrayType((), FLOAT64))
    graph = builder.close([exp(sin(exp(x)))])
    few, many = (len(series(graph, [0], order).nodes) for order in (8, 16))
    assert many < 5 * few


def test_a_chain_of_any_depth_needs_no_deeper_stack() -> None:
    builder = Builder()
    x = builder.input(ArrayType((), FLOAT64))
    y = x
    for _ in range(700):
        y = sin(y)
    coefficients = run(series(builder.close([y]), [0], 2), [np.array(0.5), np.array(1.0)])
    value, slope = 0.5, 1.0
    for _ in range(700):
        value, slope = np.sin(value), slope * np.cos(value)
    np.testing.assert_allclose(coefficients[:2], [value, slope], rtol=1e-12)


def test_what_does_not_move_has_no_higher_coefficients() -> None:
    builder = Builder()
    x, y = (builder.input(ArrayType((2,), FLOAT64)) for _ in range(2))
    graph = builder.close([exp(y), x + y])
    found = run(series(graph, [0], 2), [np.zeros(2), np.ones(2), np.ones(2)])
    np.testing.assert_array_equal(found[2], [0, 0])
    np.testing.assert_array_equal(found[3], [1, 1])
    np.testing.assert_array_equal(found[4:], np.zeros((2, 2)))
