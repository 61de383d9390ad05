"""Functions that write into their first argument, which must be traced to hold what is written."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, operand_dtype, operand_shapes, real_target
from catenary.tracing.array import TracedArray
from catenary.tracing.numpy_api.arguments import Array, array, dtype_of
from catenary.tracing.numpy_api.taking import in_bounds, take
from catenary.tracing.recorder import user_line
from catenary.tracing.table import implements


def require_target(name: str, target: Any) -> None:
    if not isinstance(target, TracedArray):
        raise real_target(name, user_line())


@implements(np.copyto)
def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    require_target("np.copyto", dst)
    # the dtype of a Python number is the smallest of its kind
    least = {bool: np.dtype(bool), int: np.dtype(np.uint8), float: np.dtype(np.float32)}
    given = least.get(type(src)) or dtype_of(src)
    if not np.can_cast(given, dst.dtype, casting):
        raise operand_dtype("copyto", f"a source that casts to {dst.dtype}", given)
    if where is True:
        dst[...] = src
        return
    mask = np.broadcast_to(array(where), dst.shape)
    dst[...] = np.where(mask, _as_like(src, dst), dst)


def _as_like(src: Any, dst: Array) -> Any:
    return array(src).astype(dst.dtype)


@implements(np.put)
def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """a.flat[ind] = v, with the values over again if there are too few."""
    require_target("np.put", a)
    indices, values = np.ravel(array(ind)), np.ravel(array(v))
    if indices.size == 0 or values.size == 0:
        return
    where = in_bounds(indices, a.size, mode)
    if mode == "raise":
        where = np.where(where < 0, where + a.size, where)
    a[np.unravel_index(where, a.shape)] = np.resize(values, indices.size)


@implements(np.place)
def place(arr: Any, mask: Any, vals: Any) -> None:
    """The places where the mask holds are filled with the values one after the other."""
    require_target("np.place", arr)
    values = np.ravel(array(vals))
    chosen = np.reshape(array(mask).astype(bool), arr.shape)
    if values.size == 0:
        raise bad_argument("place", "at least one value", values.shape)
    number = np.cumsum(np.ravel(chosen)) - 1
    taken = take(values, np.remainder(number, values.size))
    arr[...] = np.where(chosen, np.reshape(taken, arr.shape).astype(arr.dtype), arr)


@implements(np.putmask)
def putmask(a: Any, /, mask: Any, values: Any) -> None:
    """a.flat[i] = values[i] wherever the mask holds, the values over again if too few."""
    require_target("np.putmask", a)
    chosen = array(mask).astype(bool)
    if chosen.size != a.size:
        raise operand_shapes("putmask", f"a mask of shape {a.shape}", chosen.shape)
    repeated = np.resize(array(values), a.shape).astype(a.dtype)
    a[...] = np.where(np.reshape(chosen, a.shape), repeated, a)


@implements(np.fill_diagonal)
def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    require_target("np.fill_diagonal", a)
    if a.ndim < 2 or (a.ndim > 2 and len(set(a.shape)) != 1):
        raise operand_shapes("fill_diagonal", "a matrix, or axes of one length", a.shape)
    if a.ndim == 2:
        end = a.size if wrap else a.shape[1] ** 2
        step = a.shape[1] + 1
    else:
        end, step = a.size, 1 + int(np.cumprod(a.shape[:-1]).sum())
    places = np.arange(a.size)[:end:step]
    values = np.ravel(array(val))
    a[np.unravel_index(places, a.shape)] = np.resize(values, places.size)
