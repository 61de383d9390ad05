"""How NumPy's functions read their arguments: axes, options left out, operands."""

from __future__ import annotations

import operator
from typing import Any, TypeAlias

import numpy as np

from catenary.core import errors
from catenary.core.graph import Literal, Var
from catenary.tracing.array import TracedArray, innermost, wrap
from catenary.tracing.elementwise import kind, normalize
from catenary.tracing.protocol import flat
from catenary.tracing.recorder import user_line

Array: TypeAlias = Any  # a traced array, or an ndarray or a number beside one
_NO_VALUE: Any = getattr(np, "_NoValue", None)


def given(value: Any) -> bool:
    """Whether an optional argument was given."""
    return value is not None and value is not _NO_VALUE


def axis_in(axis: Any, ndim: int) -> int:
    """One axis as a non-negative position."""
    number = operator.index(axis)
    if not -ndim <= number < ndim:
        raise errors.bad_axis(ndim, axis)
    return number % ndim


def axes_in(axes: Any, ndim: int) -> list[int]:
    """One axis or several as non-negative positions, in the order given; none twice."""
    listed = [axis_in(a, ndim) for a in (axes if np.iterable(axes) else (axes,))]
    if len(set(listed)) != len(listed):
        raise errors.bad_axis(ndim, axes)
    return listed


def axes_of(ndim: int, axis: Any) -> tuple[int, ...]:
    """Axes as rising, non-negative positions; left out, all of them."""
    return tuple(range(ndim)) if not given(axis) else tuple(sorted(axes_in(axis, ndim)))


def atom_of(x: Array) -> Any:
    """The value of a traced array as an atom of its recorder."""
    value = x.value()
    return value if isinstance(value, (Var, Literal)) else x.recorder.lift(value)


def traced(x: Any, *beside: Any) -> Array:
    """An argument as a traced array, in the innermost recording among the arguments."""
    if isinstance(x, TracedArray):
        return x
    recorder = innermost(flat(beside))
    assert recorder is not None
    return wrap(recorder.lift(np.asarray(x)), recorder)


def array(x: Any) -> Any:
    """An argument as an array, traced or not."""
    return x if isinstance(x, TracedArray) else np.asarray(x)


def dtype_of(x: Any) -> Any:
    """The dtype of an argument that NumPy would make an array of: numbers are not weak."""
    found = kind(array(x))
    return np.dtype(found) if isinstance(found, type) else found


def weak_kind(x: Any) -> Any:
    """An operand for NumPy's promotion: Python numbers give way to arrays."""
    found = kind(x)
    return found(0) if isinstance(found, type) else found


def float_type(*xs: Any) -> Any:
    """The floating-point dtype in which arguments meet; integers count as float64."""
    kinds = [weak_kind(normalize(x)) for x in xs]
    met = np.result_type(*kinds)
    return met if met.kind == "f" else np.dtype(np.float64)


def common_dtype(*xs: Any) -> Any:
    """The dtype in which arrays meet when they are joined."""
    return np.result_type(*[dtype_of(x) for x in xs])


def of_dtype(x: Any, dtype: Any) -> Any:
    """An argument cast to a dtype; a Python number must fit it."""
    if isinstance(x, (int, float)) and not isinstance(x, np.generic):
        return np.asarray(x, dtype)
    return array(x).astype(dtype)


def values_of(x: Any, what: str) -> Any:
    """The real values of an argument, without derivative; an error where they are not known."""
    if not isinstance(x, TracedArray):
        return np.asarray(x)
    known = x.concrete()
    if known is None:
        raise errors.value_unknown(what, str(x._type), x.recorder.blame, user_line())
    return np.asarray(known)


def shape_of(shape: Any) -> tuple[int, ...]:
    """A shape given as one integer or several."""
    if np.ndim(shape) == 0:
        return (operator.index(shape),)
    return tuple(operator.index(n) for n in shape)
