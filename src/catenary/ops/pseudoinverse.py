"""The pseudoinverse of Moore and Penrose."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from catenary.core.derivative import Differential
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import ArrayType
from catenary.ops.elementwise import samples
from catenary.ops.matrices import (
    PRODUCTS,
    factored,
    matmul,
    matrices,
    odd_matrices,
    regular,
    stacked,
    transposed,
)


def _shape(x: ArrayType, *, cutoff: float) -> ArrayType:
    *stack, m, n = matrices("pinv", x).shape
    return x.with_shape((*stack, n, m))


def _evaluate(x: Any, *, cutoff: float) -> Any:
    m, n = x.shape[-2:]
    return factored(lambda a: (np.linalg.pinv(a, rcond=cutoff),), x, (n, m))[0]


def _tangent(primals: Any, tangents: Any, outputs: Any, *, cutoff: float) -> Any:
    """Ṗ = −P Ȧ P + P Pᵀ Ȧᵀ (I − A P) + (I − P A) Ȧᵀ Pᵀ P, where the rank does not change.

    Golub and Pereyra, The differentiation of pseudo-inverses (1973), equation 4.12.
    """
    a, p, a_dot = primals[0], outputs[0], tangents[0]
    pt, moved = transposed(p), transposed(a_dot)
    left = matmul(matmul(p, pt), moved)
    right = matmul(moved, matmul(pt, p))
    outside = left - matmul(matmul(left, a), p)
    inside = right - matmul(p, matmul(a, right))
    return outside + inside - matmul(p, matmul(a_dot, p))


def _lower(t: Any, x: Any, *, cutoff: float) -> Any:
    *_, m, n = t.shape(x)
    if not m or not n:
        return t.constant(0, (*t.shape(x)[:-2], n, m), t.dtype(x))
    u, s, vt = t.factor("svd", x)
    axis, dtype = len(t.shape(s)) - 1, t.dtype(x)
    stack = "abcdefgh"[:axis]
    spread = t.broadcast(t.reduce("max", s, (axis,)), t.shape(s), tuple(range(axis)))
    small = t.compare("le", s, t.mul(spread, t.constant(cutoff, t.shape(s), dtype)))
    one, zero = (t.constant(c, t.shape(s), dtype) for c in (1, 0))
    inverse = t.select(small, zero, t.div(one, s))
    rows = t.broadcast(inverse, t.shape(vt), (*range(axis), axis))
    return t.contract(t.mul(rows, vt), u, f"{stack}kj,{stack}ik->{stack}ji")


def _samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape in [(3, 2), (2, 3), (2, 2, 2)]:
        yield Sample((regular(rng, dtype, *shape),), {"cutoff": 1e-5})


def _edges(dtype: Any) -> Iterable[Sample]:
    for sample in odd_matrices(dtype):
        yield Sample(sample.operands, {"cutoff": 1e-5})
    yield Sample((np.array([[1, 2], [2, 4]], dtype),), {"cutoff": 1e-5})
    yield Sample((np.zeros((2, 3), dtype),), {"cutoff": 1e-5})


# V·diag(1/s)·Uᵀ, without singular values up to ``cutoff`` times the largest. NaN for what is not
# finite.
pinv: Primitive = declare(
    Primitive(
        name="pinv",
        numpy=(),
        shape=_shape,
        evaluate=_evaluate,
        derivative=Differential(_tangent),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=stacked(lambda: pinv),
        lower=_lower,
        samples=samples(_samples, _edges),
        normwise=True,
    )
)
