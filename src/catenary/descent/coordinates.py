"""The coordinates of a tree as one vector, for methods that do linear algebra with them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.descent.arithmetic import Tree
from catenary.tracing import tree

Vector = np.ndarray[Any, Any]
Matrix = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Coordinates:
    """How trees of one structure and vectors of one length are made from each other.

    The vector has the widest dtype among the coordinates; each coordinate keeps its own.
    """

    like: Tree
    dtype: Any

    @classmethod
    def of(cls, like: Tree) -> Coordinates:
        """Those of trees like this one."""
        return cls(like, np.result_type(*tree.coordinates(like)))

    def vector(self, point: Tree) -> Vector:
        """The vector of a tree: its coordinates in a row."""
        leaves = tree.coordinates(point)
        if len(leaves) == 1 and isinstance(leaves[0], np.ndarray) and leaves[0].ndim == 1:
            return np.array(leaves[0], self.dtype)
        return np.concatenate([np.ravel(leaf).astype(self.dtype, copy=False) for leaf in leaves])

    def tree(self, vector: Vector, like: Tree = None) -> Tree:
        """The tree of a vector, which may be traced; what is no coordinate comes from ``like``."""
        at = 0

        def take(leaf: Any) -> Any:
            nonlocal at
            shape = np.shape(leaf)
            part = vector[at : at + math.prod(shape)]
            at += part.size
            return part.astype(np.asarray(leaf).dtype).reshape(shape)

        return tree.map(take, self.like if like is None else like)
