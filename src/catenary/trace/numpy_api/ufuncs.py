"""Ufuncs that are compositions of operations."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.graph import Literal, Var
from catenary.core.primitive import Primitive
from catenary.core.types import BOOL
from catenary.ops.bits import bit_and, bit_not, bit_or, bit_xor
from catenary.ops.product import integer_power
from catenary.ops.transcendental import power as power_operation
from catenary.trace.array import TracedArray, innermost, wrap
from catenary.trace.elementwise import apply, as_atom, common_shape, normalize, spread
from catenary.trace.table import implements


def atom_of(x: TracedArray) -> Any:
    """The value of a traced array as an atom of its recorder."""
    value = x.value()
    return value if isinstance(value, (Var, Literal)) else x.recorder.lift(value)


def _is_static_integer(x: Any) -> bool:
    return isinstance(x, int) and not isinstance(x, bool)


@implements(np.power)
def power(x: Any, y: Any) -> Any:
    """Integer exponents are part of the graph: their powers are products, right at 0 and below."""
    if _is_static_integer(y) and isinstance(x, TracedArray) and (x.dtype.kind == "f" or y >= 0):
        return wrap(integer_power(atom_of(x), exponent=y), x.recorder)
    return apply(power_operation, np.power, (x, y))


@implements(np.square)
def square(x: TracedArray) -> Any:
    return wrap(integer_power(atom_of(x), exponent=2), x.recorder)


@implements(np.reciprocal)
def reciprocal(x: TracedArray) -> Any:
    return np.true_divide(1, x) if x.dtype.kind == "f" else np.floor_divide(1, x)


@implements(np.positive, np.conjugate, np.real, np.real_if_close)
def positive(x: TracedArray) -> Any:
    return wrap(x.value(), x.recorder)


def _truth(x: Any) -> Any:
    x = x if isinstance(x, TracedArray) else np.asarray(x)
    return x if x.dtype == BOOL else np.not_equal(x, 0)


def _logical(operation: Primitive, inputs: tuple[Any, ...]) -> Any:
    """Operands read as true or false, then an operation on those."""
    operands = [normalize(x) for x in inputs]
    recorder = innermost(operands)
    assert recorder is not None
    truths = [_truth(x) for x in operands]
    shape = common_shape([np.shape(x) for x in truths])
    atoms = [spread(as_atom(normalize(x), BOOL, recorder), shape) for x in truths]
    return wrap(operation(*atoms), recorder)


@implements(np.logical_and)
def logical_and(x: Any, y: Any) -> Any:
    return _logical(bit_and, (x, y))


@implements(np.logical_or)
def logical_or(x: Any, y: Any) -> Any:
    return _logical(bit_or, (x, y))


@implements(np.logical_xor)
def logical_xor(x: Any, y: Any) -> Any:
    return _logical(bit_xor, (x, y))


@implements(np.logical_not)
def logical_not(x: Any) -> Any:
    return _logical(bit_not, (x,))


@implements(np.isnan)
def isnan(x: TracedArray) -> Any:
    return np.not_equal(x, x)


@implements(np.isinf)
def isinf(x: TracedArray) -> Any:
    return np.equal(np.absolute(x), np.inf) if x.dtype.kind == "f" else np.not_equal(x, x)


@implements(np.isfinite)
def isfinite(x: TracedArray) -> Any:
    return np.less(np.absolute(x), np.inf) if x.dtype.kind == "f" else np.equal(x, x)
