"""np.pad: one axis after the other, each by its mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, not_covered, operand_dtype
from catenary.tracing.array import TracedArray
from catenary.tracing.numpy_api.arguments import Array
from catenary.tracing.recorder import user_line
from catenary.tracing.table import implements

Pair = tuple[Any, Any]


def _pairs(value: Any, ndim: int) -> list[Pair]:
    """One (before, after) for each axis, from a number, a pair, or a row of pairs."""
    if isinstance(value, dict):
        listed: list[Pair] = [(0, 0)] * ndim
        for axis, width in value.items():
            listed[axis] = (width, width) if np.ndim(width) == 0 else tuple(width)
        return listed
    if value is None:
        return [(None, None)] * ndim
    if not isinstance(value, (list, tuple, np.ndarray)):
        return [(value, value)] * ndim
    rows = [tuple(row) if isinstance(row, (list, tuple, np.ndarray)) else (row,) for row in value]
    if all(len(row) == 1 for row in rows) and not _nested(value):
        flat = [row[0] for row in rows]
        rows = [(flat[0], flat[-1])]
    rows = [(row[0], row[-1]) for row in rows]
    if len(rows) not in {1, ndim}:
        raise bad_argument("pad", f"a pair, or a pair for each of {ndim} axes", value)
    return rows * ndim if len(rows) == 1 else rows


def _nested(value: Any) -> bool:
    return isinstance(value[0], (list, tuple, np.ndarray))


@implements(np.pad)
def pad(array: Array, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """The array with rows before and after along each axis.

    Modes that repeat the array's own elements are said by the positions that NumPy's own pad
    gives for a row of positions.
    """
    if callable(mode):
        raise not_covered("np.pad with a function as mode", "", user_line())
    pad_width = _whole(pad_width)
    if mode not in _MODES:
        raise bad_argument("pad(mode=)", f"one of {', '.join(_MODES)}", repr(mode))
    option, default, rule = _MODES[mode]
    unknown = set(options) - ({option, "reflect_type"} if mode in _BY_POSITION else {option})
    if unknown:
        raise bad_argument(f"pad with mode {mode!r}", f"the option {option}", sorted(unknown))
    widths = _pairs(pad_width, array.ndim)
    settings = (
        _pairs(options.pop(option, default), array.ndim) if option else [(None, None)] * array.ndim
    )
    result: Any = np.copy(array)
    for axis, (width, setting) in enumerate(zip(widths, settings, strict=True)):
        low, high = int(width[0]), int(width[1])
        if low < 0 or high < 0:
            raise bad_argument("pad", "widths that are not negative", pad_width)
        if low or high:
            result = rule(result, axis, (low, high), setting, **options)
    return result


def _whole(pad_width: Any) -> Any:
    if isinstance(pad_width, dict):
        return pad_width
    widths = np.asarray(pad_width)
    if widths.dtype.kind not in "iu":
        raise operand_dtype("pad", "widths that are whole numbers", widths.dtype)
    return widths if widths.ndim else int(widths)


def _around(x: Any, axis: int, before: Any, after: Any) -> Any:
    return np.concatenate([before, x, after], axis, dtype=x.dtype, casting="unsafe")


def _filled(x: Any, axis: int, n: int, value: Any) -> Any:
    shape = (*x.shape[:axis], n, *x.shape[axis + 1 :])
    return (
        np.broadcast_to(value, shape)
        if isinstance(value, TracedArray)
        else np.full(shape, value, x.dtype)
    )


def _constant(x: Any, axis: int, width: Pair, values: Pair) -> Any:
    before, after = (_filled(x, axis, n, v) for n, v in zip(width, values, strict=True))
    return _around(x, axis, before, after)


def _empty(x: Any, axis: int, width: Pair, _: Pair) -> Any:
    return _constant(x, axis, width, (0, 0))


def _positions(n: int, width: Pair, mode: Any) -> Any:
    """What NumPy's own pad makes of a row of positions."""
    return np.pad(np.arange(n), width, mode=mode)


def _by_position(mode: str) -> Callable[..., Any]:
    def rule(x: Any, axis: int, width: Pair, _: Pair, reflect_type: str = "even") -> Any:
        n = x.shape[axis]
        if n == 0:
            raise bad_argument(f"pad with mode {mode!r}", "an axis that is not empty", x.shape)
        if reflect_type == "odd":
            return _odd(x, axis, width, mode)
        return np.take(x, _positions(n, width, mode), axis)

    return rule


def _odd(x: Any, axis: int, width: Pair, mode: str) -> Any:
    """Reflected through the end points: twice the edge less what is mirrored, end after end."""
    n = x.shape[axis]
    # an odd reflection of positions counts on through the edge: quotient and rest say what to add
    reach = n - 1 if mode == "reflect" else n
    if max(width) > reach or n == 1:
        raise not_covered("np.pad with reflect_type='odd' wider than the array", "", user_line())
    mirrored = np.take(x, _positions(n, width, mode), axis)
    lead = (slice(None),) * axis
    first, last = np.take(x, [0], axis), np.take(x, [n - 1], axis)
    before = 2 * first - mirrored[(*lead, slice(None, width[0]))]
    after = 2 * last - mirrored[(*lead, slice(width[0] + n, None))]
    return _around(x, axis, before, after)


def _linear_ramp(x: Any, axis: int, width: Pair, ends: Pair) -> Any:
    first, last = (np.take(x, at, axis) for at in (0, -1))
    options: Any = {"endpoint": False, "dtype": x.dtype, "axis": axis}
    before = np.linspace(ends[0], first, width[0], **options)
    after = np.linspace(ends[1], last, width[1], **options)
    return _around(x, axis, before, np.flip(after, axis))


def _statistic(function: Any) -> Callable[..., Any]:
    def rule(x: Any, axis: int, width: Pair, lengths: Pair) -> Any:
        n = x.shape[axis]
        lead = (slice(None),) * axis
        counts = [n if c is None else min(int(c), n) for c in lengths]
        ends = x[(*lead, slice(None, counts[0]))], x[(*lead, slice(n - counts[1], None))]
        sides = []
        for end, count in zip(ends, width, strict=True):
            value = function(end, axis=axis, keepdims=True)
            if x.dtype.kind in "iu":
                value = np.round(value)
            shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
            sides.append(np.broadcast_to(value.astype(x.dtype), shape))
        return _around(x, axis, *sides)

    return rule


# mode → its option, the option's default, the rule for one axis
_MODES: dict[str, tuple[str | None, Any, Callable[..., Any]]] = {
    "constant": ("constant_values", 0, _constant),
    "empty": (None, None, _empty),
    "linear_ramp": ("end_values", 0, _linear_ramp),
    "maximum": ("stat_length", None, _statistic(np.max)),
    "minimum": ("stat_length", None, _statistic(np.min)),
    "mean": ("stat_length", None, _statistic(np.mean)),
    "median": ("stat_length", None, _statistic(np.median)),
    **{mode: (None, None, _by_position(mode)) for mode in ("edge", "reflect", "symmetric", "wrap")},
}
_BY_POSITION = ("reflect", "symmetric")
