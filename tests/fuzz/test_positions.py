"""Positions out of range end in the reference's error, wherever the element would have gone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catenary.backend.llvm.native import compile_graph
from catenary.core.errors import IndexOutOfBounds
from catenary.core.graph import Builder, Graph
from catenary.core.types import ArrayType
from tests.fuzz import threads
from tests.fuzz.drawing import PRIMITIVES

FLOAT, WHOLE = np.dtype(np.float64), np.dtype(np.int64)
SIZES = (1, 3, 8, 17, 4099)


def _gather(n: int) -> tuple[Graph, list[Any]]:
    builder = Builder()
    x, i = builder.input(ArrayType((5, 3), FLOAT)), builder.input(ArrayType((n,), WHOLE))
    rows = builder.emit(PRIMITIVES["gather"], [x, i], {})
    total = builder.emit(PRIMITIVES["sum"], [rows], {"axes": (0, 1)})
    return builder.close([rows, total]), [np.ones((5, 3)), np.zeros(n, np.int64)]


def _elements(n: int) -> tuple[Graph, list[Any]]:
    builder = Builder()
    x, i = builder.input(ArrayType((5,), FLOAT)), builder.input(ArrayType((n,), WHOLE))
    found = builder.emit(PRIMITIVES["gather"], [x, i], {})
    return builder.close([builder.emit(PRIMITIVES["neg"], [found], {})]), [
        np.ones(5),
        np.zeros(n, np.int64),
    ]


def _scatter(n: int) -> tuple[Graph, list[Any]]:
    builder = Builder()
    x, i = builder.input(ArrayType((n, 2), FLOAT)), builder.input(ArrayType((n,), WHOLE))
    added = builder.emit(PRIMITIVES["scatter_add"], [x, i], {"shape": (5, 2)})
    return builder.close([added]), [np.ones((n, 2)), np.zeros(n, np.int64)]


def _writes(n: int) -> tuple[Graph, list[Any]]:
    builder = Builder()
    i = builder.input(ArrayType((n,), WHOLE))
    last = builder.emit(PRIMITIVES["last_write"], [i], {"shape": (5,)})
    return builder.close([last]), [np.zeros(n, np.int64)]


@pytest.mark.parametrize("make", [_gather, _elements, _scatter, _writes])
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("bad", [5, -1, 2**62, -(2**63)])
def test_a_position_out_of_range_is_named(make: Any, n: int, bad: int) -> None:
    graph, arrays = make(n)
    program = _program(make, n)
    for place in {0, n // 2, n - 1}:
        arrays[-1] = np.zeros(n, np.int64)
        arrays[-1][place] = bad
        with pytest.raises(IndexOutOfBounds, match=f"index {bad} is out of bounds"):
            program(arrays)
        arrays[-1][place] = 4
        assert len(program(arrays)) == len(graph.outputs)


_PROGRAMS: dict[Any, Any] = {}


def _program(make: Any, n: int) -> Any:
    if (make, n) not in _PROGRAMS:
        graph, _ = make(n)
        several = n > 100
        _PROGRAMS[make, n] = threads.compile_graph(graph, 2) if several else compile_graph(graph, 1)
    return _PROGRAMS[make, n]


def test_the_users_line_is_named() -> None:
    import catenary as cat

    take = cat.jit(lambda x, i: 2 * x[i])
    x = np.arange(5.0)
    assert take(x, np.array([4])) == [8.0]
    with pytest.raises(IndexOutOfBounds, match=r"index 5 is out of bounds.*\n*.*test_positions.py"):
        take(x, np.array([1, 5]))
