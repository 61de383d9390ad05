"""Graphs of derivatives as texts to be read: a layer's gradient, and its Hessian-vector product.

A change in a text is a change in what is computed. Write them anew with

    python -m tests.test_golden_graphs
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.graph import Graph
from catenary.transform.simplify import simplify
from tests import source

GOLDEN = source.ROOT / "tests" / "golden"

W, B, X = np.ones((2, 3)), np.ones(2), np.ones(3)


def layer(parameters: Any, x: Any) -> Any:
    W, b = parameters
    return np.tanh(W @ x + b)


def total(parameters: Any, x: Any) -> Any:
    return np.sum(layer(parameters, x))


def value() -> Graph:
    """W, b, x → tanh(Wx + b)."""
    return cat.trace(layer, (W, B), X)


def pullback() -> Graph:
    """W, b, x, u → the transposed derivative of the layer by W and b, applied to u."""
    return cat.trace(lambda p, x, u: cat.vjp(lambda p: layer(p, x), p)[1](u), (W, B), X, B)


def gradient() -> Graph:
    """W, b, x → the gradient of Σ tanh(Wx + b) by W and b."""
    return cat.trace(cat.grad(total), (W, B), X)


def hessian_vector_product() -> Graph:
    """W, b, x, V, c → the Hessian of Σ tanh(Wx + b), applied to (V, c)."""
    return cat.trace(lambda p, x, v: cat.hvp(lambda p: total(p, x), p, v), (W, B), X, (W, B))


GRAPHS: dict[str, Callable[[], Graph]] = {
    "layer": value,
    "layer_pullback": pullback,
    "layer_gradient": gradient,
    "layer_hessian_vector_product": hessian_vector_product,
}


def text(name: str) -> str:
    return f"{GRAPHS[name].__doc__}\n\n{simplify(GRAPHS[name]())}\n"


@pytest.mark.parametrize("name", GRAPHS)
def test_the_graph_is_as_agreed(name: str) -> None:
    assert text(name) == (GOLDEN / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", GRAPHS)
def test_the_graph_is_short_enough_to_be_read(name: str) -> None:
    graph = simplify(GRAPHS[name]())
    assert len(graph.nodes) <= 12
    assert all(len(line) < 100 for line in str(graph).splitlines())


@pytest.mark.parametrize("name", GRAPHS)
def test_transforms_leave_nothing_to_simplify(name: str) -> None:
    """What the public functions record is already as small as it gets."""
    graph = GRAPHS[name]()
    assert len(simplify(graph).nodes) == len(graph.nodes)


if __name__ == "__main__":
    for name in GRAPHS:
        (GOLDEN / f"{name}.txt").write_text(text(name), "utf-8")
