"""Errors of linear algebra: what NumPy raises as LinAlgError, with causes and a remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core.errors import CatenaryError, DerivativeError, ShapeError


class LinAlgError(CatenaryError, np.linalg.LinAlgError):
    """A matrix that an operation of linear algebra can do nothing with."""


def singular() -> LinAlgError:
    return LinAlgError(
        "Singular matrix: elimination meets a pivot that is exactly 0, so there is no inverse and "
        "no unique solution.\n"
        "  Likely causes: equal or proportional rows or columns, a feature that is constant, more "
        "unknowns than equations, numbers that underflowed to 0.\n"
        "  np.linalg.lstsq and np.linalg.pinv give the solution of least squares and least size; "
        "a small multiple of the identity added (ridge) makes the matrix regular."
    )


def not_positive_definite() -> LinAlgError:
    return LinAlgError(
        "Matrix is not positive definite: it has no Cholesky factor.\n"
        "  Likely causes: an eigenvalue that is 0 or negative (np.linalg.eigvalsh shows them), a "
        "covariance of fewer samples than variables, rounding, NaN.\n"
        "  A small multiple of the identity added (jitter) lifts eigenvalues that are 0; for other "
        "symmetric matrices there is np.linalg.eigh."
    )


def no_eigenvalues() -> LinAlgError:
    return LinAlgError(
        "Eigenvalues did not converge: the matrix holds NaN or infinite numbers, or is out of range"
        ".\n  np.isfinite(a).all() tells; look where they came from."
    )


def no_singular_values() -> LinAlgError:
    return LinAlgError(
        "SVD did not converge: the matrix holds NaN or infinite numbers, or is out of range.\n"
        "  np.isfinite(a).all() tells; look where they came from."
    )


FAULTS: dict[str, Callable[[], LinAlgError]] = {
    "singular": singular,
    "not positive definite": not_positive_definite,
    "no eigenvalues": no_eigenvalues,
    "no singular values": no_singular_values,
}


def system_shapes(name: str, a: Any, b: Any) -> ShapeError:
    return ShapeError(
        f"{name}: the matrices and the right sides do not fit together.\n"
        f"  matrices: shape {a}\n  right sides: shape {b}\n"
        "  For matrices of shape (…, n, n), right sides have shape (…, n, k), whose columns are "
        "solved for, or (n,), one vector for all matrices. Stacks of vectors get a last axis: "
        "b[..., None]."
    )


def least_squares_shapes(a: Any, b: Any) -> ShapeError:
    return ShapeError(
        "lstsq: the matrix and the right sides do not fit together.\n"
        f"  matrix: shape {a}\n  right sides: shape {b}\n"
        "  A matrix of shape (m, n) takes right sides of shape (m,) or (m, k). For stacks of "
        "matrices there are np.linalg.pinv(a) @ b and cat.vmap."
    )


def square_expected(name: str, got: Any) -> LinAlgError:
    return LinAlgError(
        f"{name}: expected square matrices, of shape (…, n, n), got shape {got}.\n"
        "  For systems with more equations than unknowns, or fewer, there is np.linalg.lstsq."
    )


def matrices_expected(name: str, got: Any) -> LinAlgError:
    return LinAlgError(
        f"{name}: expected at least two axes, of which the last two are those of matrices, got "
        f"shape {got}."
    )


def no_complete_basis(name: str, shape: Any, instead: str) -> DerivativeError:
    return DerivativeError(
        f"{name} of shape {shape} with a complete basis: vectors beyond those of the matrix are "
        "any basis of what is left, so they have no derivative, and are not traced.\n"
        f"  Use {instead}."
    )
