"""Copying along new axes ⇄ summing over them: each is the transpose of the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Linear
from catenary.core.graph import Builder, Literal
from catenary.core.operators import slots
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import BOOL, FLOATS, INT64, ArrayType, Shape
from catenary.ops import sampling
from catenary.ops.elementwise import samples
from catenary.ops.structural import gathers, moves

DTYPES = (*FLOATS, INT64)


def rest(ndim: int, axes: Sequence[int]) -> tuple[int, ...]:
    """The axes that are not among the given ones."""
    return tuple(i for i in range(ndim) if i not in axes)


def check_axes(name: str, type: ArrayType, axes: Sequence[int]) -> None:
    if sorted(set(axes)) != list(axes) or any(not 0 <= a < type.ndim for a in axes):
        raise errors.operand_shapes(name, f"rising axes of {type}", tuple(axes))


# ---- broadcast: operand axis i becomes axis dims[i]; along the others the operand is copied -----


def _broadcast_shape(x: ArrayType, *, shape: Shape, dims: tuple[int, ...]) -> ArrayType:
    check_axes("broadcast", ArrayType(shape, x.dtype), dims)
    if tuple(shape[d] for d in dims) != x.shape:
        raise errors.operand_shapes("broadcast", f"axes {dims} of {shape} to match", str(x))
    return x.with_shape(shape)


def _broadcast(x: Any, *, shape: Shape, dims: tuple[int, ...]) -> Any:
    spaced = [1] * len(shape)
    for d in dims:
        spaced[d] = shape[d]
    return np.broadcast_to(np.reshape(x, spaced), shape)


def _broadcast_batch(
    size: int, operands: Sequence[Any], batched: Any, *, shape: Shape, dims: tuple[int, ...]
) -> Any:
    lifted = (0, *(d + 1 for d in dims))
    return broadcast(operands[0], shape=(size, *shape), dims=lifted)


def _broadcast_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape, dims in [
        ((3,), ()),
        ((2, 3), (1,)),
        ((2, 3), (0,)),
        ((2, 3, 4), (0, 2)),
        ((0, 3), (1,)),
    ]:
        operand = sampling.draw(rng, dtype, -2, 2, tuple(shape[d] for d in dims))
        yield Sample((operand,), {"shape": shape, "dims": dims})


broadcast: Primitive = declare(
    Primitive(
        name="broadcast",
        numpy=(),
        shape=_broadcast_shape,
        evaluate=_broadcast,
        derivative=Linear(
            lambda y_bar, x, *, shape, dims: (sum_over(y_bar, axes=rest(len(shape), dims)),)
        ),
        structure=moves(_broadcast),
        algebra=Algebra(fills=True, idle=lambda x, *, shape, dims: x.shape == shape),
        batch=_broadcast_batch,
        lower=lambda t, x, *, shape, dims: t.broadcast(x, shape, dims),
        samples=samples(_broadcast_samples, dtypes=DTYPES),
    )
)


def spread(x: Any, size: int) -> Any:
    """A new leading axis of this size, along which x is copied."""
    shape = x.type.shape if hasattr(x, "type") else np.shape(x)
    return broadcast(x, shape=(size, *shape), dims=tuple(range(1, len(shape) + 1)))


def variable(builder: Builder, literal: Literal) -> Any:
    """A literal as a variable, for rules that look at values only through operations."""
    number = Literal(literal.value, literal.type.with_shape(()))
    return builder.emit(broadcast, [number], {"shape": literal.type.shape, "dims": ()})


slots.spread, slots.variable = spread, variable


# ---- sum ----------------------------------------------------------------------------------------


def reduced(name: str, x: ArrayType, axes: tuple[int, ...]) -> ArrayType:
    check_axes(name, x, axes)
    return x.with_shape(tuple(n for i, n in enumerate(x.shape) if i not in axes))


def _sum_shape(x: ArrayType, *, axes: tuple[int, ...]) -> ArrayType:
    if x.dtype == BOOL:
        raise errors.operand_dtype("sum", "a number (convert first)", str(x))
    return reduced("sum", x, axes)


def _sum_back(y_bar: Any, x: Any, *, axes: tuple[int, ...]) -> tuple[Any]:
    shape = x.type.shape
    return (broadcast(y_bar, shape=shape, dims=rest(len(shape), axes)),)


def _copied(output: Any, x: Any, *, axes: tuple[int, ...]) -> Any:
    return _broadcast(output, shape=np.shape(x), dims=rest(np.ndim(x), axes))


def reduction_samples(dtype_range: tuple[float, float] = (-2, 2)) -> Any:
    """Arrays of several ranks with the axes to reduce over."""

    def interior(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
        for shape, axes in [
            ((4,), (0,)),
            ((2, 3), (0,)),
            ((2, 3), (1,)),
            ((2, 3, 4), (0, 2)),
            ((2, 3, 4), (1,)),
            ((3,), ()),
            ((1,), (0,)),
            ((), ()),
        ]:
            yield Sample((sampling.draw(rng, dtype, *dtype_range, shape),), {"axes": axes})

    return interior


def _sum_edges(dtype: Any) -> Iterable[Sample]:
    yield Sample((np.zeros((0, 3), dtype),), {"axes": (0,)})
    yield Sample((np.zeros((0, 3), dtype),), {"axes": (1,)})
    if dtype.kind == "f":
        yield Sample((np.array([1, np.inf, np.nan, -np.inf], dtype),), {"axes": (0,)})


sum_over: Primitive = declare(
    Primitive(
        name="sum",
        numpy=(),
        shape=_sum_shape,
        evaluate=lambda x, *, axes: np.sum(x, axis=axes, dtype=x.dtype),
        derivative=Linear(_sum_back),
        structure=gathers(_copied),
        algebra=Algebra(idle=lambda x, *, axes: not axes),
        batch=lambda size, operands, batched, *, axes: sum_over(
            operands[0], axes=tuple(a + 1 for a in axes)
        ),
        lower=lambda t, x, *, axes: t.reduce("add", x, axes),
        samples=samples(reduction_samples(), _sum_edges, dtypes=DTYPES),
    )
)
