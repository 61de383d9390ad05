"""Choices between values: where, select, piecewise, clip, nan_to_num."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import bad_argument
from catenary.core.graph import Var
from catenary.core.types import BOOL
from catenary.ops.compare import ge, gt, le, lt, ne, select
from catenary.ops.extremum import maximum, minimum
from catenary.tracing.array import TracedArray, innermost, wrap
from catenary.tracing.elementwise import as_atom, common_shape, extent, normalize, spread
from catenary.tracing.numpy_api.arguments import array, given, weak_kind
from catenary.tracing.recorder import Recorder
from catenary.tracing.table import implements


@implements(np.where)
def where(condition: Any, x: Any = None, y: Any = None, /) -> Any:
    """x where the condition holds, y elsewhere; alone, the positions where it holds.

    where(a > b, a, b) is a maximum in other words and has its slope at a = b: see
    :mod:`catenary.ops.extremum`.
    """
    if x is None and y is None:
        return np.nonzero(condition)
    operands = [normalize(v) for v in (condition, x, y)]
    recorder = innermost(operands)
    assert recorder is not None
    truth, a, b = operands
    truth = array(truth)
    truth = truth if truth.dtype == BOOL else np.not_equal(truth, 0)
    dtype = np.result_type(weak_kind(a), weak_kind(b))
    shape = common_shape([extent(v) for v in (truth, a, b)])
    triple = ((truth, BOOL), (a, dtype), (b, dtype))
    atoms = [spread(as_atom(v, d, recorder), shape) for v, d in triple]
    result = _as_extremum(*atoms)
    return wrap(select(*atoms) if result is None else result, recorder)


@implements(np.result_type)
def result_type(*arrays_and_dtypes: Any) -> Any:
    return np.result_type(
        *[weak_kind(x) if isinstance(x, TracedArray) else x for x in arrays_and_dtypes]
    )


# ---- a choice between the two things compared is their maximum or minimum ------------------------


def _equal(a: Any, b: Any, recorder: Any) -> bool:
    """Whether two atoms are one value, or filled with one Python number."""
    number = recorder.number(a)
    return a is b or (number is not None and number == recorder.number(b))


def _as_extremum(condition: Any, x: Any, y: Any) -> Any:
    """A choice between the two things compared, as their maximum or minimum.

    Where either is NaN the comparison fails and y is chosen; an extremum would be NaN.
    """
    recorder = condition.builder if isinstance(condition, Var) else None
    node = recorder.truth(condition) if isinstance(recorder, Recorder) else None
    if node is None or node.primitive not in {gt, ge, lt, le} or not x.type.is_float:
        return None
    a, b = node.operands
    if _equal(x, a, recorder) and _equal(y, b, recorder):
        upper = node.primitive in (gt, ge)
    elif _equal(x, b, recorder) and _equal(y, a, recorder):
        upper = node.primitive in (lt, le)
    else:
        return None
    extremum = maximum if upper else minimum
    return select(ne(x, x), y, extremum(x, y))


# ---- made of where -------------------------------------------------------------------------------


def _weakly(x: Any) -> Any:
    """A Python number as it is, anything else as an array: select promotes so."""
    return x if type(x) in {int, float} else array(x)


@implements(np.select)
def select_(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """The choice of the first condition that holds."""
    if len(condlist) != len(choicelist) or not len(condlist):
        raise bad_argument(
            "select", "as many conditions as choices", (len(condlist), len(choicelist))
        )
    if any(array(c).dtype != BOOL for c in condlist):
        raise bad_argument("select", "boolean conditions", [str(array(c).dtype) for c in condlist])
    choices = [_weakly(c) for c in choicelist]
    dtype = np.result_type(*choices, _weakly(default))
    result = array(default).astype(dtype)
    for condition, choice in reversed(list(zip(condlist, choices, strict=True))):
        result = np.where(condition, array(choice).astype(dtype), result)
    return result


@implements(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Each function's value where its condition holds, 0 where none does.

    Unlike NumPy's, every function is applied to the whole of x, and its value chosen from.
    """
    conditions = [array(c).astype(bool) for c in _condition_list(x, condlist)]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(np.stack(np.broadcast_arrays(*conditions)), axis=0))
    if len(funclist) != len(conditions):
        raise bad_argument("piecewise", f"{len(conditions)} functions or one more", len(funclist))
    result: Any = np.zeros_like(x)
    for condition, function in zip(conditions, funclist, strict=True):
        value = function(x, *args, **kw) if callable(function) else function
        result = np.where(condition, array(value).astype(x.dtype), result)
    return result


def _condition_list(x: Any, condlist: Any) -> list[Any]:
    """A single condition may stand without a list."""
    if isinstance(condlist, (list, tuple)) and condlist and not np.isscalar(condlist[0]):
        return list(condlist)
    return [condlist] if np.ndim(condlist) == np.ndim(x) else list(condlist)


@implements(np.clip)
def clip(
    a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None,
    max: Any = None, **options: Any,
) -> Any:  # fmt: skip
    """minimum(maximum(a, a_min), a_max), slopes at the bounds included."""
    low = a_min if given(a_min) else min
    high = a_max if given(a_max) else max
    if options:
        raise bad_argument("clip", "no other options for traced arrays", sorted(options))
    result = a
    if given(low):
        result = np.maximum(result, low)
    if given(high):
        result = np.minimum(result, high)
    return np.positive(result) if result is a else result


@implements(np.nan_to_num)
def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """NaN and the infinities replaced by numbers; with ``copy=False`` in x itself."""
    result = x
    if x.dtype.kind == "f":
        bounds = np.finfo(x.dtype)
        result = np.where(np.isnan(x), _number(nan, x), x)
        result = np.where(x == np.inf, _number(posinf, x, bounds.max), result)
        result = np.where(x == -np.inf, _number(neginf, x, bounds.min), result)
    if copy:
        return np.copy(result)
    x[...] = result
    return x


def _number(value: Any, like: Any, otherwise: Any = 0.0) -> Any:
    return array(value if value is not None else otherwise).astype(like.dtype)
