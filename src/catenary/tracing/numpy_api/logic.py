"""True and false: logical operations, what is finite, what is close or equal."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.primitive import Primitive
from catenary.core.types import BOOL
from catenary.ops.bits import bit_and, bit_not, bit_or, bit_xor
from catenary.tracing.array import innermost, wrap
from catenary.tracing.elementwise import as_atom, common_shape, spread
from catenary.tracing.numpy_api.arguments import Array, array
from catenary.tracing.numpy_api.reductions import truth_of
from catenary.tracing.table import implements


def _logical(operation: Primitive, *inputs: Any) -> Any:
    """Operands read as true or false, then an operation on those."""
    truths = [truth_of(x) for x in inputs]
    recorder = innermost(truths)
    assert recorder is not None
    shape = common_shape([x.shape for x in truths])
    atoms = [spread(as_atom(x, BOOL, recorder), shape) for x in truths]
    return wrap(operation(*atoms), recorder)


@implements(np.logical_and)
def logical_and(x1: Any, x2: Any) -> Any:
    return _logical(bit_and, x1, x2)


@implements(np.logical_or)
def logical_or(x1: Any, x2: Any) -> Any:
    return _logical(bit_or, x1, x2)


@implements(np.logical_xor)
def logical_xor(x1: Any, x2: Any) -> Any:
    return _logical(bit_xor, x1, x2)


@implements(np.logical_not)
def logical_not(x: Any) -> Any:
    return _logical(bit_not, x)


# ---- finite, infinite, not a number --------------------------------------------------------------


def _of_floats(question: Any, whole: bool) -> Any:
    """A question about floats; of whole numbers the answer is known."""

    def rule(x: Array, out: Any = None) -> Any:
        if x.dtype.kind != "f":
            return np.full_like(x, whole, dtype=bool)
        return question(x)

    return rule


isnan = implements(np.isnan)(_of_floats(lambda x: np.not_equal(x, x), False))
isinf = implements(np.isinf)(_of_floats(lambda x: np.equal(np.absolute(x), np.inf), False))
isfinite = implements(np.isfinite)(_of_floats(lambda x: np.less(np.absolute(x), np.inf), True))
isposinf = implements(np.isposinf)(_of_floats(lambda x: np.equal(x, np.inf), False))
isneginf = implements(np.isneginf)(_of_floats(lambda x: np.equal(x, -np.inf), False))


# ---- close and equal -----------------------------------------------------------------------------


@implements(np.isclose)
def isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    """|a − b| ≤ atol + rtol |b|, infinities equal to themselves."""
    a, b = array(a), array(b)
    if BOOL in {a.dtype, b.dtype} or b.dtype.kind == "u":
        b = b.astype(np.result_type(b.dtype, 1.0))
    close = np.less_equal(np.absolute(a - b), atol + rtol * np.absolute(b))
    result = (close & np.isfinite(b)) | np.equal(a, b)
    return result | (np.isnan(a) & np.isnan(b)) if equal_nan else result


@implements(np.allclose)
def allclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    return np.all(isclose(a, b, rtol, atol, equal_nan))


@implements(np.array_equal)
def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Any:
    """Whether shapes and all elements agree; a traced truth value, unless the shapes decide."""
    a1, a2 = array(a1), array(a2)
    if a1.shape != a2.shape:
        return False
    same = np.equal(a1, a2)
    return np.all(same | (np.isnan(a1) & np.isnan(a2)) if equal_nan else same)


@implements(np.array_equiv)
def array_equiv(a1: Any, a2: Any) -> Any:
    a1, a2 = array(a1), array(a2)
    try:
        np.broadcast_shapes(a1.shape, a2.shape)
    except ValueError:
        return False
    return np.all(np.equal(a1, a2))
