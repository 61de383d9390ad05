"""Sums and what keeps them: add ⇄ copy, subtract, negate, convert."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.derivative import Linear
from catenary.core.operators import slots
from catenary.core.primitive import Algebra, Primitive
from catenary.core.types import BOOL, FLOATS, SUPPORTED, ArrayType
from catenary.ops import sampling
from catenary.ops.elementwise import elementwise

WIDE = ((-3.0, 3.0),)
NUMBERS = (*FLOATS, np.dtype(np.int32), np.dtype(np.uint8))

add: Primitive = elementwise(
    "add",
    numpy=np.add,
    kinds="fiub",
    derivative=Linear(lambda y_bar, x, y: (y_bar, y_bar)),
    lower=lambda t, x, y: t.bit_or(x, y) if t.dtype(x) == BOOL else t.add(x, y),
    algebra=Algebra(commutative=True),
    interior=WIDE * 2,
    dtypes=(*NUMBERS, BOOL),
)

sub: Primitive = elementwise(
    "sub",
    numpy=np.subtract,
    kinds="fiu",
    derivative=Linear(lambda y_bar, x, y: (y_bar, -y_bar)),
    lower=lambda t, x, y: t.sub(x, y),
    algebra=Algebra(neutral=(None, 0.0)),  # x − 0 is x exactly; 0 − x is not −x at x = 0
    interior=WIDE * 2,
    dtypes=NUMBERS,
)

neg: Primitive = elementwise(
    "neg",
    numpy=np.negative,
    kinds="fiu",
    derivative=Linear(lambda y_bar, x: (-y_bar,)),
    lower=lambda t, x: t.neg(x),
    algebra=Algebra(involution=True),
    interior=WIDE,
    dtypes=NUMBERS,
)


def _converted(name: str, given: Any, *, dtype: Any) -> Any:
    return dtype


def _evaluate_convert(x: Any, *, dtype: Any) -> Any:
    return np.asarray(x).astype(dtype)


def _convert_back(y_bar: Any, x: Any, *, dtype: Any) -> tuple[Any]:
    return (convert(y_bar, dtype=x.type.dtype if hasattr(x, "type") else x.dtype),)


def _convert_edges(given: Any, *, dtype: Any) -> list[tuple[Any, ...]]:
    # what a float outside an integer's range becomes is the processor's choice: not tried
    if given.kind == "f" and dtype.kind in "iu":
        return [(v,) for v in (0.0, -0.0, 0.5, 1.0, 2.5, 100.0)]
    return [(v,) for v in sampling.edge_numbers(given)]


convert: Primitive = elementwise(
    "convert",
    evaluate=_evaluate_convert,
    kinds="fiub",
    result=_converted,
    derivative=Linear(_convert_back),
    lower=lambda t, x, *, dtype: t.convert(x, dtype),
    algebra=Algebra(idle=lambda x, *, dtype: x.dtype == dtype),
    interior=WIDE,
    edge=_convert_edges,
    params=[{"dtype": d} for d in sorted(SUPPORTED, key=str)],
    dtypes=(*NUMBERS, BOOL),
)

slots.add, slots.sub, slots.neg = add, sub, neg


def zero(type: ArrayType) -> Any:
    return slots.full(0, type)
