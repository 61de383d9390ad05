"""Colourings of grids: colours that repeat along each axis, which greedy ones seldom find.

On a grid whose points are numbered row by row, N to a row, a difference scheme joins a point with
others at a few fixed distances. Colours l + s·⌊l/N⌋ mod k then suit every point or none, so k is
found by trying shifts s. The five points of the Laplacian need k = 5 with colours i + 2j. Goldfarb
and Toint, Optimal estimation of Jacobian and Hessian matrices that arise in finite difference
calculations, Mathematics of Computation 43 (1984).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from catenary.linear.sparsity.pattern import Array, Pattern

_DISTANCES = 32  # a pattern with more is no difference scheme
_GUESSES = 300  # of axes and shifts, for each number of colours
_SAMPLED = 256  # rows that a colouring is tried on first
_SPARE = 3  # colours beyond the fewest possible that are tried


def lattice_colours(pattern: Pattern, bound: int, fewer_than: int) -> Array | None:
    """Colours of the columns that repeat on a grid, ``bound`` of them or a few more."""
    distances = np.unique(pattern.columns - pattern.rows)
    if distances.size > min(2 * bound, _DISTANCES) or pattern.shape[0] < 4 * bound:
        return None
    sample = np.unique(np.linspace(0, pattern.shape[0] - 1, _SAMPLED).astype(np.int64))
    some = pattern.select(sample)
    for count in range(bound, min(fewer_than, bound + _SPARE)):
        guesses = _repeating(pattern.shape[1], count, distances)
        for colours in itertools.islice(guesses, _GUESSES):
            if _apart(some, colours, count) and _apart(pattern, colours, count):
                return colours
    return None


def _repeating(columns: int, count: int, distances: Array) -> Iterator[Array]:
    """Colours for each guess of what the axes are, and each shift along them."""
    numbers = np.arange(columns, dtype=np.int64)
    lengths = [int(d) for d in np.unique(np.abs(distances)) if d > 1]
    pairs = [(n, m) for n, m in itertools.combinations(lengths, 2) if m % n == 0]
    yield numbers % count
    for axes in [*((n,) for n in lengths), *pairs]:
        lines = [numbers // n for n in axes]
        for shifts in itertools.product(range(1, count), repeat=len(axes)):
            yield sum((s * line for s, line in zip(shifts, lines, strict=True)), numbers) % count


def _apart(pattern: Pattern, colours: Array, count: int) -> bool:
    """Whether no row has two columns of one colour."""
    keys = pattern.rows * count + colours[pattern.columns]
    return bool(np.bincount(keys, minlength=1).max() <= 1)
