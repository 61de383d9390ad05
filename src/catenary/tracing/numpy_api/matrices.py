"""How functions of matrices read their arguments, and say what is wrong with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core import linalg_errors
from catenary.ops.checked import checked
from catenary.tracing.array import innermost, wrap
from catenary.tracing.numpy_api.arguments import array, atom_of, float_type, traced

# What NumPy returns several results in, each with its name.
EighResult: Any = type(np.linalg.eigh(np.eye(1)))
QRResult: Any = type(np.linalg.qr(np.eye(1)))
SlogdetResult: Any = type(np.linalg.slogdet(np.eye(1)))
SVDResult: Any = type(np.linalg.svd(np.eye(1)))


def matrices(name: str, x: Any) -> Any:
    """An argument as a stack of matrices of floating-point numbers."""
    x = array(x)
    if x.ndim < 2:
        raise linalg_errors.matrices_expected(name, x.shape)
    return x.astype(float_type(x))


def square(name: str, x: Any) -> Any:
    """The same, for square matrices."""
    x = array(x)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise linalg_errors.square_expected(name, x.shape)
    return x.astype(float_type(x))


def made(operation: Any, x: Any, *others: Any, **params: Any) -> Any:
    """An operation on traced arrays and real ones beside them, or on real ones alone."""
    recorder = innermost((x, *others))
    with np.errstate(all="ignore"):
        if recorder is None:
            return operation(*map(np.asarray, (x, *others)), **params)
        operands = [traced(y, x, *others) for y in (x, *others)]
        results = operation(*[atom_of(y) for y in operands], **params)
    if isinstance(results, (tuple, list)):
        return tuple([wrap(result, recorder) for result in results])
    return wrap(results, recorder)


def sound(x: Any, bad: Any, fault: str) -> Any:
    """x, unless anything is bad: then NumPy's error, when the program runs."""
    return made(checked, x, np.any(bad), fault=fault)


def turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)
