"""What the methods of second order ask about a function: values, gradients, curvature.

Points are vectors here. Every question is counted.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core import descent_errors
from catenary.descent.arithmetic import Tree
from catenary.descent.coordinates import Coordinates, Matrix, Vector
from catenary.descent.kronecker import Factors
from catenary.descent.objective import Point, Program, first_point, read_start
from catenary.descent.result import Evaluations
from catenary.function.modes import value_and_grad
from catenary.linear.hessian import hessian, hvp

Product = Callable[[Vector], Vector]


class Oracle(ABC):
    """Answers about a function of a vector."""

    def __init__(self, coordinates: Coordinates) -> None:
        self.coordinates = coordinates
        self.epsilon = float(np.finfo(coordinates.dtype).eps)
        self.values = self.gradients = self.products = self.matrices = 0

    @property
    def evaluations(self) -> Evaluations:
        """What was evaluated so far."""
        return Evaluations(self.values, self.gradients, self.products, self.matrices)

    def at(self, x: Vector) -> Point:
        """The value and the gradient at x."""
        self.values += 1
        self.gradients += 1
        value, gradient = self._value_and_gradient(x)
        return Point(x, value, gradient, float(np.linalg.norm(gradient)))

    def along(self, point: Point, step: Vector) -> Point:
        """The point a step further."""
        return self.at(point.x + step.astype(point.x.dtype, copy=False))

    def product(self, x: Vector) -> Product:
        """v ↦ H(x) v, with the Hessian H."""

        def times(v: Vector) -> Vector:
            self.products += 1
            return self._hessian_times(x, v)

        return times

    def hessian(self, x: Vector) -> Matrix:
        """The Hessian written out, made exactly symmetric."""
        self.matrices += 1
        H = self._hessian(x)
        if not np.isfinite(H).all():
            raise descent_errors.curvature_not_finite("Hessian", x)
        return (H + H.T) / 2

    def gauss_newton(self, x: Vector) -> Product:
        """v ↦ G(x) v, with the Gauss–Newton matrix G, where the function has one."""

        def times(v: Vector) -> Vector:
            self.products += 1
            return self._gauss_newton_times(x, v)

        return times

    def jacobian(self, x: Vector) -> tuple[Vector, Matrix] | None:
        """Residuals and their Jacobian, where they are at hand and small enough to write out."""
        del x
        return None

    def kronecker(self, x: Vector) -> list[Factors]:
        """Kronecker factors of the Gauss–Newton matrix, where the function is a network's cost."""
        del x
        raise descent_errors.needs_network()

    @abstractmethod
    def _value_and_gradient(self, x: Vector) -> tuple[float, Vector]: ...

    @abstractmethod
    def _hessian_times(self, x: Vector, v: Vector) -> Vector: ...

    @abstractmethod
    def _hessian(self, x: Vector) -> Matrix: ...

    def _gauss_newton_times(self, x: Vector, v: Vector) -> Vector:
        del x, v
        raise descent_errors.needs_residuals()


class FunctionOracle(Oracle):
    """Answers about ``sign · f``, a NumPy function of a tree."""

    def __init__(self, f: Callable[[Any], Any], sign: float, x0: Tree) -> None:
        start = read_start(x0)
        super().__init__(Coordinates.of(start))
        self.f = f
        self.sign = sign
        self.first = start
        self.first_vector = self.coordinates.vector(start)
        self._both = Program(value_and_grad(f))
        self._times = Program(lambda x, v: hvp(f, x, v))
        self._matrix = Program(hessian(lambda x: f(self.tree(x))))

    def tree(self, x: Vector) -> Tree:
        """A vector as the caller writes it."""
        return self.coordinates.tree(x)

    def start(self) -> Point:
        """The point to start from; raises if it is none."""
        return first_point(lambda x: self.f(self.tree(x)), self.at, self.first_vector)

    def _value_and_gradient(self, x: Vector) -> tuple[float, Vector]:
        value, gradient = self._both(self.tree(x))
        return self.sign * float(value), self.sign * self.coordinates.vector(gradient)

    def _hessian_times(self, x: Vector, v: Vector) -> Vector:
        product = self._times(self.tree(x), self.tree(v))
        return self.sign * self.coordinates.vector(product)

    def _hessian(self, x: Vector) -> Matrix:
        return np.asarray(self.sign * self._matrix(x))
