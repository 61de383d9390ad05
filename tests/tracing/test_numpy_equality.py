"""Every covered callable, called with traced arrays, gives what NumPy gives with real ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core import errors
from catenary.core.evaluate import evaluate_graph
from catenary.tracing.array import TracedArray
from catenary.tracing.table import FUNCTIONS, SPECIAL, UFUNCS, VALUES
from catenary.tracing.trace import operand, record
from tests.tracing.rows import every
from tests.tracing.rows.call import function_of, leaves, quiet
from tests.tracing.rows.row import Filled, Row

ROWS = every.by_callable()


# ---- the same call, twice ------------------------------------------------------------------------


def answer(row: Row, filled: Filled) -> Any:
    """What NumPy gives, or the exception that it raises."""
    arguments, options = filled.put([a.copy() for a in filled.arrays])
    try:
        return quiet(lambda: row.call(*arguments, **options))
    except Exception as error:  # noqa: BLE001 - whatever NumPy raises
        return error


def traced(row: Row, filled: Filled, which: list[int], *, concrete: bool) -> Any:
    """The call with the arrays of these numbers traced, with values at hand or from its graph."""
    call, arrays = function_of(row, filled, which), [filled.arrays[i] for i in which]
    if not concrete:
        return quiet(lambda: cat.jit(call)(*arrays))
    seen: list[Any] = []

    def watched(given: list[Any]) -> Any:
        result = call(*given)
        seen.append(at_hand(result))
        return result

    operands = [operand(a) for a in arrays]
    recording = quiet(lambda: record(watched, operands, concrete=True, purpose="a test"))
    again = quiet(lambda: evaluate_graph(recording.graph(), [*recording.captured, *arrays]))
    problem = difference(recording.returned(again), seen[0], 0)
    assert problem is None, f"the graph gives another result than the values at hand: {problem}"
    return seen[0]


def at_hand(result: Any) -> Any:
    """A result with the values that its traced arrays have while they are traced."""
    if isinstance(result, (tuple, list)):
        return [at_hand(part) for part in result]
    return np.array(result.concrete()) if isinstance(result, TracedArray) else result


def modes(row: Row, count: int) -> Iterator[tuple[str, list[int], bool]]:
    """How a row is run: all arrays traced under jit and at hand, then each alone."""
    everything = list(range(count))
    if row.jit and row.of not in VALUES:
        yield "jit", everything, False
    yield "at hand", everything, True
    if count > 1 and row.alone:
        for i in everything:
            yield f"argument {i} alone at hand", [i], True
            if row.jit and row.of not in VALUES:
                yield f"argument {i} alone under jit", [i], False


# ---- compared ------------------------------------------------------------------------------------


def difference(found: Any, expected: Any, ulp: float, terms: float = 0.0) -> str | None:
    """What is wrong with a result, if anything."""
    ours, theirs = leaves(found), leaves(expected)
    if len(ours) != len(theirs):
        return f"{len(ours)} results instead of {len(theirs)}"
    for a, b in zip(ours, theirs, strict=True):
        if b is None or isinstance(b, (str, type)):
            if a != b:
                return f"{a!r} instead of {b!r}"
            continue
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape or a.dtype != b.dtype:
            return f"{a.dtype}{list(a.shape)} instead of {b.dtype}{list(b.shape)}"
        if not close(a, b, ulp, terms):
            return f"\n{a}\ninstead of\n{b}"
    return None


def largest(filled: Filled) -> float:
    """The largest number that goes into a call: machine code adds in another order than NumPy, so
    that a sum may differ by a rounding of its terms, however small it is itself.
    """
    floats = [x for x in filled.arrays if x.dtype.kind == "f"]
    return max([float(np.abs(x[np.isfinite(x)]).max(initial=0.0)) for x in floats], default=0.0)


def close(a: Any, b: Any, ulp: float, terms: float) -> bool:
    if b.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    eps = np.finfo(b.dtype).eps
    size = np.abs(b[np.isfinite(b)]).max(initial=terms)
    with np.errstate(all="ignore"):
        return bool(np.allclose(a, b, rtol=ulp * eps, atol=ulp / 4 * eps * size, equal_nan=True))


def complaint(row: Row, dtype: str) -> Iterator[str]:
    filled = Filled(row, dtype)
    expected = answer(row, filled)
    for name, which, concrete in modes(row, len(filled.arrays)):
        try:
            found = traced(row, filled, which, concrete=concrete)
        except errors.DTypeError as error:
            if "float16" in str(error):
                continue  # NumPy computes small integers in float16, which is not carried
            found = error
        except Exception as error:  # noqa: BLE001 - what is raised is compared below
            found = error
        said = f"{row} with {dtype}, {name}: "
        if isinstance(expected, Exception) or isinstance(found, Exception):
            if type(expected) is not type(found) and not (
                isinstance(expected, Exception) and isinstance(found, Exception)
            ):
                yield f"{said}{found!r}\ninstead of\n{expected!r}"
        elif problem := difference(found, expected, row.ulp, largest(filled)):
            yield said + problem


@pytest.mark.parametrize("name", ROWS)
def test_traced_call_is_numpys(name: str) -> None:
    complaints = [c for row in ROWS[name] for dtype in row.kinds for c in complaint(row, dtype)]
    assert not complaints, f"{len(complaints)} complaints\n\n" + "\n\n".join(complaints[:12])


@pytest.mark.parametrize("name", [n for n, rows in ROWS.items() if rows[0].of in VALUES])
def test_what_needs_values_says_so_under_jit(name: str) -> None:
    row = ROWS[name][0]
    filled = Filled(row, row.kinds[0])
    with pytest.raises(errors.TraceError, match="needs the value of a traced array"):
        traced(row, filled, list(range(len(filled.arrays))), concrete=False)


def test_every_covered_callable_has_a_row() -> None:
    known = {*FUNCTIONS, *UFUNCS, *SPECIAL}
    rowed = {row.of for rows in ROWS.values() for row in rows}
    missing = [getattr(f, "__name__", f) for f in known if f not in rowed]
    assert not sorted(missing), f"no row in tests/tracing/rows for: {sorted(missing)}"


def test_a_wrong_value_is_seen() -> None:
    right = np.array([1.0, np.nan])
    assert difference(right, right, 8) is None
    assert difference(right, np.array([1.0 + 1e-12, np.nan]), 8)
    assert difference(right.astype(np.float32), right, 8)
    assert difference(right[:1], right, 8)
    assert difference((right, right), right, 8)
