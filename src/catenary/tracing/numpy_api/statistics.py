"""Mean, variance, average, covariance."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, operand_shapes
from catenary.tracing.numpy_api.arguments import (
    Array,
    array,
    axes_in,
    axes_of,
    dtype_of,
    given,
    traced,
)
from catenary.tracing.numpy_api.reductions import Axis, limited
from catenary.tracing.table import implements


def float_dtype(a: Any, dtype: Any) -> Any:
    """The dtype in which means are taken."""
    if given(dtype):
        return np.dtype(dtype)
    return a.dtype if a.dtype.kind == "f" else np.dtype(np.float64)


def count(a: Any, axis: Axis, keepdims: Any, where: Any) -> Any:
    """How many elements a reduction takes in."""
    if limited(where):
        taken = np.broadcast_to(where, a.shape)
        return np.sum(taken, axis=axis, keepdims=bool(given(keepdims) and keepdims))
    number = 1
    for i in axes_of(a.ndim, axis):
        number *= a.shape[i]
    return number


@implements(np.mean)
def mean(
    a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *,
    where: Any = True,
) -> Any:  # fmt: skip
    """Σ a / n, in a floating-point dtype."""
    a = traced(a, where)
    dtype = float_dtype(a, dtype)
    total = np.sum(a, axis=axis, dtype=dtype, keepdims=keepdims, where=where)
    return _divided(total, count(a, axis, keepdims, where), dtype)


def _divided(total: Any, number: Any, dtype: Any) -> Any:
    """A sum by a count; the count does not widen the dtype."""
    counted = number.astype(dtype) if hasattr(number, "astype") else float(number)
    return np.true_divide(total, counted).astype(dtype)


@implements(np.var)
def var(
    a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, ddof: float = 0,
    keepdims: Any = False, *, where: Any = True, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    """Σ (a − mean)² / (n − ddof)."""
    a = traced(a, where, mean)
    found = float_dtype(a, dtype)
    centre = mean if given(mean) else np.mean(a, axis=axis, dtype=found, keepdims=True, where=where)
    squares = np.square(a.astype(found) - centre)
    total = np.sum(squares, axis=axis, keepdims=keepdims, where=where, dtype=dtype)
    if given(correction) and ddof != 0:
        raise bad_argument("var", "ddof or correction, not both", (ddof, correction))
    less = correction if given(correction) else ddof
    return _divided(total, np.maximum(count(a, axis, keepdims, where) - less, 0), total.dtype)


@implements(np.std)
def std(a: Any, axis: Axis = None, *args: Any, **options: Any) -> Any:
    """√var."""
    return np.sqrt(np.var(a, axis, *args, **options))


@implements(np.average)
def average(
    a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False
) -> Any:
    """Σ w a / Σ w; with ``returned`` also Σ w."""
    a = traced(a, weights)
    if weights is None:
        result = np.mean(a, axis, keepdims=keepdims)
        scale: Any = np.full_like(result, count(a, axis, keepdims, True))
        return (result, scale) if returned else result
    weights = _aligned(array(weights), a, axis)
    dtype = np.result_type(dtype_of(a), dtype_of(weights))
    dtype = np.result_type(dtype, np.float64) if a.dtype.kind in "biu" else dtype
    scale = np.sum(weights, axis=axis, dtype=dtype, keepdims=keepdims)
    weighted = np.multiply(a, weights, dtype=dtype)
    result = np.true_divide(np.sum(weighted, axis=axis, keepdims=keepdims), scale)
    return (result, np.broadcast_to(scale, result.shape)) if returned else result


def _aligned(weights: Any, a: Any, axis: Axis) -> Any:
    """Weights of the averaged axes alone, spread beside the others."""
    if weights.shape == a.shape:
        return weights
    if axis is None:
        raise operand_shapes("average", f"axis=, or weights of shape {a.shape}", weights.shape)
    axes = axes_in(axis, a.ndim)
    if weights.shape != tuple(a.shape[i] for i in axes):
        raise operand_shapes("average", f"weights for axis {axis} of {a.shape}", weights.shape)
    turned = np.transpose(weights, np.argsort(axes))
    return np.reshape(turned, tuple(n if i in axes else 1 for i, n in enumerate(a.shape)))


# ---- of several variables ------------------------------------------------------------------------


@implements(np.cov)
def cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None,
    fweights: Any = None, aweights: Any = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    """The covariance matrix of variables in rows (or columns, ``rowvar=False``)."""
    X = _observations(m, y, rowvar, dtype)
    less = (0 if bias else 1) if ddof is None else ddof
    weights = _weights(fweights, aweights)
    if weights is None:
        centred = X - np.mean(X, axis=1, keepdims=True)
        factor: Any = X.shape[1] - less
        weighted = centred
    else:
        total = np.sum(weights)
        centred = X - (np.sum(X * weights, axis=1) / total)[:, None]
        weighted = centred * weights
        own = less if aweights is None else less * np.sum(weights * array(aweights)) / total
        factor = total - own
    return np.squeeze(np.dot(weighted, centred.T) / factor)


def _observations(m: Any, y: Any, rowvar: bool, dtype: Any) -> Array:
    if dtype is None:
        dtype = np.result_type(dtype_of(m), np.float64)
        dtype = dtype if y is None else np.result_type(dtype_of(y), dtype)
    rows = []
    for values in (m, y):
        if values is not None:
            X = np.atleast_2d(array(values)).astype(dtype)
            rows.append(X if rowvar or X.shape[0] == 1 else X.T)
    return np.concatenate(rows, axis=0)


def _weights(fweights: Any, aweights: Any) -> Any:
    if fweights is None:
        return None if aweights is None else array(aweights).astype(float)
    weights = array(fweights).astype(float)
    return weights if aweights is None else weights * array(aweights)


@implements(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """Covariances over the product of standard deviations, kept within −1 and 1."""
    C = np.cov(x, y, rowvar, dtype=dtype)
    if C.ndim == 0:
        return C / C
    spread = np.sqrt(np.diag(C))
    return np.clip(C / spread[:, None] / spread[None, :], -1, 1)
