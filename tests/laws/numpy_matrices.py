"""The verbs of matrices: loops from textbooks, and SciPy's LAPACK where a sign is its choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg

from tests.laws.numpy_handle import Array, Handle, must_be

Factors = tuple[Array, ...]


class MatrixVerbs:
    """The part of the protocol ``Target`` that speaks of matrices."""

    def factor(self, name: str, x: Handle) -> tuple[Handle, ...]:
        must_be(name, "f", x.array)
        stack = x.array.shape[:-2]
        found = [_factors(name, x.array[at]) for at in np.ndindex(stack)]
        if not found:
            one = _factors(name, np.ones(x.array.shape[-2:], x.array.dtype))
            return tuple(Handle(np.zeros(stack + part.shape, part.dtype)) for part in one)
        parts = (np.array(part) for part in zip(*found, strict=True))
        return tuple(Handle(part.reshape(stack + part.shape[1:])) for part in parts)

    def triangular_solve(
        self, a: Handle, b: Handle, *, lower: bool, transpose: bool, unit: bool
    ) -> Handle:
        assert a.array.dtype == b.array.dtype, "triangular_solve: more than one dtype"
        result = np.empty_like(b.array)
        (trtrs,) = scipy.linalg.get_blas_funcs(["trsm"], [a.array])
        for at in np.ndindex(a.array.shape[:-2]):
            if b.array[at].size:
                result[at] = trtrs(
                    1.0, a.array[at], b.array[at], lower=lower, trans_a=transpose, diag=unit
                )
        return Handle(result)

    def checked(self, x: Handle, bad: Handle) -> Handle:
        must_be("what is checked", "b", bad.array)
        assert x.array.shape == bad.array.shape, "checked: another shape"
        assert not bad.array.any(), "checked: something is wrong"
        return Handle(x.array.copy())


def _factors(name: str, a: Array) -> Factors:
    factors = _FACTOR[name]
    if np.isfinite(a).all():
        return factors(a)
    like = factors(np.eye(*a.shape, dtype=a.dtype))
    nothing = tuple(np.full_like(part, np.nan) if part.dtype.kind == "f" else part for part in like)
    return (nothing[0], np.arange(len(a)), nothing[2]) if name == "lu" else nothing


def _lapack(name: str, a: Array) -> Any:
    return scipy.linalg.get_lapack_funcs([name], [a])[0]


def _cholesky(a: Array) -> Factors:
    """Row by row, with no use of what is above the diagonal."""
    n = len(a)
    factor = np.zeros_like(a)
    for i in range(n):
        for j in range(i + 1):
            left = a[i, j] - factor[i, :j] @ factor[j, :j]
            if i == j and left <= 0:
                return (np.full_like(a, np.nan),)
            factor[i, j] = np.sqrt(left) if i == j else left / factor[j, j]
    return (factor,)


def _lu(a: Array) -> Factors:
    """Column by column, the largest number of each as its pivot."""
    packed, order, sign = a.copy(), np.arange(len(a)), a.dtype.type(1)
    for k in range(len(a)):
        pivot = k + int(np.argmax(np.abs(packed[k:, k])))
        if pivot != k:
            packed[[k, pivot]], order[[k, pivot]] = packed[[pivot, k]], order[[pivot, k]]
            sign = -sign
        if packed[k, k] != 0:
            packed[k + 1 :, k] /= packed[k, k]
            packed[k + 1 :, k + 1 :] -= np.outer(packed[k + 1 :, k], packed[k, k + 1 :])
    return packed, order, np.array(sign, a.dtype)


def _qr(a: Array) -> Factors:
    """A reflection for each column; the number left has the sign that the first had not."""
    r, q = a.copy(), np.eye(len(a), dtype=a.dtype)
    for k in range(min(len(a) - 1, a.shape[1])):
        v = r[k:, k].copy()
        length = np.linalg.norm(v)
        if not v[1:].any():
            continue
        v[0] += length if v[0] >= 0 else -length
        turn = np.eye(len(a), dtype=a.dtype)
        turn[k:, k:] -= np.outer(v, v) * (2 / (v @ v))
        r, q = turn @ r, q @ turn
    n = a.shape[1]
    return q[:, :n], np.triu(r[:n])


def _eigh(a: Array) -> Factors:
    if not a.size:
        return np.zeros(0, a.dtype), a
    values, vectors, info = _lapack("syevd", a)(a, lower=1)
    assert info == 0
    return values, vectors


def _svd(a: Array) -> Factors:
    if not a.size:
        m, n = a.shape
        k = min(m, n)
        return np.zeros((m, k), a.dtype), np.zeros(k, a.dtype), np.zeros((k, n), a.dtype)
    u, s, vt, info = _lapack("gesdd", a)(a, full_matrices=0)
    assert info == 0
    return u, s, vt


_FACTOR: dict[str, Callable[[Array], Factors]] = {
    "cholesky": _cholesky,
    "lu": _lu,
    "qr": _qr,
    "eigh": _eigh,
    "eigvalsh": lambda a: (_eigh(a)[0],),
    "svd": _svd,
    "svdvals": lambda a: (_svd(a)[1],),
}
