"""Matrices in the last two axes of arrays: what rules of factorizations are written with.

An array of shape (…, m, n) is a stack of matrices. An operation on matrices treats each one of a
stack by itself, so one more leading axis changes nothing in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.graph import Var
from catenary.core.operators import slots
from catenary.core.primitive import NotYet, Sample
from catenary.core.types import ArrayType, Shape
from catenary.ops.arrange import permute, reshape
from catenary.ops.compare import eq, ge, gt, select
from catenary.ops.elementwise import full
from catenary.ops.index import position
from catenary.ops.product import contract
from catenary.ops.replicate import broadcast, sum_over

Array = np.ndarray[Any, Any]
PRODUCTS = NotYet("its map is a chain of products and solves, which are nodes of their own")


# ---- types ---------------------------------------------------------------------------------------


def matrices(name: str, x: ArrayType) -> ArrayType:
    """The type, if it is one of real matrices."""
    if x.ndim < 2:
        raise errors.operand_shapes(name, "matrices, of shape (…, m, n)", str(x))
    if not x.is_float:
        raise errors.operand_dtype(name, "a floating-point dtype", str(x))
    return x


def square(name: str, x: ArrayType) -> ArrayType:
    """The type, if it is one of real square matrices."""
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise errors.operand_shapes(name, "square matrices, of shape (…, n, n)", str(x))
    return matrices(name, x)


def system(name: str, a: ArrayType, b: ArrayType) -> ArrayType:
    """The type of x in a·x = b, for square matrices a and right sides b of shape (…, n, k)."""
    square(name, a)
    if b.ndim < 2 or b.dtype != a.dtype or b.shape[:-1] != a.shape[:-1]:
        expected = f"right sides of shape {(*a.shape[:-1], 'k')} and dtype {a.dtype}"
        raise errors.operand_shapes(name, expected, str(b))
    return b


# ---- values in rules -----------------------------------------------------------------------------


def matmul(x: Any, y: Any) -> Any:
    """The products of two stacks of matrices of equal length."""
    stack = "abcdefgh"[: x.type.ndim - 2]
    return contract(x, y, spec=f"{stack}ij,{stack}jk->{stack}ik")


def transposed(x: Any) -> Any:
    """Each matrix with its axes exchanged."""
    n = x.type.ndim
    return permute(x, order=(*range(n - 2), n - 1, n - 2))


def _zero(x: Any) -> Any:
    return full(0, x.type)


def _row(x: Any) -> Any:
    """The number of the row in which each element lies."""
    return _places(x, x.type.ndim - 2)


def _column(x: Any) -> Any:
    return _places(x, x.type.ndim - 1)


def _places(x: Any, axis: int) -> Any:
    # a tangent may not be looked at, so the positions are those of zeros
    zeros = full(0, x.type)
    like = slots.variable(x.builder, zeros) if isinstance(x, Var) else zeros
    return position(like, axis=axis)


def lower_part(x: Any, *, strict: bool = False) -> Any:
    """x on and below the diagonal (below alone, if strict), 0 elsewhere."""
    below = (gt if strict else ge)(_row(x), _column(x))
    return select(below, x, _zero(x))


def upper_part(x: Any, *, strict: bool = False) -> Any:
    """x on and above the diagonal (above alone, if strict), 0 elsewhere."""
    above = (gt if strict else ge)(_column(x), _row(x))
    return select(above, x, _zero(x))


def on_diagonal(x: Any, elsewhere: Any) -> Any:
    """x on the diagonal, and another value of its type off it."""
    here = eq(_row(x), _column(x))
    return select(here, x, elsewhere)


def identity_like(x: Any) -> Any:
    """The identity, in the type of square matrices."""
    here = eq(_row(x), _column(x))
    return select(here, full(1, x.type), _zero(x))


def diagonal_of(x: Any) -> Any:
    """The diagonal of each square matrix."""
    return sum_over(on_diagonal(x, _zero(x)), axes=(x.type.ndim - 1,))


def along_rows(d: Any, n: int) -> Any:
    """Matrices of n columns whose row i holds the number d[…, i] throughout."""
    shape = d.type.shape
    return broadcast(d, shape=(*shape, n), dims=tuple(range(len(shape))))


def along_columns(d: Any, m: int) -> Any:
    """Matrices of m rows whose column j holds the number d[…, j] throughout."""
    *stack, n = d.type.shape
    dims = (*range(len(stack)), len(stack) + 1)
    return broadcast(d, shape=(*stack, m, n), dims=dims)


def spread_over(d: Any, x: Any) -> Any:
    """One number for each matrix, in the type of the matrices."""
    shape = x.type.shape
    return broadcast(d, shape=shape, dims=tuple(range(len(shape) - 2)))


# ---- rules of declarations -----------------------------------------------------------------------


def stacked(primitive: Callable[[], Any]) -> Callable[..., Any]:
    """The batch rule: the new axis is one more leading axis of the stacks."""

    def batch(size: int, operands: Sequence[Any], batched: Sequence[bool], **params: Any) -> Any:
        given = [
            operand if has else slots.spread(operand, size)
            for operand, has in zip(operands, batched, strict=True)
        ]
        return primitive()(*given, **params)

    return batch


def columns_joined(primitive: Callable[[], Any]) -> Callable[..., Any]:
    """The batch rule of solving: with one matrix for all, examples are more columns."""
    separate = stacked(primitive)

    def batch(size: int, operands: Sequence[Any], batched: Sequence[bool], **params: Any) -> Any:
        a, b = operands
        if batched[0]:
            return separate(size, operands, batched, **params)
        *stack, n, k = b.type.shape[1:]
        last = len(stack) + 1
        aside = permute(b, order=(*range(1, last + 1), 0, last + 1))
        joined = primitive()(a, reshape(aside, shape=(*stack, n, size * k)), **params)
        parted = reshape(joined, shape=(*stack, n, size, k))
        return permute(parted, order=(last, *range(last), last + 1))

    return batch


def factored(factor: Callable[[Array], Any], x: Array, *shapes: Shape) -> tuple[Array, ...]:
    """The factors of each matrix, of these shapes; NaN where there are none.

    A matrix that holds NaN or an infinity has none.
    """
    if x.dtype.kind != "f":
        raise TypeError("factors of complex matrices are others")
    results = tuple(np.full(x.shape[:-2] + shape, np.nan, x.dtype) for shape in shapes)
    for at in np.ndindex(x.shape[:-2]):
        if not np.isfinite(x[at]).all():
            continue
        try:
            factors = factor(x[at])
        except np.linalg.LinAlgError:
            continue
        for result, part in zip(results, factors, strict=True):
            result[at] = part
    return results


def odd_matrices(dtype: Any) -> Iterable[Sample]:
    """None, one of a single number, one that is not finite: square, so that any operation fits."""
    yield Sample((np.zeros((0, 0), dtype),))
    yield Sample((np.zeros((0, 2, 2), dtype),))
    yield Sample((np.array([[4.0]], dtype),))
    yield Sample((np.array([[2.0, np.nan], [1.0, 3.0]], dtype),))
    yield Sample((np.array([[np.inf, 0.0], [0.0, 1.0]], dtype),))


def regular(rng: np.random.Generator, dtype: Any, *shape: int) -> Array:
    """Matrices far from singular, whose numbers are far from 0."""
    away = rng.uniform(0.2, 0.6, shape) * rng.choice([-1.0, 1.0], shape)
    diagonal = np.zeros(shape[-2:])
    np.fill_diagonal(diagonal, np.arange(min(shape[-2:])) * 1.5 + 2)
    return np.asarray(away + diagonal, dtype)
