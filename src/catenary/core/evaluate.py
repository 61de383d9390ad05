"""What a graph means: each node's ``evaluate``, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core.graph import Atom, Graph, Literal


def evaluate_graph(graph: Graph, operands: Sequence[Any]) -> tuple[Any, ...]:
    """Run a graph on arrays, the shortest way that can be thought of."""
    env: dict[Atom, Any] = dict(zip(graph.inputs, operands, strict=True))

    def read(atom: Atom) -> Any:
        return atom.array if isinstance(atom, Literal) else env[atom]

    for node in graph.nodes:
        results = node.primitive.evaluate(*map(read, node.operands), **node.params)
        if not node.primitive.multiple:
            results = (results,)
        env.update(zip(node.outputs, map(np.asarray, results), strict=True))
    return tuple(read(a) for a in graph.outputs)
