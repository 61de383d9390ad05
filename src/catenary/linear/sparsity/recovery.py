"""Recovery: where in the products each entry of the matrix stands alone."""

from __future__ import annotations

import numpy as np

from catenary.core import sparsity_errors as errors
from catenary.linear.sparsity.colouring import Colouring
from catenary.linear.sparsity.pattern import Array, Pattern
from catenary.tracing.recorder import user_line


def places(pattern: Pattern, colouring: Colouring) -> Array:
    """For each entry the position of its value among the products.

    The products stand one after the other: those for the colours of columns, each as long as a
    column, then those for the colours of rows. An error where a colouring does not determine an
    entry: other entries are added to it in every product that it is in.
    """
    m, n = pattern.shape
    i, j = pattern.rows, pattern.columns
    forward, reverse = colouring.forward, colouring.reverse
    column_colour, row_colour = colouring.columns[j], colouring.rows[i]
    found = np.full(pattern.nonzeros, -1, np.int64)
    by_row = forward * m + row_colour * n + j
    _fill(found, by_row, _alone(j, row_colour, reverse))
    if colouring.kind == "star":  # the entry across the diagonal has the same value
        across = colouring.columns[i]
        _fill(found, across * m + j, _present(i, column_colour, j, across, forward))
    _fill(found, column_colour * m + i, _alone(i, column_colour, forward))
    if (found < 0).any():
        lost = int(np.argmin(found))
        raise errors.not_recovered(int(i[lost]), int(j[lost]), user_line())
    return found


def _fill(found: Array, position: Array, where: Array) -> None:
    found[where] = position[where]


def _alone(line: Array, colour: Array, colours: int) -> Array:
    """Whether an entry is the only one of its line and colour; −1 is no colour."""
    used = colour >= 0
    _, index, count = np.unique(
        (line * colours + colour)[used], return_inverse=True, return_counts=True
    )
    result = np.zeros(line.size, bool)
    result[used] = count[index] == 1
    return result


def _present(i: Array, own: Array, j: Array, across: Array, colours: int) -> Array:
    """Whether the entry (j, i) is the only one of row j with the colour of column i."""
    keys, count = np.unique(i * colours + own, return_counts=True)
    wanted = j * colours + across
    at = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    return (keys[at] == wanted) & (count[at] == 1) if keys.size else np.zeros(0, bool)
