"""Vector spaces of trees: where a linear map starts and where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core.types import FLOAT64, ArrayType
from catenary.function.arguments import beside, operand_like, result
from catenary.tracing import tree
from catenary.tracing.array import TracedArray
from catenary.tracing.trace import operand


@dataclass(frozen=True, eq=False)
class Space:
    """Trees of one structure, whose coordinates are real arrays of fixed shapes.

    Vectors of the space are written in three ways: as the tree; as the list of its arrays; and
    flat, as one array of ``dimension`` numbers, the arrays row by row one after the other.

    >>> import numpy as np
    >>> space = space_of({"w": np.ones((2, 2)), "b": 3.0})
    >>> space.dimension, space.flatten({"w": np.eye(2), "b": 5.0})
    (5, array([5., 1., 0., 0., 1.]))
    """

    leaves: tuple[Any, ...]  # an example: gives every leaf that is not a coordinate
    structure: tree.Structure
    positions: tuple[int, ...]
    types: tuple[ArrayType, ...]

    @property
    def dimension(self) -> int:
        """The number of coordinates."""
        return sum(type.size for type in self.types)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The element type that holds every coordinate."""
        return np.result_type(*[t.dtype for t in self.types]) if self.types else FLOAT64

    def same(self, other: Space) -> bool:
        """Whether vectors of the other space are vectors of this one."""
        return self is other or (
            self.types == other.types
            and self.positions == other.positions
            and self.structure == other.structure
        )

    # ---- trees and their arrays ----

    def coordinates(self, vector: Any, name: str = "a vector") -> list[Any]:
        """The arrays of a tree of this structure, shapes checked and dtypes made equal."""
        given = beside(vector, self.structure, self.positions, name)
        return [
            operand_like(leaf, type, name) for leaf, type in zip(given, self.types, strict=True)
        ]

    def vector(self, arrays: Sequence[Any]) -> Any:
        """The tree with these coordinates."""
        filled = list(self.leaves)
        for i, array in zip(self.positions, arrays, strict=True):
            filled[i] = result(array)
        return tree.unflatten(self.structure, filled)

    # ---- arrays and the flat vector ----

    def joined(self, arrays: Sequence[Any], *lead: int) -> Any:
        """The arrays, each with leading axes ``lead``, as one of shape (*lead, dimension)."""
        flat = [
            np.reshape(result(a), (*lead, t.size)) for a, t in zip(arrays, self.types, strict=True)
        ]
        if len(flat) == 1:
            return flat[0]
        return np.concatenate(flat, axis=-1) if flat else np.zeros((*lead, 0))

    def parted(self, flat: Any) -> list[Any]:
        """The inverse of :meth:`joined`: the arrays in an array of shape (…, dimension)."""
        lead, arrays, start = np.shape(flat)[:-1], [], 0
        for type in self.types:
            part = flat if len(self.types) == 1 else flat[..., start : start + type.size]
            part = np.reshape(part, lead + type.shape)
            if part.dtype != type.dtype:
                part = part.astype(type.dtype)
            arrays.append(operand(part).value if isinstance(part, TracedArray) else part)
            start += type.size
        return arrays

    def flatten(self, vector: Any) -> Any:
        """The coordinates of a tree as one flat array."""
        return self.joined(self.coordinates(vector))

    def unflatten(self, flat: Any) -> Any:
        """The tree of which this is the flat array."""
        return self.vector(self.parted(flat))

    def __str__(self) -> str:
        shapes = ", ".join(str(t) for t in self.types)
        return f"R^{self.dimension} ({shapes})"


def space_of(vector: Any) -> Space:
    """The space in which a tree lies: all trees of its structure, shapes and dtypes.

    >>> import numpy as np
    >>> space_of((np.zeros((2, 3)), 1.0)).dimension
    7
    """
    leaves, structure = tree.flatten(vector)
    positions = tree.coordinate_positions(leaves, structure)
    types = tuple(operand(leaves[i]).type for i in positions)
    return Space(tuple(leaves), structure, tuple(positions), types)


_ARRAY = tree.flatten(0.0)[1]


def flat_space(n: int, dtype: Any = FLOAT64) -> Space:
    """The space of arrays of n numbers."""
    example = np.broadcast_to(np.zeros((), dtype), (n,))
    return Space((example,), _ARRAY, (0,), (ArrayType((n,), example.dtype),))


def product_space(spaces: Sequence[Space]) -> Space:
    """Tuples of vectors, one of each space; a single space is itself."""
    if len(spaces) == 1:
        return spaces[0]
    example = tuple(tree.unflatten(s.structure, list(s.leaves)) for s in spaces)
    leaves, structure = tree.flatten(example)
    offsets = np.cumsum([0, *(len(s.leaves) for s in spaces)])
    positions = [int(k) + i for k, s in zip(offsets, spaces) for i in s.positions]
    types = tuple(t for s in spaces for t in s.types)
    return Space(tuple(leaves), structure, tuple(positions), types)
