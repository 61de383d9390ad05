"""The table of conventions holds, in both modes and both precisions, and its page shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from tests import source
from tests.laws.conventions import CONVENTIONS, TOPICS, Convention, page

FLOATS = (np.float32, np.float64)


def arguments(row: Convention, dtype: Any) -> tuple[Any, ...]:
    return tuple(np.array(value, dtype)[()] for value in row.at)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("row", CONVENTIONS, ids=str)
def test_reverse_mode_keeps_the_convention(row: Convention, dtype: Any) -> None:
    given = arguments(row, dtype)
    with np.errstate(all="ignore"):
        slopes = cat.grad(row.function, argnums=tuple(range(len(given))))(*given)
    for slope, expected in zip(slopes, row.slope, strict=True):
        assert slope.dtype == dtype
        np.testing.assert_allclose(slope, expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("row", CONVENTIONS, ids=str)
def test_forward_mode_keeps_the_convention(row: Convention, dtype: Any) -> None:
    given = arguments(row, dtype)
    for i, expected in enumerate(row.slope):
        for k in np.ndindex(np.shape(given[i])):
            directions = [np.zeros(np.shape(x), dtype) for x in given]
            directions[i][k] = 1
            with np.errstate(all="ignore"):
                _, slope = cat.jvp(row.function, given, tuple(v[()] for v in directions))
            assert slope.dtype == dtype
            np.testing.assert_allclose(slope, np.asarray(expected)[k], rtol=1e-6)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.title)
def test_jit_keeps_the_conventions(topic: Any) -> None:
    for row in topic.rows:
        given = arguments(row, np.float64)
        gradient = cat.jit(cat.grad(row.function, argnums=tuple(range(len(given)))))
        with np.errstate(all="ignore"):
            for slope, expected in zip(gradient(*given), row.slope, strict=True):
                np.testing.assert_allclose(slope, expected, rtol=1e-6, err_msg=str(row))


def test_the_page_shows_the_table() -> None:
    """Written anew with ``python -m tests.laws.conventions > docs/kinks.md``."""
    shown = (source.ROOT / "docs" / "kinks.md").read_text("utf-8")
    assert shown == page()
