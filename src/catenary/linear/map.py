"""Linear maps as objects: apply, transpose, compose, add, scale, and write out as a matrix.

A derivative *is* a linear map; numbers, gradients and Jacobians are its representations
(Elliott, The Simple Essence of Automatic Differentiation, ICFP 2018).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.backend.compile import Compiled
from catenary.core import errors
from catenary.core.graph import Graph
from catenary.function.arguments import result
from catenary.linear.space import Space
from catenary.tracing.recorder import user_line
from catenary.transform.batch import batch
from catenary.transform.simplify import simplify
from catenary.transform.transpose import transpose

Array = np.ndarray[Any, Any]
MEMORY = 2**28  # bytes that one batch of columns may take


class LinearMap(ABC):
    """A linear map from one space of trees to another.

    ``D @ v`` (or ``D(v)``) applies it, ``D2 @ D1`` composes, ``D.T`` transposes, ``D1 + D2``,
    ``D1 - D2``, ``-D`` and ``c * D`` combine, ``D.matrix()`` writes it out with one row for each
    coordinate of the result and one column for each of the argument. ``D.shape`` is
    (rows, columns); ``domain`` and ``codomain`` are the spaces.

    >>> import numpy as np
    >>> from catenary.linear.linearize import linearize
    >>> _, D = linearize(np.sin, np.zeros(2))
    >>> (3 * D - D.T) @ np.array([1.0, 2.0])
    array([2., 4.])
    """

    __array_ufunc__ = None  # so that an ndarray on the left leaves @ and * to us

    domain: Space
    codomain: Space

    @property
    def shape(self) -> tuple[int, int]:
        """(dimension of the codomain, dimension of the domain)."""
        return self.codomain.dimension, self.domain.dimension

    # Two words make a linear map: what it does to coordinates, and its transpose.

    @abstractmethod
    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        """The coordinates of the image of a vector given by its coordinates."""

    @abstractmethod
    def _transposed(self) -> LinearMap: ...

    def columns(self, arrays: Sequence[Any], count: int) -> list[Any]:
        """Images of many vectors at once, along a new leading axis."""
        rows = [self.apply([a[i] for a in arrays]) for i in range(count)]
        return [
            np.stack([np.asarray(row[k]) for row in rows]) for k in range(len(self.codomain.types))
        ]

    @property
    def column_bytes(self) -> int:
        """The memory that one more column takes while it is computed."""
        return 8 * sum(self.shape)

    # ---- algebra ----

    @property
    def T(self) -> LinearMap:
        """The transpose, with ⟨D v, u⟩ = ⟨v, D.T u⟩."""
        return self._transposed()

    def __call__(self, vector: Any) -> Any:
        """The image of a vector: a tree of the domain's structure."""
        return self.codomain.vector(self.apply(self.domain.coordinates(vector)))

    def __matmul__(self, other: Any) -> Any:
        return Composition(self, other) if isinstance(other, LinearMap) else self(other)

    def __add__(self, other: Any) -> LinearMap:
        return Sum(self, other) if isinstance(other, LinearMap) else NotImplemented

    def __sub__(self, other: Any) -> LinearMap:
        return Sum(self, -other) if isinstance(other, LinearMap) else NotImplemented

    def __neg__(self) -> LinearMap:
        return Scaled(self, -1.0)

    def __mul__(self, number: Any) -> LinearMap:
        return Scaled(self, number) if np.ndim(number) == 0 else NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, number: Any) -> LinearMap:
        return Scaled(self, 1.0 / number)

    def __pos__(self) -> LinearMap:
        return self

    # ---- representations ----

    def matrix(self, *, memory: int = MEMORY) -> Array:
        """The dense matrix, rows and columns in the order of the flattened coordinates.

        Computed by columns or by rows, whichever are fewer, in batches that take about
        ``memory`` bytes. Shape ``D.shape``; the dtype is the common one of both spaces.

        >>> import numpy as np
        >>> from catenary.linear.linearize import linearize
        >>> _, D = linearize(lambda x: np.array([2.0, 3.0]) * x, np.ones(2))
        >>> D.matrix()
        array([[2., 0.],
               [0., 3.]])
        """
        rows, columns = self.shape
        whole: Array = self.T._by_columns(memory).T if columns > rows else self._by_columns(memory)
        return whole

    def _by_columns(self, memory: int) -> Any:
        rows, columns = self.shape
        dtype = np.result_type(*[t.dtype for t in (*self.domain.types, *self.codomain.types)])
        chunk = max(1, min(columns, memory // max(self.column_bytes, 1)))
        blocks = [np.zeros((0, rows), dtype)] if columns == 0 else []
        for start in range(0, columns, chunk):
            count = min(chunk, columns - start)
            images = self.columns(units(self.domain, start, start + count), count)
            flat = [np.reshape(result(image), (count, -1)).astype(dtype) for image in images]
            blocks.append(np.concatenate(flat, axis=1))
        return np.concatenate(blocks).T

    def __repr__(self) -> str:
        rows, columns = self.shape
        name = type(self).__name__
        return f"<{name} {rows}×{columns}: {self.domain} ⊸ {self.codomain}>"


def units(space: Space, start: int, stop: int) -> list[Array]:
    """The unit vectors number start, …, stop − 1 of a space, along a leading axis."""
    arrays, offset = [], 0
    for type in space.types:
        block = np.zeros((stop - start, type.size), type.dtype)
        first, last = max(start, offset), min(stop, offset + type.size)
        if first < last:
            block[np.arange(first, last) - start, np.arange(first, last) - offset] = 1
        arrays.append(block.reshape(stop - start, *type.shape))
        offset += type.size
    return arrays


def _fits(inner: Space, outer: Space) -> bool:
    return inner.types == outer.types


class GraphMap(LinearMap):
    """The linear map that a graph computes, some of whose inputs are held fast."""

    def __init__(
        self, graph: Graph, held: Sequence[Any], domain: Space, codomain: Space,
        transposed: GraphMap | None = None,
    ) -> None:  # fmt: skip
        self.graph = graph
        self.held = list(held)
        self.domain = domain
        self.codomain = codomain
        self._other = transposed
        self._compiled = Compiled(graph)
        self._batched: dict[int, Compiled] = {}

    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        return self._compiled([*self.held, *arrays])

    def _transposed(self) -> GraphMap:
        if self._other is None:
            places = range(len(self.held), len(self.graph.inputs))
            graph = simplify(transpose(self.graph, places))
            self._other = GraphMap(graph, self.held, self.codomain, self.domain, self)
        return self._other

    def columns(self, arrays: Sequence[Any], count: int) -> list[Any]:
        if count not in self._batched:
            flags = (False,) * len(self.held) + (True,) * len(arrays)
            self._batched[count] = Compiled(simplify(batch(self.graph, count, flags)))
        return self._batched[count]([*self.held, *arrays])

    @property
    def column_bytes(self) -> int:
        written = [var.type for node in self.graph.nodes for var in node.outputs]
        return sum(type.size * type.dtype.itemsize for type in written)


class Composition(LinearMap):
    """v ↦ outer (inner v)."""

    def __init__(self, outer: LinearMap, inner: LinearMap) -> None:
        if not _fits(inner.codomain, outer.domain):
            raise errors.maps_do_not_fit(
                "composed", str(outer.domain), str(inner.codomain), user_line()
            )
        self.outer, self.inner = outer, inner
        self.domain, self.codomain = inner.domain, outer.codomain

    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        return self.outer.apply(self.inner.apply(arrays))

    def _transposed(self) -> LinearMap:
        return Composition(self.inner.T, self.outer.T)

    def columns(self, arrays: Sequence[Any], count: int) -> list[Any]:
        return self.outer.columns(self.inner.columns(arrays, count), count)

    @property
    def column_bytes(self) -> int:
        return self.outer.column_bytes + self.inner.column_bytes


class Sum(LinearMap):
    """v ↦ first v + second v."""

    def __init__(self, first: LinearMap, second: LinearMap) -> None:
        if not _fits(first.domain, second.domain) or not _fits(first.codomain, second.codomain):
            raise errors.maps_do_not_fit("added", repr(first), repr(second), user_line())
        self.first, self.second = first, second
        self.domain, self.codomain = first.domain, first.codomain

    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        pairs = zip(self.first.apply(arrays), self.second.apply(arrays), strict=True)
        return [_value(result(a) + result(b)) for a, b in pairs]

    def _transposed(self) -> LinearMap:
        return Sum(self.first.T, self.second.T)

    def columns(self, arrays: Sequence[Any], count: int) -> list[Any]:
        first, second = self.first.columns(arrays, count), self.second.columns(arrays, count)
        return [a + b for a, b in zip(first, second, strict=True)]

    @property
    def column_bytes(self) -> int:
        return self.first.column_bytes + self.second.column_bytes


class Scaled(LinearMap):
    """v ↦ c · inner v."""

    def __init__(self, inner: LinearMap, number: Any) -> None:
        self.inner, self.number = inner, number
        self.domain, self.codomain = inner.domain, inner.codomain

    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        scaled = [result(a) * self.number for a in self.inner.apply(arrays)]
        return [_value(a.astype(t.dtype)) for a, t in zip(scaled, self.codomain.types, strict=True)]

    def _transposed(self) -> LinearMap:
        return Scaled(self.inner.T, self.number)

    def columns(self, arrays: Sequence[Any], count: int) -> list[Any]:
        return [a * self.number for a in self.inner.columns(arrays, count)]

    @property
    def column_bytes(self) -> int:
        return self.inner.column_bytes


def _value(array: Any) -> Any:
    from_traced = getattr(array, "value", None)
    return from_traced() if callable(from_traced) else array
