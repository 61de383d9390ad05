"""The small algebra of linear maps in which operations describe their derivatives.

A map acts on flattened arrays: it has a shape (rows, columns), a transpose, a cost (the
multiplications of one application), and, when asked for, a matrix. Nothing is densified before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Array = np.ndarray[Any, Any]


class Map(Protocol):
    """A linear map from vectors of length ``shape[1]`` to vectors of length ``shape[0]``."""

    @property
    def shape(self) -> tuple[int, int]: ...
    @property
    def cost(self) -> int: ...
    @property
    def T(self) -> Map: ...
    def matrix(self) -> Array: ...


@dataclass(frozen=True, eq=False)
class Identity:
    """v ↦ v."""

    n: int
    cost = 0

    @property
    def shape(self) -> tuple[int, int]:
        return self.n, self.n

    @property
    def T(self) -> Map:
        return self

    def matrix(self) -> Array:
        return np.eye(self.n)


@dataclass(frozen=True, eq=False)
class Zero:
    """v ↦ 0."""

    shape: tuple[int, int]
    cost = 0

    @property
    def T(self) -> Map:
        return Zero(self.shape[::-1])

    def matrix(self) -> Array:
        return np.zeros(self.shape)


@dataclass(frozen=True, eq=False)
class Scalar:
    """v ↦ c·v."""

    c: float
    n: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.n, self.n

    @property
    def cost(self) -> int:
        return self.n

    @property
    def T(self) -> Map:
        return self

    def matrix(self) -> Array:
        return self.c * np.eye(self.n)


@dataclass(frozen=True, eq=False)
class Diagonal:
    """v ↦ d ⊙ v."""

    d: Array

    @property
    def shape(self) -> tuple[int, int]:
        return self.d.size, self.d.size

    @property
    def cost(self) -> int:
        return self.d.size

    @property
    def T(self) -> Map:
        return self

    def matrix(self) -> Array:
        return np.diag(self.d.reshape(-1))


@dataclass(frozen=True, eq=False)
class Selection:
    """out[i] = v[index[i]], or 0 where index[i] is −1: moving, copying and dropping."""

    index: Array
    n: int
    cost = 0

    @property
    def shape(self) -> tuple[int, int]:
        return self.index.size, self.n

    @property
    def T(self) -> Map:
        return Ones(self)

    def matrix(self) -> Array:
        result = np.zeros(self.shape)
        rows = np.flatnonzero(self.index.reshape(-1) >= 0)
        result[rows, self.index.reshape(-1)[rows]] = 1
        return result


@dataclass(frozen=True, eq=False)
class Ones:
    """The transpose of a selection: sums of what was selected."""

    selection: Selection
    cost = 0

    @property
    def shape(self) -> tuple[int, int]:
        return self.selection.shape[::-1]

    @property
    def T(self) -> Map:
        return self.selection

    def matrix(self) -> Array:
        return self.selection.matrix().T


@dataclass(frozen=True, eq=False)
class RunningSum:
    """out[i] = v[0] + … + v[i]; from the end where ``reverse``."""

    n: int
    reverse: bool = False
    cost = 0

    @property
    def shape(self) -> tuple[int, int]:
        return self.n, self.n

    @property
    def T(self) -> Map:
        return RunningSum(self.n, not self.reverse)

    def matrix(self) -> Array:
        ones = np.tri(self.n)
        return ones.T if self.reverse else ones


@dataclass(frozen=True, eq=False)
class Dense:
    """v ↦ A v."""

    a: Array

    @property
    def shape(self) -> tuple[int, int]:
        return self.a.shape[0], self.a.shape[1]

    @property
    def cost(self) -> int:
        return self.a.size

    @property
    def T(self) -> Map:
        return Dense(self.a.T)

    def matrix(self) -> Array:
        return self.a


@dataclass(frozen=True, eq=False)
class Blocks:
    """A block diagonal: a stack of matrices, one after the other."""

    stack: Array  # (blocks, rows, columns)

    @property
    def shape(self) -> tuple[int, int]:
        b, m, n = self.stack.shape
        return b * m, b * n

    @property
    def cost(self) -> int:
        return self.stack.size

    @property
    def T(self) -> Map:
        return Blocks(self.stack.swapaxes(1, 2))

    def matrix(self) -> Array:
        b, m, n = self.stack.shape
        result = np.zeros((b, m, b, n))
        result[np.arange(b), :, np.arange(b), :] = self.stack
        return result.reshape(b * m, b * n)


@dataclass(frozen=True, eq=False)
class Kronecker:
    """left ⊗ right, acting on a matrix V in row order: left · V · rightᵀ."""

    left: Map
    right: Map

    @property
    def shape(self) -> tuple[int, int]:
        (m, n), (p, q) = self.left.shape, self.right.shape
        return m * p, n * q

    @property
    def cost(self) -> int:
        # the right factor on every row first, or the left on every column: whichever is less
        (m, n), (p, q) = self.left.shape, self.right.shape
        right_first = n * self.right.cost + p * self.left.cost
        left_first = q * self.left.cost + m * self.right.cost
        return min(right_first, left_first)

    @property
    def T(self) -> Map:
        return Kronecker(self.left.T, self.right.T)

    def matrix(self) -> Array:
        return np.kron(self.left.matrix(), self.right.matrix())


@dataclass(frozen=True, eq=False)
class Sum:
    """v ↦ Σ Aᵢ v."""

    terms: tuple[Map, ...]

    @property
    def shape(self) -> tuple[int, int]:
        return self.terms[0].shape

    @property
    def cost(self) -> int:
        return sum(t.cost for t in self.terms)

    @property
    def T(self) -> Map:
        return Sum(tuple(t.T for t in self.terms))

    def matrix(self) -> Array:
        result: Array = sum((t.matrix() for t in self.terms), np.zeros(self.shape))
        return result


@dataclass(frozen=True, eq=False)
class Composition:
    """v ↦ A₁ (A₂ (… v))."""

    factors: tuple[Map, ...]

    @property
    def shape(self) -> tuple[int, int]:
        return self.factors[0].shape[0], self.factors[-1].shape[1]

    @property
    def cost(self) -> int:
        return sum(f.cost for f in self.factors)

    @property
    def T(self) -> Map:
        return Composition(tuple(f.T for f in reversed(self.factors)))

    def matrix(self) -> Array:
        result = self.factors[0].matrix()
        for factor in self.factors[1:]:
            result = result @ factor.matrix()
        return result


def positions(shape: tuple[int, ...]) -> Array:
    """The array of this shape whose elements are their own positions in row order."""
    return np.arange(math.prod(shape), dtype=np.int64).reshape(shape)


def selection(index: Array, shape: tuple[int, ...]) -> Selection:
    """The selection that an operation makes, seen from what it does to positions."""
    return Selection(index.reshape(-1), math.prod(shape))
