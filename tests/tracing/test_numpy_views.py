"""Results of traced calls share memory with their arguments exactly where NumPy's do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from catenary.tracing.array import TracedArray
from catenary.tracing.trace import operand, record
from tests.tracing.rows import every
from tests.tracing.rows.call import function_of, leaves, quiet
from tests.tracing.rows.row import Filled, Row

ROWS = every.by_callable()


def aliases(results: list[Any], arrays: list[Any]) -> list[list[str]]:
    """How each result lies to each argument: apart, over it, or over it and read-only."""
    return [[_alias(r, a) for a in arrays] for r in results]


def _alias(result: Any, array: Any) -> str:
    if isinstance(result, TracedArray) and isinstance(array, TracedArray):
        shared = np.shares_memory(result, array)
        return "apart" if not shared else "read-only" if result.read_only else "over it"
    if not isinstance(result, np.ndarray) or not isinstance(array, np.ndarray):
        return "apart"
    shared = np.shares_memory(result, array)
    return "apart" if not shared else "over it" if result.flags.writeable else "read-only"


def complaint(row: Row) -> Iterator[str]:
    filled = Filled(row, row.kinds[0])
    which = list(range(len(filled.arrays)))
    call = function_of(row, filled, which)
    arrays = [a.copy() for a in filled.arrays]
    try:
        expected = aliases(quiet(lambda: leaves(call(*arrays))), arrays)
    except Exception:  # noqa: BLE001 - a row of what NumPy refuses
        return
    found: list[Any] = []

    def watched(given: list[Any]) -> Any:
        results = leaves(call(*given))
        found.append(aliases(results, given))
        return None

    operands = [operand(a) for a in filled.arrays]
    quiet(lambda: record(watched, operands, concrete=True, purpose="a test"))
    if found[0] != expected:
        yield f"{row}: {found[0]} instead of {expected}"


@pytest.mark.parametrize("name", ROWS)
def test_results_are_views_where_numpys_are(name: str) -> None:
    complaints = [c for row in ROWS[name] for c in complaint(row)]
    assert not complaints, "\n".join(complaints)


def test_a_missing_view_is_seen() -> None:
    row = ROWS["numpy.ravel"][0]

    def copying(x: Any) -> Any:
        return np.ravel(x).copy() if isinstance(x, TracedArray) else np.ravel(x)

    copied = Row(np.ravel, copying, row.arguments, {})
    assert list(complaint(row)) == []
    assert list(complaint(copied)) != []
