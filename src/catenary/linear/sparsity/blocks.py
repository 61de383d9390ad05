"""Dense Hessians and Jacobians by few products, where few are enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catenary.backend.compile import Compiled
from catenary.core.graph import Graph
from catenary.linear.sparsity.colouring import Colouring, fewest_products
from catenary.linear.sparsity.compressed import Derivative, blocks_graph, derivative_of
from catenary.linear.sparsity.detect import pattern_of_tangents
from catenary.linear.sparsity.pattern import Array, Pattern, TooDense
from catenary.linear.sparsity.star import star_colouring

# What finding a pattern may cost before it is known whether it helps.
_ENTRIES = 2**20
# A pattern must leave out so much of the matrix, and of the products, to be worth following.
_WORTH = 2


class Blocks:
    """A compiled graph: inputs → results that are no real numbers, and blocks of derivatives."""

    def __init__(
        self, derivative: Derivative, pattern: Pattern, colouring: Colouring, memory: int
    ) -> None:
        self.colouring = colouring
        program = blocks_graph(derivative, pattern, colouring, memory)
        self._compiled, self._arrays = Compiled(program.graph), program.arrays
        self._others = len(derivative.graph.outputs) - len(derivative.codomain)

    def __call__(self, operands: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        answers = self._compiled([*operands, *self._arrays])
        return answers[: self._others], answers[self._others :]


def sparse_blocks(
    graph: Graph,
    count: int,
    known: Mapping[int, Array],
    memory: int,
    *,
    symmetric: bool = False,
) -> Blocks | None:
    """What writes the dense Jacobian of a graph by the products that its pattern needs.

    With respect to the last ``count`` inputs; ``known`` are values of others that do not change.
    None where the pattern is not sparse enough to make it worth while.
    """
    derivative = derivative_of(graph, count)
    rows, columns = derivative.shape
    try:
        pattern = pattern_of_tangents(derivative.tangents, known, count, _ENTRIES)
    except TooDense:
        return None
    if _WORTH * pattern.nonzeros > rows * columns:
        return None
    colouring = star_colouring(pattern) if symmetric else fewest_products(pattern)
    if _WORTH * colouring.products > min(rows, columns):
        return None
    return Blocks(derivative, pattern, colouring, memory)
