"""All rows, by the callable that they call."""

from __future__ import annotations

from typing import Any

from tests.tracing.rows import (
    choosing,
    linalg,
    positions,
    products,
    reductions,
    shaping,
    special,
    ufuncs,
    writing,
)
from tests.tracing.rows.row import Row

TABLES = (
    choosing.TABLE,
    linalg.TABLE,
    positions.TABLE,
    products.TABLE,
    reductions.TABLE,
    shaping.TABLE,
    special.TABLE,
    ufuncs.TABLE,
    writing.TABLE,
)


def name_of(callable: Any) -> str:
    """A callable as it is called: "numpy.sum", "scipy.special.erf"."""
    if isinstance(callable, str):
        return f"scipy.special.{callable}"
    return f"{getattr(callable, '__module__', None) or 'numpy'}.{callable.__name__}"


def by_callable() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for table in TABLES:
        for row in table:
            found.setdefault(name_of(row.of), []).append(row)
    return dict(sorted(found.items()))
