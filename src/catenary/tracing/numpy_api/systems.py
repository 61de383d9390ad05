"""Systems of equations and determinants: solve, inv, det, slogdet, tensorsolve, tensorinv."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from catenary.core import linalg_errors
from catenary.core.errors import operand_shapes
from catenary.ops.determinant import det as det_
from catenary.ops.determinant import slogdet as slogdet_
from catenary.ops.solve import solve as solve_
from catenary.tracing.numpy_api.arguments import array, axis_in, float_type, traced
from catenary.tracing.numpy_api.matrices import SlogdetResult, made, sound, square
from catenary.tracing.table import implements


@implements(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """The x of a @ x = b. One vector b is solved for with every matrix, as in NumPy 2."""
    a, b = square("solve", a), array(b)
    dtype, shapes = float_type(a, b), (a.shape, b.shape)
    right = (b[:, None] if b.ndim == 1 else b).astype(dtype)
    if right.ndim < 2 or right.shape[-2] != a.shape[-1]:
        raise linalg_errors.system_shapes("solve", *shapes)
    try:
        stack = np.broadcast_shapes(a.shape[:-2], right.shape[:-2])
    except ValueError:
        raise linalg_errors.system_shapes("solve", *shapes) from None
    x = _regular(a.astype(dtype), np.broadcast_to(right, stack + right.shape[-2:]))
    return x[..., 0] if b.ndim == 1 else x


def _regular(a: Any, b: Any) -> Any:
    """The solutions, or NumPy's error where a matrix is singular."""
    a = traced(a, b)
    sign, _ = made(slogdet_, a)  # of the elimination that solving makes, too
    spread = np.broadcast_to(a, b.shape[:-2] + a.shape[-2:])
    return sound(made(solve_, spread, b, transpose=False), np.equal(sign, 0), "singular")


@implements(np.linalg.inv)
def inv(a: Any) -> Any:
    a = square("inv", a)
    identity = np.eye(a.shape[-1], dtype=a.dtype)
    return _regular(a, np.broadcast_to(identity, a.shape))


def inverse_or_nan(a: Any) -> Any:
    """The inverse; NaN instead of an error where there is none."""
    identity = np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)
    return made(solve_, a, identity, transpose=False)


@implements(np.linalg.det)
def det(a: Any) -> Any:
    return made(det_, square("det", a))


@implements(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    return SlogdetResult(*made(slogdet_, square("slogdet", a)))


# ---- of tensors ----------------------------------------------------------------------------------


@implements(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """The x of tensordot(a, x, x.ndim) = b."""
    a, b = array(a), array(b)
    if axes is not None:
        moved = [axis_in(axis, a.ndim) for axis in axes]
        kept = [axis for axis in range(a.ndim) if axis not in moved]
        a = np.transpose(a, (*kept, *moved))
    shape = a.shape[b.ndim :]
    size = math.prod(shape)
    if a.size != size**2 or b.size != size:
        raise linalg_errors.square_expected("tensorsolve, as a matrix,", (b.size, size))
    return np.reshape(solve(np.reshape(a, (size, size)), np.ravel(b)), shape)


@implements(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse with respect to the first ``ind`` axes together."""
    a, count = array(a), operator.index(ind)
    if count <= 0:
        raise operand_shapes("tensorinv", "a number of axes above 0 as ind", count)
    first, last = a.shape[:count], a.shape[count:]
    if math.prod(first) != math.prod(last):
        got = (math.prod(first), math.prod(last))
        raise linalg_errors.square_expected("tensorinv, as a matrix,", got)
    flat = np.reshape(a, (math.prod(first), math.prod(last)))
    return np.reshape(inv(flat), last + first)
