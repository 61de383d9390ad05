"""Eigenvalues and eigenvectors of symmetric matrices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from catenary.core.derivative import Differential
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import ArrayType
from catenary.ops.compare import eq, select
from catenary.ops.elementwise import full, samples
from catenary.ops.matrices import (
    PRODUCTS,
    along_columns,
    along_rows,
    diagonal_of,
    factored,
    lower_part,
    matmul,
    odd_matrices,
    regular,
    square,
    stacked,
    transposed,
)
from catenary.ops.product import scale


def _values_shape(x: ArrayType) -> ArrayType:
    return square("eigvalsh", x).with_shape(x.shape[:-1])


def _vectors_shape(x: ArrayType) -> tuple[ArrayType, ArrayType]:
    return square("eigh", x).with_shape(x.shape[:-1]), x


def inverse_differences(s: Any) -> Any:
    """Fᵢⱼ = 1 / (sⱼ − sᵢ), and 0 where both are equal."""
    n = s.type.shape[-1]
    rows, columns = along_rows(s, n), along_columns(s, n)
    same = eq(rows, columns)
    one = full(1, rows.type)
    return select(same, full(0, rows.type), one / select(same, one, columns - rows))


def _turned(v: Any, a_dot: Any) -> Any:
    """Vᵀ Ȧ V, with Ȧ the symmetric matrix of the lower triangle, which is what is read."""
    below = lower_part(a_dot, strict=True)
    whole = lower_part(a_dot) + transposed(below)
    return matmul(transposed(v), matmul(whole, v))


def _vectors_tangent(primals: Any, tangents: Any, outputs: Any) -> Any:
    """λ̇ = diag(Vᵀ Ȧ V) and V̇ = V (F ∘ Vᵀ Ȧ V).

    Giles, Collected matrix derivative results (2008), section 3.1. Eigenvectors of equal
    eigenvalues are held: they may be any basis, and do not turn into each other.
    """
    w, v = outputs
    turned = _turned(v, tangents[0])
    return diagonal_of(turned), matmul(v, scale(inverse_differences(w), turned))


def _values_tangent(primals: Any, tangents: Any, outputs: Any) -> Any:
    _, v = eigh(primals[0])
    return diagonal_of(_turned(v, tangents[0]))


def _samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape in [(3, 3), (2, 2, 2), (1, 1)]:
        yield Sample((regular(rng, dtype, *shape),))


def _edges(dtype: Any) -> Iterable[Sample]:
    yield from odd_matrices(dtype)
    yield Sample((np.eye(2, dtype=dtype),))


# V·diag(λ)·Vᵀ = x, λ rising; the lower triangle of x is read. NaN for what is not finite.
eigh: Primitive = declare(
    Primitive(
        name="eigh",
        numpy=(),
        shape=_vectors_shape,
        evaluate=lambda x: factored(np.linalg.eigh, x, x.shape[-1:], x.shape[-2:]),
        derivative=Differential(_vectors_tangent),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=stacked(lambda: eigh),
        lower=lambda t, x: t.factor("eigh", x),
        samples=samples(_samples, _edges),
        multiple=True,
        normwise=True,
    )
)

eigvalsh: Primitive = declare(
    Primitive(
        name="eigvalsh",
        numpy=(),
        shape=_values_shape,
        evaluate=lambda x: factored(lambda a: (np.linalg.eigvalsh(a),), x, x.shape[-1:])[0],
        derivative=Differential(_values_tangent),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=stacked(lambda: eigvalsh),
        lower=lambda t, x: t.factor("eigvalsh", x)[0],
        samples=samples(_samples, _edges),
        normwise=True,
    )
)
