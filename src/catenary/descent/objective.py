"""A function to be minimized, looked at one point at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from catenary.core import descent_errors
from catenary.core.errors import CatenaryError, TraceError
from catenary.descent.arithmetic import Tree, scale
from catenary.descent.finite import all_finite
from catenary.descent.result import Evaluations
from catenary.function.jit import Jitted
from catenary.function.modes import value_and_grad
from catenary.tracing import tree


@dataclass(frozen=True)
class Point:
    """A place, and what the function does there."""

    x: Tree
    value: float
    gradient: Tree
    norm: float

    @property
    def finite(self) -> bool:
        """Whether value and gradient are numbers."""
        return math.isfinite(self.value) and math.isfinite(self.norm)


def rounding(value: float, epsilon: float) -> float:
    """The difference below which two values of this size may be equal but for rounding."""
    return 4 * epsilon * abs(value)


class Program:
    """A function compiled once; as it is if it branches on the values that it is given."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._jitted: Callable[..., Any] | None = Jitted(function, (), many=True)

    def __call__(self, *arguments: Any) -> Any:
        if self._jitted is not None:
            try:
                return self._jitted(*arguments)
            except TraceError:
                self._jitted = None
        return self._function(*arguments)


class Objective:
    """``sign · f``, counting how often f was evaluated."""

    def __init__(self, f: Callable[[Any], Any], sign: float) -> None:
        self.f = f
        self.sign = sign
        self.values = 0
        self.gradients = 0
        self._value_and_grad = Program(value_and_grad(f))

    @property
    def evaluations(self) -> Evaluations:
        """What was evaluated so far."""
        return Evaluations(self.values, self.gradients)

    def value(self, x: Tree) -> float:
        """The value alone: f runs as plain NumPy."""
        self.values += 1
        return self.sign * float(self.f(x))

    def at(self, x: Tree) -> Point:
        """The value and the gradient."""
        self.values += 1
        self.gradients += 1
        value, gradient = self._value_and_grad(x)
        gradient = scale(self.sign, gradient)
        return Point(x, self.sign * float(value), gradient, float(tree.norm(gradient)))

    def start(self, x0: Tree) -> Point:
        """The point to start from; raises if it is none."""
        return first_point(self.f, self.at, read_start(x0))

    def tree(self, x: Tree) -> Tree:
        """A place as the caller writes it: as it is."""
        return x


def first_point(f: Callable[[Tree], Any], at: Callable[[Any], Point], x: Any) -> Point:
    """The point at the start, with a refusal of functions that have no gradient there."""
    try:
        point = at(x)
    except CatenaryError:
        value = f(x)
        if np.ndim(value) or np.asarray(value).dtype.kind not in "fiub":
            raise descent_errors.not_one_number(value) from None
        raise
    if not math.isfinite(point.value):
        raise descent_errors.start_not_finite("f(x0)", point.value)
    if not math.isfinite(point.norm):
        raise descent_errors.start_not_finite("the gradient at x0", point.gradient)
    return point


def read_start(x0: Tree) -> Tree:
    """A start as a tree of arrays of its own; a flat list or tuple of numbers is one array.

    Raises :class:`InputError` if it holds no floating-point numbers, or a NaN or infinity.
    """
    if type(x0) in {list, tuple} and all(isinstance(number, Real) for number in x0):
        x0 = np.array(x0)
    if not tree.size(x0):
        raise descent_errors.nothing_to_move(x0)
    if not all_finite(x0):
        raise descent_errors.start_not_finite("x0", x0)
    return tree.map(np.array, x0)
