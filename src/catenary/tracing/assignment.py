"""Writing x[index] = value on traced arrays.

A write makes a new version of the whole storage. It selects, at every element, between what was
there and the last thing written; nothing is multiplied, so what is overwritten leaves no trace.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.structure import positions
from catenary.core.types import BOOL, Shape
from catenary.ops.arrange import reshape, reverse
from catenary.ops.compare import ge, select
from catenary.ops.elementwise import full
from catenary.ops.extremum import maximum
from catenary.ops.index import gather, last_write
from catenary.ops.window import overwrite
from catenary.tracing.array import TracedArray, innermost
from catenary.tracing.elementwise import as_atom, extent, normalize, spread
from catenary.tracing.indexing import (
    Basic,
    Positions,
    basic,
    is_element,
    parse,
    read_positions,
    rising,
)
from catenary.tracing.recorder import Recorder, user_line


def put(self: TracedArray, index: Any, value: Any) -> None:
    """x[index] = value."""
    try:
        _put(self, index, value)
    except errors.CatenaryError as error:
        raise errors.located(error, user_line()) from None


def _put(self: TracedArray, index: Any, value: Any) -> None:
    if self.read_only:
        raise errors.read_only(user_line())
    value = normalize(value)
    if _unknown_mask(index):
        _put_where(self, index, value)
        return
    entries = parse(index, self.shape)
    arrays = [e.array for e in entries if isinstance(e, Positions)]
    recorder = innermost([self, value, *arrays])
    assert recorder is not None
    _require_rank(self, index, entries, len(extent(value)))
    atom = as_atom(value, self.dtype, recorder)
    base = self.base()
    if self is base and not arrays:
        base.write(_overwritten(recorder.lift(self.value()), basic(entries, self.shape), atom))
        return
    traced = any(isinstance(array, TracedArray) for array in arrays)
    places = _places(self, entries if traced else index, recorder)
    base.write(_written(recorder.lift(base.value()), places, atom, recorder))


def _require_rank(self: TracedArray, index: Any, entries: Any, ndim: int) -> None:
    """One element takes a number; a mask of a whole array takes a row of values."""
    if is_element(index, entries) and ndim:
        raise errors.operand_shapes("assignment to one element", "a number", f"{ndim} axes")
    mask = index[0] if isinstance(index, tuple) and len(index) == 1 else index
    masked = isinstance(mask, (np.ndarray, TracedArray)) and mask.dtype == BOOL
    if masked and mask.ndim == self.ndim and ndim > 1:
        raise errors.operand_shapes("assignment to x[mask]", "a number or a row", f"{ndim} axes")


def _unknown_mask(index: Any) -> bool:
    if isinstance(index, tuple) and len(index) == 1:
        index = index[0]
    return isinstance(index, TracedArray) and index.dtype == BOOL and index.concrete() is None


def _put_where(self: TracedArray, index: Any, value: Any) -> None:
    """x[mask] = value with a mask of unknown values: a choice at every element."""
    mask = index[0] if isinstance(index, tuple) else index
    behind = self.shape[mask.ndim :]
    if mask.shape != self.shape[: mask.ndim]:
        raise errors.bad_index(
            f"a boolean index of shape {mask.shape} does not match the array's {self.shape}"
        )
    if len(extent(value)) > len(behind):
        raise errors.inside_masks(user_line())
    recorder = innermost([self, value, mask])
    assert recorder is not None
    chosen = reshape(recorder.lift(mask.value()), shape=mask.shape + (1,) * len(behind))
    written = fit(as_atom(value, self.dtype, recorder), self.shape)
    kept = recorder.lift(self.value())
    self[...] = TracedArray(select(spread(chosen, self.shape), written, kept), recorder)


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


# ---- a window of a base --------------------------------------------------------------------------


def _overwritten(x: Any, where: Basic, atom: Any) -> Any:
    atom = fit(atom, where.shape)
    start, step, flipped = rising(where)
    if atom.type.shape != where.count:
        atom = reshape(atom, shape=where.count)
    if flipped:
        atom = reverse(atom, axes=flipped)
    return atom if where.count == x.type.shape else overwrite(x, atom, start=start, step=step)


# ---- anywhere ------------------------------------------------------------------------------------


def layout(array: TracedArray) -> Any:
    """For each element of an array its position in the storage, in row order of the base."""
    base = array.base()
    offset = array.shadow().ctypes.data - base.shadow().ctypes.data
    places = np.full(array.shape, offset, np.int64)
    for axis, stride in enumerate(array.shadow().strides):
        along = np.arange(array.shape[axis]) * stride
        places += along.reshape((-1,) + (1,) * (array.ndim - axis - 1))
    return places


def _places(array: TracedArray, index: Any, recorder: Recorder) -> Any:
    """Where x[index] lies in the storage: the index applied to the positions themselves.

    The index is a user's that NumPy can read, or one with traced arrays, already parsed.
    """
    where = positions(array.shape) if array is array.base() else layout(array)
    if isinstance(index, list) and any(isinstance(e, Positions) for e in index):
        return read_positions(recorder.lift(where), index, recorder)
    return recorder.lift(np.asarray(where[index]))


def _written(x: Any, places: Any, atom: Any, recorder: Recorder) -> Any:
    """x with the atom at these positions; where one occurs twice, the last write stays."""
    atom = fit(atom, places.type.shape)
    size, count = x.type.size, places.type.size
    if count == 0:
        return x
    order = last_write(reshape(places, shape=(count,)), shape=(size,))
    values = reshape(recorder.lift(atom), shape=(count,))
    chosen = gather(values, maximum(order, full(0, order.type)))
    kept = reshape(x, shape=(size,))
    return reshape(select(ge(order, full(0, order.type)), chosen, kept), shape=x.type.shape)
