"""New arrays in the likeness of a traced one, and choices between arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.graph import Literal, Node, Var
from catenary.core.types import BOOL, ArrayType
from catenary.ops.compare import ge, gt, le, lt, ne, select
from catenary.ops.extremum import maximum, minimum
from catenary.trace.array import TracedArray, innermost, wrap
from catenary.trace.elementwise import as_atom, common_shape, kind, normalize, spread
from catenary.trace.table import implements


def _shape(a: Any, shape: Any) -> tuple[int, ...]:
    if shape is None:
        return np.shape(a)
    return (int(shape),) if np.ndim(shape) == 0 else tuple(int(n) for n in shape)


def _filled(a: TracedArray, number: Any, dtype: Any, shape: Any) -> TracedArray:
    type = ArrayType(_shape(a, shape), a.dtype if dtype is None else np.dtype(dtype))
    return TracedArray(Literal(number, type), a.recorder)


@implements(np.zeros_like, np.empty_like)
def zeros_like(a: TracedArray, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *, device: Any = None) -> Any:
    return _filled(a, 0, dtype, shape)


@implements(np.ones_like)
def ones_like(a: TracedArray, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *, device: Any = None) -> Any:
    return _filled(a, 1, dtype, shape)


@implements(np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *, device: Any = None) -> Any:
    recorder = innermost([a, fill_value])
    assert recorder is not None
    atom = as_atom(normalize(fill_value), np.dtype(dtype) if dtype is not None else a.dtype, recorder)
    return wrap(spread(atom, _shape(a, shape)), recorder)


@implements(np.where)
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """x where the condition holds, y elsewhere.

    where(a > b, a, b) is a maximum in other words and has its slope at a = b: see
    :mod:`catenary.ops.extremum`.
    """
    if x is None and y is None:
        return np.nonzero(condition)
    operands = [normalize(v) for v in (condition, x, y)]
    recorder = innermost(operands)
    assert recorder is not None
    truth, a, b = operands
    if not isinstance(truth, TracedArray):
        truth = np.asarray(truth)
    truth = truth if truth.dtype == BOOL else np.not_equal(truth, 0)
    dtype = np.result_type(*[_weak_kind(v) for v in (a, b)])
    shape = common_shape([np.shape(v) if not isinstance(v, (int, float)) else () for v in (truth, a, b)])
    atoms = [spread(as_atom(v, d, recorder), shape) for v, d in ((truth, BOOL), (a, dtype), (b, dtype))]
    result = _as_extremum(*atoms)
    return wrap(select(*atoms) if result is None else result, recorder)


def _weak_kind(x: Any) -> Any:
    """An operand for NumPy's promotion: Python numbers give way to arrays."""
    found = kind(x)
    return found(0) if isinstance(found, type) else found


def _comparison(condition: Any) -> Node | None:
    if not isinstance(condition, Var):
        return None
    for node in reversed(condition.builder.nodes):
        if condition in node.outputs:
            return node if node.primitive in (gt, ge, lt, le) else None
    return None


def _equal(a: Any, b: Any, recorder: Any) -> bool:
    """Whether two atoms are one value, or filled with one Python number."""
    number = recorder.number(a)
    return a is b or (number is not None and number == recorder.number(b))


def _as_extremum(condition: Any, x: Any, y: Any) -> Any:
    """A choice between the two things compared, as their maximum or minimum.

    Where either is NaN the comparison fails and y is chosen; an extremum would be NaN.
    """
    node = _comparison(condition)
    if node is None or not x.type.is_float:
        return None
    a, b = node.operands
    recorder = condition.builder
    if _equal(x, a, recorder) and _equal(y, b, recorder):
        upper = node.primitive in (gt, ge)
    elif _equal(x, b, recorder) and _equal(y, a, recorder):
        upper = node.primitive in (lt, le)
    else:
        return None
    extremum = maximum if upper else minimum
    return select(ne(x, x), y, extremum(x, y))


# ---- what is known without computing -------------------------------------------------------------

implements(np.shape)(lambda a: a.shape)
implements(np.ndim)(lambda a: a.ndim)


@implements(np.size)
def size(a: TracedArray, axis: Any = None) -> int:
    if axis is None:
        return a.size
    return int(np.prod([a.shape[i] for i in np.atleast_1d(axis)]))


@implements(np.iscomplexobj)
def iscomplexobj(x: TracedArray) -> bool:
    return False


@implements(np.isrealobj)
def isrealobj(x: TracedArray) -> bool:
    return True


@implements(np.result_type)
def result_type(*operands: Any) -> Any:
    return np.result_type(*[_weak_kind(x) if isinstance(x, TracedArray) else x for x in operands])


@implements(np.copy)
def copy(a: TracedArray, order: Any = "K", subok: bool = False) -> Any:
    return wrap(a.value(), a.recorder)


@implements(np.array_repr, np.array_str, np.array2string)
def array_repr(a: TracedArray, *args: Any, **options: Any) -> str:
    return repr(a)
