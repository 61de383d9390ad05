"""Calls of NumPy to be made twice, with real and with traced arrays: how they are written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

KINDS = ("float64", "float32", "int64", "uint8", "bool")
FEW = ("float64", "float32", "int64")
FLOATS = ("float64", "float32")
ROUGH = {"smooth": False}
EXACT = {"ulp": 0.0}


@dataclass(frozen=True)
class Array:
    """Stands for an array in a call: drawn between two bounds, of the dtype that is tried."""

    shape: tuple[int, ...]
    low: float = -3.0
    high: float = 3.0
    dtype: str | None = None  # always this one

    def draw(self, rng: np.random.Generator, dtype: str) -> Any:
        kind = np.dtype(self.dtype or dtype)
        if kind.kind == "b":
            return rng.random(self.shape) < 0.5
        if kind.kind in "iu":
            low = max(self.low, 0) if kind.kind == "u" else self.low
            return rng.integers(int(low), int(self.high) + 1, self.shape).astype(kind)
        return rng.uniform(self.low, self.high, self.shape).astype(kind)


@dataclass(frozen=True)
class Given:
    """A certain array, of the dtype that is tried."""

    values: Any

    def draw(self, rng: np.random.Generator, dtype: str) -> Any:
        with np.errstate(invalid="ignore"):  # NaN as an integer is the processor's choice
            return np.asarray(self.values).astype(dtype)


@dataclass(frozen=True)
class Real:
    """An array that is never traced: positions, repeats, masks that must be known."""

    values: Any


@dataclass(frozen=True)
class Row:
    """One call: of which callable, by what function, with which arguments."""

    of: Any
    call: Callable[..., Any]
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    kinds: tuple[str, ...] = KINDS
    smooth: bool = True  # differentiable at points drawn at random
    jit: bool = True
    alone: bool = True  # NumPy hands the call over whichever of the arguments is traced
    ulp: float = 8.0

    def __str__(self) -> str:
        options = [f"{k}={_text(v)}" for k, v in self.options.items()]
        name = getattr(self.of, "__name__", str(self.of))
        extra = "" if self.call is self.of else f" by {getattr(self.call, '__name__', '')}"
        return f"{name}({', '.join([_text(a) for a in self.arguments] + options)}){extra}"


def _text(argument: Any) -> str:
    if isinstance(argument, Array):
        return f"[{'×'.join(map(str, argument.shape))}]"
    if isinstance(argument, (Given, Real)):
        return str(argument.values)
    if isinstance(argument, (list, tuple)):
        return f"({', '.join(map(_text, argument))})"
    return repr(argument)


@dataclass
class Table:
    """The rows of a group of callables; ``settings`` hold for each that does not say otherwise."""

    settings: dict[str, Any] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def add(
        self, of: Any, *calls: Any, by: Callable[..., Any] | None = None, **settings: Any
    ) -> None:
        """Each call is a tuple of arguments, the last of which may be a dict of options."""
        for call in calls:
            given = call if isinstance(call, tuple) else (call,)
            options = given[-1] if given and type(given[-1]) is dict else {}
            arguments = given[: len(given) - 1] if options or (given and given[-1] == {}) else given
            self.rows.append(Row(of, by or of, arguments, options, **(self.settings | settings)))

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)


class Filled:
    """A row's arguments with arrays drawn, and the places where they stand."""

    def __init__(self, row: Row, dtype: str, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)
        self._dtype = dtype
        self.arrays: list[Any] = []
        self._tree = self._draw((row.arguments, row.options))

    def _draw(self, node: Any) -> Any:
        if isinstance(node, (Array, Given)):
            self.arrays.append(node.draw(self._rng, self._dtype))
            return _Place(len(self.arrays) - 1)
        if isinstance(node, (list, tuple)):
            return type(node)(map(self._draw, node))
        if isinstance(node, dict):
            return {key: self._draw(value) for key, value in node.items()}
        return node.values if isinstance(node, Real) else node

    def put(self, arrays: list[Any]) -> Any:
        """(arguments, options) with these arrays in their places."""
        return _put(self._tree, arrays)


@dataclass(frozen=True)
class _Place:
    number: int


def _put(node: Any, arrays: list[Any]) -> Any:
    if isinstance(node, _Place):
        return arrays[node.number]
    if isinstance(node, (list, tuple)):
        return type(node)(_put(child, arrays) for child in node)
    if isinstance(node, dict):
        return {key: _put(child, arrays) for key, child in node.items()}
    return node


A1, A3, A4 = Array((1,)), Array((3,)), Array((4,))
A0 = Array(())
A23, A34, A32, A33 = Array((2, 3)), Array((3, 4)), Array((3, 2)), Array((3, 3))
A234 = Array((2, 3, 4))
EMPTY, EMPTY03, EMPTY30 = Array((0,)), Array((0, 3)), Array((3, 0))
MASK23 = Array((2, 3), dtype="bool")
MASK3 = Array((3,), dtype="bool")
A8 = Array((8,))
SPECIAL_FLOATS = Given([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 2.5, -2.5])
