"""Determinants, their logarithms, and their derivatives, the cofactors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from catenary.core.derivative import Differential
from catenary.core.graph import Builder, Graph
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import INT64, ArrayType
from catenary.ops.additive import convert
from catenary.ops.branch import cond
from catenary.ops.compare import eq, gt, select
from catenary.ops.elementwise import full, samples
from catenary.ops.extremum import reduce_max
from catenary.ops.index import position
from catenary.ops.matrices import (
    PRODUCTS,
    along_columns,
    along_rows,
    diagonal_of,
    factored,
    identity_like,
    matmul,
    odd_matrices,
    on_diagonal,
    regular,
    spread_over,
    square,
    stacked,
    transposed,
    upper_part,
)
from catenary.ops.order import running_before
from catenary.ops.product import scale
from catenary.ops.replicate import sum_over
from catenary.ops.singular import svd
from catenary.ops.solve import solve


def _number(name: str, x: ArrayType) -> ArrayType:
    return square(name, x).with_shape(x.shape[:-2])


def _diagonal(t: Any, x: Any, filler: float) -> Any:
    """Each matrix with everything but its diagonal replaced by a number."""
    shape, n = t.shape(x), len(t.shape(x))
    here = t.compare("eq", t.iota(shape, n - 2, INT64), t.iota(shape, n - 1, INT64))
    return t.select(here, x, t.constant(filler, shape, t.dtype(x)))


def _product(t: Any, x: Any) -> Any:
    """The determinants, from triangular factors."""
    packed, _, parity = t.factor("lu", x)
    n = len(t.shape(x))
    return t.mul(parity, t.reduce("mul", _diagonal(t, packed, 1), (n - 2, n - 1)))


def _weighted(weights: Any, x: Any) -> Any:
    """Σ wᵢⱼ xᵢⱼ of each matrix; a number 0 wins against what is infinite."""
    n = x.type.ndim
    return sum_over(scale(weights, x), axes=(n - 2, n - 1))


def _samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    yield Sample((regular(rng, dtype, 3, 3)[[1, 0, 2]],))
    for shape in [(2, 2, 2), (1, 1)]:
        yield Sample((regular(rng, dtype, *shape),))


# ---- slogdet -------------------------------------------------------------------------------------


def _log_lower(t: Any, x: Any) -> Any:
    packed, _, parity = t.factor("lu", x)
    n, diagonal = len(t.shape(x)), _diagonal(t, packed, 1)
    zero, one = (t.constant(c, t.shape(x), t.dtype(x)) for c in (0, 1))
    positive = t.select(t.compare("gt", diagonal, zero), one, diagonal)
    signs = t.select(t.compare("lt", diagonal, zero), t.neg(one), positive)
    sign = t.mul(parity, t.reduce("mul", signs, (n - 2, n - 1)))
    return sign, t.reduce("add", t.function("log", t.abs(diagonal)), (n - 2, n - 1))


def _log_tangent(primals: Any, tangents: Any, outputs: Any) -> Any:
    """The logarithm's tangent is tr(A⁻¹ Ȧ); the sign has none."""
    a = primals[0]
    inverse = solve(a, identity_like(a), transpose=True)
    return None, _weighted(inverse, tangents[0])


# The sign of the determinant, and the logarithm of its size: 0 and −∞ for a singular matrix.
slogdet: Primitive = declare(
    Primitive(
        name="slogdet",
        numpy=(),
        shape=lambda x: (_number("slogdet", x),) * 2,
        evaluate=lambda x: factored(np.linalg.slogdet, x, (), ()),
        derivative=Differential(_log_tangent),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=stacked(lambda: slogdet),
        lower=_log_lower,
        samples=samples(_samples, odd_matrices),
        multiple=True,
        normwise=True,
    )
)

# ---- cofactor ------------------------------------------------------------------------------------


def _cofactors(a: Any) -> tuple[Any]:
    u, s, vt = np.linalg.svd(a)
    rest = np.where(np.eye(len(s), dtype=bool), 1, s).prod(axis=-1)
    return (np.linalg.det(u) * np.linalg.det(vt) * (u * rest) @ vt,)


def _cofactor_lower(t: Any, x: Any) -> Any:
    u, s, vt = t.factor("svd", x)
    shape = t.shape(x)
    n, stack = len(shape), "abcdefgh"[: len(shape) - 2]
    columns = t.broadcast(s, shape, (*range(n - 2), n - 1))
    here = t.compare("eq", t.iota(shape, n - 2, INT64), t.iota(shape, n - 1, INT64))
    others = t.select(here, t.constant(1, shape, t.dtype(x)), columns)
    rest = t.broadcast(t.reduce("mul", others, (n - 1,)), shape, (*range(n - 2), n - 1))
    turn = t.mul(_product(t, u), _product(t, vt))
    scaled = t.mul(t.broadcast(turn, shape, tuple(range(n - 2))), t.mul(u, rest))
    return t.contract(scaled, vt, f"{stack}ij,{stack}jk->{stack}ik")


