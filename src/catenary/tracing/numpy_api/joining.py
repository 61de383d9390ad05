"""Arrays put together: concatenate, stack, block, append, insert."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, operand_shapes
from catenary.ops.window import concatenate as concatenate_operation
from catenary.tracing.array import innermost, wrap
from catenary.tracing.elementwise import as_atom
from catenary.tracing.numpy_api.arguments import Array, array, axis_in, common_dtype
from catenary.tracing.table import implements


def joined(arrays: Sequence[Any], axis: int, dtype: Any = None) -> Array:
    """Arrays one behind the other, in the dtype that NumPy would give them."""
    operands = [array(x) for x in arrays]
    if len({x.ndim for x in operands}) != 1:
        shapes = ", ".join(str(x.shape) for x in operands)
        raise operand_shapes("concatenate", "arrays with equally many axes", shapes)
    recorder = innermost(operands)
    assert recorder is not None
    dtype = common_dtype(*operands) if dtype is None else np.dtype(dtype)
    atoms = [as_atom(x, dtype, recorder) for x in operands]
    return wrap(concatenate_operation(*atoms, axis=axis), recorder)


@implements(np.concatenate, np.concat)
def concatenate(
    arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    arrays = [array(x) for x in arrays]
    _require_cast(arrays, dtype, casting)
    if axis is None:
        return joined([np.ravel(x) for x in arrays], 0, dtype)
    return joined(arrays, axis_in(axis, arrays[0].ndim), dtype)


def _require_cast(arrays: Sequence[Any], dtype: Any, casting: Any) -> None:
    if dtype is not None and not np.can_cast(common_dtype(*arrays), dtype, casting):
        raise bad_argument("dtype=", f"one that {common_dtype(*arrays)} casts to", dtype)


@implements(np.stack)
def stack(
    arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    arrays = [array(x) for x in arrays]
    if len({x.shape for x in arrays}) != 1:
        shapes = ", ".join(str(x.shape) for x in arrays)
        raise operand_shapes("stack", "arrays of one shape", shapes)
    _require_cast(arrays, dtype, casting)
    place = axis_in(axis, arrays[0].ndim + 1)
    return joined([np.expand_dims(x, place) for x in arrays], place, dtype)


@implements(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    return concatenate([np.atleast_2d(x) for x in tup], 0, dtype=dtype, casting=casting)


@implements(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    arrays = [np.atleast_1d(x) for x in tup]
    axis = 0 if arrays[0].ndim == 1 else 1
    return concatenate(arrays, axis, dtype=dtype, casting=casting)


@implements(np.dstack)
def dstack(tup: Any) -> Any:
    return concatenate([np.atleast_3d(x) for x in tup], 2)


@implements(np.column_stack)
def column_stack(tup: Any) -> Any:
    """Vectors as columns, matrices as they are, side by side."""
    arrays = [array(x) for x in tup]
    return concatenate([np.atleast_2d(x).T if x.ndim < 2 else x for x in arrays], 1)


@implements(np.append)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    if axis is None:
        return concatenate([np.ravel(array(arr)), np.ravel(array(values))], 0)
    return concatenate([arr, values], axis)


@implements(np.block)
def block(arrays: Any) -> Any:
    """Nested lists of blocks: the innermost lists join along the last axis, and so on outwards."""
    depth = _depth(arrays)
    ndim = max(depth, _largest_ndim(arrays))
    if depth == 0:
        return np.copy(array(arrays))
    return _join_blocks(arrays, depth, ndim)


def _depth(blocks: Any) -> int:
    if not isinstance(blocks, list):
        return 0
    depths = {_depth(b) for b in blocks}
    if len(depths) != 1:
        raise bad_argument("block", "lists nested equally deep, none of them empty", sorted(depths))
    return 1 + depths.pop()


def _largest_ndim(blocks: Any) -> int:
    return max(map(_largest_ndim, blocks)) if isinstance(blocks, list) else np.ndim(blocks)


def _join_blocks(blocks: Any, depth: int, ndim: int) -> Any:
    if depth == 0:
        x = array(blocks)
        return np.reshape(x, (1,) * (ndim - x.ndim) + x.shape)
    parts = [_join_blocks(b, depth - 1, ndim) for b in blocks]
    return np.concatenate(parts, ndim - depth)


@implements(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """The old and the new elements joined, then taken in the order NumPy's insert would give."""
    arr, values = array(arr), array(values)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    axis = axis_in(axis, arr.ndim)
    n = arr.shape[axis]
    values = np.reshape(values, (1,) * (arr.ndim - values.ndim) + values.shape)
    places = np.insert(np.arange(n), obj, 0).size - n
    values = np.moveaxis(values, 0, axis) if _is_number(obj) else values
    count = values.shape[axis] if places == 1 else places
    shape = (*arr.shape[:axis], count, *arr.shape[axis + 1 :])
    values = np.broadcast_to(values, shape).astype(arr.dtype)
    order = np.insert(np.arange(n), obj, np.arange(n, n + count))
    return np.take(joined([arr, values], axis), order, axis)


def _is_number(obj: Any) -> bool:
    return not isinstance(obj, slice) and np.ndim(obj) == 0
