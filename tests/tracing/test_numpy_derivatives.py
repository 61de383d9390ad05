"""Every covered callable differentiates: against central differences, forward against reverse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import catenary as cat
from tests.tracing.rows import every
from tests.tracing.rows.call import function_of, leaves, quiet
from tests.tracing.rows.row import Filled, Row

STEP = 1e-5


def is_float(leaf: Any) -> bool:
    """Whether a result is of the precision that difference quotients need."""
    return hasattr(leaf, "dtype") and not isinstance(leaf, type) and leaf.dtype == np.float64


def floats_of(row: Row, filled: Filled) -> tuple[Callable[..., Any], list[Any]] | None:
    """The row's floating-point results, in one row, as a function of its floating-point arrays."""
    which = [i for i, a in enumerate(filled.arrays) if a.dtype == np.float64]
    call, arrays = function_of(row, filled, which), [filled.arrays[i] for i in which]
    try:
        results = quiet(lambda: leaves(call(*[a.copy() for a in arrays])))
    except Exception:  # noqa: BLE001 - a row of what NumPy refuses
        return None
    if not which or not any(is_float(leaf) and leaf.size for leaf in results):
        return None

    def flat(*given: Any) -> Any:
        found = [leaf for leaf in leaves(call(*given)) if is_float(leaf)]
        return np.concatenate([np.ravel(leaf) for leaf in found])

    return flat, arrays


def quotients(f: Callable[..., Any], arrays: list[Any], directions: list[Any]) -> Any:
    """Central differences along a direction."""
    ahead, behind = (
        f(*[a + s * STEP * v for a, v in zip(arrays, directions, strict=True)]) for s in (1, -1)
    )
    return (ahead - behind) / (2 * STEP)


def complaint(row: Row) -> str | None:
    filled = Filled(row, "float64")
    found = floats_of(row, filled)
    if found is None:
        return None
    f, arrays = found
    rng = np.random.default_rng(1)
    directions = [rng.uniform(-1, 1, a.shape) for a in arrays]
    value, slope = quiet(lambda: cat.jvp(f, tuple(arrays), tuple(directions)))
    expected = quiet(lambda: quotients(f, arrays, directions))
    known = np.isfinite(expected)
    scale = 1 + np.abs(expected[known]) + np.abs(value[known])
    if not np.all(np.abs(slope - expected)[known] <= 1e-7 * scale):
        return f"{row}: slope {slope} instead of {expected}"
    if not np.isfinite(slope).all():
        return None
    weights = rng.uniform(-1, 1, np.shape(value))
    back = quiet(lambda: cat.vjp(f, *arrays)[1](weights))
    forward = float(np.sum(weights * slope))
    reverse = sum(float(np.sum(b * v)) for b, v in zip(back, directions, strict=True))
    if not abs(forward - reverse) <= 1e-12 * (1 + np.sum(np.abs(weights * slope))):
        return f"{row}: reverse mode gives {reverse}, forward mode {forward}"
    return None


ROWS = {
    name: [row for row in rows if row.smooth and "float64" in row.kinds]
    for name, rows in every.by_callable().items()
}


@pytest.mark.parametrize("name", [name for name, rows in ROWS.items() if rows])
def test_derivatives(name: str) -> None:
    complaints = [c for row in ROWS[name] if (c := complaint(row))]
    assert not complaints, "\n\n".join(complaints)


def test_a_wrong_derivative_is_seen() -> None:
    @cat.custom_jvp
    def wrong(x: Any) -> Any:
        return np.sin(x)

    wrong.defjvp(lambda primals, tangents: (np.sin(primals[0]), 1.01 * tangents[0]))
    row = every.by_callable()["numpy.sin"][0]
    bad = Row(np.sin, wrong, row.arguments, {})
    assert "instead of" in (complaint(bad) or "")
