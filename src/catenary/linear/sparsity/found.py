"""What is known of a sparse derivative: where its entries lie, and the products that give them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from catenary.core import errors, sparsity_errors
from catenary.linear.sparsity.colouring import (
    Colouring,
    column_colouring,
    fewest_products,
    row_colouring,
    two_sided_colouring,
)
from catenary.linear.sparsity.pattern import Array, Pattern, from_entries, of_matrix
from catenary.linear.sparsity.star import star_colouring
from catenary.tracing.recorder import user_line

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Choice: TypeAlias = Literal["auto", "column", "row", "star", "two-sided"]
CHOICES = {
    "auto": fewest_products,
    "column": column_colouring,
    "row": row_colouring,
    "star": star_colouring,
    "two-sided": two_sided_colouring,
}
_DRAWN = 40


@dataclass(frozen=True, eq=False)
class Sparsity:
    """The pattern of a derivative, and the colouring by which it is computed.

    ``shape`` is (numbers of the result, numbers of the arguments); row i has the entries
    ``indices[indptr[i]:indptr[i + 1]]``, the columns in which it may be other than zero.
    ``row_colours`` and ``column_colours`` number the products with the transpose and with the
    derivative in which a row or column takes part; −1 stands for none. ``products`` counts them.
    Printed, a small pattern is drawn.

    >>> import numpy as np
    >>> import catenary as cat
    >>> found = cat.sparsity(lambda x: x[1:] * x[:-1], np.ones(5))
    >>> found.products, found.nonzeros
    (2, 8)
    >>> print(found)
    4 × 5, 8 nonzeros (40 %), 2 products (2 forward): column colouring
    × × · · ·
    · × × · ·
    · · × × ·
    · · · × ×
    """

    pattern: Pattern
    colouring: Colouring

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.pattern.shape

    @property
    def nonzeros(self) -> int:
        """The number of entries that may be other than zero."""
        return self.pattern.nonzeros

    @property
    def products(self) -> int:
        """How many products with a vector give the derivative."""
        return self.colouring.products

    @property
    def indptr(self) -> Array:
        """Where each row begins among the entries, and where the last one ends."""
        return self.pattern.starts

    @property
    def indices(self) -> Array:
        """The columns of the entries, row by row."""
        return self.pattern.columns

    @property
    def column_colours(self) -> Array:
        """The product in which each column takes part; −1 for none."""
        return self.colouring.columns

    @property
    def row_colours(self) -> Array:
        """The product with the transpose in which each row takes part; −1 for none."""
        return self.colouring.rows

    def matrix(self) -> csr_array:
        """The pattern as a SciPy CSR matrix of truth values.

        >>> import numpy as np
        >>> import catenary as cat
        >>> cat.sparsity(np.sin, np.zeros(3)).matrix().sum()
        np.int64(3)
        """
        return csr(self.pattern, np.ones(self.nonzeros, bool))

    def __repr__(self) -> str:
        rows, columns = self.shape
        share = 100 * self.nonzeros / max(rows * columns, 1)
        kinds = {"forward": self.colouring.forward, "reverse": self.colouring.reverse}
        parts = " + ".join(f"{n:,} {kind}" for kind, n in kinds.items() if n) or "none"
        plural = "product" if self.products == 1 else "products"
        return (
            f"{rows:,} × {columns:,}, {self.nonzeros:,} nonzeros ({share:.3g} %), "
            f"{self.products:,} {plural} ({parts}): {self.colouring.kind} colouring"
        )

    def __str__(self) -> str:
        if max(self.shape) > _DRAWN:
            return repr(self)
        marks = np.where(self.pattern.matrix(), "×", "·")
        return "\n".join([repr(self), *(" ".join(row) for row in marks)])


def csr(pattern: Pattern, data: Any) -> Any:
    """A SciPy matrix of its own: its owner may change which entries it has."""
    from scipy.sparse import csr_array

    indices, starts = pattern.indices_and_starts
    return csr_array((data, indices.copy(), starts.copy()), shape=pattern.shape)


def coloured(pattern: Pattern, choice: str, *, symmetric: bool) -> Sparsity:
    """A pattern with the colouring of this name; of a symmetric matrix a star colouring."""
    if choice not in CHOICES:
        raise errors.unknown_option("colouring", choice, tuple(CHOICES))
    if choice == "star" and not symmetric:
        raise sparsity_errors.star_of_what(user_line())
    kind = "star" if symmetric and choice == "auto" else choice
    return Sparsity(pattern, CHOICES[kind](pattern))


def pattern_given(given: Any, shape: tuple[int, int]) -> Pattern:
    """The pattern that a user gives: what was found before, a SciPy matrix, or an array."""
    if isinstance(given, Sparsity):
        pattern = given.pattern
    elif hasattr(given, "tocoo"):
        entries = given.tocoo()
        pattern = from_entries(entries.coords[0], entries.coords[1], entries.shape)
    else:
        array = np.asarray(given)
        if array.ndim != 2:
            raise sparsity_errors.pattern_shape(shape, array.shape, user_line())
        pattern = of_matrix(array)
    if pattern.shape != shape:
        raise sparsity_errors.pattern_shape(shape, pattern.shape, user_line())
    return pattern
