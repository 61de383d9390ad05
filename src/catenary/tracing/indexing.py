"""Reading x[index] on traced arrays, by the rules of NumPy's indexing.

An index is brought to one form, an entry for each axis that is taken or made: whole numbers,
slices, new axes, arrays of positions. Without arrays it is a window of the array, and so a view.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from catenary.core import errors
from catenary.core.graph import Literal, Var
from catenary.core.types import BOOL, INT64, Shape
from catenary.ops.additive import add, convert
from catenary.ops.arrange import permute, reshape, reverse
from catenary.ops.compare import lt, select
from catenary.ops.elementwise import full
from catenary.ops.index import gather
from catenary.ops.window import length, window
from catenary.tracing.array import TracedArray, innermost, wrap
from catenary.tracing.elementwise import common_shape, spread
from catenary.tracing.recorder import Recorder, user_line


class _Apart:
    """Stands for an ellipsis: it parts the arrays on its sides even where it takes no axis."""


@dataclass(frozen=True)
class Positions:
    """An index array along one axis; ``fresh``: along a new axis of length 1, made for it."""

    array: Any
    fresh: bool = False


Entry: TypeAlias = int | slice | _Apart | Positions | None


# ---- one form for every index --------------------------------------------------------------------


def parse(index: Any, shape: Shape) -> list[Entry]:
    """The entries of an index into an array of this shape, one for each axis taken or made."""
    given = list(index) if isinstance(index, tuple) else [index]
    entries = [_entry(e) for e in given]
    taken = sum(map(_axes_taken, entries))
    if taken > len(shape):
        raise errors.too_many_indices(len(shape), taken)
    if sum(e is Ellipsis for e in entries) > 1:
        raise errors.bad_index("an index can only have a single ellipsis ('...')")
    if not any(e is Ellipsis for e in entries):
        entries.append(Ellipsis)
    result: list[Entry] = []
    axis = 0
    for entry in entries:
        if entry is Ellipsis:
            whole = len(shape) - taken
            result += [_Apart(), *([slice(None)] * whole)]
            axis += whole
        elif _is_mask(entry):
            result += _mask_positions(entry, shape, axis)
            axis += entry.ndim
        else:
            result.append(entry)
            axis += entry is not None
    return result


def _entry(entry: Any) -> Any:
    """One part of a user's index as a number, a slice, a mask, positions, … or an error."""
    if entry is None or entry is Ellipsis or isinstance(entry, slice):
        return entry
    if isinstance(entry, (bool, np.bool_)):
        return np.asarray(entry)
    if isinstance(entry, (int, np.integer)):
        return int(entry)
    if not isinstance(entry, (TracedArray, np.ndarray)):
        if hasattr(entry, "__index__"):
            return operator.index(entry)
        entry = np.asarray(entry)
        if entry.size == 0 and entry.dtype.kind == "f":
            entry = entry.astype(np.int64)  # an empty list
    if entry.dtype == BOOL:
        return entry
    if entry.dtype.kind not in "iu":
        raise errors.bad_index(
            f"arrays used as indices are of integers or booleans, not {entry.dtype}"
        )
    return Positions(entry)


def _is_mask(entry: Any) -> bool:
    return isinstance(entry, (np.ndarray, TracedArray))


def _axes_taken(entry: Any) -> int:
    if entry is None or entry is Ellipsis:
        return 0
    return int(entry.ndim) if _is_mask(entry) else 1


def _mask_positions(mask: Any, shape: Shape, axis: int) -> list[Entry]:
    """A boolean mask as the positions where it holds; a single truth value makes an axis."""
    for i, n in enumerate(mask.shape):
        if n not in {0, shape[axis + i]}:  # NumPy looks no further at a mask without elements
            raise errors.bad_index(
                f"a boolean index of shape {mask.shape} does not match the array's {shape}"
            )
    known = mask.concrete() if isinstance(mask, TracedArray) else mask
    if known is None:
        raise errors.mask_unknown(user_line())
    if mask.ndim == 0:
        return [Positions(np.zeros(int(bool(known)), np.int64), fresh=True)]
    return [Positions(where) for where in np.nonzero(known)]


# ---- windows -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Basic:
    """An index of integers, slices and new axes: for each axis start, length and step."""

    start: tuple[int, ...]
    count: tuple[int, ...]
    step: tuple[int, ...]  # negative: the window is read backwards
    shape: Shape  # the result's, without the integers' axes and with the new ones


def basic(entries: Sequence[Entry], shape: Shape) -> Basic:
    """The window that an index without arrays takes of an array of this shape."""
    start, count, step, result = [], [], [], []
    axis = 0
    for entry in entries:
        if entry is None:
            result.append(1)
        if not isinstance(entry, (int, slice)):
            continue
        n = shape[axis]
        if isinstance(entry, slice):
            a, b, s = _bounds(entry, n)
            m = length(a, b, s)
            result.append(m)
        else:
            a, m, s = _within(entry, n, axis), 1, 1
        start.append(a)
        count.append(m)
        step.append(s)
        axis += 1
    return Basic(tuple(start), tuple(count), tuple(step), tuple(result))


def _bounds(entry: slice, n: int) -> tuple[int, int, int]:
    try:
        return entry.indices(n)
    except TypeError as error:
        raise errors.bad_index(str(error)) from None
    except ValueError as error:
        raise errors.bad_argument("a slice", "a step that is not zero", str(error)) from None


def _within(position: int, n: int, axis: int) -> int:
    if not -n <= position < n:
        raise errors.index_out_of_bounds(np.array([position]), axis, n)
    return position % n


