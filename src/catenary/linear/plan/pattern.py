"""Which entries of a local Jacobian can differ from zero, when that is known from shapes alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from catenary.core.structure import Selection

Index = np.ndarray[Any, Any]

# Entries that a pattern may list, and products that may be written out one by one: beyond that
# dense arrays are quicker, though they multiply more.
MOST = 2**15


@dataclass(frozen=True, eq=False)
class Pattern:
    """The places (row, column) of the entries, in the order of their values; a diagonal lists none.

    ``places`` is None for the diagonal of a square matrix.
    """

    shape: tuple[int, int]
    places: tuple[Index, Index] | None = None

    @cached_property
    def count(self) -> int:
        """How many entries there are."""
        return self.shape[0] if self.places is None else self.places[0].size

    @property
    def rows(self) -> Index:
        return np.arange(self.shape[0]) if self.places is None else self.places[0]

    @property
    def columns(self) -> Index:
        return np.arange(self.shape[0]) if self.places is None else self.places[1]

    @cached_property
    def flat(self) -> Index:
        """The places in the matrix laid out row by row."""
        return self.rows * self.shape[1] + self.columns

    @cached_property
    def is_whole(self) -> bool:
        """Whether the entries are all of the matrix, row by row."""
        m, n = self.shape
        return self.count == m * n and bool(np.array_equal(self.flat, np.arange(m * n)))

    @property
    def T(self) -> Pattern:
        if self.places is None:
            return self
        return Pattern(self.shape[::-1], self.places[::-1])


def of_selection(selection: Selection) -> Pattern | None:
    """The places of the ones of a selection; None where there are too many to list."""
    index = selection.index.reshape(-1)
    if index.size == selection.n and np.array_equal(index, np.arange(index.size)):
        return Pattern(selection.shape)
    rows = np.flatnonzero(index >= 0)
    if rows.size > MOST:
        return None
    return Pattern(selection.shape, (rows, index[rows]))


@dataclass(frozen=True, eq=False)
class Joined:
    """How the entries of two patterns make those of a third.

    Product (or entry) number p is made of entries ``first[p]`` and ``second[p]``; it is added to
    entry ``target[p]`` of the result, or is that entry where ``target`` is None. An index that is
    None counts up.
    """

    pattern: Pattern
    first: Index | None
    second: Index | None
    target: Index | None
    count: int


def _counting(index: Index, size: int) -> Index | None:
    """None for 0, 1, …, size − 1."""
    return None if index.size == size and np.array_equal(index, np.arange(size)) else index


def composed(after: Pattern, before: Pattern) -> Joined | None:
    """The products of entries that a product of matrices consists of; None if they are too many."""
    shape = after.shape[0], before.shape[1]
    if after.places is None and before.places is None:
        return Joined(Pattern(shape), None, None, None, after.count)
    rows_of_before = before.rows
    order = np.argsort(rows_of_before, kind="stable")
    per_row = np.bincount(rows_of_before, minlength=before.shape[0])
    begins = np.concatenate([[0], np.cumsum(per_row)[:-1]])
    counts = per_row[after.columns]
    total = int(counts.sum())
    if total > MOST:
        return None
    first = np.repeat(np.arange(after.count), counts)
    within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    second = order[np.repeat(begins[after.columns], counts) + within]
    keys = after.rows[first] * shape[1] + before.columns[second]
    pattern, target = _places(shape, keys)
    made_of = _counting(first, after.count), _counting(second, before.count)
    return Joined(pattern, *made_of, target, total)


def _places(shape: tuple[int, int], keys: Index) -> tuple[Pattern, Index | None]:
    """Places as they come where no two are the same; else each once, and to which all go."""
    places, target = np.unique(keys, return_inverse=True)
    alone = places.size == keys.size
    kept, n = keys if alone else places, max(shape[1], 1)
    return Pattern(shape, (kept // n, kept % n)), None if alone else target


@dataclass(frozen=True, eq=False)
class United:
    """The places of either of two patterns: their values, one after the other, go to ``target``."""

    pattern: Pattern
    target: Index | None  # None: as they are
    same: bool = False  # both have the same places in the same order: values are added


def united(first: Pattern, second: Pattern) -> United:
    """The pattern of a sum of matrices."""
    if first.places is None and second.places is None:
        return United(first, None, same=True)
    if first.count == second.count and np.array_equal(first.flat, second.flat):
        return United(first, None, same=True)
    return United(*_places(first.shape, np.concatenate([first.flat, second.flat])))
