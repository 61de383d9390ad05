"""Star colouring: the columns of a symmetric matrix, of which one triangle is enough.

In the graph whose edges are the entries off the diagonal, neighbours differ in colour and no path
over four vertices has two colours only. Then every edge has an end whose colour no other neighbour
of the other end has, and the product for that colour shows the entry. Coleman and Moré, Estimation
of sparse Hessian matrices and graph coloring problems, 1984; greedily, by looking at what is
coloured two steps away: Gebremedhin, Tarafdar, Manne and Pothen, New acyclic and star coloring
algorithms with application to computing Hessians, SIAM Journal on Scientific Computing 29 (2007).
"""

from __future__ import annotations

import numpy as np

from catenary.linear.sparsity.colouring import Colouring, column_colouring
from catenary.linear.sparsity.pattern import Array, Pattern

# No colouring of a matrix with a tridiagonal part in it does with fewer.
_FEW = 3


def star_colouring(pattern: Pattern) -> Colouring:
    """A star colouring of a symmetric pattern, with the fewest colours that the orders tried give.

    A colouring of the columns serves as well; where that has three colours or fewer it is taken.
    """
    rows = np.full(pattern.shape[0], -1, np.int64)
    longest = int(pattern.lengths.max(initial=0))
    best = column_colouring(pattern).columns if longest <= _FEW else None
    if best is not None and best.max(initial=-1) < _FEW:
        return Colouring("star", best, rows)
    off_diagonal = Pattern(pattern.shape, pattern.keys[pattern.rows != pattern.columns])
    used = np.flatnonzero(pattern.lengths)
    fullest = used[np.argsort(-pattern.lengths[used], kind="stable")]
    for order in (fullest, used):
        colours = _Greedy(off_diagonal).colour(order)
        if best is None or colours.max(initial=-1) < best.max(initial=-1):
            best = colours
    assert best is not None
    return Colouring("star", best, rows)


class _Greedy:
    """Colours, and for each vertex as the bits of whole numbers what its neighbours have.

    ``near[w]``: the colours of the neighbours of w. ``hubs[w]``: the colours of those neighbours
    that have another neighbour of the colour of w; a vertex beside w may not take one of them.
    """

    def __init__(self, edges: Pattern) -> None:
        n = edges.shape[0]
        self.starts, self.ends = edges.starts.tolist(), edges.columns.tolist()
        self.bits = [0] * n  # of the colour; 0: none yet
        self.near = [0] * n
        self.hubs = [0] * n
        self.first: dict[tuple[int, int], int] = {}  # (w, colour) → a neighbour of that colour

    def colour(self, order: Array) -> Array:
        bits = self.bits
        for v in order.tolist():
            ends = self.ends[self.starts[v] : self.starts[v + 1]]
            coloured = [w for w in ends if bits[w]]
            taken = twice = 0
            for w in coloured:
                twice |= taken & bits[w]
                taken |= bits[w]
            seen = taken
            for w in coloured:
                taken |= self.hubs[w]
                if bits[w] & twice:
                    taken |= self.near[w]
            bits[v] = ~taken & (taken + 1)
            self.near[v] = seen
            self._update(v, coloured, twice)
        return np.array([bit.bit_length() - 1 for bit in bits], np.int64)

    def _update(self, v: int, coloured: list[int], twice: int) -> None:
        """What the colour of v makes of its neighbours, and they of it."""
        bits, near, hubs, first = self.bits, self.near, self.hubs, self.first
        bit = bits[v]
        for w in coloured:
            first[v, bits[w]] = w
            if bits[w] & twice:  # v has two neighbours of this colour
                hubs[w] |= bit
            if near[w] & bit:  # and w has two of the colour of v
                hubs[v] |= bits[w]
                hubs[first[w, bit]] |= bits[w]
            else:
                near[w] |= bit
                first[w, bit] = v
