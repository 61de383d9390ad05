"""Small loops to try scan and while_loop on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from catenary.core.graph import Builder, Graph
from catenary.core.operators import slots
from catenary.core.primitive import Sample
from catenary.core.types import FLOAT64, INT64, ArrayType
from catenary.ops.additive import convert
from catenary.ops.compare import lt
from catenary.ops.transcendental import sin


def _scan_graph() -> Graph:
    """A constant w, a carry h, a row x: h → sin(w·h + x), y = h·x."""
    builder = Builder()
    w, h, x = (builder.input(ArrayType((2,), FLOAT64)) for _ in range(3))
    return builder.close([sin(w * h + x), h * x])


def _linear_graph() -> Graph:
    """The same operands: h → w·h + x, y = h − x, linear in h and x."""
    builder = Builder()
    w, h, x = (builder.input(ArrayType((2,), FLOAT64)) for _ in range(3))
    return builder.close([w * h + x, h - x])


def _counting_graph() -> Graph:
    """Carries k and a: k + 1, a·sin(k); y = a."""
    builder = Builder()
    k, a = builder.input(ArrayType((), INT64)), builder.input(ArrayType((), FLOAT64))
    return builder.close([k + 1, a * sin(convert(k, dtype=FLOAT64)), a])


def scans(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    nonlinear, linear = _scan_graph(), _linear_graph()
    table = [(nonlinear, 3, False), (nonlinear, 2, True), (nonlinear, 1, False),
             (nonlinear, 0, False), (linear, 3, False)]  # fmt: skip
    for graph, length, reverse in table:
        w, h = rng.uniform(-1, 1, 2), rng.uniform(-1, 1, 2)
        params = {"graph": graph, "held": 1, "carried": 1, "length": length, "reverse": reverse}
        yield Sample((w, h, rng.uniform(-1, 1, (length, 2))), params)
    counting = {"graph": _counting_graph(), "held": 0, "carried": 2, "length": 3}
    yield Sample((np.array(1), rng.uniform(1, 2, ())), {**counting, "reverse": False})


def _while_graphs(*, linear: bool = False) -> dict[str, Any]:
    """A constant w, carries k and x: as long as k < 3, k + 1 and sin(w·x) + x.

    The linear one has k for a constant, x for the only carry, and w·x + x for the rounds.
    """
    types = [ArrayType((2,), FLOAT64), ArrayType((), INT64), ArrayType((2,), FLOAT64)]
    condition, body = Builder(), Builder()
    _, counter, _ = (condition.input(type) for type in types)
    w, k, x = (body.input(type) for type in types)
    outputs = [w * x + x] if linear else [k + 1, sin(w * x) + x]
    return {
        "condition": condition.close([lt(counter, slots.full(3, counter.type))]),
        "body": body.close(outputs),
        "held": 2 if linear else 1,
    }


def _counting_graphs() -> dict[str, Any]:
    """As long as k < 5: 2k + 1, which grows from 0 too."""
    condition, body = Builder(), Builder()
    k = condition.input(ArrayType((), INT64))
    doubled = body.input(k.type) * 2 + 1
    return {
        "condition": condition.close([lt(k, slots.full(5, k.type))]),
        "body": body.close([doubled]),
        "held": 0,
        "bound": None,
    }


def while_loops(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for bound in (4, 1, 0):
        w, x = rng.uniform(-1, 1, 2), rng.uniform(-1, 1, 2)
        yield Sample((w, rng.integers(-2, 3), x), {**_while_graphs(), "bound": bound})
    w, x, linear = rng.uniform(-1, 1, 2), rng.uniform(-1, 1, 2), _while_graphs(linear=True)
    yield Sample((w, rng.integers(-2, 3), x), {**linear, "bound": 2})
    yield Sample((rng.integers(1, 5),), _counting_graphs())
