"""The linear map that a graph computes: a derivative, as it comes from linearize."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catenary.backend.compile import Compiled
from catenary.core.graph import Graph
from catenary.linear.map import LinearMap
from catenary.linear.space import Space
from catenary.transform.batch import batch
from catenary.transform.simplify import simplify
from catenary.transform.transpose import transpose


class GraphMap(LinearMap):
    """The linear map that a graph computes, some of whose inputs are held fast.

    It is applied by the compiled graph, and transposed by transposing the graph; ``D.structure``
    reads the graph as diagonals, Kronecker products, … where its operations say so.

    >>> import numpy as np
    >>> from catenary.linear.linearize import linearize
    >>> _, D = linearize(np.tanh, np.zeros(3))
    >>> D
    <GraphMap 3×3: R^3 (float64[3]) ⊸ R^3 (float64[3])>
    >>> D.structure.d
    array([1., 1., 1.])
    """

    def __init__(
        self, graph: Graph, held: Sequence[Any], domain: Space, codomain: Space,
        origin: GraphMap | None = None,
    ) -> None:  # fmt: skip
        super().__init__(domain, codomain)
        self.graph = graph
        self.held = list(held)
        self.origin = origin  # the map that this is the transpose of
        self._compiled = Compiled(graph)
        self._batched: dict[int, Compiled] = {}

    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        return self._compiled([*self.held, *arrays])

    def _transposed(self) -> GraphMap:
        places = range(len(self.held), len(self.graph.inputs))
        graph = simplify(transpose(self.graph, places))
        return GraphMap(graph, self.held, self.codomain, self.domain, self)

    def columns(self, arrays: Sequence[Any], count: int) -> list[Any]:
        if count not in self._batched:
            flags = (False,) * len(self.held) + (True,) * len(arrays)
            self._batched[count] = Compiled(simplify(batch(self.graph, count, flags)))
        return self._batched[count]([*self.held, *arrays])

    @property
    def column_bytes(self) -> int:
        written = [var.type for node in self.graph.nodes for var in node.outputs]
        return sum(type.size * type.dtype.itemsize for type in written)

    def _matrix(self, memory: int) -> Any:
        whole = self.structure
        return super()._matrix(memory) if whole is self else whole.matrix(memory=memory)
