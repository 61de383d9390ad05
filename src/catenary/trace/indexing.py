"""Reading and writing x[index] on traced arrays, by the rules of NumPy's indexing.

An index is brought to one form: windows along some axes, arrays of positions along others. A
write selects, at every element, between what was there and the last thing written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.graph import Literal, Var
from catenary.core.structure import positions
from catenary.core.types import BOOL, INT64, Shape
from catenary.ops.additive import add, convert
from catenary.ops.arrange import permute, reshape, reverse
from catenary.ops.compare import ge, lt, select
from catenary.ops.elementwise import full
from catenary.ops.extremum import maximum
from catenary.ops.index import gather, last_write
from catenary.ops.window import length, overwrite, window
from catenary.trace.array import TracedArray, innermost, value_type, wrap
from catenary.trace.elementwise import as_atom, common_shape, normalize, spread
from catenary.trace.recorder import Recorder, user_line


@dataclass(frozen=True)
class Basic:
    """An index of integers, slices and new axes: for each axis start, length and step."""

    start: tuple[int, ...]
    count: tuple[int, ...]
    step: tuple[int, ...]  # negative: the window is read backwards
    shape: Shape  # the result's, without the integers' axes and with the new ones


def _entries(index: Any) -> list[Any]:
    return list(index) if isinstance(index, tuple) else [index]


def _is_array(entry: Any) -> bool:
    """Whether an entry is an array of positions or a mask, not a window."""
    if isinstance(entry, (TracedArray, list, np.ndarray)):
        return True
    return isinstance(entry, (bool, np.bool_))


def _expand(entries: list[Any], ndim: int) -> list[Any]:
    """Write out the ellipsis; fill up with whole axes."""

    def taken(entry: Any) -> int:
        if entry is None or entry is Ellipsis:
            return 0
        mask = isinstance(entry, (np.ndarray, TracedArray)) and entry.dtype == BOOL
        return entry.ndim if mask else 0 if isinstance(entry, (bool, np.bool_)) else 1

    used = sum(map(taken, entries))
    if used > ndim:
        raise errors.too_many_indices(ndim, used)
    whole = [slice(None)] * (ndim - used)
    for i, entry in enumerate(entries):
        if entry is Ellipsis:
            return entries[:i] + whole + entries[i + 1 :]
    return entries + whole


def _basic(entries: Sequence[Any], shape: Shape) -> Basic:
    start, count, step, result = [], [], [], []
    axis = 0
    for entry in entries:
        if entry is None:
            result.append(1)
            continue
        n = shape[axis]
        if isinstance(entry, slice):
            a, b, s = entry.indices(n)
            m = length(a, b, s)
            result.append(m)
        else:
            a, m, s = int(entry), 1, 1
            if not -n <= a < n:
                raise errors.index_out_of_bounds(np.array([a]) if a >= 0 else np.array([a]), axis, n)
            a %= max(n, 1)
        start.append(a)
        count.append(m)
        step.append(s)
        axis += 1
    return Basic(tuple(start), tuple(count), tuple(step), tuple(result))


def _rising(basic: Basic) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """The window in rising order: its start, its step, the axes to reverse."""
    start = tuple(
        a if s > 0 or m == 0 else a + (m - 1) * s
        for a, m, s in zip(basic.start, basic.count, basic.step, strict=True)
    )
    flipped = tuple(i for i, (s, m) in enumerate(zip(basic.step, basic.count, strict=True)) if s < 0 and m > 1)
    return tuple(a if m else 0 for a, m in zip(start, basic.count, strict=True)), tuple(map(abs, basic.step)), flipped


def read_window(x: Any, basic: Basic) -> Any:
    start, step, flipped = _rising(basic)
    stop = tuple(
        a + max(m - 1, 0) * s + (m > 0) for a, m, s in zip(start, basic.count, step, strict=True)
    )
    shape = x.type.shape
    if basic.count != shape:
        x = window(x, start=start, stop=stop, step=step)
    if flipped:
        x = reverse(x, axes=flipped)
    return x if x.type.shape == basic.shape else reshape(x, shape=basic.shape)


def _atom(x: TracedArray) -> Any:
    value = x.value()
    return value if isinstance(value, (Var, Literal)) else x.recorder.lift(value)


# ---- arrays of positions -------------------------------------------------------------------------


def _masks_as_positions(entries: list[Any]) -> list[Any]:
    """Replace each boolean mask by the positions where it holds."""
    result: list[Any] = []
    for entry in entries:
        if isinstance(entry, list):
            entry = np.asarray(entry) if entry else np.zeros(0, np.int64)
        if isinstance(entry, (bool, np.bool_)):
            result.extend([None, np.arange(int(bool(entry)))])
            continue
        if isinstance(entry, (np.ndarray, TracedArray)) and entry.dtype == BOOL:
            known = entry.concrete() if isinstance(entry, TracedArray) else entry
            if known is None:
                raise errors.mask_unknown(user_line())
            result.extend(np.nonzero(np.asarray(known)))
        else:
            result.append(entry)
    return result


def _position(entry: Any, n: int, axis: int, shape: Shape, recorder: Recorder) -> Any:
    """An index array as int64 positions of a common shape, negative ones counted from the end."""
    if not isinstance(entry, TracedArray):
        array = np.asarray(entry)
        if array.dtype.kind not in "iu":
            raise errors.operand_dtype("an index", "integers or booleans", str(array.dtype))
        array = array.astype(np.int64)
        if array.size and (array.min() < -n or array.max() >= n):
            bad = array[(array < -n) | (array >= n)]
            raise errors.index_out_of_bounds(bad, axis, n)
        return spread(recorder.lift(np.where(array < 0, array + n, array)), shape)
    if entry.dtype.kind not in "iu":
        raise errors.operand_dtype("an index", "integers or booleans", str(entry.dtype))
    atom = _atom(entry)
    if atom.type.dtype != INT64:
        atom = convert(atom, dtype=INT64)
    if entry.dtype.kind == "i":
        below = lt(atom, full(0, atom.type))
        atom = select(below, add(atom, full(n, atom.type)), atom)
    return spread(recorder.lift(atom), shape)


def _advanced(x: Any, entries: list[Any], recorder: Recorder) -> Any:
    """Windows first, then the indexed axes to the front, gather, and the result's axes in order."""
    ndim = len(x.type.shape)
    entries = _expand(_masks_as_positions(_expand(entries, ndim)), ndim)
    chosen = [not (e is None or isinstance(e, slice)) for e in entries]
    places = [i for i, flag in enumerate(chosen) if flag]
    # axes that are indexed stay whole for now; a new axis counts as one of length 1
    windows = [slice(None) if flag else e for e, flag in zip(entries, chosen, strict=True)]
    x = read_window(x, _basic(windows, x.type.shape))
    shape = x.type.shape
    index_shape = common_shape([np.shape(entries[i]) for i in places])
    indices = [_position(entries[i], shape[i], i, index_shape, recorder) for i in places]
    others = [i for i in range(len(entries)) if not chosen[i]]
    order = (*places, *others)
    if order != tuple(range(len(order))):
        x = permute(x, order=order)
    result = gather(x, *indices)
    adjacent = places == list(range(places[0], places[-1] + 1))
    before = sum(1 for i in others if i < places[0]) if adjacent else 0
    k, total = len(index_shape), len(index_shape) + len(others)
    if before:
        order = (*range(k, k + before), *range(k), *range(k + before, total))
        result = permute(result, order=order)
    return result


