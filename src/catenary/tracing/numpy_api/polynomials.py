"""Polynomials as rows of coefficients, the highest power first."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, not_covered, operand_shapes
from catenary.tracing.numpy_api.arguments import array, float_type
from catenary.tracing.recorder import user_line
from catenary.tracing.table import implements


def _row(p: Any) -> Any:
    p = np.atleast_1d(array(p))
    if p.ndim != 1:
        raise operand_shapes("a polynomial", "a row of coefficients", p.shape)
    return p


@implements(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """((p₀ x + p₁) x + …) by Horner's rule."""
    x = array(x)
    result: Any = np.zeros_like(x)
    for coefficient in _row(p):
        result = result * x + coefficient
    return result


def _aligned(a1: Any, a2: Any) -> tuple[Any, Any]:
    rows = [_row(a1), _row(a2)]
    length = max(row.size for row in rows)
    padded = [np.pad(row, (length - row.size, 0)) if row.size < length else row for row in rows]
    return padded[0], padded[1]


@implements(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    return np.add(*_aligned(a1, a2))


@implements(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    return np.subtract(*_aligned(a1, a2))


@implements(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    return np.convolve(_row(a1), _row(a2))


@implements(np.polyder)
def polyder(p: Any, m: int = 1) -> Any:
    """The m-th derivative."""
    if m < 0:
        raise bad_argument("polyder", "an order that is not negative", m)
    row = _row(p)
    for _ in range(m):
        row = row[:-1] * np.arange(row.size - 1, 0, -1)
    return row


@implements(np.polyint)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """The m-th integral, with k as constants of integration."""
    if m < 0:
        raise bad_argument("polyint", "an order that is not negative", m)
    row = _row(p)
    constants = np.zeros(m) if k is None else np.atleast_1d(array(k))
    constants = np.broadcast_to(constants, (m,)) if constants.size == 1 else constants
    for i in range(m):
        raised = np.true_divide(row, np.arange(row.size, 0, -1))
        row = np.concatenate([raised, constants[i : i + 1]])
    return row


@implements(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    """The polynomial with these roots."""
    roots = np.atleast_1d(array(seq_of_zeros))
    if roots.ndim != 1:
        raise not_covered("np.poly of a matrix", ": it needs eigenvalues", user_line())
    row: Any = np.ones(1, float_type(roots))
    for root in roots.astype(row.dtype):
        row = np.concatenate([row, np.zeros(1, row.dtype)]) - root * np.concatenate(
            [np.zeros(1, row.dtype), row]
        )
    return row if roots.size else 1.0
