"""What the cells of a column say: numbers, texts, or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catenary.core import input_errors
from catenary.data.table import Cells, Table

# In a column of numbers these say "no value". In a column of texts only the empty cell does:
# "NA" may be Namibia there.
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "#n/a", "<na>"})
WHOLE = re.compile(r"(-?(?:0|[1-9]\d*))\.0*")
COMMA_NUMBER = re.compile(r"[+-]?[\d.]*,\d+|[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
# A number with the sign of a currency or a share: 12%, $5.
SIGNED_NUMBER = re.compile(r"(?=.*[%‰$€£¥])[+-]?[$€£¥]?\s?[+-]?\d[\d.,]*\s?[%‰$€£¥]?")


@dataclass(frozen=True)
class Reading:
    """A column read as numbers.

    values:  float64 [rows], NaN where there is no number
    text:    bool [rows], the cell holds something that is no number
    missing: bool [rows], the cell is empty, says that it is (NA, null, ?), or is NaN
    """

    values: NDArray[np.float64]
    text: NDArray[np.bool_]
    missing: NDArray[np.bool_]


def read_numbers(cells: Cells) -> Reading:
    """Read a column as numbers, cell by cell; nothing raises.

    >>> reading = read_numbers(np.array(["1.5", "NA", "red"], object))
    >>> reading.values, reading.text
    (array([1.5, nan, nan]), array([False, False, True]))
    """
    if cells.dtype != object:
        values = cells.astype(np.float64)
        return Reading(values, np.zeros(len(cells), bool), np.isnan(values))
    texts = cells.tolist()
    try:
        values = np.fromiter(map(float, texts), np.float64, len(texts))
        # Python reads 2020_01 as a number; in a table it is a text.
        plain = "_" not in "".join(texts)
    except (TypeError, ValueError):
        plain = False
    if not plain:
        values = np.fromiter(map(_number, texts), np.float64, len(texts))
    numberless = np.isnan(values)
    text, missing = np.zeros(len(cells), bool), numberless.copy()
    for row in np.flatnonzero(numberless):
        text[row] = not _says_missing(cells[row])
        missing[row] = not text[row]
    return Reading(values, text, missing)


def is_absent(cells: Cells) -> NDArray[np.bool_]:
    """Where a column of categories or classes has no value: bool [rows]."""
    if cells.dtype != object:
        return np.isnan(cells.astype(np.float64))
    return np.array([cell is None or cell == "" for cell in cells], bool)


def is_unusable(cells: Cells, as_numbers: bool) -> NDArray[np.bool_]:
    """Where a column has no value, or as numbers no finite one: bool [rows]. Texts are values."""
    if not as_numbers:
        return is_absent(cells)
    reading = read_numbers(cells)
    return ~(np.isfinite(reading.values) | reading.text)


def numbers_or_none(table: Table, name: str) -> NDArray[np.float64] | None:
    """The values of a column of numbers, NaN where one is missing; None if it holds categories.

    A column in which at least half of the filled cells are numbers, perhaps with a sign such as %,
    is one of numbers; those that are none are then mistakes, and `InputError` tells the first.
    Numbers written with a comma are told too.
    """
    cells = table.column(name)
    reading = read_numbers(cells)
    if cells.dtype != object:
        return reading.values
    texts, numbers = int(reading.text.sum()), int((~reading.text & ~reading.missing).sum())
    if not texts and not numbers:
        raise input_errors.empty_column(table.source, name)
    if not texts:
        return reading.values
    first = int(np.flatnonzero(reading.text)[0])
    with_comma = sum(bool(COMMA_NUMBER.fullmatch(cell)) for cell in cells[reading.text])
    if 2 * with_comma >= texts and 2 * (with_comma + numbers) >= texts + numbers:
        raise input_errors.comma_in_numbers(table.source, name, cells[first], table.where(first))
    with_sign = sum(bool(SIGNED_NUMBER.fullmatch(cell)) for cell in cells[reading.text])
    if 2 * (with_sign + numbers) >= texts + numbers:
        raise input_errors.text_among_numbers(
            table.source, name, texts, cells[first], table.where(first)
        )
    return None


def finite_numbers(table: Table, name: str) -> NDArray[np.float64]:
    """The values of a column, float64 [rows]; `InputError` unless every cell is a finite number."""
    cells = table.column(name)
    reading = read_numbers(cells)
    if reading.text.any():
        rows = np.flatnonzero(reading.text)
        first = rows[0]
        raise input_errors.text_among_numbers(
            table.source, name, len(rows), cells[first], table.where(first), settled=True
        )
    unusable = np.flatnonzero(~np.isfinite(reading.values))
    if len(unusable):
        raise input_errors.unusable_cells(
            table.source, {name: len(unusable)}, table.where(unusable[0])
        )
    return reading.values


def present_texts(table: Table, name: str) -> Cells:
    """The cells of a column of categories or classes; `InputError` if one is empty."""
    cells = table.column(name)
    absent = np.flatnonzero(is_absent(cells))
    if len(absent):
        raise input_errors.unusable_cells(table.source, {name: len(absent)}, table.where(absent[0]))
    return cells


def as_texts(cells: Cells) -> NDArray[np.object_]:
    """The cells as names of categories or classes: 1, 1.0 and "1.0" are the same, "1".

    Texts are else left as they are: "007" keeps its zeros, and long identifiers all their digits.

    >>> as_texts(np.array([1.0, 2.5])), as_texts(np.array(["b", "1.0"], object))
    (array(['1', '2.5'], dtype=object), array(['b', '1'], dtype=object))
    """
    texts = cells.astype(str).astype(object)
    if cells.dtype.kind in "iu":
        return texts
    whole = (WHOLE.fullmatch(text) for text in texts)
    return np.array([match[1] if match else text for match, text in zip(whole, texts)], object)


def _number(cell: str | None) -> float:
    if cell is None or "_" in cell:
        return np.nan
    try:
        return float(cell)
    except ValueError:
        return np.nan


def _says_missing(cell: str | None) -> bool:
    return cell is None or cell.strip().lower() in MISSING
