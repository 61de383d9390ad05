"""From the cells of a table to the numbers that a net takes, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from catenary.core import input_errors
from catenary.data.cells import (
    as_texts,
    finite_numbers,
    is_unusable,
    present_texts,
    read_numbers,
)
from catenary.data.table import Cells, Table


@dataclass(frozen=True)
class NumberColumn:
    """An input column of numbers: one coordinate, (value − mean) / deviation.

    deviation: the standard deviation over the training rows; 0 for a column that was constant
               there, which is encoded as 0 whatever it holds (a net learned nothing about it)

    >>> NumberColumn("x", mean=1.0, deviation=2.0).encode(np.array([1.0, 5.0]))
    array([[0.],
           [2.]])
    """

    name: str
    mean: float
    deviation: float

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the coordinates."""
        return (self.name,)

    def encode(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Finite values [rows] → coordinates [rows, 1]."""
        if self.deviation == 0:
            return np.zeros((len(values), 1))
        return ((values - self.mean) / self.deviation)[:, None]


@dataclass(frozen=True)
class CategoryColumn:
    """An input column of categories: one coordinate for each, 1 where the row has it, else 0.

    A category that training never saw is encoded as all zeros.

    >>> CategoryColumn("hue", ("blue", "red")).encode(np.array(["red", "grey"], object))
    array([[0., 1.],
           [0., 0.]])
    """

    name: str
    categories: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the coordinates."""
        return tuple(f"{self.name}={category}" for category in self.categories)

    def encode(self, cells: Cells) -> NDArray[np.float64]:
        """Cells [rows] → coordinates [rows, categories]."""
        same = as_texts(cells)[:, None] == np.array(self.categories, object)
        return np.asarray(same, np.float64)

    def unseen(self, cells: Cells) -> list[str]:
        """The categories in the cells that training never saw, sorted."""
        return sorted(set(as_texts(cells)) - set(self.categories))


@dataclass(frozen=True)
class ClassTarget:
    """A target of classes: an index into their names.

    >>> target = ClassTarget("hue", ("blue", "red"))
    >>> target.encode(np.array(["red", "blue"], object)), target.decode(np.array([1]))
    (array([1, 0]), array(['red'], dtype=object))
    """

    name: str
    classes: tuple[str, ...]

    def encode(self, cells: Cells) -> NDArray[np.int64]:
        """Cells [rows] → class indices [rows]; −1 for a class that is not among them."""
        places = {name: place for place, name in enumerate(self.classes)}
        return np.array([places.get(text, -1) for text in as_texts(cells)], np.int64)

    def decode(self, indices: NDArray[np.int64]) -> NDArray[np.object_]:
        """Class indices [rows] → their names [rows]."""
        return np.array(self.classes, object)[indices]


@dataclass(frozen=True)
class NumberTarget:
    """A target of numbers, learned as (value − mean) / deviation.

    >>> target = NumberTarget("price", mean=10.0, deviation=2.0)
    >>> target.encode(np.array([14.0])), target.decode(np.array([[2.0]]))
    (array([[2.]], dtype=float32), array([14.]))
    """

    name: str
    mean: float
    deviation: float

    def encode(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Values [rows] → standardised values [rows, 1]."""
        return ((values - self.mean) / self.deviation).astype(np.float32)[:, None]

    def decode(self, outputs: NDArray[Any]) -> NDArray[np.float64]:
        """Outputs of the net [rows, 1] → values in the target's own unit [rows]."""
        values = outputs[:, 0].astype(np.float64)
        return values * self.deviation + self.mean


Column: TypeAlias = NumberColumn | CategoryColumn
Target: TypeAlias = ClassTarget | NumberTarget


@dataclass(frozen=True)
class Encoding:
    """How the rows of a table become inputs and targets; learned from the training rows alone.

    >>> encoding = Encoding(
    ...     (NumberColumn("x", 1.0, 2.0), CategoryColumn("hue", ("blue", "red"))),
    ...     ClassTarget("kind", ("a", "b")),
    ... )
    >>> table = Table("here", {"hue": np.array(["red", "grey"], object), "x": np.array([5.0, 1.0])})
    >>> encoding.inputs(table)
    array([[2., 0., 1.],
           [0., 0., 0.]], dtype=float32)
    """

    columns: tuple[Column, ...]
    target: Target

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the coordinates of an input."""
        return tuple(name for column in self.columns for name in column.names)

    def whole(self, table: Table) -> NDArray[np.bool_]:
        """Where a row has all its inputs, bool [rows]; no cell missing, NaN or infinite.

        Raises `InputError` for a column that is absent.
        """
        self._check_columns(table)
        found = np.ones(len(table), bool)
        for column in self.columns:
            found &= ~is_unusable(table.column(column.name), isinstance(column, NumberColumn))
        return found

    def inputs(self, table: Table) -> NDArray[np.float32]:
        """The encoded inputs, float32 [rows, coordinates]; other columns are not looked at.

        Raises `InputError` for a column that is absent, and for a cell that is empty, infinite,
        or a text where a number is needed.
        """
        self._check_columns(table)
        encoded = np.empty((len(table), len(self.names)), np.float32)
        start = 0
        for column in self.columns:
            stop = start + len(column.names)
            if isinstance(column, NumberColumn):
                encoded[:, start:stop] = column.encode(finite_numbers(table, column.name))
            else:
                encoded[:, start:stop] = column.encode(present_texts(table, column.name))
            start = stop
        return encoded

    def targets(self, table: Table) -> NDArray[Any]:
        """The encoded target: class indices int64 [rows], or float32 [rows, 1]."""
        if isinstance(self.target, NumberTarget):
            return self.target.encode(finite_numbers(table, self.target.name))
        return self.target.encode(present_texts(table, self.target.name))

    def notes(self, table: Table) -> tuple[str, ...]:
        """What to tell about a table that is encoded: categories that training never saw."""
        found = []
        for column in self.columns:
            if isinstance(column, CategoryColumn):
                cells = table.column(column.name)
                if unseen := column.unseen(cells):
                    rows = int(np.isin(as_texts(cells), unseen).sum())
                    found.append(
                        f"{table.source}: {column.name!r} has {_quoted(unseen)} in {rows} "
                        f"row{'s' * (rows != 1)}, unknown to training: encoded as none of the "
                        f"{len(column.categories)} known"
                    )
        return tuple(found)

    def _check_columns(self, table: Table) -> None:
        absent = [column.name for column in self.columns if column.name not in table.columns]
        if absent:
            raise input_errors.absent_columns(table.source, absent, list(table.columns))


def fit_number(name: str, values: NDArray[np.float64]) -> NumberColumn:
    """The encoding of an input column of finite numbers."""
    return NumberColumn(name, *mean_and_deviation(values))


def fit_categories(name: str, cells: Cells) -> CategoryColumn:
    """The encoding of an input column of categories, in the order of their names."""
    return CategoryColumn(name, in_order(as_texts(cells)))


def in_order(names: NDArray[np.object_]) -> tuple[str, ...]:
    """The distinct names: in the order of their values if all are numbers, else alphabetically.

    >>> in_order(np.array(["10", "9", "9"], object)), in_order(np.array(["b", "a"], object))
    (('9', '10'), ('a', 'b'))
    """
    distinct = np.array(sorted(set(names)), object)
    values = read_numbers(distinct).values
    if np.isnan(values).any():
        return tuple(distinct)
    return tuple(distinct[np.argsort(values, kind="stable")])


def mean_and_deviation(values: NDArray[np.float64]) -> tuple[float, float]:
    """The mean and the standard deviation (divisor n) of finite numbers; 0 if all are equal.

    >>> mean_and_deviation(np.array([0.1, 0.1, 0.1]))
    (0.1, 0.0)
    """
    low, high = float(values.min()), float(values.max())
    if low == high:
        return low, 0.0
    # Scaled, so that neither the sum nor the squares overflow.
    scale = max(abs(low), abs(high))
    scaled = values / scale
    return float(scaled.mean()) * scale, float(scaled.std()) * scale


def _quoted(names: list[str], most: int = 3) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
