"""What singular values say of matrices, and fits: pinv, lstsq, matrix_rank, cond, polyfit."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from catenary.core import linalg_errors
from catenary.core.errors import bad_argument, operand_shapes
from catenary.ops.cholesky import symmetric
from catenary.ops.pseudoinverse import pinv as pinv_
from catenary.ops.singular import svdvals as svdvals_
from catenary.tracing.array import TracedArray
from catenary.tracing.numpy_api.arguments import array, float_type, given, traced
from catenary.tracing.numpy_api.factorizations import eigvalsh, svdvals
from catenary.tracing.numpy_api.linear_algebra import norm
from catenary.tracing.numpy_api.matrices import made, matrices, sound, square
from catenary.tracing.numpy_api.systems import inverse_or_nan
from catenary.tracing.table import implements


def _cutoff(name: str, value: Any) -> float:
    """A tolerance that is part of the program, not a value in it."""
    if isinstance(value, TracedArray) or np.ndim(value):
        raise bad_argument(name, "one plain number as tolerance", value)
    return float(value)


def _precision(x: Any) -> float:
    return float(np.finfo(x.dtype).eps * max(x.shape[-2:]))


@implements(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    """By singular values larger than a part of the largest. The rank is held in derivatives."""
    a = square("pinv", a) if hermitian else matrices("pinv", a)
    if rcond is not None and rtol is not np._NoValue:
        raise bad_argument("pinv", "rcond or rtol", "both")
    if rcond is None:
        rcond = 1e-15 if rtol is np._NoValue else _precision(a) if rtol is None else rtol
    a = made(symmetric, a, lower=True) if hermitian else a
    found = made(pinv_, a, cutoff=_cutoff("pinv", rcond))
    return sound(found, np.isnan(found), "no singular values") if found.size else found


@implements(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """The least x of least |a @ x − b|. Where the rank is not known, it counts as full."""
    a, b = array(a), array(b)
    if a.ndim != 2 or b.ndim not in {1, 2} or a.shape[0] != b.shape[0]:
        raise linalg_errors.least_squares_shapes(a.shape, b.shape)
    dtype = float_type(a, b)
    a, right = traced(a, b).astype(dtype), (b[:, None] if b.ndim == 1 else b).astype(dtype)
    part = _precision(a) if rcond is None else _cutoff("lstsq", rcond)
    part = float(np.finfo(dtype).eps) if part < 0 else part
    s = sound(values := made(svdvals_, a), np.isnan(values), "no singular values")
    rank: Any = np.sum(np.greater(s, part * np.max(s)) if s.size else s, dtype=np.int32)
    x = np.matmul(made(pinv_, a, cutoff=part), right)
    left = np.sum(np.square(right - np.matmul(a, x)), axis=0)
    known = rank.concrete()
    full = a.shape[1] if known is None else int(known)
    if full != a.shape[1] or a.shape[0] <= a.shape[1]:
        left = left[:0]
    return (x[:, 0] if b.ndim == 1 else x), left, rank, s


@implements(np.linalg.matrix_rank)
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    A = array(A)
    if given(tol) and given(rtol):
        raise bad_argument("matrix_rank", "tol or rtol", "both")
    if A.ndim < 2:
        return np.any(np.not_equal(A, 0)).astype(np.int64)
    s = np.abs(eigvalsh(A)) if hermitian else svdvals(A)
    if not given(tol):
        least = max(A.shape[-2:]) * float(np.finfo(s.dtype).eps)
        part = least if rtol is None else array(rtol)[..., None]
        tol = np.max(s, axis=-1, keepdims=True, initial=0) * part
    else:
        tol = array(tol)[..., None]
    return np.sum(np.greater(s, tol), axis=-1)


@implements(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """‖x‖·‖x⁻¹‖; infinite where x is singular."""
    if p is None or p in {2, -2}:
        s = svdvals(x)
        large, small = (s[..., 0], s[..., -1]) if p != -2 else (s[..., -1], s[..., 0])
        result = large / small
    else:
        x = square("cond", x)
        result = norm(x, p, (-2, -1)) * norm(inverse_or_nan(x), p, (-2, -1))
    strange = np.any(np.isnan(x), axis=(-2, -1))
    return np.where(np.logical_and(np.isnan(result), np.logical_not(strange)), np.inf, result)


# ---- polynomials ---------------------------------------------------------------------------------


@implements(np.polyfit)
def polyfit(
    x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None,
    cov: Any = False,
) -> Any:  # fmt: skip
    """Coefficients of the polynomial of least squares, the highest first."""
    order = operator.index(deg) + 1
    x, y = array(x) + 0.0, array(y) + 0.0
    if order < 1 or x.ndim != 1 or not x.size or y.ndim not in {1, 2} or len(x) != len(y):
        raise operand_shapes(
            "polyfit", "a degree from 0 on, and as many y as x", (x.shape, y.shape)
        )
    columns, right = np.vander(x, order), y
    if w is not None:
        weights = array(w) + 0.0
        columns = columns * weights[:, None]
        right = right * (weights[:, None] if right.ndim == 2 else weights)
    scale = np.sqrt(np.sum(np.square(columns), axis=0))
    part = len(x) * np.finfo(x.dtype).eps if rcond is None else rcond
    c, left, rank, s = lstsq(columns / scale, right, part)
    c = c / (scale if c.ndim == 1 else scale[:, None])
    if full:
        return c, left, rank, s, part
    if not cov:
        return c
    scaled = columns / scale
    base = np.linalg.inv(np.matmul(scaled.T, scaled)) / np.outer(scale, scale)
    return c, _covariance(base, left, len(x) - order, cov)


def _covariance(base: Any, left: Any, freedom: int, cov: Any) -> Any:
    if cov == "unscaled":
        return base
    if freedom <= 0:
        raise bad_argument("polyfit", "more points than coefficients for cov", freedom)
    factor = left / freedom
    return base * factor if len(left) == 1 else base[..., None] * factor
