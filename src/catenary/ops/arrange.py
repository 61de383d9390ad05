"""Rearranging: reshape, permute the axes, reverse along them; the transpose undoes it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Linear
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import BOOL, FLOATS, ArrayType, Shape
from catenary.ops import sampling
from catenary.ops.elementwise import samples
from catenary.ops.replicate import check_axes
from catenary.ops.structural import moves

DTYPES = (*FLOATS, BOOL)


def _reshape_shape(x: ArrayType, *, shape: Shape) -> ArrayType:
    if math.prod(shape) != x.size:
        raise errors.operand_shapes("reshape", f"{x.size} elements", f"shape {shape}")
    return x.with_shape(shape)


def _table(rows: list[tuple[Shape, dict[str, Any]]]) -> Any:
    def interior(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
        for shape, params in rows:
            yield Sample((sampling.draw(rng, dtype, -2, 2, shape),), params)

    return interior


reshape: Primitive = declare(
    Primitive(
        name="reshape",
        numpy=(),
        shape=_reshape_shape,
        evaluate=lambda x, *, shape: np.reshape(x, shape),
        derivative=Linear(lambda y_bar, x, *, shape: (reshape(y_bar, shape=x.type.shape),)),
        structure=moves(lambda x, *, shape: np.reshape(x, shape)),
        algebra=Algebra(fills=True, idle=lambda x, *, shape: x.shape == shape),
        batch=lambda size, operands, batched, *, shape: reshape(operands[0], shape=(size, *shape)),
        lower=lambda t, x, *, shape: t.reshape(x, shape),
        samples=samples(
            _table([((2, 3), {"shape": (6,)}), ((), {"shape": (1, 1)}), ((0, 2), {"shape": (0,)}),
                    ((4, 3), {"shape": (2, 6)})]),
            dtypes=DTYPES,
        ),
    )
)  # fmt: skip


def inverse(order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argsort(order))


def _permute_shape(x: ArrayType, *, order: tuple[int, ...]) -> ArrayType:
    if sorted(order) != list(range(x.ndim)):
        raise errors.operand_shapes("permute", f"an order of {x.ndim} axes", order)
    return x.with_shape(tuple(x.shape[i] for i in order))


permute: Primitive = declare(
    Primitive(
        name="permute",
        numpy=(),
        shape=_permute_shape,
        evaluate=lambda x, *, order: np.transpose(x, order),
        derivative=Linear(lambda y_bar, x, *, order: (permute(y_bar, order=inverse(order)),)),
        structure=moves(lambda x, *, order: np.transpose(x, order)),
        algebra=Algebra(fills=True, idle=lambda x, *, order: order == tuple(range(len(order)))),
        batch=lambda size, operands, batched, *, order: permute(
            operands[0], order=(0, *(i + 1 for i in order))
        ),
        lower=lambda t, x, *, order: t.permute(x, order),
        samples=samples(
            _table([((2, 3), {"order": (1, 0)}), ((2, 3, 4), {"order": (2, 0, 1)}),
                    ((), {"order": ()}), ((0, 2), {"order": (1, 0)})]),
            dtypes=DTYPES,
        ),
    )
)  # fmt: skip


def _reverse_shape(x: ArrayType, *, axes: tuple[int, ...]) -> ArrayType:
    check_axes("reverse", x, axes)
    return x


reverse: Primitive = declare(
    Primitive(
        name="reverse",
        numpy=(),
        shape=_reverse_shape,
        evaluate=lambda x, *, axes: np.flip(x, axes),
        derivative=Linear(lambda y_bar, x, *, axes: (reverse(y_bar, axes=axes),)),
        structure=moves(lambda x, *, axes: np.flip(x, axes)),
        algebra=Algebra(fills=True, involution=True, idle=lambda x, *, axes: not axes),
        batch=lambda size, operands, batched, *, axes: reverse(
            operands[0], axes=tuple(a + 1 for a in axes)
        ),
        lower=lambda t, x, *, axes: t.reverse(x, axes),
        samples=samples(
            _table([((4,), {"axes": (0,)}), ((2, 3), {"axes": (0, 1)}), ((2, 3), {"axes": ()}),
                    ((2, 3, 4), {"axes": (1,)}), ((1,), {"axes": (0,)}), ((0,), {"axes": (0,)})]),
            dtypes=DTYPES,
        ),
    )
)  # fmt: skip
