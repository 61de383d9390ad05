"""Lanczos's process: a symmetric map seen from the space that its powers of one vector span."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catenary.linear.curvature.flat import Flat, Vector
from catenary.tracing import random


@dataclass(frozen=True, eq=False)
class Ritz:
    """Eigenvalues of A within the Krylov space, ascending.

    ``residuals[i]`` = ‖A yᵢ − θᵢ yᵢ‖: an eigenvalue of A lies within it of ``values[i]``. Row i of
    ``coordinates`` says how yᵢ is made of the basis.
    """

    values: Vector
    residuals: Vector
    coordinates: Vector


class Krylov:
    """An orthonormal basis V of span{v, A v, A² v, …} and the tridiagonal T = Vᵀ A V.

    Every new vector is made orthogonal to all before it: in floating point the short recurrence
    alone finds copies of eigenvalues that A has once. When the space is exhausted the
    process goes on from a new random vector, so that eigenvalues of any multiplicity are found.

    Source: Lanczos, An iteration method for the solution of the eigenvalue problem …, 1950;
    Parlett, The Symmetric Eigenvalue Problem, chapter 13.
    """

    def __init__(self, A: Flat, start: Vector, seed: int = 0) -> None:
        self._map = A
        self._seed = seed
        self._basis = np.empty((min(16, A.n), A.n))
        self._next = start / np.linalg.norm(start)
        self.size = 0
        self.diagonal: list[float] = []
        self.beside: list[float] = []  # β: between each vector and the next

    def extend(self, size: int) -> Krylov:
        """Grow the space to this dimension, at most that of the whole space."""
        while self.size < min(size, self._map.n):
            self._grow()
        return self

    @property
    def basis(self) -> Vector:
        """The basis vectors as rows."""
        return self._basis[: self.size]

    def _grow(self) -> None:
        if self.size == len(self._basis):
            more = np.empty((min(2 * self.size, self._map.n), self._map.n))
            more[: self.size] = self._basis
            self._basis = more
        v = self._basis[self.size] = self._next
        self.size += 1
        image = self._map(v)
        self.diagonal.append(float(v @ image))
        image -= self.diagonal[-1] * v
        if self.size > 1:
            image -= self.beside[-1] * self._basis[self.size - 2]
        image, length = self._orthogonal(image)
        scale = max(map(abs, (*self.diagonal, *self.beside)))
        if length <= self._map.epsilon * scale * np.sqrt(self._map.n) or length == 0:
            self.beside.append(0.0)
            self._next = self._fresh()
        else:
            self.beside.append(length)
            self._next = image / length

    def _orthogonal(self, vector: Vector) -> tuple[Vector, float]:
        """The part of a vector that is orthogonal to the basis, and its length.

        Made so again where much of it cancelled (Parlett, section 6.9: twice is enough).
        """
        length = float(np.linalg.norm(vector))
        for _ in range(3):
            before = length
            vector = vector - (self.basis @ vector) @ self.basis
            length = float(np.linalg.norm(vector))
            if length > 0.7 * before:
                break
        return vector, length

    def _fresh(self) -> Vector:
        """A random vector orthogonal to the space, once that is invariant under A."""
        if self.size == self._map.n:
            return np.zeros(self._map.n)
        drawn = start_vector(self._map.n, self._seed + 1000 + self.size)
        fresh, length = self._orthogonal(drawn)
        return fresh / length

    def ritz(self) -> Ritz:
        """Eigenvalues of T, with what is known of their errors."""
        m = self.size
        beside = np.array(self.beside[: m - 1])
        T = np.diag(self.diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
        values, S = np.linalg.eigh(T)
        rounding = self._map.epsilon * float(np.abs(values).max())
        residuals = abs(self.beside[m - 1]) * np.abs(S[-1]) + rounding
        return Ritz(values, residuals, S.T)


def start_vector(n: int, seed: int) -> Vector:
    """A random direction, uniform on the sphere."""
    drawn: Vector = np.asarray(random.normal(random.key(seed), n))
    return drawn / np.linalg.norm(drawn)
