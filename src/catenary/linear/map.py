"""Linear maps as objects: apply, transpose, compose, add, scale, take apart and write out.

A derivative *is* a linear map; numbers, gradients and Jacobians are its representations
(Elliott, The Simple Essence of Automatic Differentiation, ICFP 2018).
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from catenary.core import linear_map_errors
from catenary.core.graph import Where
from catenary.linear import dispatch, properties, solve, spectrum
from catenary.linear.columns import by_columns, column_blocks, sparse_by_columns, units
from catenary.linear.fitting import require_addable, require_composable
from catenary.linear.memory import MEMORY, check_matrix_fits
from catenary.linear.properties import Properties
from catenary.linear.scipy_operator import ScipyOperator
from catenary.linear.space import Space
from catenary.tracing.recorder import user_line

Array = np.ndarray[Any, Any]


class LinearMap(ScipyOperator, ABC):
    """A linear map from one space of trees to another.

    ``D @ v`` (or ``D(v)``) applies it, ``D2 @ D1`` composes, ``D.T`` transposes, ``D1 + D2``,
    ``D1 - D2``, ``-D``, ``c * D`` and ``D / c`` combine. What is known of the structure of the
    parts is kept: the product of diagonal maps is diagonal, twice transposed is nothing.
    ``D.matrix()`` writes a map out with one row for each coordinate of the result and one column
    for each of the argument; ``D.solve(b)`` inverts it, ``D.svd()`` and ``D.eigh()`` take it
    apart. ``D.shape`` is (rows, columns); ``domain`` and ``codomain`` are the spaces.

    A class of one's own needs ``domain``, ``codomain``, ``apply`` and ``_transposed``.

    >>> import numpy as np
    >>> from catenary.linear.linearize import linearize
    >>> _, D = linearize(np.sin, np.zeros(2))
    >>> (3 * D - D.T) @ np.array([1.0, 2.0])
    array([2., 4.])
    """

    __array_ufunc__ = None  # so that an ndarray on the left leaves @ and * to us

    domain: Space
    codomain: Space
    where: Where | None = None  # the user's line that made it
    assumed: Properties = properties.NOTHING  # what the user vouches for
    derived: Callable[[], Properties] | None = None  # what follows from the maps it was merged of
    origins: tuple[LinearMap, ...] = ()  # the factors that were merged into it

    def __init__(self, domain: Space, codomain: Space) -> None:
        self.domain, self.codomain = domain, codomain
        self.where = user_line()

    @property
    def shape(self) -> tuple[int, int]:
        """(dimension of the codomain, dimension of the domain)."""
        return self.codomain.dimension, self.domain.dimension

    @property
    def dtype(self) -> np.dtype[Any]:
        """The element type of the matrix: the common one of both spaces."""
        return np.result_type(self.domain.dtype, self.codomain.dtype)

    # Two words make a linear map: what it does to coordinates, and its transpose.

    @abstractmethod
    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        """The coordinates of the image of a vector given by its coordinates."""

    @abstractmethod
    def _transposed(self) -> LinearMap: ...

    # The others are computed from them, unless a class knows better.

    def columns(self, arrays: Sequence[Any], count: int) -> list[Any]:
        """Images of many vectors at once, along a new leading axis."""
        rows = [self.apply([a[i] for a in arrays]) for i in range(count)]
        return [
            np.stack([np.asarray(row[k]) for row in rows]) for k in range(len(self.codomain.types))
        ]

    def images(self, vectors: Any) -> Any:
        """Images of flat vectors, the rows of an array (count, columns): an array (count, rows)."""
        count = len(vectors)
        return self.codomain.joined(self.columns(self.domain.parted(vectors), count), count)

    @property
    def column_bytes(self) -> int:
        """The memory that one more column takes while it is computed."""
        return 8 * sum(self.shape)

    @property
    def structure(self) -> LinearMap:
        """The same map as a diagonal, a Kronecker product, a product of such, … where known.

        >>> import numpy as np
        >>> from catenary.linear.linearize import linearize
        >>> _, D = linearize(lambda x: np.array([[2.0, 1.0], [0.0, 1.0]]) @ x**2, np.ones(2))
        >>> D.structure
        <Dense 2×2 @ Diagonal 2×2: R^2 (float64[2]) ⊸ R^2 (float64[2])>
        """
        if "_structure" not in self.__dict__:
            self.__dict__["_structure"] = dispatch.structure(self) or self
        found: LinearMap = self.__dict__["_structure"]
        return found

    # ---- what is known ----

    def _known(self) -> Properties:
        """The properties that follow from what the map is made of."""
        return properties.NOTHING

    def known_diagonal(self) -> Any:
        """The diagonal of a square map, where it is known without computing columns."""
        return None

    def known_singular_values(self) -> Any:
        """All singular values but zeros, in any order, where they are known at small cost."""
        return None

    @cached_property
    def properties(self) -> Properties:
        """Which of symmetric, positive_semidefinite, diagonal, … are known to hold."""
        whole = self.structure
        known = properties.NOTHING if whole is self else whole.properties
        if self.derived is not None:
            known |= self.derived()
        return properties.closed(self.assumed | self._known() | known)

    def assume(self, **known: bool) -> LinearMap:
        """The same map, with properties that you vouch for: ``D.assume(symmetric=True)``.

        ``solve`` chooses its method by them. Nothing is checked.

        >>> from catenary.linear.dense import Dense
        >>> A = Dense([[2.0, 1.0], [1.0, 2.0]]).assume(positive_semidefinite=True)
        >>> "positive_semidefinite" in A.T.properties
        True
        """
        for name in known:
            if name not in properties.NAMES:
                raise linear_map_errors.unknown_property(name, properties.NAMES, user_line())
        wanted = frozenset(name for name, holds in known.items() if holds)
        return self if wanted <= self.assumed else self._with(assumed=self.assumed | wanted)

    def _with(self, **attributes: Any) -> LinearMap:
        """A copy with other attributes, and nothing kept that was computed from the old ones."""
        other = copy.copy(self)
        for kept in ("_transpose", "_structure", "_solver", "properties"):
            other.__dict__.pop(kept, None)
        other.__dict__.update(attributes)
        return other

    # ---- algebra ----

    @property
    def T(self) -> LinearMap:
        """The transpose, with ⟨D v, u⟩ = ⟨v, D.T u⟩."""
        known: LinearMap | None = self.__dict__.get("_transpose")
        if known is None:
            known = self._transposed()
            if known is not self:
                if self.assumed:
                    known = known._with(assumed=properties.transposed(self.assumed))
                if self.derived:
                    known.derived = lambda: properties.transposed(self.properties)
                known.__dict__["_transpose"] = self
            self.__dict__["_transpose"] = known
        return known

    def is_transpose_of(self, other: LinearMap) -> bool:
        """Whether this is the transpose of another, as far as is known without any computing."""
        if self is other:
            return "symmetric" in self.properties
        return self.__dict__.get("_transpose") is other

    def __call__(self, vector: Any) -> Any:
        """The image of a vector: a tree of the domain's structure."""
        return self.codomain.vector(self.apply(self.domain.coordinates(vector)))

    def __matmul__(self, other: Any) -> Any:
        if not isinstance(other, LinearMap):
            return self(other)
        require_composable(self, other)
        return dispatch.compose(self, other)

    def __add__(self, other: Any) -> LinearMap:
        if not isinstance(other, LinearMap):
            return NotImplemented
        require_addable(self, other)
        sum: LinearMap = dispatch.add(self, other)
        return sum

    def __sub__(self, other: Any) -> LinearMap:
        return self + -other if isinstance(other, LinearMap) else NotImplemented

    def __neg__(self) -> LinearMap:
        return self * -1.0

    def __mul__(self, number: Any) -> LinearMap:
        if np.ndim(number) or isinstance(number, LinearMap):
            return NotImplemented
        multiple: LinearMap = dispatch.scale(self, number)
        return multiple

    __rmul__ = __mul__

    def __truediv__(self, number: Any) -> LinearMap:
        inverse: LinearMap = self * (1.0 / number)
        return inverse

    def __pos__(self) -> LinearMap:
        return self

    # ---- representations ----

    def gradient(self) -> Any:
        """The vector g with D v = ⟨g, v⟩, of a map to one number: D.T @ 1.

        >>> import numpy as np
        >>> from catenary.linear.linearize import linearize
        >>> linearize(lambda x: np.sum(x**2), np.array([1.0, 2.0]))[1].gradient()
        array([2., 4.])
        """
        if self.shape[0] != 1:
            raise linear_map_errors.bad_map(
                "gradient()", "a map to one number", f"{self.name}: take D.T @ u", user_line()
            )
        return self.T(self.codomain.unflatten(np.ones(1, self.codomain.dtype)))

    def matrix(self, *, memory: int = MEMORY) -> Array:
        """The dense matrix, rows and columns in the order of the flattened coordinates.

        Shape ``D.shape``; the dtype is the common one of both spaces. Where no structure is known
        it is computed by columns or by rows, whichever are fewer, in batches that take about
        ``memory`` bytes. A matrix that is larger than the machine's memory is refused.

        >>> import numpy as np
        >>> from catenary.linear.linearize import linearize
        >>> _, D = linearize(lambda x: np.array([2.0, 3.0]) * x, np.ones(2))
        >>> D.matrix()
        array([[2., 0.],
               [0., 3.]])
        """
        check_matrix_fits(self.shape, self.dtype)
        whole: Array = self._matrix(memory)
        return whole

    def _matrix(self, memory: int) -> Any:
        rows, columns = self.shape
        return self.T._by_columns(memory).T if columns > rows else self._by_columns(memory)

    def _by_columns(self, memory: int) -> Any:
        return by_columns(self, memory)

    def column_blocks(self, memory: int = MEMORY) -> Iterator[tuple[int, Any]]:
        """The columns of the matrix as rows of arrays, each with the number of its first one."""
        return column_blocks(self, memory)

    def sparse(self) -> Any:
        """The matrix as a SciPy sparse array (CSR), made from the structure where it is known.

        >>> from catenary.linear.diagonal import Diagonal
        >>> Diagonal([1.0, 3.0, 2.0]).sparse().nnz
        3

        :class:`~catenary.core.errors.ShapeError` is raised where memory is short: few entries of
        running sums and maps of low rank are zero.
        """
        whole = self.structure
        return sparse_by_columns(self) if whole is self else whole.sparse()

    def diagonal(self) -> Any:
        """The entries D_ii, by structure where it is known, else from columns in batches.

        >>> from catenary.linear.dense import LowRank
        >>> LowRank([[1.0], [2.0]], [[3.0], [4.0]]).diagonal()
        array([3., 8.])
        """
        return spectrum.diagonal(self)

    def trace(self) -> Any:
        """Σ D_ii.

        >>> from catenary.linear.dense import Dense
        >>> float(Dense([[1.0, 5.0], [5.0, 3.0]]).trace())
        4.0
        """
        return spectrum.trace(self)

    def norm(self, ord: spectrum.Norm = "fro") -> Any:
        """‖D‖: "fro", the root of the sum of squares, or 2, the largest singular value.

        >>> from catenary.linear.dense import Dense
        >>> A = Dense([[3.0, 0.0], [0.0, 4.0]])
        >>> float(A.norm()), float(A.norm(2))
        (5.0, 4.0)
        """
        return spectrum.norm(self, ord)

    def rank(self, tolerance: float | None = None) -> int:
        """The number of independent rows: of singular values above ``tolerance``.

        As in NumPy that is max(shape)·ε·‖D‖₂ unless given.

        >>> from catenary.linear.dense import Dense
        >>> Dense([[1.0, 2.0], [2.0, 4.0]]).rank()
        1
        """
        return spectrum.rank(self, tolerance)

    def cond(self) -> float:
        """The condition number: the largest singular value over the smallest one.

        >>> from catenary.linear.diagonal import Diagonal
        >>> Diagonal([1.0, 4.0]).cond()
        4.0
        """
        return spectrum.cond(self)

    def svd(self, k: int | None = None) -> spectrum.SVD:
        """D = U diag(s) Vt, or its ``k`` largest singular values with their vectors.

        U has shape (rows, k), s (k,), Vt (k, columns), s falling; columns of U and rows of Vt are
        flattened vectors (``D.domain.unflatten`` makes trees of them). For some of many a Lanczos
        method is used (ARPACK), which asks only for D v and Dᵀ u.

        >>> from catenary.linear.dense import Dense
        >>> U, s, Vt = Dense([[0.0, 2.0], [1.0, 0.0]]).svd()
        >>> s
        array([2., 1.])
        """
        return spectrum.svd(self, k)

    def eigh(self, k: int | None = None, which: spectrum.Which = "largest") -> spectrum.Eigh:
        """Eigenvalues, rising, and orthonormal eigenvectors (the columns) of a symmetric map.

        With ``k``, those k that are "largest", "smallest", or "magnitude": largest in absolute
        value; of a large map they are found by a Lanczos method (ARPACK).

        >>> from catenary.linear.dense import Dense
        >>> Dense([[0.0, 2.0], [2.0, 0.0]]).eigh().eigenvalues
        array([-2.,  2.])
        """
        return spectrum.eigh(self, k, which)

    def solve(
        self,
        b: Any,
        method: solve.Method = "auto",
        *,
        tolerance: float | None = None,
        steps: int | None = None,
    ) -> Any:
        """The x with D x = b; where D is not square, the one of least squares and least norm.

        ``b`` is a tree of the codomain's structure. "auto" goes by structure: diagonal,
        permutation, triangular, Kronecker and products factor by factor, Cholesky where D is
        positive semi-definite, LU, Woodbury's formula for a diagonal plus low rank, sparse LU.
        Small maps of no structure are written out. Large ones go without a matrix to conjugate
        gradients ("cg", positive semi-definite), MINRES ("minres", symmetric) or LSMR ("lsmr",
        any), until the residual is ``tolerance`` times that of x = 0 (default: √ε) or ``steps``
        are done. What was factorized once is kept.

        Raises SolveError where D is singular, or the tolerance was not reached.

        >>> import numpy as np
        >>> from catenary.linear.dense import Dense
        >>> Dense([[2.0, 1.0], [0.0, 4.0]]).solve(np.array([4.0, 8.0]))
        array([1., 2.])
        """
        return solve.solve(self, b, method, tolerance, steps)

    # ---- printing ----

    @property
    def name(self) -> str:
        """What it is, in a word, and its shape."""
        return "{} {}×{}".format(type(self).__name__, *self.shape)

    def __repr__(self) -> str:
        return f"<{self.name}: {self.domain} ⊸ {self.codomain}>"


__all__ = ["MEMORY", "LinearMap", "units"]
