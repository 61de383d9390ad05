"""What holds for single operations holds for what is made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catenary.backend.reference import compile_graph
from catenary.core.graph import Graph
from catenary.transform.batch import batch
from catenary.transform.modes import forward, reverse
from catenary.transform.simplify import simplify
from tests.laws.closeness import near
from tests.laws.graphs import checked, dtypes, run
from tests.laws.local_map import LocalMap, flat, vectors
from tests.laws.native import on_any_number_of_threads
from tests.laws.numpy_target import run_lowered
from tests.laws.random_graphs import random_graph

SEEDS = range(150)


def _floats(graph: Graph) -> list[int]:
    return [i for i, type in enumerate(graph.input_types) if type.is_float]


@pytest.mark.parametrize("seed", SEEDS)
def test_simplify_keeps_every_result(seed: int) -> None:
    """Numbers folded one by one may differ from NumPy's vector loops in the last place."""
    graph, arrays = random_graph(seed)
    smaller = checked(simplify(checked(graph)))
    assert len(smaller.nodes) <= len(graph.nodes)
    for got, expected in zip(run(smaller, arrays), run(graph, arrays), strict=True):
        near(got, expected, ulp=1000)
    assert simplify(smaller) == smaller


@pytest.mark.parametrize("seed", SEEDS)
def test_equal_drawings_are_equal_graphs(seed: int) -> None:
    graph, again, other = (random_graph(s)[0] for s in (seed, seed, seed + 1))
    assert graph == again
    assert str(graph) == str(again)
    assert graph != other


def reference(graph: Graph, arrays: list[Any]) -> list[Any]:
    return compile_graph(graph)(arrays)


def _tolerance(graph: Graph) -> float:
    """What rounding may become on its way through some operations."""
    return 1e-2 if np.dtype(np.float32) in dtypes(graph) else 1e-8


@pytest.mark.parametrize("seed", SEEDS)
def test_backends_and_verbs_compute_what_evaluate_does(seed: int) -> None:
    graph, arrays = random_graph(seed)
    expected = run(graph, arrays)
    tolerance = _tolerance(graph)
    for computed in (reference, run_lowered, on_any_number_of_threads):
        for got, value in zip(computed(graph, arrays), expected, strict=True):
            assert got.dtype == value.dtype
            np.testing.assert_allclose(got, value, rtol=tolerance, atol=tolerance)


def _derivative(graph: Graph, arrays: list[Any]) -> LocalMap:
    return LocalMap(graph, arrays, _floats(graph))


def _pushed_and_pulled(seed: int) -> tuple[Graph, Any, Any, Any, Any]:
    """A random graph without infinite slopes, and two vectors carried along it both ways."""
    for attempt in range(20):
        graph, arrays = random_graph(seed + 1000 * attempt)
        rng = np.random.default_rng(seed)
        a = _derivative(graph, arrays)
        v, w = vectors(a.input_types, rng), vectors(a.output_types, rng)
        pushed, pulled = flat(a.push(v)), flat(a.pull(w))
        if np.isfinite(pushed).all() and np.isfinite(pulled).all():
            return graph, v, w, pushed, pulled
    raise AssertionError("twenty random graphs in a row have an infinite slope")


@pytest.mark.parametrize("seed", SEEDS)
def test_reverse_mode_is_the_transpose_of_forward_mode(seed: int) -> None:
    graph, v, w, pushed, pulled = _pushed_and_pulled(seed)
    left, right = pushed @ flat(w), flat(v) @ pulled
    size = np.abs(pushed) @ np.abs(flat(w)) + np.abs(flat(v)) @ np.abs(pulled)
    assert abs(left - right) <= _tolerance(graph) * (1 + size)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_batch_of_gradients_is_a_loop_of_gradients(seed: int) -> None:
    graph, arrays = random_graph(seed)
    floats = _floats(graph)
    backward = checked(reverse(graph, floats))
    ahead = checked(forward(graph, floats))
    for program in (backward, ahead):
        given = arrays + [np.ones(t.shape, t.dtype) for t in program.input_types[len(arrays) :]]
        lanes = [
            [x * (1 + 0.01 * k) if x.dtype == np.float64 else x for x in given] for k in range(3)
        ]
        flags = [x.dtype == np.float64 for x in given]
        stacked = [
            np.stack([lane[i] for lane in lanes]) if has else given[i]
            for i, has in enumerate(flags)
        ]
        together = run(checked(batch(program, 3, flags)), stacked)
        separate = [run(program, lane) for lane in lanes]
        for got, values in zip(together, zip(*separate, strict=True), strict=True):
            tolerance = _tolerance(graph)
            np.testing.assert_allclose(got, np.stack(values), rtol=tolerance, atol=tolerance)
