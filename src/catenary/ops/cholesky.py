"""The Cholesky factor of symmetric positive definite matrices, and matrices made symmetric."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core.derivative import Differential
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.structure import Composition, Identity, Map, Scalar, Sum, positions, selection
from catenary.core.types import INT64
from catenary.ops.elementwise import samples
from catenary.ops.matrices import (
    PRODUCTS,
    factored,
    lower_part,
    matmul,
    odd_matrices,
    on_diagonal,
    regular,
    square,
    stacked,
    transposed,
)
from catenary.ops.triangular import triangular_solve

# ---- symmetric: one triangle, mirrored -----------------------------------------------------------


def _mirrored(x: Any, *, lower: bool) -> Any:
    if x.dtype.kind == "c":
        raise TypeError("the derivative is along real symmetric changes")
    i, j = np.indices(x.shape[-2:])
    kept = i >= j if lower else i <= j
    return np.where(kept, x, np.swapaxes(x, -1, -2))


def _mirrored_lower(t: Any, x: Any, *, lower: bool) -> Any:
    shape, n = t.shape(x), len(t.shape(x))
    rows, columns = (t.iota(shape, axis, INT64) for axis in (n - 2, n - 1))
    kept = t.compare("ge" if lower else "le", rows, columns)
    return t.select(kept, x, t.permute(x, (*range(n - 2), n - 1, n - 2)))


def _mean_with_transpose(primals: Any, tangents: Any, outputs: Any, *, lower: bool) -> Any:
    return (tangents[0] + transposed(tangents[0])) * 0.5


def _symmetric_structure(operand: int, operands: Sequence[Any], output: Any, *, lower: bool) -> Map:
    n, turned = output.size, np.swapaxes(positions(output.shape), -1, -2)
    if output.shape[-1] == 1:
        return Identity(n)
    half = Scalar(0.5, n)
    return Sum((half, Composition((half, selection(turned, output.shape)))))


def _symmetric_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for lower in (True, False):
        for shape in [(3, 3), (2, 2, 2)]:
            yield Sample((regular(rng, dtype, *shape),), {"lower": lower})


def _with_lower(dtype: Any) -> Iterable[Sample]:
    for sample in odd_matrices(dtype):
        for lower in (True, False):
            yield Sample(sample.operands, {"lower": lower})


# The symmetric matrix of which one triangle is given: what NumPy reads of its argument. The
# derivative is along symmetric changes: a change counts as the mean of it and its transpose.
symmetric: Primitive = declare(
    Primitive(
        name="symmetric",
        numpy=(),
        shape=lambda x, *, lower: square("symmetric", x),
        evaluate=_mirrored,
        derivative=Differential(_mean_with_transpose),
        structure=_symmetric_structure,
        algebra=Algebra(fills=True),
        batch=stacked(lambda: symmetric),
        lower=_mirrored_lower,
        samples=samples(_symmetric_samples, _with_lower),
    )
)

# ---- cholesky ------------------------------------------------------------------------------------


def _tangent(primals: Any, tangents: Any, outputs: Any) -> Any:
    """L̇ = L Φ(L⁻¹ Ȧ L⁻ᵀ), where Φ keeps the lower triangle and half of the diagonal.

    Murray, Differentiation of the Cholesky decomposition (2016), equation 10.
    """
    (factor,) = outputs
    below = lower_part(tangents[0], strict=True)
    a_dot = lower_part(tangents[0]) + transposed(below)
    solved = _divided(factor, transposed(_divided(factor, a_dot)))
    kept = lower_part(solved)
    return matmul(factor, on_diagonal(kept * 0.5, kept))


def _divided(factor: Any, x: Any) -> Any:
    return triangular_solve(factor, x, lower=True, transpose=False, unit=False)


def _samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape in [(3, 3), (2, 2, 2), (1, 1)]:
        yield Sample((regular(rng, dtype, *shape),))


def _edges(dtype: Any) -> Iterable[Sample]:
    yield from odd_matrices(dtype)
    right, wrong = np.array([[2.0, 9.0], [1.0, 3.0]]), np.array([[1.0, 2.0], [2.0, 1.0]])
    yield Sample((np.stack([right, wrong, right * np.nan]).astype(dtype),))


# L·Lᵀ = a, with L lower triangular; the lower triangle of a is read. NaN where there is none.
cholesky: Primitive = declare(
    Primitive(
        name="cholesky",
        numpy=(),
        shape=lambda x: square("cholesky", x),
        evaluate=lambda x: factored(lambda a: (np.linalg.cholesky(a),), x, x.shape[-2:])[0],
        derivative=Differential(_tangent),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=stacked(lambda: cholesky),
        lower=lambda t, x: t.factor("cholesky", x)[0],
        samples=samples(_samples, _edges),
        normwise=True,
    )
)
