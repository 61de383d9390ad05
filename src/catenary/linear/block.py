"""Block matrices: maps between tuples of vectors, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core import linear_map_errors
from catenary.linear.diagonal import Zero
from catenary.linear.map import LinearMap
from catenary.linear.properties import NOTHING, Properties
from catenary.linear.solve import solve_rows
from catenary.linear.space import Space, product_space
from catenary.linear.sparse import as_map
from catenary.linear.structured import StructuredMap
from catenary.tracing.recorder import user_line

Grid = Sequence[Sequence[Any]]


class Block(StructuredMap):
    """A matrix of maps: part i of the result is Σ_j D_ij v_j.

    ``grid`` is a list of rows of linear maps or matrices; None stands for zero. Vectors of the
    domain are tuples with a part for each column, of the codomain with one for each row, unless
    spaces are given; a single part stands alone.

    >>> import numpy as np
    >>> D = Block([[np.eye(2), np.ones((2, 1))], [None, [[5.0]]]])
    >>> D @ (np.array([1.0, 2.0]), np.array([10.0]))
    (array([11., 12.]), array([50.]))
    """

    def __init__(
        self, grid: Grid, domain: Space | None = None, codomain: Space | None = None
    ) -> None:
        maps = [[None if entry is None else as_map(entry) for entry in row] for row in grid]
        rows = [_space(row, "codomain", f"row {i}") for i, row in enumerate(maps)]
        columns = [_space(col, "domain", f"column {j}") for j, col in enumerate(zip(*maps))]
        if not rows or any(len(row) != len(columns) for row in maps):
            raise self._refused("rows of equal length", [len(row) for row in maps])
        self.grid = [
            [Zero(columns[j], rows[i]) if map is None else map for j, map in enumerate(row)]
            for i, row in enumerate(maps)
        ]
        self.row_sizes = [space.dimension for space in rows]
        self.column_sizes = [space.dimension for space in columns]
        super().__init__(
            (sum(self.row_sizes), sum(self.column_sizes)),
            np.result_type(*[map.dtype for row in self.grid for map in row]),
            domain or product_space(columns),
            codomain or product_space(rows),
        )

    def images(self, vectors: Any) -> Any:
        parts = cut(vectors, self.column_sizes)
        return np.concatenate(
            [
                _sum([m.images(v) for m, v in zip(row, parts) if not isinstance(m, Zero)])
                if not all(isinstance(m, Zero) for m in row)
                else np.zeros((len(vectors), size), self.dtype)
                for row, size in zip(self.grid, self.row_sizes)
            ],
            axis=1,
        )

    def _transposed(self) -> LinearMap:
        grid = [[map.T for map in column] for column in zip(*self.grid)]
        return Block(grid, self.codomain, self.domain)

    def times(self, number: Any) -> LinearMap:
        grid = [[map * number for map in row] for row in self.grid]
        return Block(grid, self.domain, self.codomain)

    def _matrix(self, memory: int) -> Any:
        rows = [[map.matrix(memory=memory) for map in row] for row in self.grid]
        return np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)

    def sparse(self) -> Any:
        from scipy.sparse import block_array

        return block_array([[map.sparse() for map in row] for row in self.grid], format="csr")

    @property
    def aligned(self) -> bool:
        """Whether the blocks on the diagonal are square, so that they hold the diagonal."""
        return self.row_sizes == self.column_sizes

    @property
    def pivots(self) -> list[LinearMap]:
        """The blocks on the diagonal."""
        return [row[i] for i, row in enumerate(self.grid)]

    def known_diagonal(self) -> Any:
        return np.concatenate([m.diagonal() for m in self.pivots]) if self.aligned else None

    def is_triangular(self, *, lower: bool) -> bool:
        """Whether all blocks above (below) the diagonal are zero."""
        return self.aligned and all(
            isinstance(map, Zero)
            for i, row in enumerate(self.grid)
            for j, map in enumerate(row)
            if (j > i if lower else j < i)
        )

    def _known(self) -> Properties:
        lower, upper = (self.is_triangular(lower=lower) for lower in (True, False))
        if not (lower or upper):
            return NOTHING
        shared: Properties = frozenset.intersection(*(map.properties for map in self.pivots))
        kept: Properties = NOTHING
        if lower:
            kept |= shared & {"lower_triangular"}
        if upper:
            kept |= shared & {"upper_triangular"}
        return shared if lower and upper else kept


def block_diagonal(*maps: Any) -> Block:
    """Linear maps or matrices along the diagonal of a block matrix.

    >>> import numpy as np
    >>> D = block_diagonal(np.array([[2.0]]), np.diag([4.0, 5.0]))
    >>> D.solve((np.ones(1), np.ones(2)))
    (array([0.5]), array([0.25, 0.2 ]))
    """
    count = len(maps)
    return Block([[maps[i] if i == j else None for j in range(count)] for i in range(count)])


def cut(vectors: Any, sizes: Sequence[int]) -> list[Any]:
    """Rows cut into stretches of these lengths."""
    ends = np.cumsum(sizes)
    return [vectors[:, end - size : end] for end, size in zip(ends.tolist(), sizes)]


def _sum(values: Sequence[Any]) -> Any:
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


def _space(maps: Sequence[LinearMap | None], side: str, place: str) -> Space:
    """The space that the maps of one row or column share."""
    spaces: list[Space] = [getattr(map, side) for map in maps if map is not None]
    if not spaces or any(space.types != spaces[0].types for space in spaces):
        expected = f"maps of one {side} in {place}, at least one"
        got = ", ".join(str(space) for space in spaces) or "none"
        raise linear_map_errors.bad_map("Block", expected, got, user_line())
    return spaces[0]


def solve_blockwise(map: Block) -> Any:
    """Substitution, block by block, where the blocks form a triangle or a diagonal."""
    lower = map.is_triangular(lower=True)
    if not (lower or map.is_triangular(lower=False)):
        return None
    order = range(len(map.grid)) if lower else range(len(map.grid) - 1, -1, -1)

    def solved(rows: Any) -> Any:
        rest = cut(rows, map.row_sizes)
        known: dict[int, Any] = {}
        for i in order:
            for j, x in known.items():
                if not isinstance(map.grid[i][j], Zero):
                    rest[i] = rest[i] - map.grid[i][j].images(x)
            known[i] = solve_rows(map.grid[i][i], rest[i])
        return np.concatenate([known[i] for i in sorted(known)], axis=1)

    return solved
