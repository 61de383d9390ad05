"""A jitted function that is traced again and again says so, once, and what keeps changing."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from catenary.function import retrace
from catenary.function.jit import jit


def call_often(f: Any, arguments: Any, times: int = 40) -> str:
    """The one warning of many calls."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for i in range(times):
            f(*arguments(i))
    assert len(caught) == 1
    assert caught[0].filename == __file__
    return str(caught[0].message)


def double(x: Any, how: Any = None) -> Any:
    return 2 * x


def test_shapes_that_keep_changing() -> None:
    message = call_often(jit(double), lambda i: (np.ones(i + 1),))
    assert message.startswith("double, a function under jit, was traced and compiled 16 times")
    assert "What changed last: the argument [0] from float64[15] to float64[16]." in message
    assert "Pad arrays" in message


def test_dtypes_and_static_values() -> None:
    dtypes = [np.float32, np.float64, np.int64]
    message = call_often(jit(double), lambda i: (np.ones(2, dtypes[i % 3]), str(i)))
    assert "the argument [0] from int64[2] to float32[2]" in message
    assert "the argument [1] from '14' to '15'" in message


def test_static_arguments_by_name() -> None:
    message = call_often(jit(double, static="how"), lambda i: (np.ones(2), i))
    assert "the static argument how from 14 to 15" in message


def test_structures() -> None:
    message = call_often(jit(lambda x: x), lambda i: ({str(i): np.ones(2)},))
    assert "the structure of the arguments" in message


def test_few_kinds_and_slow_changes_are_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    f, g = jit(double), jit(double)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for i in range(100):
            f(np.ones(i % 15 + 1))
        monkeypatch.setattr(retrace, "_SECONDS", 0.0)
        for i in range(20):
            g(np.ones(i + 1))
