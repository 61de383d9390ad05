"""Running a graph on values of graphs under construction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catenary.core.graph import Graph


def replay(graph: Graph, operands: Sequence[Any]) -> list[Any]:
    """Record a graph's operations, each in the innermost builder among its operands.

    So the part of a graph that depends on inner values alone ends up there, and the rest outside.
    """
    env: dict[Any, Any] = dict(zip(graph.inputs, operands, strict=True))
    for node in graph.nodes:
        results = node.primitive(*[env.get(a, a) for a in node.operands], **node.params)
        env.update(
            zip(node.outputs, results if node.primitive.multiple else (results,), strict=True)
        )
    return [env.get(a, a) for a in graph.outputs]
