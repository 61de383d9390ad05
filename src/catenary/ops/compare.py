"""Comparison and choice between two values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Linear, Zero
from catenary.core.operators import slots
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.structure import Diagonal, Map
from catenary.core.types import BOOL, FLOATS, INT64, ArrayType
from catenary.ops import sampling
from catenary.ops.additive import zero
from catenary.ops.elementwise import batch_rule, boolean, elementwise, samples

DTYPES = (*FLOATS, INT64, np.dtype(np.uint8), BOOL)


def _relation(name: str, function: Any, *, commutative: bool = False) -> Primitive:
    return elementwise(
        name,
        numpy=function,
        kinds="fiub",
        result=boolean,
        derivative=Zero(),
        lower=lambda t, x, y: t.compare(name, x, y),
        algebra=Algebra(commutative=commutative),
        interior=((-3.0, 0.0), (1.0, 3.0)),  # apart, so that nothing changes nearby
        elsewhere=(((1.0, 3.0), (-3.0, 0.0)),),
        dtypes=DTYPES,
    )


eq: Primitive = _relation("eq", np.equal, commutative=True)
ne: Primitive = _relation("ne", np.not_equal, commutative=True)
lt: Primitive = _relation("lt", np.less)
le: Primitive = _relation("le", np.less_equal)
gt: Primitive = _relation("gt", np.greater)
ge: Primitive = _relation("ge", np.greater_equal)


def _select_shape(condition: ArrayType, x: ArrayType, y: ArrayType) -> ArrayType:
    if condition.dtype != BOOL:
        raise errors.operand_dtype("select", "a boolean condition", str(condition))
    if not condition.shape == x.shape == y.shape or x.dtype != y.dtype:
        raise errors.operand_shapes(
            "select", "a condition and two values of one shape", f"{condition}, {x}, {y}"
        )
    return x


def _select_back(y_bar: Any, condition: Any, x: Any, y: Any) -> tuple[Any, ...]:
    nothing = zero(y_bar.type)
    return None, select(condition, y_bar, nothing), select(condition, nothing, y_bar)


def _select_structure(operand: int, operands: Sequence[Any], output: Any) -> Map:
    chosen = operands[0] if operand == 1 else np.logical_not(operands[0])
    return Diagonal(np.asarray(chosen).astype(float))


def _select_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape in [(), (5,), (2, 3)]:
        x, y = (sampling.draw(rng, dtype, -2, 2, shape) for _ in range(2))
        yield Sample((sampling.draw(rng, BOOL, 0, 1, shape), x, y))


def _select_edges(dtype: Any) -> Iterable[Sample]:
    numbers = np.array(sampling.edge_numbers(dtype), dtype)
    yield Sample((np.arange(numbers.size) % 2 == 0, numbers, numbers[::-1].copy()))
    yield Sample((np.zeros(0, bool), np.zeros(0, dtype), np.zeros(0, dtype)))


def _itself() -> Primitive:
    return select


_batch: Callable[..., Any] = batch_rule(_itself)

select: Primitive = declare(
    Primitive(
        name="select",
        numpy=(),
        shape=_select_shape,
        evaluate=lambda condition, x, y: np.where(condition, x, y),
        derivative=Linear(_select_back, operands=(1, 2)),
        structure=_select_structure,
        algebra=Algebra(),
        batch=_batch,
        lower=lambda t, condition, x, y: t.select(condition, x, y),
        samples=samples(_select_samples, _select_edges, dtypes=DTYPES),
        elementwise=True,
    )
)

slots.select = select
