"""Orders of the chain rule: the optimum for chains, never more than the better mode."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from catenary.core.graph import Graph
from catenary.linear.jacobian import jacobian_plan
from catenary.linear.plan.accumulate import accumulation
from catenary.linear.plan.net import Net, net_of
from catenary.linear.plan.order import eliminated, in_two, simple_orders
from catenary.linear.plan.plan import Plan, plan
from catenary.linear.plan.program import linear_parts
from catenary.linear.plan.term import cost
from catenary.tracing.trace import trace
from catenary.transform.linearize import Linearized
from catenary.transform.simplify import simplify
from tests.linear.scalar_nets import random_scalar_function

# ---- chains: against every bracket --------------------------------------------------------------


def parts_and_plan(f: Callable[..., Any], *x: Any) -> tuple[Linearized, Plan]:
    graph = trace(f, *x)
    parts = linear_parts(graph, range(len(graph.inputs) - len(x), len(graph.inputs)))
    return parts, plan(parts.linear, parts.residuals)


def planned(f: Callable[..., Any], *x: Any) -> tuple[Net, Plan]:
    parts, found = parts_and_plan(f, *x)
    return net_of(parts.linear, parts.residuals), found


Factor = tuple[str, int, int]  # "diagonal" or "dense", rows, columns


def least_multiplications(factors: tuple[Factor, ...]) -> int:
    """Over all brackets of a product written from left to right, by trying each of them."""

    @functools.cache
    def best(i: int, j: int) -> int:
        if j - i == 1:
            return 0
        return min(
            best(i, k) + best(k, j) + _multiplied(factors[i:k], factors[k:j])
            for k in range(i + 1, j)
        )

    return best(0, len(factors))


def _multiplied(left: tuple[Factor, ...], right: tuple[Factor, ...]) -> int:
    m, inner, n = left[0][1], right[0][1], right[-1][2]
    diagonal = [all(kind == "diagonal" for kind, _, _ in part) for part in (left, right)]
    if all(diagonal):
        return inner
    return m * n if any(diagonal) else m * inner * n


def chain(sizes: tuple[int, ...], links: tuple[bool, ...]) -> tuple[Any, tuple[Factor, ...]]:
    """Matrices of these sizes, some of them followed by tanh; the factors of its Jacobian."""
    rng = np.random.default_rng(sum(sizes))
    matrices = [rng.normal(size=(m, n)) for n, m in itertools.pairwise(sizes)]
    factors: list[Factor] = []
    for matrix, link in zip(matrices, links, strict=True):
        factors.append(("dense", *matrix.shape))
        if link:
            factors.append(("diagonal", matrix.shape[0], matrix.shape[0]))

    def f(x: Any) -> Any:
        for matrix, link in zip(matrices, links, strict=True):
            x = np.tanh(matrix @ x) if link else matrix @ x
        return x

    return f, tuple(reversed(factors))


@pytest.mark.parametrize("seed", range(40))
def test_the_brackets_of_a_chain_are_the_best_there_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 6))
    sizes = tuple(int(n) for n in rng.integers(2, 12, count + 1))
    links = tuple(bool(b) for b in rng.integers(0, 2, count))
    f, factors = chain(sizes, links)
    found = jacobian_plan(f)(np.ones(sizes[0]))
    assert found.multiplications == least_multiplications(factors)


def test_the_textbook_chain() -> None:
    """Cormen et al., Introduction to Algorithms: 30×35, 35×15, 15×5, 5×10, 10×20, 20×25."""
    f, factors = chain((25, 20, 10, 5, 15, 35, 30), (False,) * 6)
    found = jacobian_plan(f)(np.ones(25))
    assert found.multiplications == least_multiplications(factors) == 15_125
    assert found.order == "brackets"


def test_a_bottleneck_takes_a_fiftieth() -> None:
    f, _ = chain((1000, 500, 10, 500, 1000), (True,) * 4)
    found = jacobian_plan(f)(np.ones(1000))
    assert found.multiplications == 20_025_000
    assert found.forward == found.reverse == 1000 * 1_012_010
    assert 8e6 < found.bytes < 8.2e6  # the result, and 10 columns or rows beside it


def multiplied(graph: Graph) -> int:
    """The multiplications that a graph of products and slopes really makes."""
    count = 0
    for node in graph.nodes:
        if node.primitive.name == "scale":
            count += node.outputs[0].type.size
        if node.primitive.name == "contract":
            inputs = node.params["spec"].split("->")[0].split(",")
            shapes = [a.type.shape for a in node.operands]
            sizes = {c: n for s, shape in zip(inputs, shapes, strict=True)
                     for c, n in zip(s, shape, strict=True)}  # fmt: skip
            count += math.prod(sizes.values())
    return count


@pytest.mark.parametrize("seed", range(25))
def test_what_is_counted_is_what_is_multiplied(seed: int) -> None:
    """The operations of the accumulation, beyond those of the value."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 6))
    sizes = tuple(int(n) for n in rng.integers(2, 12, count + 1))
    f, _ = chain(sizes, (True,) * count)
    parts, found = parts_and_plan(f, np.ones(sizes[0]))
    graph, _ = accumulation(parts, found.order, found.found, ())
    assert multiplied(graph) - multiplied(value_alone(parts)) == found.multiplications


