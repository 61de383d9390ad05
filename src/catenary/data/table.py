"""A table: named columns of equal length, as they came from a file, a generator or a data frame."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from catenary.core import input_errors
from catenary.core.errors import InputError

Task: TypeAlias = Literal["auto", "classify", "regress"]
Cells: TypeAlias = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Named columns of equal length; numbers as a numeric array, texts as an object array.

    source:  where it came from, for messages ("iris", "data.csv")
    columns: name → array [rows]; numeric, or object with `str` cells and None where one is missing
    target:  the column to be learned, when the source itself knows
    task:    "classify", "regress", or "auto" when the column decides
    lines:   the line of each row in its file, for messages; None where rows have no lines
    notes:   what the reader of the file should be told

    >>> table = Table(
    ...     "here", {"x": np.array([1.0, 2.0]), "colour": np.array(["red", None], object)}
    ... )
    >>> len(table), table.where(1)
    (2, 'row 2')
    """

    source: str
    columns: Mapping[str, Cells]
    target: str | None = None
    task: Task = "auto"
    lines: NDArray[np.int64] | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lengths = {name: len(cells) for name, cells in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise input_errors.unequal_columns(self.source, lengths)

    def __len__(self) -> int:
        """The number of rows."""
        return next((len(cells) for cells in self.columns.values()), 0)

    def __repr__(self) -> str:
        return f"Table({self.source}: {len(self)} rows of {', '.join(self.columns)})"

    def column(self, name: str) -> Cells:
        """The cells of one column; an `InputError` with the nearest name when there is none."""
        if name not in self.columns:
            raise input_errors.no_such_column(self.source, name, list(self.columns))
        return self.columns[name]

    def where(self, row: int) -> str:
        """The place of a row in words: its line in the file, else its number from 1."""
        return f"row {row + 1}" if self.lines is None else f"line {self.lines[row]}"

    def take(self, rows: NDArray[np.int64]) -> Table:
        """The table of the given rows, in the given order."""
        columns = {name: cells[rows] for name, cells in self.columns.items()}
        return replace(
            self, columns=columns, lines=None if self.lines is None else self.lines[rows]
        )

    def without(self, names: Iterable[str]) -> Table:
        """The table without the named columns, each of which must be there."""
        left_out = set(names)
        for name in sorted(left_out):
            self.column(name)
        columns = {name: cells for name, cells in self.columns.items() if name not in left_out}
        return replace(self, columns=columns)


def from_frame(frame: Any, source: str = "data frame", target: str | None = None) -> Table:
    """A table from a pandas or polars frame, a pyarrow table, or a mapping of names to arrays.

    Raises `InputError` for another kind of object, and for a column that holds neither numbers nor
    texts.

    >>> from_frame({"x": [1, 2, 3], "kind": ["a", "b", None]}).columns["kind"]
    array(['a', 'b', None], dtype=object)
    """
    # pyarrow; pandas and polars; a mapping.
    names = getattr(frame, "column_names", None)
    if names is None:
        names = getattr(frame, "columns", frame)
    if names is frame and not isinstance(frame, Mapping):
        raise input_errors.no_frame(type(frame).__name__)
    columns = {str(name): plain_cells(_array(frame[name]), str(name), source) for name in names}
    return Table(source, columns, target)


def plain_columns(
    columns: Mapping[str, NDArray[Any]], source: str, needed: Collection[str] | None = None
) -> dict[str, Cells]:
    """The columns as a `Table` holds them; those that it cannot hold are left out unless needed."""
    plain = {}
    for name, cells in columns.items():
        try:
            plain[name] = plain_cells(cells, name, source)
        except InputError:
            if needed is None or name in needed:
                raise
    return plain


def plain_cells(cells: NDArray[Any], name: str, source: str) -> Cells:
    """A column in one of the two forms of `Table`: real numbers, or texts and None.

    Booleans become the texts "False" and "True": two classes or categories, not numbers.
    """
    if cells.ndim != 1:
        raise input_errors.column_not_flat(source, name, cells.shape)
    if cells.dtype.kind in "iuf" and cells.dtype.itemsize <= 8:
        return cells
    if cells.dtype.kind == "S":
        cells = np.char.decode(cells, "utf-8", "replace")
    if cells.dtype.kind in "bU":
        return cells.astype(str).astype(object)
    if cells.dtype.kind == "O":
        return _object_cells(cells, name, source)
    raise input_errors.column_type(source, name, str(cells.dtype))


def _array(cells: Any) -> NDArray[Any]:
    return np.asarray(cells.to_numpy() if hasattr(cells, "to_numpy") else cells)


def _object_cells(cells: NDArray[Any], name: str, source: str) -> Cells:
    plain = np.array([None if _is_gap(cell) else cell for cell in cells], object)
    kinds = {type(cell) for cell in plain if cell is not None}
    if kinds <= {int, float}:
        # None turns into NaN.
        return plain.astype(np.float64)
    if kinds <= {str, bool}:
        return np.array([None if cell is None else str(cell) for cell in plain], object)
    raise input_errors.column_type(source, name, " and ".join(sorted(k.__name__ for k in kinds)))


def _is_gap(cell: Any) -> bool:
    """Whether this is how a data frame marks a missing value: None, NaN, or pandas' NA."""
    return (
        cell is None
        or (isinstance(cell, float) and math.isnan(cell))
        or type(cell).__name__ == "NAType"
    )
