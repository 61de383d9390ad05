"""Functions of matrices that NumPy has not, and that SciPy's own do not trace."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from catenary.core import errors, linalg_errors
from catenary.ops import exponential, triangular
from catenary.tracing import recorder
from catenary.tracing.numpy_api import arguments, matrices

__all__ = ["expm", "solve_triangular"]

_F = TypeVar("_F", bound=Callable[..., Any])


def _located(function: _F) -> _F:
    """Errors of the function name the user's line, as they do where NumPy hands a call over."""

    @wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        try:
            return function(*arguments, **options)
        except errors.CatenaryError as error:
            raise errors.located(error, recorder.user_line()) from None

    return call  # type: ignore[return-value]


@_located
def expm(a: Any) -> Any:
    """The exponential of a matrix, exp(a) = I + a + a²/2 + a³/6 + …

    a:     real square matrices, of shape (…, n, n); float32 stays float32, integers count as
           float64.

    Gives an array of the shape of a. A matrix that holds NaN or an infinity gives NaN. Raises
    ``LinAlgError`` for what is not square. In derivatives it is the exponential of a matrix of
    blocks, for every order.

    >>> turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    >>> round(float(expm(np.pi / 3 * turn)[0, 0]), 6)  # cos 60°
    0.5

    Higham, The scaling and squaring method for the matrix exponential revisited (2005).
    """
    return matrices.made(exponential.expm, matrices.square("expm", a))


@_located
def solve_triangular(
    a: Any, b: Any, *, lower: bool = False, transpose: bool = False, unit_diagonal: bool = False
) -> Any:
    """The x of T @ x = b, where T is one triangle of a; the other one is not read.

    a:     real matrices, of shape (…, n, n).
    b:     right sides, of shape (…, n, k), or one vector of shape (n,).
    lower: the triangle on and below the diagonal, instead of the one above.
    transpose: solve T.T @ x = b.
    unit_diagonal: T has ones on its diagonal, whatever a has there.

    Gives x, of the shape of b. Raises ``LinAlgError`` where T has a 0 on its diagonal.

    >>> a = np.array([[2.0, 0.0], [1.0, 4.0]])
    >>> solve_triangular(a, np.array([2.0, 9.0]), lower=True)
    array([1., 2.])
    """
    a, b = matrices.square("solve_triangular", a), arguments.array(b)
    dtype = arguments.float_type(a, b)
    right = (b[:, None] if b.ndim == 1 else b).astype(dtype)
    if right.ndim < 2 or right.shape[-2] != a.shape[-1]:
        raise linalg_errors.system_shapes("solve_triangular", a.shape, b.shape)
    stack = np.broadcast_shapes(a.shape[:-2], right.shape[:-2])
    spread = np.broadcast_to(a.astype(dtype), stack + a.shape[-2:])
    right = np.broadcast_to(right, stack + right.shape[-2:])
    way = {"lower": lower, "transpose": transpose, "unit": unit_diagonal}
    x = matrices.made(triangular.triangular_solve, spread, right, **way)
    if not unit_diagonal:
        x = matrices.sound(x, np.equal(np.diagonal(a, axis1=-2, axis2=-1), 0), "singular")
    return x[..., 0] if b.ndim == 1 else x
