"""Products of arrays said with einsum: matmul, dot, inner, outer, kron, cross, convolve."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, operand_shapes
from catenary.tracing.numpy_api.arguments import array, axis_in
from catenary.tracing.numpy_api.einsum import LETTERS, contracted, parse
from catenary.tracing.table import implements

# ---- matrices and stacks of them -----------------------------------------------------------------


def _core(name: str, x: Any, least: int) -> None:
    if x.ndim < least:
        raise operand_shapes(name, f"an array of at least {least} axes", x.shape)


def _stacked(name: str, spec: str, a: Any, b: Any, summed: tuple[int, int]) -> Any:
    """An einsum over stacks: leading axes broadcast, the summed lengths agree."""
    a, b = array(a), array(b)
    if a.shape[summed[0]] != b.shape[summed[1]]:
        raise operand_shapes(name, "an inner length in common", f"{a.shape} and {b.shape}")
    inputs, out = parse(spec, a.ndim, b.ndim)
    return contracted([a, b], inputs, out)


@implements(np.matmul, np.linalg.matmul)
def matmul(x1: Any, x2: Any, /, *, axes: Any = None, axis: Any = None, keepdims: Any = None) -> Any:
    """x1 @ x2 by NumPy's rules: vectors are rows or columns, leading axes broadcast."""
    a, b = array(x1), array(x2)
    if axes is not None:
        a, b = (np.moveaxis(x, place, (-2, -1)) for x, place in zip((a, b), axes, strict=False))
        return np.moveaxis(matmul(a, b), (-2, -1), axes[2])
    for x in (a, b):
        _core("matmul", x, 1)
    left, right = "k" if a.ndim == 1 else "...ik", "k" if b.ndim == 1 else "...kj"
    out = "..." + "i" * (a.ndim > 1) + "j" * (b.ndim > 1)
    return _stacked("matmul", f"{left},{right}->{out}", a, b, (-1, 0 if b.ndim == 1 else -2))


def _vector_product(name: str, spec: str, ranks: tuple[int, int], summed: tuple[int, int]) -> Any:
    def product(
        x1: Any, x2: Any, /, *, axis: Any = None, keepdims: bool = False, axes: Any = None
    ) -> Any:
        a, b = array(x1), array(x2)
        if axes is not None or (axis is not None and ranks != (1, 1)):
            raise bad_argument(name, "no axes= for traced arrays", axes or axis)
        if axis is not None:
            a, b = np.moveaxis(a, axis, -1), np.moveaxis(b, axis, -1)
        for x, rank in zip((a, b), ranks, strict=True):
            _core(name, x, rank)
        result = _stacked(name, spec, a, b, summed)
        return np.expand_dims(result, -1 if axis is None else axis) if keepdims else result

    return product


vecdot = implements(np.vecdot)(_vector_product("vecdot", "...k,...k->...", (1, 1), (-1, -1)))
matvec = implements(np.matvec)(_vector_product("matvec", "...ik,...k->...i", (2, 1), (-1, -1)))
vecmat = implements(np.vecmat)(_vector_product("vecmat", "...k,...kj->...j", (1, 2), (-1, -2)))


@implements(np.linalg.vecdot)
def linalg_vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return vecdot(x1, x2, axis=axis)


# ---- dot and its kin -----------------------------------------------------------------------------


