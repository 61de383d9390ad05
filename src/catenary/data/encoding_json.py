"""An encoding as plain values that JSON can hold, and back, with every value checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from catenary.core import input_errors
from catenary.data.encoding import (
    CategoryColumn,
    ClassTarget,
    Column,
    Encoding,
    NumberColumn,
    NumberTarget,
    Target,
)


def to_json(encoding: Encoding) -> dict[str, Any]:
    """The encoding as nested dicts, lists, texts and numbers.

    >>> encoding = Encoding((NumberColumn("x", 1.0, 2.0),), ClassTarget("kind", ("a", "b")))
    >>> to_json(encoding)["columns"]
    [{'name': 'x', 'mean': 1.0, 'deviation': 2.0}]
    >>> from_json(to_json(encoding), "here") == encoding
    True
    """
    return {
        "columns": [_column_to_json(column) for column in encoding.columns],
        "target": (
            {"name": encoding.target.name, "classes": list(encoding.target.classes)}
            if isinstance(encoding.target, ClassTarget)
            else _numbers_to_json(encoding.target)
        ),
    }


def from_json(found: Any, source: str) -> Encoding:
    """The encoding in values read from JSON; `InputError` names `source` if they make none."""
    try:
        columns = tuple(_column(item) for item in _list(found["columns"]))
        return Encoding(columns, _target(found["target"]))
    except (KeyError, TypeError, ValueError) as error:
        raise input_errors.damaged_file(source, str(error)) from error


def _column_to_json(column: Column) -> dict[str, Any]:
    if isinstance(column, CategoryColumn):
        return {"name": column.name, "categories": list(column.categories)}
    return _numbers_to_json(column)


def _numbers_to_json(column: NumberColumn | NumberTarget) -> dict[str, Any]:
    return {"name": column.name, "mean": column.mean, "deviation": column.deviation}


def _column(item: Mapping[str, Any]) -> Column:
    if "categories" in item:
        return CategoryColumn(_text(item["name"]), _texts(item["categories"]))
    return NumberColumn(_text(item["name"]), _number(item["mean"]), _number(item["deviation"]))


def _target(item: Mapping[str, Any]) -> Target:
    if "classes" in item:
        return ClassTarget(_text(item["name"]), _texts(item["classes"]))
    return NumberTarget(_text(item["name"]), _number(item["mean"]), _number(item["deviation"]))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"a list is expected, not {value!r}")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(value))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text is expected, not {value!r}")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"a finite number is expected, not {value!r}")
    return float(value)