def rising(basic: Basic) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """The window in rising order: its start, its step, the axes to reverse."""
    starts, flipped = [], []
    for i, (a, m, s) in enumerate(zip(basic.start, basic.count, basic.step, strict=True)):
        starts.append(0 if m == 0 else a if s > 0 else a + (m - 1) * s)
        if s < 0 and m > 1:
            flipped.append(i)
    return tuple(starts), tuple(map(abs, basic.step)), tuple(flipped)


def read_window(x: Any, basic: Basic) -> Any:
    """The window of an atom, in the shape of the index's result."""
    start, step, flipped = rising(basic)
    stop = tuple(
        a + max(m - 1, 0) * s + (m > 0) for a, m, s in zip(start, basic.count, step, strict=True)
    )
    if basic.count != x.type.shape:
        x = window(x, start=start, stop=stop, step=step)
    if flipped:
        x = reverse(x, axes=flipped)
    return x if x.type.shape == basic.shape else reshape(x, shape=basic.shape)


# ---- arrays of positions -------------------------------------------------------------------------


def _counted(position: Any, n: int, axis: int, shape: Shape, recorder: Recorder) -> Any:
    """Positions as int64 of a common shape, negative ones counted from the end."""
    if 0 in shape and position.ndim:  # nothing is taken: NumPy looks at no position
        return recorder.lift(np.zeros(shape, np.int64))
    if not isinstance(position, TracedArray):
        array = np.asarray(position).astype(np.int64)
        if array.size and (array.min() < -n or array.max() >= n):
            raise errors.index_out_of_bounds(array[(array < -n) | (array >= n)], axis, n)
        return spread(recorder.lift(np.where(array < 0, array + n, array)), shape)
    atom = recorder.lift(position.value())
    if atom.type.dtype != INT64:
        atom = convert(atom, dtype=INT64)
    if position.dtype.kind == "i":
        below = lt(atom, full(0, atom.type))
        atom = select(below, add(atom, full(n, atom.type)), atom)
    return spread(atom, shape)


def read_positions(x: Any, entries: Sequence[Entry], recorder: Recorder) -> Any:
    """Windows first, then the indexed axes to the front, gather, and the result's axes in order.

    The axes of the index arrays stand where these stood if they are neighbours, else in front;
    an integer beside index arrays is one of them.
    """
    numbered = [Positions(np.asarray(e)) if isinstance(e, int) else e for e in entries]
    windows = [_left_whole(e) if isinstance(e, Positions) else e for e in numbered]
    x = read_window(x, basic(windows, x.type.shape))
    indexed = [isinstance(e, Positions) for e in numbered if not isinstance(e, _Apart)]
    arrays = [e.array for e in numbered if isinstance(e, Positions)]
    places = [i for i, flag in enumerate(indexed) if flag]
    others = [i for i, flag in enumerate(indexed) if not flag]
    shape = common_shape([a.shape for a in arrays])
    indices = [
        _counted(a, x.type.shape[i], i, shape, recorder)
        for a, i in zip(arrays, places, strict=True)
    ]
    result = gather(_permuted(x, (*places, *others)), *indices)
    before = sum(i < places[0] for i in others) if _adjacent(numbered) else 0
    k, total = len(shape), len(shape) + len(others)
    return _permuted(result, (*range(k, k + before), *range(k), *range(k + before, total)))


def _left_whole(entry: Positions) -> Entry:
    return None if entry.fresh else slice(None)


def _permuted(x: Any, order: tuple[int, ...]) -> Any:
    return x if order == tuple(range(len(order))) else permute(x, order=order)


def _adjacent(entries: Sequence[Entry]) -> bool:
    """Whether the index arrays are neighbours, not even an ellipsis between them."""
    places = [i for i, e in enumerate(entries) if isinstance(e, Positions)]
    return places == list(range(places[0], places[-1] + 1))


# ---- reading -------------------------------------------------------------------------------------


def get(self: TracedArray, index: Any) -> Any:
    """x[index]: a view for a basic index, a copy for arrays of positions."""
    try:
        return _get(self, index)
    except errors.CatenaryError as error:
        raise errors.located(error, user_line()) from None


def _get(self: TracedArray, index: Any) -> Any:
    entries = parse(index, self.shape)
    if any(isinstance(e, Positions) for e in entries):
        recorder = innermost([self, *(e.array for e in entries if isinstance(e, Positions))])
        assert recorder is not None
        return wrap(read_positions(recorder.lift(self.value()), entries, recorder), recorder)
    where = basic(entries, self.shape)
    value = read_window(_atom(self), where)
    if is_element(index, entries):
        return wrap(value, self.recorder)  # a number, not a view

    def derive(parent: Any) -> Any:
        return read_window(self.recorder.lift(parent), where)

    key = tuple(e for e in entries if not isinstance(e, _Apart))
    return self.derived(value, self.shadow()[(..., *key)], derive)


def is_element(index: Any, entries: Sequence[Entry]) -> bool:
    """Whether an index names one element by whole numbers alone: NumPy gives that as a number."""
    given = index if isinstance(index, tuple) else (index,)
    return not any(e is Ellipsis for e in given) and all(map(_is_number, entries))


def _is_number(entry: Entry) -> bool:
    if isinstance(entry, Positions):
        return not entry.fresh and entry.array.ndim == 0
    return isinstance(entry, (int, _Apart))


def _atom(x: TracedArray) -> Any:
    value = x.value()
    return value if isinstance(value, (Var, Literal)) else x.recorder.lift(value)
