"""simplify leaves out what it can. That the meaning stays is a law; that less remains is here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from catenary.core.graph import Builder, Graph, Literal
from catenary.core.types import FLOAT64, ArrayType
from catenary.ops.additive import convert, neg, sub
from catenary.ops.arrange import permute, reshape, reverse
from catenary.ops.bits import bit_not
from catenary.ops.compare import gt, select
from catenary.ops.extremum import maximum
from catenary.ops.order import cumsum
from catenary.ops.product import contract, scale
from catenary.ops.replicate import broadcast, sum_over
from catenary.ops.transcendental import sin
from catenary.ops.window import overwrite
from catenary.transform.simplify import simplify

SQUARE, CUBE = ArrayType((3, 3), FLOAT64), ArrayType((2, 3, 3), FLOAT64)
ALL = {"start": (0, 0), "step": (1, 1)}
Body = Callable[[Any, Any], Any]


def number(value: float, type: ArrayType = SQUARE) -> Literal:
    return Literal(value, type)


def simplified(body: Body) -> Graph:
    """A function of two matrices as a graph, simplified."""
    builder = Builder()
    outputs = body(builder.input(SQUARE), builder.input(SQUARE))
    return simplify(builder.close(outputs if isinstance(outputs, list) else [outputs]))


def names(graph: Graph) -> list[str]:
    return [node.primitive.name for node in graph.nodes]


IDENTITIES: dict[str, Body] = {
    "x · 1": lambda x, y: x * 1,
    "1 · x": lambda x, y: 1 * x,
    "x − 0": lambda x, y: x - 0,
    "x / 1": lambda x, y: x / 1,
    "scale(1, x)": lambda x, y: scale(number(1), x),
    "−(−x)": lambda x, y: neg(neg(x)),
    "turned twice": lambda x, y: reverse(reverse(x, axes=(0,)), axes=(0,)),
    "reshaped to itself": lambda x, y: reshape(x, shape=(3, 3)),
    "axes as they are": lambda x, y: permute(x, order=(0, 1)),
    "a sum over nothing": lambda x, y: sum_over(x, axes=()),
    "broadcast to itself": lambda x, y: broadcast(x, shape=(3, 3), dims=(0, 1)),
    "converted to itself": lambda x, y: convert(x, dtype=FLOAT64),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_disappears(name: str) -> None:
    graph = simplified(IDENTITIES[name])
    assert graph.nodes == ()
    assert graph.outputs == graph.inputs[:1]


Emit = Callable[..., Any]

ZEROS: dict[str, Callable[[Emit, Any], Any]] = {
    "scale by 0": lambda emit, x: emit(scale, x, number(0)),
    "scale of 0": lambda emit, x: emit(scale, number(0), x),
    "a sum of zeros": lambda emit, x: emit(sum_over, number(0, CUBE), axes=(0,)),
    "a running sum of zeros": lambda emit, x: emit(cumsum, number(0), axis=0, reverse=False),
    "a choice of zeros": lambda emit, x: emit(select, gt(x, -x), number(0), number(0)),
    "zeros rearranged": lambda emit, x: emit(permute, number(0), order=(1, 0)),
    "zeros joined": lambda emit, x: emit(overwrite, number(0), number(0), **ALL),
    "arithmetic": lambda emit, x: emit(sin, emit(sub, number(2), number(2))),
}


@pytest.mark.parametrize("name", ZEROS)
def test_what_is_zero_is_known_to_be(name: str) -> None:
    builder = Builder()

    def emit(primitive: Any, *operands: Any, **params: Any) -> Any:
        return builder.emit(primitive, operands, params)

    graph = builder.close([ZEROS[name](emit, builder.input(SQUARE))])
    (value,) = simplify(graph).outputs
    assert isinstance(value, Literal)
    assert value.value == 0
    assert value.type == SQUARE


# What looks like an identity and is none: for NaN, infinity, or the sign of a zero.
IMPOSTORS: dict[str, Body] = {
    "x + 0 (−0 + 0 is 0)": lambda x, y: x + 0,
    "x − (−0)": lambda x, y: x - number(-0.0),
    "0 − x": lambda x, y: 0 - x,
    "x · 0 (NaN)": lambda x, y: x * 0,
    "x − x (NaN)": lambda x, y: x - x,
    "x / x": lambda x, y: x / x,
    "max(x, −∞) (NaN is NaN)": lambda x, y: maximum(x, number(-np.inf)),
}


@pytest.mark.parametrize("name", IMPOSTORS)
def test_an_impostor_stays(name: str) -> None:
    assert len(simplified(IMPOSTORS[name]).nodes) == 1


def test_equal_expressions_are_computed_once() -> None:
    graph = simplified(lambda x, y: sin(x + y) * sin(y + x))
    assert names(graph) == ["add", "sin", "mul"]


def test_unequal_expressions_are_both_computed() -> None:
    assert names(simplified(lambda x, y: [x - y, y - x])) == ["sub", "sub"]
    sums = simplified(lambda x, y: [sum_over(x, axes=(0,)), sum_over(x, axes=(1,))])
    assert names(sums) == ["sum", "sum"]
    both = simplified(
        lambda x, y: [contract(x, y, spec="ij,jk->ik"), contract(y, x, spec="ij,jk->ik")]
    )
    assert names(both) == ["contract", "contract"]


def test_what_becomes_dead_goes() -> None:
    graph = simplified(lambda x, y: scale(sin(y), number(0)) + x)
    assert names(graph) == ["add"]


def test_numbers_are_folded_once_and_for_all() -> None:
    graph = simplified(lambda x, y: x * (number(2) * number(3) - number(1)))
    assert names(graph) == ["mul"]
    literal = graph.nodes[0].operands[1]
    assert isinstance(literal, Literal)
    assert literal.value == 5


def test_involutions_of_integers() -> None:
    builder = Builder()
    x = builder.input(ArrayType((3,), np.dtype(np.int64)))
    assert simplify(builder.close([bit_not(bit_not(x))])).nodes == ()


def test_lines_of_the_user_stay_with_the_operations() -> None:
    builder = Builder()
    x = builder.input(SQUARE)
    builder.where = ("here.py", 3)
    graph = simplify(builder.close([sin(x) * 1]))
    assert graph.nodes[0].where == ("here.py", 3)
