"""Order along an axis: sort, argsort, partition; where a value would stand in a sorted row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, operand_shapes
from catenary.ops.order import argsort as argsort_operation
from catenary.ops.order import sort as sort_operation
from catenary.tracing.array import wrap
from catenary.tracing.numpy_api.arguments import array, atom_of, axis_in, given, traced
from catenary.tracing.numpy_api.taking import take
from catenary.tracing.table import implements


@implements(np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    a, axis = _along(a, axis)
    return wrap(sort_operation(atom_of(a), axis=axis), a.recorder)


@implements(np.argsort)
def argsort(
    a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    a, axis = _along(a, axis if a.ndim else None)
    return wrap(argsort_operation(atom_of(a), axis=axis), a.recorder)


def _along(a: Any, axis: Any) -> tuple[Any, int]:
    return (np.ravel(a), 0) if axis is None else (a, axis_in(axis, a.ndim))


@implements(np.partition)
def partition(
    a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None
) -> Any:
    """Sorted altogether, which also puts the kth element in its place."""
    return np.sort(a, axis)


@implements(np.argpartition)
def argpartition(
    a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None
) -> Any:
    return np.argsort(a, axis)


@implements(np.lexsort)
def lexsort(keys: Any, axis: int = -1) -> Any:
    """The order by the last key; among its equals by the one before, and so on."""
    rows = [array(k) for k in keys]
    beside = rows[0].ndim
    order = np.argsort(traced(rows[0], *rows), axis_in(axis, beside), kind="stable")
    for key in rows[1:]:
        within = np.argsort(np.take_along_axis(key, order, axis), axis, kind="stable")
        order = np.take_along_axis(order, within, axis)
    return order


# ---- in a sorted row -----------------------------------------------------------------------------


def _stands_before(x: Any, v: Any, side: str) -> Any:
    """Whether x comes before v in the order of sort, which puts NaN last."""
    if side == "left":
        before = np.less(x, v)
        return before | ((v != v) & (x == x))  # noqa: PLR0124 - NaN is what differs from itself
    return np.less_equal(x, v) | (v != v)  # noqa: PLR0124


@implements(np.searchsorted)
def searchsorted(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    """Where each v would stand in the sorted row a: halving, all v at once."""
    if side not in {"left", "right"}:
        raise bad_argument("searchsorted(side=)", "'left' or 'right'", repr(side))
    row = array(a) if sorter is None else take(a, sorter)
    if row.ndim != 1:
        raise operand_shapes("searchsorted", "a sorted row", row.shape)
    sought = traced(v, row)
    n = row.size
    low = np.zeros_like(sought, dtype=np.int64)
    high = np.full_like(sought, n, dtype=np.int64)
    for _ in range(math.ceil(math.log2(n + 1)) if n else 0):
        middle = (low + high) // 2
        found = take(row, np.minimum(middle, n - 1))
        up = _stands_before(found, sought, side) & (low < high)
        low, high = np.where(up, middle + 1, low), np.where(up, high, middle)
    return low


@implements(np.digitize)
def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    """The number of the interval that each x lies in; bins may rise or fall."""
    row = array(bins)
    if row.ndim != 1:
        raise operand_shapes("digitize", "a row of bins", row.shape)
    rising = searchsorted(row, traced(x, row), "left" if right else "right")
    if row.size < 2:
        return rising
    falling = row.size - searchsorted(np.flip(row), traced(x, row), "right" if right else "left")
    return np.where(row[0] <= row[-1], rising, falling)


@implements(np.interp)
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """Straight lines between the points (xp, fp); the end values, or left and right, outside."""
    x, xp, fp = (array(v).astype(np.float64) for v in (x, xp, fp))
    if xp.ndim != 1 or xp.shape != fp.shape:
        raise operand_shapes("interp", "xp and fp rows of one length", (xp.shape, fp.shape))
    if given(period):
        x, xp, fp = _periodic(x, xp, fp, abs(period))
    n = xp.size
    after = np.clip(np.searchsorted(traced(xp, x, fp), x, side="right"), 1, max(n - 1, 1))
    before = after - 1
    x0, y0 = take(xp, before), take(fp, before)
    slope = _slope(xp, fp, before, min(1, n - 1))
    result = slope * (x - x0) + y0
    result = np.where(x > xp[-1], fp[-1] if right is None else right, result)
    result = np.where(x == xp[-1], fp[-1], result)
    return np.where(x < xp[0], fp[0] if left is None else left, result)


def _slope(xp: Any, fp: Any, before: Any, reach: int) -> Any:
    if reach == 0:
        return 0.0
    return take(np.diff(fp) / np.diff(xp), before)


def _periodic(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any, Any]:
    xp = np.remainder(xp, period)
    order = np.argsort(xp, kind="stable")
    xp, fp = xp[order], take(fp, order)
    xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
    return np.remainder(x, period), xp, np.concatenate([fp[-1:], fp, fp[:1]])
