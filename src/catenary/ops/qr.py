"""The factors Q and R of matrices with at least as many rows as columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Differential
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import ArrayType
from catenary.ops.elementwise import samples
from catenary.ops.matrices import (
    PRODUCTS,
    factored,
    lower_part,
    matmul,
    matrices,
    odd_matrices,
    regular,
    stacked,
    transposed,
)
from catenary.ops.triangular import triangular_solve


def _shape(x: ArrayType) -> tuple[ArrayType, ArrayType]:
    m, n = matrices("qr", x).shape[-2:]
    if m < n:
        raise errors.operand_shapes("qr", "at least as many rows as columns", str(x))
    return x, x.with_shape((*x.shape[:-2], n, n))


def _evaluate(x: Any) -> Any:
    n = x.shape[-1]
    return factored(np.linalg.qr, x, x.shape[-2:], (n, n))


def _tangent(primals: Any, tangents: Any, outputs: Any) -> Any:
    """With M = Qᵀ Ȧ R⁻¹ and Ω the antisymmetric matrix that has its lower triangle:
    Ṙ = (M − Ω) R, Q̇ = Ȧ R⁻¹ − Q (M − Ω).

    Walter and Lehmann, Algorithmic differentiation of linear algebra functions (2010), section 4.
    """
    q, r = outputs
    way = {"lower": False, "transpose": True, "unit": False}
    divided = transposed(triangular_solve(r, transposed(tangents[0]), **way))
    m = matmul(transposed(q), divided)
    below = lower_part(m, strict=True)
    upper = m - (below - transposed(below))
    return divided - matmul(q, upper), matmul(upper, r)


def _samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape in [(3, 3), (4, 2), (2, 3, 2), (3, 1)]:
        yield Sample((regular(rng, dtype, *shape),))


def _edges(dtype: Any) -> Iterable[Sample]:
    yield from odd_matrices(dtype)
    yield Sample((np.zeros((3, 0), dtype),))


# Q·R = x: orthonormal columns and an upper triangle, signs as LAPACK's Householder steps leave
# them. NaN for what is not finite.
qr: Primitive = declare(
    Primitive(
        name="qr",
        numpy=(),
        shape=_shape,
        evaluate=_evaluate,
        derivative=Differential(_tangent),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=stacked(lambda: qr),
        lower=lambda t, x: t.factor("qr", x),
        samples=samples(_samples, _edges),
        multiple=True,
        normwise=True,
    )
)
