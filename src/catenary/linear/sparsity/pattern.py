"""Patterns: which entries of a matrix may be other than zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class TooDense(Exception):
    """A pattern would have more entries than it was given room for."""


@dataclass(frozen=True, eq=False)
class Pattern:
    """Positions in a matrix, each once, row by row.

    An entry is one number, row · columns + column, so that sets of entries are rising arrays.
    """

    shape: tuple[int, int]
    keys: Array

    @cached_property
    def rows(self) -> Array:
        """The row of each entry."""
        found: Array = self.keys // max(self.shape[1], 1)
        return found

    @cached_property
    def columns(self) -> Array:
        """The column of each entry."""
        found: Array = self.keys - self.rows * self.shape[1]
        return found

    @cached_property
    def lengths(self) -> Array:
        """The number of entries of each row."""
        return np.bincount(self.rows, minlength=self.shape[0])

    @cached_property
    def starts(self) -> Array:
        """Where each row begins among the entries, and where the last one ends."""
        return np.concatenate([[0], np.cumsum(self.lengths)])

    @cached_property
    def indices_and_starts(self) -> tuple[Array, Array]:
        """Columns and beginnings of the rows in the type that SciPy takes for these sizes."""
        small = max(*self.shape, self.nonzeros) < np.iinfo(np.int32).max
        dtype = np.int32 if small else np.int64
        return self.columns.astype(dtype), self.starts.astype(dtype)

    @property
    def nonzeros(self) -> int:
        return int(self.keys.size)

    @cached_property
    def T(self) -> Pattern:
        return from_entries(self.columns, self.rows, self.shape[::-1])

    def equals(self, other: Pattern) -> bool:
        return self.shape == other.shape and np.array_equal(self.keys, other.keys)

    def contains(self, other: Pattern) -> bool:
        """Whether every entry of the other is one of this pattern's."""
        inside = bool(np.isin(other.keys, self.keys, assume_unique=True).all())
        return self.shape == other.shape and inside

    def matrix(self) -> Array:
        """The pattern as an array of truth values."""
        result = np.zeros(self.shape, bool)
        result[self.rows, self.columns] = True
        return result

    def select(self, index: Array, limit: int | None = None) -> Pattern:
        """The rows with these numbers, one below the other; −1 stands for an empty row."""
        chosen = np.maximum(index, 0)
        lengths = np.where(index >= 0, self.lengths[chosen], 0) if self.shape[0] else 0 * index
        total = _within(int(lengths.sum()), limit)
        offsets = np.cumsum(lengths) - lengths
        shift = self.starts[chosen] - offsets if self.shape[0] else offsets
        columns = self.columns[np.repeat(shift, lengths) + np.arange(total)]
        rows = np.repeat(np.arange(index.size), lengths)
        return Pattern((index.size, self.shape[1]), rows * self.shape[1] + columns)

    def gathered(self, index: Array, count: int) -> Pattern:
        """Row i of the result is the union of the rows r with ``index[r]`` = i; −1 drops a row."""
        to = index[self.rows]
        kept = to >= 0
        return from_entries(to[kept], self.columns[kept], (count, self.shape[1]))

    def __or__(self, other: Pattern) -> Pattern:
        if self is other or not other.keys.size:
            return self
        if not self.keys.size:
            return other
        return _from_keys(np.concatenate([self.keys, other.keys]), self.shape)


def _within(count: int, limit: int | None) -> int:
    if limit is not None and count > limit:
        raise TooDense
    return count


def _from_keys(keys: Array, shape: tuple[int, int]) -> Pattern:
    """Rising keys, each once. A stable sort merges runs that are sorted already."""
    keys = np.sort(keys, kind="stable")
    if keys.size:
        keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    return Pattern(shape, keys)


def from_entries(rows: Array, columns: Array, shape: tuple[int, int]) -> Pattern:
    """The pattern with these entries, given in any order and any number of times."""
    return _from_keys(rows.astype(np.int64) * shape[1] + columns, shape)


def empty(shape: tuple[int, int]) -> Pattern:
    return Pattern(shape, np.zeros(0, np.int64))


def identity(n: int) -> Pattern:
    return Pattern((n, n), np.arange(n, dtype=np.int64) * (n + 1))


def full(shape: tuple[int, int], limit: int | None = None) -> Pattern:
    return Pattern(shape, np.arange(_within(shape[0] * shape[1], limit), dtype=np.int64))


def of_matrix(matrix: Array) -> Pattern:
    """Where a dense matrix is other than zero (NaN is)."""
    return Pattern(matrix.shape, np.flatnonzero(matrix.reshape(-1) != 0).astype(np.int64))


def stacked(patterns: Sequence[Pattern], columns: int) -> Pattern:
    """Patterns one below the other."""
    heights = [p.shape[0] for p in patterns]
    offsets = np.cumsum([0, *heights])
    keys = [p.keys + offset * columns for p, offset in zip(patterns, offsets, strict=False)]
    return Pattern((int(offsets[-1]), columns), np.concatenate([np.zeros(0, np.int64), *keys]))


def spread(patterns: Sequence[Pattern], rows: int, limit: int | None = None) -> Pattern:
    """Every row is the union of all rows: what is known of an operation that says nothing."""
    columns = np.unique(np.concatenate([p.columns for p in patterns]))
    width = patterns[0].shape[1]
    _within(rows * columns.size, limit)
    keys = np.arange(rows, dtype=np.int64)[:, None] * width + columns
    return Pattern((rows, width), keys.reshape(-1))


def times(left: Pattern, right: Pattern, limit: int | None = None) -> Pattern:
    """The pattern of a product of matrices with these patterns."""
    return right.select(left.columns, limit).gathered(left.rows, left.shape[0])
