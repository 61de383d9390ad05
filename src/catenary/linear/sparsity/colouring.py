"""Colourings: which columns, or rows, of a matrix can be computed in one product.

Two columns that share no row can be added, and their sum still shows the entries of both; such
columns may have one colour (Curtis, Powell and Reid, On the estimation of sparse Jacobian
matrices, 1974). Gebremedhin, Manne and Pothen, What color is your Jacobian?, SIAM Review 47
(2005), tells of all the kinds here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from catenary.linear.sparsity.lattice import lattice_colours
from catenary.linear.sparsity.pattern import Array, Pattern

Kind: TypeAlias = Literal["column", "row", "star", "two-sided"]


@dataclass(frozen=True, eq=False)
class Colouring:
    """A colour for each column and each row; −1 for those that no product is made for.

    ``column`` colourings have columns only, ``row`` colourings rows only. A ``star`` colouring is
    of the columns of a symmetric matrix, of which either triangle may show an entry.
    """

    kind: Kind
    columns: Array
    rows: Array

    @property
    def forward(self) -> int:
        """Products of the matrix with a vector: one for each colour of columns."""
        return int(self.columns.max(initial=-1)) + 1

    @property
    def reverse(self) -> int:
        """Products of its transpose: one for each colour of rows."""
        return int(self.rows.max(initial=-1)) + 1

    @property
    def products(self) -> int:
        return self.forward + self.reverse

    def __repr__(self) -> str:
        parts = [f"{self.forward} forward"] * (self.forward > 0 or not self.reverse)
        parts += [f"{self.reverse} reverse"] * (self.reverse > 0)
        return f"<{self.kind} colouring: {' + '.join(parts)}>"


def column_colouring(pattern: Pattern) -> Colouring:
    """Columns of one colour share no row. At least as many colours as the longest row is long."""
    return Colouring("column", _apart(pattern), _none(pattern.shape[0]))


def row_colouring(pattern: Pattern) -> Colouring:
    """Rows of one colour share no column."""
    return Colouring("row", _none(pattern.shape[1]), _apart(pattern.T))


def _none(n: int) -> Array:
    return np.full(n, -1, np.int64)


def _apart(pattern: Pattern) -> Array:
    """A colour for each column that has entries: the fewest that the ways tried give."""
    by_column = pattern.T
    bound, used = int(pattern.lengths.max(initial=0)), by_column.lengths > 0
    best, fewest = _none(pattern.shape[1]), -1
    if bound == np.count_nonzero(used):  # one row has them all
        best[used] = np.arange(bound)
        return best
    for order in _orders(by_column.lengths):
        colours = _first_fit(by_column, order)
        count = int(colours.max(initial=-1)) + 1
        if fewest < 0 or count < fewest:
            best, fewest = colours, count
        if fewest <= bound:
            return best
    regular = lattice_colours(pattern, bound, fewest)
    return best if regular is None else np.where(used, regular, -1)


def _orders(lengths: Array) -> Iterator[Array]:
    """As they stand, and the fullest first."""
    natural = np.flatnonzero(lengths)
    yield natural
    if natural.size and lengths[natural].min() < lengths.max():
        yield natural[np.argsort(-lengths[natural], kind="stable")]


def _first_fit(members: Pattern, order: Array) -> Array:
    """Each vertex, a row of ``members``, gets the first colour that none of its groups has seen.

    The colours that a group has seen are the bits of one whole number.
    """
    colours = [-1] * members.shape[0]
    seen = [0] * members.shape[1]
    starts, groups = members.starts.tolist(), members.columns.tolist()
    for vertex in order.tolist():
        mine = groups[starts[vertex] : starts[vertex + 1]]
        taken = 0
        for group in mine:
            taken |= seen[group]
        bit = ~taken & (taken + 1)
        colours[vertex] = bit.bit_length() - 1
        for group in mine:
            seen[group] |= bit
    return np.array(colours, np.int64)


def fewest_products(pattern: Pattern) -> Colouring:
    """The colouring with the fewest products; forward before reverse, and these before both.

    A kind is tried as long as its bound leaves room for fewer colours than were found: a matrix
    with a full row needs as many columns as it has, which is not worth finding out.
    """
    by_column, by_row = pattern.lengths.max(initial=0), pattern.T.lengths.max(initial=0)
    kinds = [(int(by_column), 0, column_colouring), (int(by_row), 1, row_colouring)]
    both = min(_two_sided_bound(pattern), _two_sided_bound(pattern.T))
    best: Colouring | None = None
    for bound, _, kind in sorted([*kinds, (both, 2, two_sided_colouring)]):
        if best is None or bound < best.products:
            found = kind(pattern)
            best = found if best is None or found.products < best.products else best
    assert best is not None
    return best


# ---- two-sided ----------------------------------------------------------------------------------


def two_sided_colouring(pattern: Pattern) -> Colouring:
    """Long rows by products with the transpose, the rest by columns; or the other way round.

    Columns need to be apart in the rows that are left only, and long rows among themselves. How
    many rows count as long is chosen by a bound on the colours that remain (a partition as in
    Coleman and Verma, The efficient computation of sparse Jacobian matrices using automatic
    differentiation, SIAM Journal on Scientific Computing 19, 1998).
    """
    rows, columns = _split(pattern)
    turned = pattern.T
    other_columns, other_rows = _split(turned)
    found = Colouring("two-sided", columns, rows)
    other = Colouring("two-sided", other_columns, other_rows)
    return other if other.products < found.products else found


_TRIED = 3


def _split(pattern: Pattern) -> tuple[Array, Array]:
    """Colours of the long rows, and of the columns in the others."""
    best, fewest = (_none(pattern.shape[0]), _none(pattern.shape[1])), -1
    order = np.argsort(-pattern.lengths, kind="stable")
    for bound, long in sorted(_bounds(pattern, order))[:_TRIED]:
        if 0 <= fewest <= bound:
            break
        is_long = np.zeros(pattern.shape[0], bool)
        is_long[order[:long]] = True
        marked = is_long[pattern.rows]
        columns = _apart(Pattern(pattern.shape, pattern.keys[~marked]))
        rows = _apart(Pattern(pattern.shape, pattern.keys[marked]).T)
        count = int(columns.max(initial=-1)) + int(rows.max(initial=-1)) + 2
        if fewest < 0 or count < fewest:
            best, fewest = (rows, columns), count
    return best


def _two_sided_bound(pattern: Pattern) -> int:
    order = np.argsort(-pattern.lengths, kind="stable")
    return min(bound for bound, _ in _bounds(pattern, order))


def _bounds(pattern: Pattern, order: Array) -> Iterator[tuple[int, int]]:
    """For numbers of long rows, the fewest colours that could do, and that number."""
    falling = pattern.lengths[order]
    drops = np.flatnonzero(falling[:-1] > falling[1:]) + 1
    steepest = drops[np.argsort(falling[drops] - falling[drops - 1], kind="stable")][:16]
    for long in [0, *steepest.tolist()]:
        is_long = np.zeros(pattern.shape[0], bool)
        is_long[order[:long]] = True
        crowd = np.bincount(pattern.columns[is_long[pattern.rows]], minlength=1)
        yield int(falling[long] if long < falling.size else 0) + int(crowd.max()), long
