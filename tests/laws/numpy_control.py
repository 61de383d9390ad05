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

    def cond(
        self, index: Handle, graphs: Sequence[Graph], operands: Sequence[Handle]
    ) -> tuple[Handle, ...]:
        assert (index.array.shape, index.array.dtype) == ((), np.int64), "cond: an int64[]"
        assert 0 <= index.array < len(graphs), "cond: no such graph"
        return self.inline(graphs[int(index.array)], operands)

    def while_loop(
        self,
        condition: Graph,
        body: Graph,
        constants: Sequence[Handle],
        carries: Sequence[Handle],
        bound: int | None,
    ) -> tuple[Handle, ...]:
        rounds, handles = 0, tuple(carries)
        while bound is None or rounds < bound:
            (goes_on,) = self.inline(condition, [*constants, *handles])
            if not goes_on.array:
                break
            handles = self.inline(body, [*constants, *handles])
            rounds += 1
        return handles
