"""Verbs of the NumPy target that hold graphs: loops and branches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catenary.core.graph import Graph
from tests.laws.numpy_handle import Handle


class ControlVerbs:
    """Verbs that run graphs, each with the target's own ``inline``."""

    def inline(self, graph: Graph, operands: Sequence[Handle]) -> tuple[Handle, ...]:
        raise NotImplementedError

    def scan(
        self,
        graph: Graph,
        constants: Sequence[Handle],
        carries: Sequence[Handle],
        xs: Sequence[Handle],
        rows: range,
    ) -> tuple[Handle, ...]:
        count = len(carries)
        ys = [np.empty((len(rows), *t.shape), t.dtype) for t in graph.output_types[count:]]
        for i in rows:
            results = self.inline(graph, [*constants, *carries, *(Handle(x.array[i]) for x in xs)])
            carries = results[:count]
            for y, row in zip(ys, results[count:], strict=True):
                y[i] = row.array
        return (*carries, *map(Handle, ys))
