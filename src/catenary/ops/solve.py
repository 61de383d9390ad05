"""Systems of linear equations, by Gaussian elimination with exchange of rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from catenary.core.derivative import Differential
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import INT64, ArrayType
from catenary.ops.elementwise import samples
from catenary.ops.matrices import PRODUCTS, columns_joined, matmul, regular, system, transposed


def _shape(a: ArrayType, b: ArrayType, *, transpose: bool) -> ArrayType:
    return system("solve", a, b)


def _solve(a: Any, b: Any, *, transpose: bool) -> Any:
    """NaN for a singular matrix, and for one that is not finite."""
    a = np.swapaxes(a, -1, -2) if transpose else a
    x = np.full(b.shape, np.nan, np.result_type(a, b))
    for at in np.ndindex(a.shape[:-2]):
        if not np.isfinite(a[at]).all():
            continue
        try:
            x[at] = np.linalg.solve(a[at], b[at])
        except np.linalg.LinAlgError:
            continue
    return x


def _tangent(primals: Any, tangents: Any, outputs: Any, *, transpose: bool) -> Any:
    """ẋ = A⁻¹(ḃ − Ȧx)."""
    (a, _), (a_dot, b_dot), (x,) = primals, tangents, outputs
    right = b_dot
    if a_dot is not None:
        turned = -matmul(transposed(a_dot) if transpose else a_dot, x)
        right = turned if right is None else right + turned
    return solve(a, right, transpose=transpose)


def _transpose(y_bar: Any, a: Any, b: Any, *, transpose: bool) -> Any:
    return None, solve(a, y_bar, transpose=not transpose)


def rows_taken(t: Any, x: Any, order: Any) -> Any:
    """Row order[…, i] of each matrix, as row i."""
    shape = t.shape(x)
    n = len(shape)
    where = [t.iota(shape, axis, INT64) for axis in range(n)]
    where[n - 2] = t.broadcast(order, shape, tuple(range(n - 1)))
    return t.gather(x, where)


def _lower(t: Any, a: Any, b: Any, *, transpose: bool) -> Any:
    packed, order, _ = t.factor("lu", a)
    below: dict[str, bool] = {"lower": True, "transpose": transpose, "unit": True}
    above: dict[str, bool] = {"lower": False, "transpose": transpose, "unit": False}
    if not transpose:
        return _known(t, packed, t.triangular_solve(
            packed, t.triangular_solve(packed, rows_taken(t, b, order), **below), **above
        ))  # fmt: skip
    x = t.triangular_solve(packed, t.triangular_solve(packed, b, **above), **below)
    back = t.argsort(order, len(t.shape(order)) - 1)
    return _known(t, packed, rows_taken(t, x, back))


def _known(t: Any, packed: Any, x: Any) -> Any:
    """x, or NaN throughout where a pivot is 0 or NaN."""
    shape, dtype = t.shape(packed), t.dtype(packed)
    if 0 in shape:
        return x
    n = len(shape)
    here = t.compare("eq", t.iota(shape, n - 2, INT64), t.iota(shape, n - 1, INT64))
    sizes = t.select(here, t.abs(packed), t.constant(1, shape, dtype))
    least = t.broadcast(t.reduce("min", sizes, (n - 2, n - 1)), t.shape(x), tuple(range(n - 2)))
    regular = t.compare("gt", least, t.constant(0, t.shape(x), dtype))
    return t.select(regular, x, t.constant(np.nan, t.shape(x), dtype))


def _samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for transpose in (False, True):
        a = regular(rng, dtype, 3, 3)[[1, 2, 0]]  # rows must be exchanged
        yield Sample((a, np.asarray(rng.uniform(0.5, 2, (3, 2)), dtype)), {"transpose": transpose})
    a = regular(rng, dtype, 2, 2, 2)
    yield Sample((a, np.asarray(rng.uniform(0.5, 2, (2, 2, 1)), dtype)), {"transpose": False})


def _edges(dtype: Any) -> Iterable[Sample]:
    way = {"transpose": False}
    yield Sample((np.zeros((0, 0), dtype), np.zeros((0, 2), dtype)), way)
    yield Sample((np.array([[4.0]], dtype), np.ones((1, 1), dtype)), way)
    a = np.array([[2.0, 7.0], [1.0, 4.0]], dtype)
    yield Sample((a, np.array([[np.nan], [np.nan]], dtype)), way)
    singular = np.array([[1.0, 2.0], [2.0, 4.0]], dtype)
    yield Sample((np.stack([singular, a, np.full((2, 2), np.nan, dtype)]),
                  np.ones((3, 2, 1), dtype)), way)  # fmt: skip


# a·x = b, or aᵀ·x = b. NaN where a is singular, or holds what is not finite.
solve: Primitive = declare(
    Primitive(
        name="solve",
        numpy=(),
        shape=_shape,
        evaluate=_solve,
        derivative=Differential(_tangent, transpose=_transpose, linear=(1,)),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=columns_joined(lambda: solve),
        lower=_lower,
        samples=samples(_samples, _edges),
        normwise=True,
    )
)
