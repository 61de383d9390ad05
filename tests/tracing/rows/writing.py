"""Calls of functions that write into their first argument."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.tracing.rows.row import (
    A0,
    A3,
    A4,
    A23,
    A33,
    A34,
    A234,
    EMPTY,
    EXACT,
    MASK3,
    MASK23,
    Array,
    Real,
    Table,
)

TABLE = Table(EXACT)
add = TABLE.add


# ---- in place ------------------------------------------------------------------------------------


def after(function: Any) -> Any:
    """What the first argument is after a function wrote into it."""

    def call(x: Any, *args: Any, **options: Any) -> Any:
        x = x.copy()
        function(x, *args, **options)
        return x

    call.__name__ = f"{function.__name__} into a copy"
    return call


WRITES = {"alone": False}
add(np.copyto, (A23, A3), (A23, 2), (A23, A23, {"where": MASK23}), (A23, 1.5, "unsafe"),
    (A23, Array((2, 3), dtype="float32")), (A23, Array((2, 3), dtype="float64")), (A23, A34),
    (A23, Array((2, 3), dtype="float64"), {"casting": "unsafe", "where": MASK3}),
    by=after(np.copyto), **WRITES)  # fmt: skip
add(np.put, (A23, Real([0, 4]), A3), (A23, Real([0, -1, 2]), 7), (A23, Real([9, -9]), 1, "wrap"),
    (A23, Real([9, -9]), 1, "clip"), (A23, Real([9]), 1),
    (A23, Array((2,), 0, 5, "int64"), Array((2,))), (A23, Real([0, 1, 2, 3]), Array((2,))),
    (A23, Real([1]), EMPTY), by=after(np.put), **WRITES)  # fmt: skip
add(np.place, (A23, MASK23, A3), (A23, MASK23, [1, 2]), (A23, Real([[1, 0, 1], [1, 1, 0]]), A0),
    (A23, MASK23, EMPTY), by=after(np.place), **WRITES)  # fmt: skip
add(np.putmask, (A23, MASK23, A23), (A23, MASK23, A3), (A23, MASK23, 5),
    (A23, Real([[1, 0, 1], [1, 1, 0]]), Array((2,))), (A23, MASK3, 1), by=after(np.putmask),
    **WRITES)  # fmt: skip
add(np.put_along_axis, (A34, Array((3, 2), 0, 3, "int64"), 5, 1),
    (A34, Real(np.array([[0, 1, 2, 0]])), Array((1, 4)), 0),
    (A4, Real(np.array([1, 1])), Array((2,)), None), by=after(np.put_along_axis),
    **WRITES)  # fmt: skip
add(np.fill_diagonal, (A33, 5), (A34, A3), (Array((5, 2)), 1), (Array((5, 2)), 1, {"wrap": True}),
    (Array((2, 2, 2)), 3), (A33, Array((2,))), (A3, 1), (A234, 1), by=after(np.fill_diagonal),
    **WRITES)  # fmt: skip
