"""Systems of equations whose matrix is triangular."""

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
    columns_joined,
    lower_part,
    matmul,
    regular,
    system,
    transposed,
    upper_part,
)


def _shape(a: ArrayType, b: ArrayType, **_: Any) -> ArrayType:
    return system("triangular_solve", a, b)


def _solve(a: Any, b: Any, *, lower: bool, transpose: bool, unit: bool) -> Any:
    """Row by row: each unknown from those before it."""
    a, n = (np.swapaxes(a, -1, -2) if transpose else a), a.shape[-1]
    forward = lower != transpose
    x = np.zeros(b.shape, np.result_type(a, b))
    for i in range(n) if forward else reversed(range(n)):
        known = slice(0, i) if forward else slice(i + 1, n)
        row = a[..., i, None, known] @ x[..., known, :]
        x[..., i, :] = b[..., i, :] - row[..., 0, :]
        if not unit:
            x[..., i, :] /= a[..., i, i, None]
    return x


def _tangent(
    primals: Any, tangents: Any, outputs: Any, *, lower: bool, transpose: bool, unit: bool
) -> Any:
    """ẋ = A⁻¹(ḃ − Ȧx), where Ȧ is the part of the tangent that is read."""
    (a, _), (a_dot, b_dot), (x,) = primals, tangents, outputs
    right = b_dot
    if a_dot is not None:
        read = (lower_part if lower else upper_part)(a_dot, strict=unit)
        turned = -matmul(transposed(read) if transpose else read, x)
        right = turned if right is None else right + turned
    return triangular_solve(a, right, lower=lower, transpose=transpose, unit=unit)


def _transpose(y_bar: Any, a: Any, b: Any, *, lower: bool, transpose: bool, unit: bool) -> Any:
    return None, triangular_solve(a, y_bar, lower=lower, transpose=not transpose, unit=unit)


_WAYS = [
    {"lower": lower, "transpose": transpose, "unit": unit}
    for lower, transpose, unit in [
        (True, False, False),
        (True, True, False),
        (False, False, False),
        (False, True, True),
        (True, False, True),
    ]
]


def _samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for way in _WAYS:
        right = np.asarray(rng.uniform(0.5, 2, (3, 2)), dtype)
        yield Sample((regular(rng, dtype, 3, 3), right), way)
    right = np.asarray(rng.uniform(0.5, 2, (2, 2, 1)), dtype)
    yield Sample((regular(rng, dtype, 2, 2, 2), right), _WAYS[0])


def _edges(dtype: Any) -> Iterable[Sample]:
    yield Sample((np.zeros((0, 0), dtype), np.zeros((0, 2), dtype)), _WAYS[0])
    yield Sample((np.array([[4.0]], dtype), np.ones((1, 1), dtype)), _WAYS[0])
    a = np.array([[2.0, 7.0], [1.0, 4.0]], dtype)
    yield Sample((a, np.array([[1.0], [np.nan]], dtype)), _WAYS[0])


# T·x = b, with T the lower or upper triangle of a (its transpose, on demand; with ones on the
# diagonal, if ``unit``). A 0 on the diagonal is divided by like any number.
triangular_solve: Primitive = declare(
    Primitive(
        name="triangular_solve",
        numpy=(),
        shape=_shape,
        evaluate=_solve,
        derivative=Differential(_tangent, transpose=_transpose, linear=(1,)),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=columns_joined(lambda: triangular_solve),
        lower=lambda t, a, b, **way: t.triangular_solve(a, b, **way),
        samples=samples(_samples, _edges),
        normwise=True,
    )
)