def get(self: TracedArray, index: Any) -> Any:
    """x[index]: a view for a basic index, a copy for arrays of positions."""
    try:
        return _get(self, index)
    except errors.CatenaryError as error:
        raise errors.located(error, user_line()) from None


def _get(self: TracedArray, index: Any) -> Any:
    entries = _entries(index)
    entries = [_known_integer(e) for e in entries]
    if any(_is_array(e) for e in entries):
        recorder = innermost([self, *entries])
        assert recorder is not None
        return wrap(_advanced(recorder.lift(self.value()), entries, recorder), recorder)
    basic = _basic(_expand(entries, self.ndim), self.shape)
    value = read_window(_atom(self), basic)
    if not basic.shape:
        return wrap(value, self.recorder)  # a number, not a view

    def derive(parent: Any) -> Any:
        return read_window(self.recorder.lift(parent), basic)

    return self.view(value, self.shadow()[tuple(entries)], derive)


def _known_integer(entry: Any) -> Any:
    """A traced integer as an array of positions; NumPy's integers as Python's."""
    if isinstance(entry, np.integer):
        return int(entry)
    if isinstance(entry, np.ndarray) and entry.ndim == 0 and entry.dtype.kind in "iu":
        return int(entry)
    if hasattr(entry, "__index__") and not isinstance(entry, (int, TracedArray, np.ndarray)):
        return entry.__index__()
    return entry


