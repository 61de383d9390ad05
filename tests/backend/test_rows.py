"""Threads with rows of their own: products whose result is a single column or row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.backend import reference
from catenary.backend.llvm import native
from catenary.function.jit import Jitted
from catenary.transform.simplify import simplify


def network(x: Any, first: Any, last: Any, y: Any) -> Any:
    hidden = np.tanh(x @ first)
    return hidden @ last, np.mean((hidden @ last - y) ** 2)


def gradient(x: Any, first: Any, last: Any, y: Any) -> Any:
    def cost(weights: Any) -> Any:
        return network(x, *weights, y)[1]

    return cat.grad(cost)((first, last))


@pytest.mark.parametrize("f", [network, gradient])
@pytest.mark.parametrize(("rows", "outputs"), [(256, 1), (250, 1), (256, 2), (97, 1), (256, 17)])
def test_few_outputs_of_many_rows(f: Any, rows: int, outputs: int) -> None:
    draw = np.random.default_rng(0).normal
    values = [draw(size=s) for s in ((rows, 99), (99, 128), (128, outputs), (rows, outputs))]
    arguments, recording = Jitted(f, ()).recorded(values, {})
    given = [np.asarray(value) for value in (*recording.captured, *arguments.values)]
    graph = simplify(recording.graph())
    expected = reference.compile_graph(graph)(given)
    for threads in (1, 2, 3):
        found = native.compile_graph(graph, threads)(given)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
