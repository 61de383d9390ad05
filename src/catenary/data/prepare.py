"""From a table to encoded examples for training, validation and test."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from catenary.core import input_errors
from catenary.data.cells import as_texts, finite_numbers, is_unusable, numbers_or_none, read_numbers
from catenary.data.encoding import (
    ClassTarget,
    Encoding,
    NumberColumn,
    NumberTarget,
    fit_categories,
    fit_number,
    in_order,
    mean_and_deviation,
)
from catenary.data.split import Split, split
from catenary.data.table import Cells, Table, Task

Kind: TypeAlias = Literal["number", "category"]
Examples: TypeAlias = tuple[NDArray[np.float32], NDArray[Any]]

# Whole numbers of so few kinds are taken for classes.
MOST_AUTOMATIC_CLASSES = 20
# A column of texts with more kinds than this, or than a fifth of the rows, is a list of names.
MOST_CATEGORIES = 1000


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Encoded examples in three parts, and how they were made.

    train, validation, test: pairs (inputs float32 [rows, coordinates], targets); targets are class
                             indices int64 [rows], or standardised numbers float32 [rows, 1]
    encoding:                what turns a table into such inputs, and outputs into predictions
    table:                   the rows that were used
    split:                   which of them are in which part
    notes:                   what a reader should be told

    >>> x = np.arange(10.0)
    >>> dataset = prepare(Table("here", {"x": x, "double": 2 * x}), target="double", task="regress")
    >>> dataset
    Dataset(here: 1 input → 'double'; 7 training, 1 validation, 2 test)
    >>> dataset.task, len(dataset.train[0]), dataset.encoding.names
    ('regress', 7, ('x',))
    """

    train: Examples
    validation: Examples
    test: Examples
    encoding: Encoding
    table: Table
    split: Split
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        parts = self.split
        inputs = len(self.encoding.names)
        return (
            f"Dataset({self.table.source}: {inputs} input{'s' * (inputs != 1)} → "
            f"{self.encoding.target.name!r}; {len(parts.train)} training, "
            f"{len(parts.validation)} validation, {len(parts.test)} test)"
        )

    @property
    def task(self) -> Literal["classify", "regress"]:
        """What is learned: classes or numbers."""
        return "classify" if isinstance(self.encoding.target, ClassTarget) else "regress"


def prepare(
    table: Table,
    *,
    target: str | None = None,
    task: Task = "auto",
    categorical: Iterable[str] = (),
    drop_missing: bool = False,
    validation: float = 0.1,
    test: float = 0.2,
    seed: int = 0,
) -> Dataset:
    """Check a table, divide its rows, and encode them; see `Encoding` for how.

    target:       the column to learn; by default the one the table names
    task:         "classify", "regress", or "auto": classes if the target holds texts, or at most
                  20 different whole numbers
    categorical:  columns of numbers that are to be taken as categories
    drop_missing: leave out rows with missing or infinite values rather than refuse them
    validation, test, seed: the shares and the seed of `split`; classes are kept in proportion

    Means, deviations and categories are those of the training rows alone.
    Raises `InputError`, with one line that says what to do, for a table that cannot be learned.

    >>> x = np.arange(20.0)
    >>> dataset = prepare(Table("here", {"x": x, "sign": np.where(x < 9, 0, 1)}), target="sign")
    >>> dataset.task, dataset.train[0].shape, dataset.test[1]
    ('classify', (14, 1), array([0, 0, 1, 1]))
    """
    if not isinstance(table, Table):
        raise input_errors.no_table(type(table).__name__)
    target = target or table.target
    if target is None:
        raise input_errors.no_target(table.source, list(table.columns))
    table.column(target)
    if len(table.columns) < 2:
        raise input_errors.no_inputs(table.source, target)
    if len(table) < 2:
        raise input_errors.one_row(table.source, len(table))
    notes = list(table.notes)
    table, kinds = _typed(table, target, set(categorical), notes)
    table = _complete(table, kinds, drop_missing, notes)
    if task == "auto" and target == table.target:
        task = table.task
    goal = _goal(table, target, task, kinds[target])
    classes = goal.encode(table.column(target)) if isinstance(goal, ClassTarget) else None
    parts = split(len(table), validation=validation, test=test, classes=classes, seed=seed)
    encoding = _encoding(table.take(parts.train), kinds, goal, notes)
    train, others, tests = (
        (encoding.inputs(part), encoding.targets(part))
        for part in (table.take(parts.train), table.take(parts.validation), table.take(parts.test))
    )
    return Dataset(train, others, tests, encoding, table, parts, tuple(notes))