def _cofactor_tangent(primals: Any, tangents: Any, outputs: Any) -> Any:
    """With B = Uᵀ Ȧ V, and Pᵢⱼ the product of all singular values but those of i and j: in these
    bases the tangent has −Pᵢⱼ Bⱼᵢ off the diagonal and Σⱼ Pᵢⱼ Bⱼⱼ on it. Nothing is divided.
    """
    if 0 in primals[0].type.shape:
        return tangents[0]
    u, s, vt = svd(primals[0])
    b = matmul(transposed(u), matmul(tangents[0], transposed(vt)))
    p = _without_pairs(s)
    n = s.type.shape[-1]
    off = -scale(p, transposed(b))
    on = along_rows(
        sum_over(scale(p, along_columns(diagonal_of(b), n)), axes=(p.type.ndim - 1,)), n
    )
    inner = on_diagonal(on, off)
    turn = det(u) * det(vt)
    return scale(spread_over(turn, inner), matmul(u, matmul(inner, vt)))


def _without_pairs(s: Any) -> Any:
    """Pᵢⱼ: the product of all numbers but numbers i and j; 0 on the diagonal."""
    n, axis = s.type.shape[-1], s.type.ndim
    spread = along_columns(s, n)
    later = gt(position(spread, axis=axis), position(spread, axis=axis - 1))
    between = running_before(select(later, spread, full(1, spread.type)), axis, False)
    before = along_rows(running_before(s, axis - 1, False), n)
    behind = along_columns(running_before(s, axis - 1, True), n)
    above = upper_part(before * between * behind, strict=True)
    return above + transposed(above)


# The slope of the determinant by each element, for any rank: det(U) det(V) U adj(Σ) Vᵀ.
cofactor: Primitive = declare(
    Primitive(
        name="cofactor",
        numpy=(),
        shape=lambda x: square("cofactor", x),
        evaluate=lambda x: factored(_cofactors, x, x.shape[-2:])[0],
        derivative=Differential(_cofactor_tangent),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=stacked(lambda: cofactor),
        lower=_cofactor_lower,
        samples=samples(_samples, odd_matrices),
        normwise=True,
    )
)

# ---- det -----------------------------------------------------------------------------------------


def _by_inverse(a: ArrayType, value: ArrayType) -> Graph:
    """det(A) A⁻ᵀ, for regular matrices."""
    builder = Builder()
    x, d = builder.input(a), builder.input(value)
    inverse = solve(x, identity_like(x), transpose=True)
    return builder.close([spread_over(d, x) * inverse])


def _by_singular_values(a: ArrayType, value: ArrayType) -> Graph:
    builder = Builder()
    x, _ = builder.input(a), builder.input(value)
    return builder.close([cofactor(x)])


def _tangent(primals: Any, tangents: Any, outputs: Any) -> Any:
    """Σ cofactorᵢⱼ Ȧᵢⱼ (Jacobi): by the inverse, unless one of the matrices is singular."""
    a, value = primals[0], outputs[0]
    zeros = convert(eq(value, full(0, value.type)), dtype=INT64)
    if 0 in a.type.shape:
        return _weighted(a, tangents[0])
    singular = reduce_max(zeros, axes=tuple(range(zeros.type.ndim)))
    ways = (_by_inverse(a.type, value.type), _by_singular_values(a.type, value.type))
    (weights,) = cond(singular, a, value, branches=ways)
    return _weighted(weights, tangents[0])


def _edges(dtype: Any) -> Iterable[Sample]:
    yield from odd_matrices(dtype)
    yield Sample((np.arange(16).reshape(2, 2, 2, 2).astype(dtype) % 5,))
    for rows in ([[0, 0], [0, 0]], [[0, 1], [0, 0]], [[1, 2], [2, 4]]):
        yield Sample((np.array(rows, dtype),))


det: Primitive = declare(
    Primitive(
        name="det",
        numpy=(),
        shape=lambda x: _number("det", x),
        evaluate=lambda x: factored(lambda a: (np.linalg.det(a),), x, ())[0],
        derivative=Differential(_tangent),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=stacked(lambda: det),
        lower=_product,
        samples=samples(_samples, _edges),
        normwise=True,
    )
)
