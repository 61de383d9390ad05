"""Running a graph on values of graphs under construction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core.graph import Graph, Literal, Var


def replay(graph: Graph, operands: Sequence[Any]) -> list[Any]:
    """Record a graph's operations, each in the innermost builder among its operands.

    So the part of a graph that depends on inner values alone ends up there, and the rest outside;
    what depends on no value ends up outermost. Numbers stay numbers there: an array filled with one
    would say less.
    """
    env: dict[Any, Any] = dict(zip(graph.inputs, operands, strict=True))
    builders = [o.builder for o in operands if isinstance(o, Var)]
    outermost = min(builders, key=lambda builder: builder.level, default=None)
    for node in graph.nodes:
        given = [env.get(a, a) for a in node.operands]
        if outermost is not None and all(isinstance(a, (Literal, np.generic)) for a in given):
            results = outermost.emit(node.primitive, given, dict(node.params))
        else:
            results = node.primitive(*given, **node.params)
        env.update(
            zip(node.outputs, results if node.primitive.multiple else (results,), strict=True)
        )
    return [env.get(a, a) for a in graph.outputs]
