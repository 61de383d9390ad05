"""Sums, products, extremes and truth over axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core.errors import operand_shapes
from catenary.core.types import BOOL
from catenary.ops.arrange import reshape
from catenary.ops.extremum import argmax as argmax_operation
from catenary.ops.extremum import argmin as argmin_operation
from catenary.ops.extremum import reduce_max, reduce_min
from catenary.ops.order import prod as prod_operation
from catenary.ops.replicate import sum_over
from catenary.tracing.array import wrap
from catenary.tracing.elementwise import to_dtype
from catenary.tracing.numpy_api.arguments import (
    Array,
    array,
    atom_of,
    axes_of,
    given,
    of_dtype,
    traced,
)
from catenary.tracing.table import implements

Axis = int | tuple[int, ...] | None


def reduced_axes(ndim: int, axis: Any) -> tuple[int, ...]:
    """The axes of a reduction; of a number, NumPy lets the axis of a row of one be named."""
    if ndim == 0 and type(axis) is int and axis in {0, -1}:
        return ()
    return axes_of(ndim, axis)


def with_axes(result: Any, shape: tuple[int, ...], axes: tuple[int, ...], keepdims: Any) -> Any:
    """What was reduced, with its axes kept at length 1 if asked for."""
    if not given(keepdims) or not keepdims:
        return result
    return reshape(result, shape=tuple(1 if i in axes else n for i, n in enumerate(shape)))


def limited(where: Any) -> bool:
    """Whether only some elements take part."""
    return given(where) and where is not True


def masked(a: Array, where: Any, neutral: Any) -> Any:
    """The elements that take part; in place of the others one that changes nothing."""
    return np.where(where, a, a.dtype.type(neutral)) if limited(where) else a


# ---- sums and products ---------------------------------------------------------------------------


def sum_dtype(elements: Any, dtype: Any, out: Any = None) -> Any:
    """The dtype asked for, or of ``out``; NumPy sums small integers in the machine's integer."""
    if given(dtype) or out is not None:
        return np.dtype(dtype) if given(dtype) else out.dtype
    if elements.kind in "bi":
        return np.dtype(np.int64)
    return np.dtype(np.uint64) if elements.kind == "u" else elements


def _accumulating(operation: Any, neutral: int, combine: Any, truth: Any) -> Callable[..., Any]:
    def reduce(
        a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
        initial: Any = None, where: Any = True,
    ) -> Any:  # fmt: skip
        a = masked(traced(a, where, initial), where, neutral)
        wanted = sum_dtype(a.dtype, dtype, out)
        if wanted == BOOL:
            result = truth(a, axis=axis, keepdims=keepdims)
        else:
            axes = reduced_axes(a.ndim, axis)
            value = with_axes(operation(to_dtype(a, wanted), axes=axes), a.shape, axes, keepdims)
            result = wrap(value, a.recorder)
        return combine(result, of_dtype(initial, wanted)) if given(initial) else result

    return reduce


sum_ = implements(np.sum)(
    _accumulating(sum_over, 0, np.add, lambda *args, **options: np.any(*args, **options))
)
prod = implements(np.prod)(
    _accumulating(prod_operation, 1, np.multiply, lambda *args, **options: np.all(*args, **options))
)


# ---- largest and smallest ------------------------------------------------------------------------


def _extreme(operation: Any, worst: Callable[[Any], Any], combine: Any) -> Callable[..., Any]:
    def reduce(
        a: Any, axis: Axis = None, out: Any = None, keepdims: Any = False, initial: Any = None,
        where: Any = True,
    ) -> Any:  # fmt: skip
        a = traced(a, where, initial)
        if limited(where) and not given(initial):
            raise operand_shapes("an extreme with where=", "initial= beside it", "none")
        a = masked(a, where, worst(a.dtype))
        axes = reduced_axes(a.ndim, axis)
        if given(initial) and any(a.shape[i] == 0 for i in axes):
            shape = np.sum(
                np.empty(a.shape, bool), axes, keepdims=bool(given(keepdims) and keepdims)
            ).shape
            return np.full_like(a, initial, shape=shape)
        value = to_dtype(a, np.uint8) if a.dtype == BOOL else atom_of(a)
        result = wrap(with_axes(operation(value, axes=axes), a.shape, axes, keepdims), a.recorder)
        result = result.astype(bool) if a.dtype == BOOL else result
        return combine(result, of_dtype(initial, a.dtype)) if given(initial) else result

    return reduce


def lowest(dtype: Any) -> Any:
    return -np.inf if dtype.kind == "f" else False if dtype == BOOL else np.iinfo(dtype).min


def highest(dtype: Any) -> Any:
    return np.inf if dtype.kind == "f" else True if dtype == BOOL else np.iinfo(dtype).max


largest = implements(np.max, np.amax)(_extreme(reduce_max, lowest, np.maximum))
smallest = implements(np.min, np.amin)(_extreme(reduce_min, highest, np.minimum))


@implements(np.ptp)
def ptp(a: Any, axis: Axis = None, out: Any = None, keepdims: Any = False) -> Any:
    return np.subtract(np.max(a, axis, keepdims=keepdims), np.min(a, axis, keepdims=keepdims))


def _position(operation: Any) -> Callable[..., Any]:
    def reduce(a: Array, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
        axes = reduced_axes(a.ndim, axis)
        value = to_dtype(a, np.uint8) if a.dtype == BOOL else atom_of(a)
        along = axes[0] if given(axis) and axes else 0
        if not given(axis) or not axes:
            value = reshape(value, shape=(a.size,))
        result = operation(value, axis=along)
        return wrap(with_axes(result, a.shape, axes, keepdims), a.recorder)

    return reduce


argmax = implements(np.argmax)(_position(argmax_operation))
argmin = implements(np.argmin)(_position(argmin_operation))


# ---- truth ---------------------------------------------------------------------------------------


def truth_of(a: Any) -> Any:
    """An argument read as true or false."""
    a = array(a)
    return a if a.dtype == BOOL else np.not_equal(a, 0)


def _truth(everywhere: bool) -> Callable[..., Any]:
    def reduce(
        a: Any, axis: Axis = None, out: Any = None, keepdims: Any = False, *, where: Any = True
    ) -> Any:
        function = np.min if everywhere else np.max
        truth = truth_of(traced(a, where))
        return function(truth, axis=axis, keepdims=keepdims, where=where, initial=everywhere)

    return reduce


all_ = implements(np.all)(_truth(True))
any_ = implements(np.any)(_truth(False))


@implements(np.count_nonzero)
def count_nonzero(a: Any, axis: Axis = None, *, keepdims: Any = False) -> Any:
    return np.sum(truth_of(a), axis=axis, keepdims=keepdims)
