"""Factors of matrices: cholesky, qr, eigh, svd, and eigenvalues and singular values alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core import linalg_errors
from catenary.core.errors import bad_argument
from catenary.ops.cholesky import cholesky as cholesky_
from catenary.ops.cholesky import symmetric
from catenary.ops.eigen import eigh as eigh_
from catenary.ops.eigen import eigvalsh as eigvalsh_
from catenary.ops.qr import qr as qr_
from catenary.ops.singular import svd as svd_
from catenary.ops.singular import svdvals as svdvals_
from catenary.tracing.numpy_api.matrices import (
    EighResult,
    QRResult,
    SVDResult,
    made,
    matrices,
    sound,
    square,
    turned,
)
from catenary.tracing.table import implements


@implements(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """L @ L.T = a, from the lower triangle (L.T, from the upper one)."""
    a = square("cholesky", a)
    factor = made(cholesky_, made(symmetric, a, lower=not upper))
    diagonal = np.diagonal(factor, axis1=-2, axis2=-1)
    factor = sound(factor, np.isnan(diagonal), "not positive definite")
    return turned(factor) if upper else factor


# ---- Q and R -------------------------------------------------------------------------------------


@implements(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    a = matrices("qr", a)
    m, n = a.shape[-2:]
    if mode not in {"reduced", "complete", "r"}:
        raise bad_argument("qr", "mode 'reduced', 'complete' or 'r'", repr(mode))
    if mode == "complete" and m > n:
        raise linalg_errors.no_complete_basis("qr", a.shape, "mode='reduced'")
    q, r = made(qr_, a) if m >= n else _wide(a, m)
    return r if mode == "r" else QRResult(q, r)


def _wide(a: Any, m: int) -> Any:
    """Q from the first columns, and R by turning the others."""
    q, r = made(qr_, a[..., :m])
    return q, np.concatenate([r, np.matmul(turned(q), a[..., m:])], axis=-1)


# ---- eigenvalues ---------------------------------------------------------------------------------


@implements(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    w, v = made(eigh_, _triangle("eigh", a, UPLO))
    return EighResult(_eigenvalues(w), v)


@implements(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    return _eigenvalues(made(eigvalsh_, _triangle("eigvalsh", a, UPLO)))


def _triangle(name: str, a: Any, which: str) -> Any:
    if which.upper() not in {"L", "U"}:
        raise bad_argument(name, "'L' or 'U' as UPLO", repr(which))
    return made(symmetric, square(name, a), lower=which.upper() == "L")


def _eigenvalues(w: Any) -> Any:
    return sound(w, np.isnan(w), "no eigenvalues")


# ---- singular values -----------------------------------------------------------------------------


@implements(np.linalg.svd)
def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    if hermitian:
        found = _by_eigenvalues(a)
        return found if compute_uv else found.S
    if not compute_uv:
        return svdvals(a)
    a = matrices("svd", a)
    if full_matrices and a.shape[-1] != a.shape[-2]:
        raise linalg_errors.no_complete_basis("svd", a.shape, "full_matrices=False")
    u, s, vt = made(svd_, a)
    return SVDResult(u, _singular_values(s), vt)


@implements(np.linalg.svdvals)
def svdvals(x: Any, /) -> Any:
    return _singular_values(made(svdvals_, matrices("svdvals", x)))


def _singular_values(s: Any) -> Any:
    return sound(s, np.isnan(s), "no singular values")


def _by_eigenvalues(a: Any) -> Any:
    """Of a symmetric matrix: the eigenvalues by size, their signs in Vᵀ."""
    w, v = eigh(a)
    order = np.flip(np.argsort(np.abs(w), axis=-1), axis=-1)
    w = np.take_along_axis(w, order, axis=-1)
    v = np.take_along_axis(v, np.broadcast_to(order[..., None, :], v.shape), axis=-1)
    signs = np.sign(w)
    return SVDResult(v, np.abs(w), turned(v * np.where(signs == 0, 1, signs)[..., None, :]))