# ---- writing -------------------------------------------------------------------------------------


def put(self: TracedArray, index: Any, value: Any) -> None:
    """x[index] = value."""
    try:
        _put(self, index, value)
    except errors.CatenaryError as error:
        raise errors.located(error, user_line()) from None


def _put(self: TracedArray, index: Any, value: Any) -> None:
    entries = [_known_integer(e) for e in _entries(index)]
    value = normalize(value)
    recorder = innermost([self, value, *entries])
    assert recorder is not None
    base = self.base()
    if len(entries) == 1 and _traced_mask(entries[0]) and np.shape(value) == ():
        mask = np.broadcast_to(entries[0], self.shape) if entries[0].ndim == self.ndim else None
        if mask is not None:
            self[...] = np.where(mask, value, self)
            return
    atom = as_atom(value, self.dtype, recorder)
    if self is base and not any(_is_array(e) for e in entries):
        basic = _basic(_expand(entries, self.ndim), self.shape)
        base.write(_overwritten(recorder.lift(self.value()), basic, atom))
        return
    places = _places(self, entries, recorder)
    base.write(_written(recorder.lift(base.value()), places, atom, recorder))


def _traced_mask(entry: Any) -> bool:
    return isinstance(entry, TracedArray) and entry.dtype == BOOL and entry.concrete() is None


def fit(atom: Any, shape: Shape) -> Any:
    """What is assigned, broadcast to where it goes; leading axes of length 1 may be too many."""
    given = atom.type.shape
    while len(given) > len(shape) and given[0] == 1:
        given = given[1:]
    if given != atom.type.shape:
        atom = reshape(atom, shape=given)
    try:
        fits = np.broadcast_shapes(given, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise errors.operand_shapes("assignment", f"a value that fits {shape}", given)
    return spread(atom, shape)


def _overwritten(x: Any, basic: Basic, atom: Any) -> Any:
    atom = fit(atom, basic.shape)
    if basic.count == x.type.shape and min(basic.step, default=1) > 0:
        return atom if atom.type.shape == x.type.shape else reshape(atom, shape=x.type.shape)
    start, step, flipped = _rising(basic)
    if atom.type.shape != basic.count:
        atom = reshape(atom, shape=basic.count)
    if flipped:
        atom = reverse(atom, axes=flipped)
    return overwrite(x, atom, start=start, step=step)


def layout(array: TracedArray) -> Any:
    """For each element of an array its position in the storage, in row order of the base."""
    base = array.base()
    offset = array.shadow().ctypes.data - base.shadow().ctypes.data
    places = np.full(array.shape, offset, np.int64)
    for axis, stride in enumerate(array.shadow().strides):
        along = np.arange(array.shape[axis]) * stride
        places += along.reshape((-1,) + (1,) * (array.ndim - axis - 1))
    return places


def _places(array: TracedArray, entries: list[Any], recorder: Recorder) -> Any:
    """Where x[index] lies in the storage: the index applied to the positions themselves."""
    where = positions(array.shape) if array is array.base() else layout(array)
    if not any(isinstance(e, TracedArray) and e.concrete() is None for e in entries):
        plain = [np.asarray(e.concrete()) if isinstance(e, TracedArray) else e for e in entries]
        try:
            return recorder.lift(np.asarray(where[tuple(plain)]))
        except IndexError as error:
            raise errors.bad_index(str(error)) from None
    return _advanced(recorder.lift(where), entries, recorder)


def _written(x: Any, places: Any, atom: Any, recorder: Recorder) -> Any:
    """x with the atom at these positions; where one occurs twice, the last write stays."""
    atom = fit(atom, places.type.shape)
    size = x.type.size
    if places.type.size == 0:
        return x
    flat = reshape(places, shape=(places.type.size,))
    order = last_write(flat, shape=(size,))
    chosen = gather(
        reshape(recorder.lift(atom), shape=(places.type.size,)), maximum(order, full(0, order.type))
    )
    kept = reshape(x, shape=(size,))
    return reshape(select(ge(order, full(0, order.type)), chosen, kept), shape=x.type.shape)


__all__ = ["fit", "get", "layout", "put", "read_window", "value_type"]
