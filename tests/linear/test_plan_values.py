"""Jacobians in planned order are those of both modes, for every shape that code takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import catenary as cat
from benchmarks.formulas import roe_flux
from catenary.core.errors import DerivativeError
from catenary.core.evaluate import evaluate_graph
from catenary.core.graph import check
from catenary.function.arguments import split
from catenary.function.modes import follow, wrt
from catenary.linear.jacobian import jacobian_plan
from catenary.linear.plan.accumulate import accumulation
from catenary.linear.plan.chain import brackets
from catenary.linear.plan.net import net_of
from catenary.linear.plan.order import simple_orders
from catenary.linear.plan.program import linear_parts, planned
from tests.laws.random_graphs import random_graph
from tests.linear.scalar_nets import random_scalar_function

RNG = np.random.default_rng(7)
W = [RNG.normal(size=shape) / 2 for shape in [(6, 5), (2, 6), (6, 2), (4, 6)]]
SQUARE = [RNG.normal(size=(5, 5)) / 2 for _ in range(3)]
WIDE = RNG.normal(size=(5, 40)) / 4
X = RNG.uniform(0.5, 1.5, 5)
GAS = np.array([1.0, 0.75, 2.8, 0.8, 0.3, 2.1])


def bottleneck(x: Any) -> Any:
    for matrix in W:
        x = np.tanh(matrix @ x)
    return x


def rows(x: Any) -> Any:
    """The same net for several examples: maps of matrices."""
    y = np.stack([x, x * x, np.sin(x)])
    for matrix in W:
        y = np.tanh(y @ matrix.T)
    return y


def residual(x: Any) -> Any:
    for matrix in SQUARE:
        x = x + np.tanh(matrix @ x)
    return W[2] @ (W[1] @ (W[0] @ x))


def softmax(x: Any) -> Any:
    e = np.exp(x - np.max(x))
    return e / np.sum(e)


def looped(x: Any) -> Any:
    def step(carry: Any, row: Any) -> Any:
        carry = np.tanh(SQUARE[0] @ carry) * row
        return carry, carry[:2]

    last, ys = cat.scan(step, x, np.ones(3) * x[0])
    return np.concatenate([last, ys.reshape(-1)])


def convolved(x: Any) -> Any:
    return np.stack([x[i : i + 3] @ np.array([1.0, -2.0, 1.0]) for i in range(3)]) * x[1:4]


FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "bottleneck": (bottleneck, (X,)),
    "rows": (rows, (X,)),
    "residual blocks": (residual, (X,)),
    "softmax": (softmax, (X,)),
    "elementwise": (lambda x: np.sin(np.exp(x)) * x, (X,)),
    "differences": (lambda x: x[1:] * 2 - x[:-1] ** 2, (X,)),
    "moves": (lambda x: np.cumsum(np.outer(x, x)[::-1].T, axis=1)[:2], (X,)),
    "order": (lambda x: np.sort(x) * np.max(x) + np.maximum(x, 1.0), (X,)),
    "gathered": (lambda x: x[np.array([3, 1, 1])] * x[np.argsort(x)][:3], (X,)),
    "a loop": (looped, (X,)),
    "a loop behind a matrix": (lambda x: looped(np.tanh(WIDE @ x)), (np.linspace(-1, 1, 40),)),
    "a matrix behind a loop": (lambda x: np.tanh(WIDE.T @ looped(x)[:5]), (X,)),
    "loops alone": (lambda x: looped(looped(x)[:5])[3:], (X,)),
    "a stencil": (convolved, (X,)),
    "a branch": (lambda x: cat.cond(x[0] > 0, lambda v: v * v, lambda v: v, x), (X,)),
    "weights": (lambda w, b, x: np.tanh(w @ x + b), (W[0], np.ones(6), X)),
    "batched weights": (lambda w: np.tanh(np.ones((3, 5)) @ w.T), (W[0],)),
    "stacked matrices": (lambda a: np.matmul(np.stack(SQUARE), np.sin(a)), (np.stack(SQUARE),)),
    "one number": (lambda x: np.sum(np.tanh(W[0] @ x)), (X,)),
    "of one number": (lambda t: bottleneck(t * X), (0.7,)),
    "Roe's flux": (lambda u: roe_flux(u, np), (GAS,)),
    "constant": (lambda x: np.ones(3) + 0 * np.floor(x[:3]), (X,)),
    "the input itself": (lambda x: x, (X,)),
    "twice the same": (lambda x: x + x, (X,)),
    "nothing": (lambda x: x[:0], (X,)),
    "a gradient": (cat.grad(lambda x: np.sum((x[1:] - x[:-1] ** 2) ** 2 + x[1:])), (X,)),
}


def close(a: Any, b: Any) -> None:
    assert a.shape == b.shape
    assert a.dtype == b.dtype
    np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_planned_jacobian_is_that_of_both_modes(name: str) -> None:
    f, x = FUNCTIONS[name]
    places = tuple(range(len(x)))
    best = cat.jacobian(f, places)(*x)
    for mode in ("forward", "reverse"):
        for memory in (2**28, 200):
            swept = cat.jacobian(f, places, mode=mode, memory=memory)(*x)
            for a, b in zip(best, swept, strict=True):
                close(a, b)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_order_gives_the_same_numbers(name: str) -> None:
    """Not the order chosen alone: each that is tried."""
    f, x = FUNCTIONS[name]
    arguments = split(x, "a test")
    recording = follow(lambda given: f(*given), arguments)
    operands = [*recording.captured, *arguments.values]
    parts = linear_parts(recording.graph(), wrt(recording, len(arguments.operands)))
    net = net_of(parts.linear, parts.residuals)
    orders = {order: make() for order, make in simple_orders(net)}
    orders["brackets"] = brackets(net) or {}
    expected = evaluate_graph(accumulation(parts, "reverse", None, ())[0], operands)
    for found in orders.values():
        if not found:
            continue
        graph, constants = accumulation(parts, "", found, ())
        check(graph)
        for a, b in zip(evaluate_graph(graph, [*constants, *operands]), expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("seed", range(40))
def test_scalar_code_with_shared_values(seed: int) -> None:
    f, x = random_scalar_function(seed)
    close(cat.jacobian(f)(x), cat.jacobian(f, mode="reverse")(x))


@pytest.mark.parametrize("seed", range(60))
def test_graphs_of_any_operations(seed: int) -> None:
    graph, arrays = random_graph(seed, 10)
    places = [i for i, type in enumerate(graph.input_types) if type.dtype == np.float64]
    if not places or not any(type.is_float for type in graph.output_types):
        return
    parts = linear_parts(graph, places)
    found = planned(parts)
    if found is None or found.found is None:
        return
    assert found.multiplications <= min(found.forward, found.reverse)
    with np.errstate(all="ignore"):
        swept = evaluate_graph(accumulation(parts, "forward", None, ())[0], arrays)
        accumulated, constants = accumulation(parts, found.order, found.found, ())
        answers = evaluate_graph(accumulated, [*constants, *arrays])
    for a, b in zip(answers, swept, strict=True):
        if np.isfinite(b).all():
            np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-8)


# ---- how it is called ---------------------------------------------------------------------------


def test_compiled_traced_and_nested() -> None:
    """Machine code, jit, a batch of points, and a Jacobian of a Jacobian."""
    jacobian = cat.jacobian(bottleneck)
    first = jacobian(X)
    for _ in range(4):  # what comes again is compiled
        np.testing.assert_allclose(jacobian(X), first, rtol=1e-12)
    np.testing.assert_allclose(cat.jit(jacobian)(X), first, rtol=1e-12)
    points = np.stack([X, X + 0.1])
    many = cat.vmap(jacobian)(points)
    np.testing.assert_allclose(many[1], jacobian(X + 0.1), rtol=1e-12)
    second = cat.jacobian(jacobian)(X)
    h = 1e-5
    numeric = (jacobian(X + h * np.eye(5)[0]) - jacobian(X - h * np.eye(5)[0])) / (2 * h)
    np.testing.assert_allclose(second[..., 0], numeric, atol=1e-8)


def test_new_points_are_not_planned_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    jacobian = cat.jacobian(lambda x: bottleneck(x) * 3.25)
    jacobian(X)
    monkeypatch.setattr("catenary.linear.jacobian.program", None)
    jacobian(X + 1)


def test_results_that_are_no_real_numbers_stay_values() -> None:
    def f(x: Any) -> Any:
        return {"y": np.sin(x), "largest": np.argmax(x), "name": "sine"}

    found = cat.jacobian(f)(X)
    np.testing.assert_allclose(found["y"], np.diag(np.cos(X)), rtol=1e-12)
    assert found["largest"] == np.argmax(X)
    assert found["name"] == "sine"


def test_a_small_memory_makes_batches_of_the_better_mode() -> None:
    for f in (bottleneck, lambda x: bottleneck(x)[:2]):
        close(cat.jacobian(f, memory=100)(X), cat.jacobian(f)(X))


def test_single_and_double_precision_may_meet() -> None:
    def f(x: Any) -> Any:
        return np.sin(x.astype(np.float32)).astype(np.float64) * x

    for mode in ("auto", "forward", "reverse"):
        found = cat.jacobian(f, mode=mode)(X)
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, np.diag(np.cos(X) * X + np.sin(X)), rtol=1e-6)
    with pytest.raises(DerivativeError, match=r"float32 and float64 meet(.|\n)*'float32'"):
        jacobian_plan(f)(X)


def test_a_jacobian_has_the_dtype_of_its_argument() -> None:
    x = X.astype(np.float32)
    for mode in ("auto", "forward", "reverse"):
        for memory in (2**28, 200):
            found = cat.jacobian(bottleneck, mode=mode, memory=memory)(x)
            assert found.dtype == np.float32
    weights = [w.astype(np.float32) for w in W]

    def f(x: Any) -> Any:
        return weights[1] @ np.tanh(weights[0] @ x)

    assert cat.jacobian(f)(X.astype(np.float32)).dtype == np.float32
