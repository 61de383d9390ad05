"""Calls of what finds, takes, orders and counts elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.tracing.rows.row import (
    A0,
    A3,
    A4,
    A8,
    A23,
    A33,
    A34,
    EMPTY,
    EMPTY03,
    EXACT,
    FEW,
    FLOATS,
    MASK3,
    MASK23,
    ROUGH,
    SPECIAL_FLOATS,
    Array,
    Given,
    Real,
    Table,
)

TABLE = Table(EXACT)
add = TABLE.add


# ---- positions -----------------------------------------------------------------------------------

AT34 = Array((2, 3), -3, 2, "int64")
add(np.take, (A4, Real([0, 2, -1])), (A34, Real([[0, 1], [2, 0]]), 0), (A34, 1, {"axis": 1}),
    (A34, Real([5]), 1, None, "wrap"), (A34, Real([-9, 9]), 1, None, "clip"), (A34, AT34, 0),
    (A34, Real([1]), 2), (A34, Real([7]), 0), (EMPTY, Real([], )), (A4, 2), (A34, [0, 1], -1),
    (A34, Real([5]), {"mode": "none"}), alone=False)  # fmt: skip
add(np.take_along_axis, (A34, Array((3, 2), -4, 3, "int64"), 1),
    (A34, Array((1, 4), 0, 2, "int64"), 0), (A4, Real(np.array([3, 0])), None),
    (A34, Real(np.array([[1], [0], [3]])), -1), (A34, Real(np.array([1])), 1),
    alone=False)  # fmt: skip
add(np.choose, (Array((2, 3), 0, 1, "int64"), [A23, A23]), (Real([0, 1, 0]), [A23, A3]),
    (Array((3,), 0, 5, "int64"), [A3, A3], None, "wrap"),
    (Array((3,), -3, 5, "int64"), [A3, A3], None, "clip"), (Real([0, 7]), [1, A0]))  # fmt: skip
for function in (np.nonzero, np.flatnonzero, np.argwhere):
    add(function, A23, MASK23, Array((6,), 0, 1))
add(
    np.compress,
    (MASK3, A34, 0),
    (Real([True, False, True]), A34, 0),
    (MASK3, A3),
    (Real([0, 1]), A34, {"axis": 1}),
    (MASK23, A23),
)
add(np.extract, (MASK23, A23), (Real([1, 0, 1]), A3), (MASK3, A3))
add(
    np.ix_,
    (Array((2,), 0, 2, "int64"), Real([0, 1])),
    (Array((2,), 0, 2, "int64"), Array((1,), 0, 2, "int64")),
)
add(np.ix_, (MASK3, Real([0, 1])), jit=False)
add(
    np.unravel_index,
    (Array((4,), 0, 11, "int64"), (3, 4)),
    (Array((), 0, 11, "int64"), (3, 4)),
    (Array((2, 2), 0, 11, "int64"), (2, 3, 2), "F"),
)
add(np.ravel_multi_index, ((Array((4,), 0, 2, "int64"), Array((4,), 0, 3, "int64")), (3, 4)),
    ((Array((4,), 0, 9, "int64"), Array((4,), -9, 9, "int64")), (3, 4), "wrap"),
    ((Array((4,), 0, 9, "int64"), Array((4,), -9, 9, "int64")), (3, 4), ("clip", "wrap"), "F"),
    kinds=FEW)  # fmt: skip
for function in (np.diag_indices_from, np.tril_indices_from, np.triu_indices_from):
    add(function, A33)
add(np.tril_indices_from, (A34, 1))
add(np.triu_indices_from, (A34, -1))

# ---- order ---------------------------------------------------------------------------------------

for function in (np.sort, np.argsort):
    add(function, A8, A34, (A34, 0), (A34, None), A0, EMPTY03, (A34, 2), kinds=FLOATS)
    add(
        function,
        (A34, {"axis": -1, "kind": "stable"}),
        (A34, {"stable": True}),
        (A34, None, "stable"),
    )
    add(function, (SPECIAL_FLOATS, {"kind": "stable"}), kinds=FLOATS, **ROUGH)
add(np.lexsort, ((A8, A8),), ((Array((8,), 0, 1), Array((8,), 0, 1)),), ((A34, A34), 0), ((A8,),))


def kth(x: Any, k: int, axis: int = -1) -> Any:
    """What NumPy promises of a partition: the element in its place, and which are before it."""
    parted = np.partition(x, k, axis)
    by_position = np.take_along_axis(x, np.argpartition(x, k, axis), axis)
    found = [np.take(p, k, axis) for p in (parted, by_position)]
    return *found, np.sort(parted, axis), np.sort(by_position, axis)


for function in (np.partition, np.argpartition):
    add(function, (A8, 3), (A34, 1, 0), (A34, 2), by=kth)
SORTED = Given([-2.0, -1.0, -1.0, 0.5, 2.0])
for side in ("left", "right"):
    add(
        np.searchsorted,
        (SORTED, A34, side),
        (SORTED, Given([-1.0, 2.0, -9.0, 9.0, 0.5]), side),
        (SORTED, 0.5, side),
        kinds=FEW[:2],
    )
    add(np.searchsorted, (Given([0, 1, 1, 3]), Array((5,)), side), (EMPTY, A3, side))
add(np.searchsorted, (Given([1.0, np.inf, np.nan]), SPECIAL_FLOATS), kinds=FLOATS)
add(
    np.searchsorted,
    (Given([2.0, 1.0, 3.0]), A4, "left", Real([1, 0, 2])),
    (SORTED, A3, "up"),
    (A33, A3),
    kinds=FEW[:2],
)
add(np.digitize, (A34, SORTED), (A34, SORTED, True), (A34, Given([2.0, 0.5, -1.0])),
    (A34, Given([2.0, 0.5, -1.0]), True), (A0, SORTED), kinds=FLOATS)  # fmt: skip
XP = Given([-2.0, -0.5, 1.0, 2.5])
add(np.interp, (A34, XP, A4), (A34, XP, A4, {"left": 0.0, "right": 9.0}), (A0, XP, A4),
    (A34, XP, A4, {"period": 5}), kinds=FLOATS, ulp=32)  # fmt: skip
add(np.interp, (Given([-2.0, 2.5, 9.0, -9.0]), XP, A4), kinds=FLOATS, ulp=32, **ROUGH)

# ---- sets and counts -----------------------------------------------------------------------------

DOUBLE = Given([[2, 1, 2], [3, 1, 0]])
add(np.unique, DOUBLE, (DOUBLE, {"return_index": True}), (DOUBLE, True, True, True),
    (DOUBLE, {"axis": 1}), (DOUBLE, {"return_counts": True}), EMPTY, **ROUGH)  # fmt: skip
for function in (np.unique_values, np.unique_all, np.unique_counts, np.unique_inverse):
    add(function, DOUBLE, **ROUGH)
P, Q = Given([5, 1, 3, 3]), Given([[3, 2], [1, 1]])
for function in (np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d):
    add(function, (P, Q), **ROUGH)
add(np.intersect1d, (P, Q, {"return_indices": True}), **ROUGH)
for function in (np.intersect1d, np.setdiff1d, np.setxor1d):
    add(function, (Given([5, 1, 3]), Given([3, 2]), True), kinds=FEW, **ROUGH)
add(
    np.trim_zeros,
    Given([0, 0, 1, 0, 2, 0]),
    (Given([0, 1, 0]), "f"),
    (Given([0, 1, 0]), "b"),
    Given([0, 0]),
    kinds=FEW,
    **ROUGH,
)
COUNTED = Array((6,), 0, 4, "int64")
add(
    np.bincount,
    COUNTED,
    (COUNTED, Array((6,))),
    (COUNTED, {"minlength": 9}),
    (COUNTED, Array((6,)), 9),
    (COUNTED, A3),
    kinds=FEW,
    alone=False,
)
add(np.histogram, (A8, SORTED), kinds=FLOATS, **ROUGH)
add(np.histogram, A8, (A8, 4), (A8, 3, (-1, 1)), (A8, 3, {"density": True}),
    (A8, [-1.0, 0.1, 2.0], {"density": True}), (A8, 3, {"weights": Array((8,), 0, 1)}),
    (A8, 3, {"weights": Array((8,), 0, 1), "density": True}), kinds=FLOATS, ulp=16)  # fmt: skip
add(np.histogram_bin_edges, A8, (A8, 4), (A8, 3, (-1, 1)), kinds=FLOATS)
