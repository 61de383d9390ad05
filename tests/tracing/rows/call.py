"""A row as a function of its arrays, called without noise, and what it returned as one list."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.tracing.rows.row import Filled, Row


def quiet(call: Callable[[], Any]) -> Any:
    """A call without warnings: its result is what is asked for."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return call()


def function_of(row: Row, filled: Filled, which: list[int]) -> Callable[..., Any]:
    """The row's call as a function of the arrays of these numbers."""

    def call(*arrays: Any) -> Any:
        given = [a.copy() for a in filled.arrays]
        for place, array in zip(which, arrays, strict=True):
            given[place] = array
        arguments, options = filled.put(given)
        return row.call(*arguments, **options)

    return call


def leaves(result: Any) -> list[Any]:
    if isinstance(result, (tuple, list)):
        return [leaf for part in result for leaf in leaves(part)]
    return [result]