def value_alone(parts: Linearized) -> Graph:
    """The graph of the residuals, whatever else it gives: no more than the slopes need."""
    return simplify(Graph(parts.value.inputs, parts.value.nodes, parts.value.outputs[1:]))


# ---- general graphs -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_no_plan_multiplies_more_than_the_better_mode(seed: int) -> None:
    f, x = random_scalar_function(seed)
    _, found = planned(f, x)
    assert found.multiplications <= min(found.forward, found.reverse)


@pytest.mark.parametrize("seed", range(25))
def test_the_plan_is_near_the_best_of_all_orders(seed: int) -> None:
    """Few values lie on the way, so that all orders, or many of them, can be tried."""
    f, x = random_scalar_function(seed, inputs=2, inner=5, outputs=2)
    net, found = planned(f, x)
    core, late = in_two(net)
    rng = np.random.default_rng(seed)
    orders = (
        list(itertools.permutations(core))
        if len(core) <= 5
        else [tuple(core[i] for i in rng.permutation(len(core))) for _ in range(120)]
    )
    best = min(cost(eliminated(net, [*order, *late]).values())[0] for order in orders)
    assert found.multiplications <= 1.2 * best + 1


def test_one_result_is_had_by_reverse_mode_and_one_number_by_forward_mode() -> None:
    w = np.ones((4, 6))
    gradient = jacobian_plan(lambda x: np.sum(np.tanh(w @ x)))(np.ones(6))
    assert gradient.order == "reverse"
    assert gradient.multiplications == gradient.reverse < gradient.forward
    curve = jacobian_plan(lambda t: np.tanh(w @ (t * np.ones(6))))(1.0)
    assert curve.order == "forward"
    assert curve.multiplications == curve.forward < curve.reverse


def test_elementwise_functions_stay_diagonals() -> None:
    found = jacobian_plan(lambda x: np.sin(np.exp(np.tanh(x))))(np.ones(1000))
    assert found.multiplications == 2 * 1000
    assert found.forward == 3 * 1000 * 1000


def test_moving_numbers_multiplies_nothing() -> None:
    found = jacobian_plan(lambda x: np.cumsum(x.reshape(2, 3).T, axis=0)[::-1] - x.sum())(
        np.ones(6)
    )
    assert found.multiplications == found.forward == found.reverse == 0


def test_weights_of_a_layer_reach_one_unit_each() -> None:
    """∂ tanh(Wx)ᵢ/∂Wⱼₖ is 0 unless i = j: m·n products in place of m·mn."""
    x = np.ones(7)
    found = jacobian_plan(lambda w: np.tanh(w @ x))(np.ones((5, 7)))
    assert found.multiplications == 5 * 7
    assert found.reverse == 5 * (5 + 5 * 7)


def test_markowitz_finds_what_neither_mode_does() -> None:
    """Two inputs become one number, and that number many and back: the middle goes first."""

    def f(x: Any) -> Any:
        s = np.sin(x[0] * x[1])
        t = np.sin(np.cos(np.exp(s)))
        return np.stack([t * x[0], t * x[1], t + s])

    net, found = planned(f, np.array([0.5, 2.0]))
    costs = {name: cost(make().values())[0] for name, make in simple_orders(net)}
    assert costs["Markowitz"] < min(costs["forward"], costs["reverse"])
    assert found.multiplications < min(found.forward, found.reverse) / 1.5


# ---- what is printed ----------------------------------------------------------------------------


def test_the_print_out() -> None:
    f, _ = chain((50, 2, 50), (True, False))
    text = repr(jacobian_plan(f)(np.ones(50)))
    assert text.splitlines()[0] == "Jacobian of 50×50 numbers, in the order 'forward'"
    assert "J = f3·(f2·f1)" in text
    assert "f1: 2×50 contract" in text
    assert "forward mode" in text
    assert "times as many" in text


def test_a_long_plan_is_cut_short() -> None:
    def f(x: Any) -> Any:
        y = x
        for _ in range(30):
            y = np.sin(y * x[0] + np.cos(y))
        return y

    text = repr(jacobian_plan(f)(np.ones(3)))
    assert "products more" in text
    assert len(text.splitlines()) < 40
