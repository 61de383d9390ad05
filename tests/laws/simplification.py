"""Laws of simplify and of the algebra that it reads: the same meaning, whatever is left out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from catenary.core.errors import CatenaryError
from catenary.core.graph import Builder, Graph
from catenary.core.primitive import Primitive
from catenary.core.types import type_of
from catenary.transform.modes import forward, reverse
from catenary.transform.simplify import simplify
from tests.laws.closeness import near, results
from tests.laws.graphs import checked, operation, run
from tests.laws.law import Case, law
from tests.laws.local_map import vectors

# Where the sign of a zero is not kept, and why.
SIGNLESS = {
    "scale": "a factor that is 0 makes the product 0, of either sign",
    "sum": "NumPy adds +0 to every sum, also over no axes, where simplify adds nothing",
}


def identical(got: Any, expected: Any) -> None:
    """The same numbers: NaN with NaN, and zeros of the same sign."""
    near(got, expected)
    got, expected = np.asarray(got), np.asarray(expected)
    if got.dtype.kind == "f":
        zeros = (got == 0) & (np.signbit(got) != np.signbit(expected))
        assert not zeros.any(), f"{zeros.sum()} zero(s) of another sign"


def _numbers(dtype: Any) -> tuple[Any, ...]:
    """What literals are filled with: neutral and absorbing elements, and their impostors."""
    if dtype.kind == "f":
        return (0.0, -0.0, 1.0, -1.0, 2.0, np.inf, np.nan)
    return (False, True) if dtype.kind == "b" else (0, 1, 2)


def _is_position(primitive: Primitive, case: Case, i: int) -> bool:
    """Whether operand i says where, so that of all numbers only 0 is surely within bounds."""
    return not primitive.elementwise and case.operands[i].dtype.kind != "f"


def _filled(primitive: Primitive, case: Case) -> Iterator[dict[int, Any]]:
    """Ways to replace operands by numbers that fill them: none, each, all of them."""
    yield {}
    choices = [
        (0,) if _is_position(primitive, case, i) else _numbers(x.dtype)
        for i, x in enumerate(case.operands)
    ]
    for i, numbers in enumerate(choices):
        for number in numbers:
            yield {i: number}
    if len(choices) > 1:
        for combination in itertools.product(*choices):
            yield dict(enumerate(combination))


@law("simplify")
def simplified(primitive: Primitive, case: Case) -> None:
    """simplify(g) computes what g does, bit for bit, whatever numbers its operands hold."""
    for literals in _filled(primitive, case):
        graph = operation(primitive, case, literals)
        given = [x for i, x in enumerate(case.operands) if i not in literals]
        smaller = checked(simplify(graph))
        assert len(smaller.nodes) <= len(graph.nodes), "simplify made the graph larger"
        compare = near if primitive.name in SIGNLESS else identical
        _equal(smaller, graph, given, f"with {literals}", compare)


def _equal(
    smaller: Graph, graph: Graph, given: list[Any], where: str, compare: Any = identical
) -> None:
    assert smaller.output_types == graph.output_types, f"{where}: types changed"
    for got, expected in zip(run(smaller, given), run(graph, given), strict=True):
        try:
            compare(got, expected)
        except AssertionError as error:
            raise AssertionError(f"{where}: {error}\n{smaller}") from error


@law("fewer outputs", applies=lambda primitive, case: primitive.multiple)
def fewer_outputs(primitive: Primitive, case: Case) -> None:
    """Of several outputs those that are read are what they were, whatever goes with the others."""
    graph = operation(primitive, case)
    for size in range(1, len(graph.outputs)):
        for chosen in itertools.combinations(graph.outputs, size):
            some = Graph(graph.inputs, graph.nodes, chosen)
            smaller = checked(simplify(some))
            assert simplify(smaller) == smaller, "simplify finds more the second time"
            _equal(smaller, some, list(case.operands), f"{size} outputs")


def _applies_twice(primitive: Primitive, case: Case) -> bool:
    """Whether the result, or the first one, of one operand can be the operand again."""
    if len(case.operands) != 1:
        return False
    try:
        once = results(primitive, case.operands, case.params)[:1]
        primitive.output_types([type_of(x) for x in once], case.params)
        results(primitive, once, case.params)
    except CatenaryError:
        return False
    return True


@law("applied twice", applies=_applies_twice)
def applied_twice(primitive: Primitive, case: Case) -> None:
    """f(f(x)) survives simplify: only what is its own inverse disappears."""
    builder = Builder()
    x = builder.input(case.types[0])
    once = builder.emit(primitive, [x], dict(case.params))
    once = once[0] if primitive.multiple else once
    twice = builder.emit(primitive, [once], dict(case.params))
    graph = builder.finish(twice if primitive.multiple else [twice])[0]
    _equal(checked(simplify(graph)), graph, list(case.operands), "twice")


@law("exchanged", "interior", applies=lambda p, case: p.elementwise and len(case.operands) == 2)
def exchanged(primitive: Primitive, case: Case) -> None:
    """f(x, y) and f(y, x) become one only where they are equal."""
    builder = Builder()
    x, y = (builder.input(type) for type in case.types)
    both = [builder.emit(primitive, pair, dict(case.params)) for pair in ((x, y), (y, x))]
    graph = builder.finish(both)[0]
    _equal(checked(simplify(graph)), graph, list(case.operands), "exchanged")


@law("same graph", "interior")
def same_graph(primitive: Primitive, case: Case) -> None:
    """Equal graphs have equal keys and texts, made anew or changed in nothing by simplify twice."""
    graphs = [operation(primitive, case), operation(primitive, case)]
    wrt = case.floats
    for make in (lambda g: g, lambda g: forward(g, wrt), lambda g: reverse(g, wrt), simplify):
        first, second = (make(graph) for graph in graphs)
        assert first == second, f"keys differ:\n{first}\n{second}"
        assert hash(first) == hash(second)
        assert str(first) == str(second)
    smaller = simplify(graphs[0])
    assert simplify(smaller) == smaller, "simplify finds more the second time"


@law("simplify keeps derivatives", "interior", applies=lambda p, case: bool(case.floats))
def simplified_derivatives(primitive: Primitive, case: Case) -> None:
    """Derivatives of the simplified graph are those of the graph."""
    graph = operation(primitive, case)
    v = vectors([case.types[i] for i in case.floats], case.rng())
    expected = run(forward(graph, case.floats), [*case.operands, *v])
    got = run(forward(simplify(graph), case.floats), [*case.operands, *v])
    for a, b in zip(got, expected, strict=True):
        identical(a, b)