def _typed(
    table: Table, target: str, categorical: Collection[str], notes: list[str]
) -> tuple[Table, dict[str, Kind]]:
    """The table with its columns of numbers as float64, and the kind of each column."""
    kinds: dict[str, Kind] = {}
    columns: dict[str, Cells] = {}
    for name in categorical:
        table.column(name)
    for name, cells in table.columns.items():
        values = None if name in categorical else numbers_or_none(table, name)
        kinds[name] = "category" if values is None else "number"
        # The names of classes are made from the texts of the target, also where they are numbers.
        columns[name] = cells if values is None or name == target else values
        if values is not None and name != target and _numbers_the_rows(values):
            notes.append(f"{name!r} only numbers the rows; perhaps leave it out")
    found = [n for n, kind in kinds.items() if kind == "category" and n not in categorical]
    _check_categories(table, [name for name in found if name != target])
    return replace(table, columns=columns), kinds


def _check_categories(table: Table, names: Iterable[str]) -> None:
    most = max(MOST_AUTOMATIC_CLASSES, min(len(table) / 5, MOST_CATEGORIES))
    counts = {name: len(set(table.column(name))) for name in names}
    if many := {name: count for name, count in counts.items() if count > most}:
        raise input_errors.too_many_categories(table.source, many, len(table))


def _numbers_the_rows(values: NDArray[np.float64]) -> bool:
    count = len(values)
    return count > 2 and np.array_equal(values, values[0] + np.arange(count))


def _complete(table: Table, kinds: dict[str, Kind], drop: bool, notes: list[str]) -> Table:
    """The table without missing and infinite cells: refused, or their rows dropped."""
    unusable = np.zeros(len(table), bool)
    counts = {}
    for name, cells in table.columns.items():
        found = is_unusable(cells, kinds[name] == "number")
        if count := int(found.sum()):
            counts[name] = count
        unusable |= found
    if not counts:
        return table
    if not drop:
        first = int(np.flatnonzero(unusable)[0])
        raise input_errors.unusable_cells(table.source, counts, table.where(first), may_drop=True)
    kept = table.take(np.flatnonzero(~unusable))
    notes.append(f"left out {len(table) - len(kept)} of {len(table)} rows with missing values")
    if len(kept) < 2:
        raise input_errors.one_row(table.source, len(kept))
    return kept


def _goal(table: Table, target: str, task: Task, kind: Kind) -> ClassTarget | NumberTarget:
    """What is learned; for numbers still without the mean and deviation of the training rows."""
    cells = table.column(target)
    names = in_order(as_texts(cells))
    if task == "auto":
        values = read_numbers(cells).values
        few = len(names) <= MOST_AUTOMATIC_CLASSES and len(names) <= len(table) / 2
        whole = kind == "category" or bool(np.all(values == np.floor(values)))
        task = "classify" if kind == "category" or (few and whole) else "regress"
    if len(names) == 1:
        raise input_errors.constant_target(table.source, target, names[0], task == "classify")
    if task == "regress":
        if kind == "category":
            raise input_errors.texts_as_numbers(table.source, target, names)
        return NumberTarget(target, 0.0, 1.0)
    if len(names) > len(table) / 2:
        raise input_errors.too_many_classes(table.source, target, len(names), len(table))
    return ClassTarget(target, names)


def _encoding(
    train: Table, kinds: dict[str, Kind], goal: ClassTarget | NumberTarget, notes: list[str]
) -> Encoding:
    columns = tuple(
        fit_categories(name, cells) if kinds[name] == "category" else fit_number(name, cells)
        for name, cells in train.columns.items()
        if name != goal.name
    )
    constant = [c.name for c in columns if isinstance(c, NumberColumn) and c.deviation == 0]
    if len(constant) == len(columns):
        raise input_errors.constant_inputs(train.source)
    if constant:
        notes.append(f"constant in the training rows, so of no use: {_list(constant)}")
    if isinstance(goal, NumberTarget):
        mean, deviation = mean_and_deviation(finite_numbers(train, goal.name))
        goal = NumberTarget(goal.name, mean, deviation or 1.0)
    return Encoding(columns, goal)


def _list(names: list[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