@implements(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """Sum over the last axis of a and the last but one of b; a product with numbers."""
    a, b = array(a), array(b)
    if a.ndim == 0 or b.ndim == 0:
        return np.multiply(a, b)
    return np.tensordot(a, b, axes=(-1, max(b.ndim - 2, 0)))


@implements(np.inner)
def inner(a: Any, b: Any, /) -> Any:
    a, b = array(a), array(b)
    return np.multiply(a, b) if a.ndim == 0 or b.ndim == 0 else np.tensordot(a, b, axes=(-1, -1))


@implements(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    return np.dot(np.ravel(array(a)), np.ravel(array(b)))


@implements(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    return np.multiply(np.ravel(array(a))[:, None], np.ravel(array(b))[None, :])


@implements(np.linalg.outer)
def linalg_outer(x1: Any, x2: Any, /) -> Any:
    for x in (x1, x2):
        if np.ndim(x) != 1:
            raise operand_shapes("outer", "vectors", np.shape(x))
    return outer(x1, x2)


@implements(np.tensordot, np.linalg.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Σ over pairs of axes."""
    a, b = array(a), array(b)
    m, n = a.ndim, b.ndim
    if np.ndim(axes) == 0 and not isinstance(axes, (tuple, list)):
        count = int(axes)
        if not 0 <= count <= min(m, n):
            raise bad_argument("tensordot(axes=)", f"a number up to {min(m, n)}", axes)
        left, right = list(range(m - count, m)), list(range(count))
    else:
        left, right = (
            [axis_in(i, k) for i in np.atleast_1d(x)] for x, k in zip(axes, (m, n), strict=True)
        )
    lengths = [[a.shape[i] for i in left], [b.shape[i] for i in right]]
    if lengths[0] != lengths[1]:
        raise operand_shapes("tensordot", "equal lengths along the summed axes", lengths)
    xl, yl = list(LETTERS[:m]), list(LETTERS[m : m + n])
    for i, j in zip(left, right, strict=True):
        yl[j] = xl[i]
    out = [c for i, c in enumerate(xl) if i not in left]
    out += [c for j, c in enumerate(yl) if j not in right]
    return contracted([a, b], ["".join(xl), "".join(yl)], "".join(out))


@implements(np.kron)
def kron(a: Any, b: Any) -> Any:
    """Every element of a times the whole of b."""
    a, b = array(a), array(b)
    ndim = max(a.ndim, b.ndim)
    a, b = (np.reshape(x, (1,) * (ndim - x.ndim) + x.shape) for x in (a, b))
    pairs = list(zip(a.shape, b.shape, strict=True))
    apart = np.reshape(a, [n for m, _ in pairs for n in (m, 1)])
    beside = np.reshape(b, [n for _, m in pairs for n in (1, m)])
    return np.reshape(np.multiply(apart, beside), [m * n for m, n in pairs])


# ---- vectors of space ----------------------------------------------------------------------------


@implements(np.cross)
def cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None
) -> Any:
    """a × b of vectors with three components."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(array(a), axisa, -1), np.moveaxis(array(b), axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise operand_shapes("cross", "vectors of length 3", (a.shape[-1], b.shape[-1]))
    (a0, a1, a2), (b0, b1, b2) = ([x[..., i] for i in range(3)] for x in (a, b))
    parts = [a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0]
    return np.moveaxis(np.stack(parts, -1), -1, axisc)


@implements(np.linalg.cross)
def linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return cross(x1, x2, axis=axis)


# ---- sliding products ----------------------------------------------------------------------------


def _slid(name: str, long: Any, short: Any, mode: str) -> Any:
    """The short row laid along the long one, padded with zeros, at every place the mode takes."""
    if long.ndim != 1 or short.ndim != 1 or not short.size:
        raise operand_shapes(name, "two rows that are not empty", (long.shape, short.shape))
    n, k = long.size, short.size
    first, count = _take_in(name, mode, n, k)
    padded = np.pad(long, k - 1)
    return np.matmul(padded[np.arange(first, first + count)[:, None] + np.arange(k)], short)


def _take_in(name: str, mode: str, n: int, k: int) -> tuple[int, int]:
    if mode not in {"full", "same", "valid"}:
        raise bad_argument(f"{name}(mode=)", "'full', 'same' or 'valid'", repr(mode))
    if mode == "full":
        return 0, n + k - 1
    return ((k - 1) // 2, n) if mode == "same" else (k - 1, n - k + 1)


@implements(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Σⱼ a[j] v[i − j]."""
    a, v = np.atleast_1d(array(a)), np.atleast_1d(array(v))
    long, short = (a, v) if a.size >= v.size else (v, a)
    return _slid("convolve", long, np.flip(short), mode)


@implements(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """Σⱼ a[j + i] v[j]."""
    a, v = array(a), array(v)
    if a.size >= v.size:
        return _slid("correlate", a, v, mode)
    return np.flip(_slid("correlate", v, a, mode)).copy()
