"""Tables from text: CSV, TSV and their relatives, as spreadsheets and programs write them."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from catenary.core import input_errors
from catenary.core.errors import InputError
from catenary.data.cells import WHOLE
from catenary.data.table import Table

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_RECORDS = 50
GROUPED_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:\.\d{3})+|\d*),(\d+(?:[eE][+-]?\d+)?)")


@dataclass(frozen=True)
class TextFormat:
    """How a text file is written.

    delimiter: the character between cells; None finds out among comma, semicolon, tab and bar
    decimal:   "." or ","
    header:    whether the first line names the columns; else they are called "1", "2", …
    charset:   the name of a character encoding; a byte order mark in the file overrules it

    >>> TextFormat(delimiter=";", decimal=",")
    TextFormat(delimiter=';', decimal=',', header=True, charset='utf-8')
    """

    delimiter: str | None = None
    decimal: str = "."
    header: bool = True
    charset: str = "utf-8"


PLAIN = TextFormat()


def read_text(content: bytes, source: str, form: TextFormat = PLAIN) -> Table:
    """The table in a text file's bytes; cells are stripped of spaces, empty lines left out.

    Raises `InputError` for an empty file, another character encoding, broken quotes, lines of
    unequal length, and names that are missing or doubled.

    >>> table = read_text(b"x;kind\\n1,5;red\\n2;blue\\n", "here.csv", TextFormat(decimal=","))
    >>> table.columns["x"], table.where(0)
    (array(['1.5', '2'], dtype=object), 'line 2')
    """
    text = _decode(content, source, form.charset)
    if not text.strip():
        raise input_errors.empty_file(source)
    if "\0" in text:
        raise input_errors.not_a_text_file(source)
    delimiter = form.delimiter or _find_delimiter(text, form.decimal)
    records = _records(text, delimiter, source)
    names, first_row = _names(records, form.header, source)
    cells, lines = _rows(records, names, first_row, source)
    if not cells:
        raise input_errors.no_rows(source)
    columns = {}
    for name, column in zip(names, zip(*cells)):
        plain = map(_with_point, column) if form.decimal == "," else map(str.strip, column)
        columns[name] = np.array(list(plain), dtype=object)
    return _without_unnamed(Table(source, columns, lines=np.array(lines, np.int64)))


def _decode(content: bytes, source: str, charset: str) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        charset = "utf-16"
    elif content.startswith(codecs.BOM_UTF8):
        charset = "utf-8-sig"
    try:
        return content.decode(charset)
    except LookupError as error:
        raise input_errors.no_such_charset(charset) from error
    except UnicodeError as error:
        position = getattr(error, "start", 0)
        line = content.count(b"\n", 0, position) + 1
        raise input_errors.wrong_charset(source, charset, line) from error


def _find_delimiter(text: str, decimal: str) -> str:
    # The delimiter that cuts the most lines alike; of two that do, the one that makes more cells.
    # A comma that is the decimal sign may cut the cells too, if it cuts all lines alike: quoted.
    best, best_score = DELIMITERS[0] if decimal == "." else DELIMITERS[1], (0.0, 1)
    for delimiter in sorted(DELIMITERS, key=decimal.__eq__):
        widths: Counter[int] = Counter()
        try:
            for (_, record), _ in zip(_records(text, delimiter, ""), range(SAMPLE_RECORDS)):
                widths[len(record)] += 1
        except InputError:
            continue
        ((width, count),) = widths.most_common(1)
        score = (count / widths.total(), width)
        if delimiter == decimal and (best_score[1] > 1 or score[0] < 1):
            continue
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


def _records(text: str, delimiter: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """The line number and the cells of each record that holds anything."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        for record in reader:
            if any(cell and not cell.isspace() for cell in record):
                yield reader.line_num, record
    except csv.Error as error:
        raise input_errors.broken_line(source, reader.line_num, str(error)) from error


def _names(
    records: Iterator[tuple[int, list[str]]], header: bool, source: str
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the columns, and the record that was read to find them if it holds data."""
    line, first = next(records)
    if not header:
        return [str(position + 1) for position in range(len(first))], [(line, first)]
    names = [name.strip() for name in first]
    if _looks_like_data(names):
        raise input_errors.header_is_data(source, names)
    doubled = [name for name, count in Counter(names).items() if name and count > 1]
    if doubled:
        places = [position + 1 for position, name in enumerate(names) if name == doubled[0]]
        raise input_errors.doubled_name(source, doubled[0], places)
    return [name or f"unnamed {position + 1}" for position, name in enumerate(names)], []


def _looks_like_data(names: list[str]) -> bool:
    # Distinct whole numbers may be names: years, or the places of pixels.
    try:
        values = [float(name) for name in names]
    except ValueError:
        return False
    whole = all(value.is_integer() and not WHOLE.fullmatch(n) for value, n in zip(values, names))
    return not (whole and len(set(values)) == len(values))


def _rows(
    records: Iterator[tuple[int, list[str]]],
    names: list[str],
    first: list[tuple[int, list[str]]],
    source: str,
) -> tuple[list[list[str]], list[int]]:
    rows, lines, ragged = [], [], []
    for line, record in (*first, *records):
        rows.append(record)
        lines.append(line)
        if len(record) != len(names):
            ragged.append((line, len(record)))
    if ragged:
        raise input_errors.ragged_rows(source, *ragged[0], len(names), len(ragged))
    return rows, lines


def _with_point(cell: str) -> str:
    """The cell stripped; a number with a decimal comma as one with a point, and not grouped."""
    cell = cell.strip()
    if match := GROUPED_NUMBER.fullmatch(cell):
        sign, whole, fraction = match.groups()
        return f"{sign}{whole.replace('.', '')}.{fraction}"
    return cell


def _without_unnamed(table: Table) -> Table:
    """Without the nameless columns that programs write: numbers in front, nothing at the end."""
    count = len(table)
    numberings = [[str(row + start) for row in range(count)] for start in (0, 1)]
    useless = [
        name
        for name, cells in table.columns.items()
        if name.startswith("unnamed ")
        and (not any(cells) or (name == "unnamed 1" and cells.tolist() in numberings))
    ]
    numbered = "unnamed 1" in useless and any(table.columns["unnamed 1"])
    note = ("left out the first column: it has no name and only numbers the rows",)
    return replace(table.without(useless), notes=note if numbered else ())
