"""Norms, chains and powers of matrices."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, operand_shapes
from catenary.tracing.numpy_api.arguments import array, axes_in, axes_of, float_type
from catenary.tracing.numpy_api.einsum import LETTERS, contracted
from catenary.tracing.numpy_api.factorizations import svdvals
from catenary.tracing.numpy_api.systems import inv
from catenary.tracing.table import implements


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """A chain of matrices, multiplied two at a time in the cheapest order found."""
    factors = [array(x) for x in arrays]
    if len(factors) < 2 or any(x.ndim != 2 for x in factors[1:-1]):
        raise operand_shapes("multi_dot", "at least two arrays, matrices inside",
                             [x.shape for x in factors])  # fmt: skip
    first, last = factors[0].ndim == 1, factors[-1].ndim == 1
    labels = [LETTERS[i : i + 2] for i in range(len(factors))]
    labels[0] = labels[0][1:] if first else labels[0]
    labels[-1] = labels[-1][:1] if last else labels[-1]
    for (a, x), (b, y) in zip(zip(labels, factors), zip(labels[1:], factors[1:]), strict=False):
        if x.shape[-1] != y.shape[0] or a[-1] != b[0]:
            raise operand_shapes("multi_dot", "inner lengths in common", [f.shape for f in factors])
    ends = ("" if first else labels[0][0]) + ("" if last else labels[-1][-1])
    return contracted(factors, labels, ends)


@implements(np.linalg.matrix_power)
def matrix_power(a: Any, n: Any) -> Any:
    """A @ A @ … by repeated squaring."""
    exponent = operator.index(n)
    a = array(a)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise operand_shapes("matrix_power", "square matrices", a.shape)
    if exponent < 0:
        return matrix_power(inv(a), -exponent)
    if exponent == 0:
        return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape) + np.zeros_like(a)
    if exponent == 1:
        return a
    result: Any = None
    square = a
    while exponent:
        if exponent & 1:
            result = square if result is None else np.matmul(result, square)
        exponent >>= 1
        square = np.matmul(square, square) if exponent else square
    return result


# ---- norms ---------------------------------------------------------------------------------------


@implements(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Of a vector or a matrix, by the number of axes.

    At 0 the slope is 0, the mean of the slopes in all directions.
    """
    x = array(x).astype(float_type(x))
    if axis is None and (
        ord is None or (ord in {"f", "fro"} and x.ndim == 2) or (ord == 2 and x.ndim == 1)
    ):
        return _euclidean(x, tuple(range(x.ndim)), keepdims)
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if len(axes) == 1:
        return _vector_norm(x, axes_of(x.ndim, axes), 2 if ord is None else ord, keepdims)
    if len(axes) != 2:
        raise operand_shapes("norm", "one axis or two", axis)
    return _matrix_norm(x, axes_in(axes, x.ndim), "fro" if ord is None else ord, keepdims)


def _euclidean(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    return np.sqrt(np.sum(np.square(x), axis=axes, keepdims=keepdims))


def _vector_norm(x: Any, axes: tuple[int, ...], order: Any, keepdims: bool) -> Any:
    size = np.absolute(x)
    if isinstance(order, str):
        raise operand_shapes("norm of vectors", "an order that is a number", repr(order))
    if order == np.inf:
        return np.max(size, axis=axes, keepdims=keepdims)
    if order == -np.inf:
        return np.min(size, axis=axes, keepdims=keepdims)
    if order == 0:
        return np.sum(np.not_equal(x, 0).astype(x.dtype), axis=axes, keepdims=keepdims)
    if order == 1:
        return np.sum(size, axis=axes, keepdims=keepdims)
    if order == 2:
        return _euclidean(x, axes, keepdims)
    total = np.sum(np.power(size, x.dtype.type(order)), axis=axes, keepdims=keepdims)
    return np.power(total, x.dtype.type(1 / order))


def _matrix_norm(x: Any, axes: list[int], order: Any, keepdims: bool) -> Any:
    rows, columns = axes
    if order in {"fro", "f"}:
        return _euclidean(x, tuple(sorted(axes)), keepdims)
    if order in {2, -2, "nuc"}:
        s = svdvals(np.moveaxis(x, (rows, columns), (-2, -1)))
        result = np.sum(s, -1) if order == "nuc" else (np.max if order == 2 else np.min)(s, -1)
        return np.expand_dims(result, (rows, columns)) if keepdims else result
    if order not in {1, -1, np.inf, -np.inf}:
        raise bad_argument("norm of matrices", "an order that NumPy knows", repr(order))
    summed, chosen = (rows, columns) if order in {1, -1} else (columns, rows)
    function = np.max if order > 0 else np.min
    result = function(
        np.sum(np.absolute(x), axis=summed, keepdims=True), axis=chosen, keepdims=True
    )
    return result if keepdims else np.squeeze(result, (rows, columns))


@implements(np.linalg.vector_norm)
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    x = array(x).astype(float_type(x))
    return _vector_norm(x, axes_of(x.ndim, axis), ord, keepdims)


@implements(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    x = array(x).astype(float_type(x))
    if x.ndim < 2:
        raise operand_shapes("matrix_norm", "an array of at least two axes", x.shape)
    return _matrix_norm(x, [x.ndim - 2, x.ndim - 1], ord, keepdims)
