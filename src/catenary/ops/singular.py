"""Singular values and vectors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from catenary.core.derivative import Differential
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import ArrayType
from catenary.ops.compare import eq, select
from catenary.ops.eigen import inverse_differences
from catenary.ops.elementwise import full, samples
from catenary.ops.extremum import sign
from catenary.ops.matrices import (
    PRODUCTS,
    along_columns,
    along_rows,
    diagonal_of,
    factored,
    matmul,
    matrices,
    odd_matrices,
    regular,
    stacked,
    transposed,
)
from catenary.ops.product import scale


def _values_shape(x: ArrayType) -> ArrayType:
    *stack, m, n = matrices("svdvals", x).shape
    return x.with_shape((*stack, min(m, n)))


def _vectors_shape(x: ArrayType) -> tuple[ArrayType, ...]:
    *stack, m, n = matrices("svd", x).shape
    k = min(m, n)
    shapes = ((*stack, m, k), (*stack, k), (*stack, k, n))
    return tuple(x.with_shape(shape) for shape in shapes)


def _vectors(x: Any) -> Any:
    m, n = x.shape[-2:]
    k = min(m, n)
    return factored(lambda a: np.linalg.svd(a, full_matrices=False), x, (m, k), (k,), (k, n))


def _values(x: Any) -> Any:
    shape = (min(x.shape[-2:]),)
    return factored(lambda a: (np.linalg.svd(a, compute_uv=False),), x, shape)[0]


def _vectors_tangent(primals: Any, tangents: Any, outputs: Any) -> Any:
    """With P = Uᵀ Ȧ V and Fᵢⱼ = 1 / (sⱼ² − sᵢ²): ṡ = diag(P),
    U̇ = U (F ∘ (P S + S Pᵀ)) + (I − U Uᵀ) Ȧ V S⁻¹, V̇ = V (F ∘ (S P + Pᵀ S)) + (I − V Vᵀ) Ȧᵀ U S⁻¹.

    Townsend, Differentiating the singular value decomposition (2016), equations 17 to 19.
    Vectors of equal singular values are held, and a singular value has the slope 0 at 0.
    """
    u, s, vt = outputs
    k, a_dot, v, ut = s.type.shape[-1], tangents[0], transposed(vt), transposed(u)
    p = matmul(ut, matmul(a_dot, v))
    pt = transposed(p)
    rows, columns = along_rows(s, k), along_columns(s, k)
    together = rows + columns
    none = eq(together, full(0, together.type))
    halved = full(1, together.type) / select(none, full(1, together.type), together)
    f = inverse_differences(s) * select(none, full(0, together.type), halved)
    u_dot = matmul(u, scale(f, scale(columns, p) + scale(rows, pt)))
    v_dot = matmul(v, scale(f, scale(rows, p) + scale(columns, pt)))
    if u.type.shape[-2] > k:
        u_dot = u_dot + _outside(u, matmul(a_dot, v), s)
    if v.type.shape[-2] > k:
        v_dot = v_dot + _outside(v, matmul(transposed(a_dot), u), s)
    return u_dot, _slopes(s, p), transposed(v_dot)


def _outside(u: Any, moved: Any, s: Any) -> Any:
    """(I − U Uᵀ) M S⁻¹, and nothing for the singular value 0."""
    projected = moved - matmul(u, matmul(transposed(u), moved))
    none = eq(s, full(0, s.type))
    inverse = select(none, full(0, s.type), full(1, s.type) / select(none, full(1, s.type), s))
    return scale(along_columns(inverse, u.type.shape[-2]), projected)


def _slopes(s: Any, p: Any) -> Any:
    return scale(sign(s), diagonal_of(p))


def _values_tangent(primals: Any, tangents: Any, outputs: Any) -> Any:
    u, s, vt = svd(primals[0])
    return _slopes(s, matmul(transposed(u), matmul(tangents[0], transposed(vt))))


def _samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape in [(3, 3), (3, 2), (2, 3), (2, 2, 2), (1, 1)]:
        yield Sample((regular(rng, dtype, *shape),))


def _edges(dtype: Any) -> Iterable[Sample]:
    yield from odd_matrices(dtype)
    yield Sample((np.eye(2, dtype=dtype),))
    yield Sample((np.zeros((2, 2), dtype),))


# U·diag(s)·Vᵀ = x, s falling, as many as x has rows or columns. NaN for what is not finite.
svd: Primitive = declare(
    Primitive(
        name="svd",
        numpy=(),
        shape=_vectors_shape,
        evaluate=_vectors,
        derivative=Differential(_vectors_tangent),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=stacked(lambda: svd),
        lower=lambda t, x: t.factor("svd", x),
        samples=samples(_samples, _edges),
        multiple=True,
        normwise=True,
    )
)

svdvals: Primitive = declare(
    Primitive(
        name="svdvals",
        numpy=(),
        shape=_values_shape,
        evaluate=_values,
        derivative=Differential(_values_tangent),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=stacked(lambda: svdvals),
        lower=lambda t, x: t.factor("svdvals", x)[0],
        samples=samples(_samples, _edges),
        normwise=True,
    )
)
