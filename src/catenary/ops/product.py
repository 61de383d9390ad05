"""Products: elementwise, by exact zeros, quotients, integer powers, and contractions."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Multilinear, Zero
from catenary.core.operators import slots
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.structure import (
    Blocks,
    Composition,
    Identity,
    Kronecker,
    Map,
    positions,
    selection,
)
from catenary.core.types import BOOL, FLOATS, INT64, ArrayType
from catenary.ops import sampling
from catenary.ops.elementwise import elementwise, filled, partials, samples

NUMBERS = (*FLOATS, np.dtype(np.int32), np.dtype(np.uint8))


def _scaled(p: Any, v: Any) -> Any:
    product = p * v
    return np.where(np.isnan(product) & ((p == 0) | (v == 0)), p.dtype.type(0), product)


def _scale_lower(t: Any, p: Any, v: Any) -> Any:
    zero = t.constant(0, t.shape(p), t.dtype(p))
    nothing = t.bit_or(t.compare("eq", p, zero), t.compare("eq", v, zero))
    return t.select(nothing, zero, t.mul(p, v))


# The product of derivatives. An exact zero wins against infinity and NaN, on either side: what a
# branch not taken contributes is nothing, however steep it is there; and |x| = √(x·x) has the
# slope 0 at 0. It is the product wherever both factors are finite.
scale: Primitive = elementwise(
    "scale",
    evaluate=_scaled,
    derivative=Multilinear(
        (lambda y_bar, p, v: scale(v, y_bar), lambda y_bar, p, v: scale(p, y_bar))
    ),
    lower=_scale_lower,
    algebra=Algebra(neutral=(1.0, 1.0), absorbing=0.0, commutative=True),
    interior=((-3.0, 3.0), (-3.0, 3.0)),
)

mul: Primitive = elementwise(
    "mul",
    numpy=np.multiply,
    kinds="fiub",
    derivative=Multilinear(
        (lambda y_bar, x, y: scale(y, y_bar), lambda y_bar, x, y: scale(x, y_bar)), tangent=scale
    ),
    lower=lambda t, x, y: t.bit_and(x, y) if t.dtype(x) == BOOL else t.mul(x, y),
    algebra=Algebra(neutral=(1.0, 1.0), commutative=True),
    interior=((-3.0, 3.0), (-3.0, 3.0)),
    dtypes=(*NUMBERS, BOOL),
)

div: Primitive = elementwise(
    "div",
    numpy=np.true_divide,
    derivative=partials(lambda x, y, o: 1.0 / y, lambda x, y, o: -o / y),
    lower=lambda t, x, y: t.div(x, y),
    algebra=Algebra(neutral=(None, 1.0)),
    interior=((-3.0, 3.0), (0.5, 3.0)),
    elsewhere=(((-3.0, 3.0), (-3.0, -0.5)),),
)


def _integer_power_partial(x: Any, o: Any, *, exponent: int) -> Any:
    if exponent == 0:
        return filled(0, x)
    return integer_power(x, exponent=exponent - 1) * float(exponent)


def _integer_power_lower(t: Any, x: Any, *, exponent: int) -> Any:
    """Powers by repeated squaring; a negative one is the reciprocal of the positive."""
    if exponent < 0:
        one = t.constant(1, t.shape(x), t.dtype(x))
        return t.div(one, _integer_power_lower(t, x, exponent=-exponent))
    result, square = None, x
    while exponent:
        if exponent & 1:
            result = square if result is None else t.mul(result, square)
        exponent >>= 1
        square = t.mul(square, square) if exponent else square
    return t.constant(1, t.shape(x), t.dtype(x)) if result is None else result


integer_power: Primitive = elementwise(
    "integer_power",
    evaluate=lambda x, *, exponent: np.asarray(x) ** exponent,
    derivative=partials(_integer_power_partial),
    lower=_integer_power_lower,
    algebra=Algebra(idle=lambda x, *, exponent: exponent == 1),
    interior=((0.5, 2.0),),
    elsewhere=(((-2.0, -0.5),),),
    params=[{"exponent": n} for n in (-2, -1, 0, 1, 2, 3, 7)],
    ulp=16,
)

floor_divide: Primitive = elementwise(
    "floor_divide",
    numpy=np.floor_divide,
    kinds="fiu",
    derivative=Zero(),
    lower=lambda t, x, y: t.floordiv(x, y),
    interior=((19.0, 22.0), (8.0, 8.5)),  # quotients from 2.2 to 2.8: no jump is near
    elsewhere=(((-22.0, -19.0), (8.0, 8.5)), ((19.0, 22.0), (-8.5, -8.0))),
    edge=lambda dtype: _division_edges(dtype),
    dtypes=NUMBERS,
)


def _division_edges(dtype: Any) -> list[tuple[Any, ...]]:
    if dtype.kind == "f":
        numbers = (0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 7.5, -7.5, 1e4, np.inf, -np.inf, np.nan)
        return list(itertools.product(numbers, repeat=2))
    if dtype.kind == "u":
        return [(7, 2), (0, 3), (6, 3), (5, 0)]
    return [(7, 2), (-7, 2), (7, -2), (-7, -2), (0, 3), (5, 0)]


remainder: Primitive = elementwise(
    "remainder",
    numpy=(np.remainder, np.mod),
    kinds="fiu",
    derivative=partials(lambda x, y, o: filled(1, o), lambda x, y, o: -floor_divide(x, y)),
    lower=lambda t, x, y: t.remainder(x, y),
    interior=((19.0, 22.0), (8.0, 8.5)),  # quotients from 2.2 to 2.8: no jump is near
    elsewhere=(((-22.0, -19.0), (8.0, 8.5)), ((19.0, 22.0), (-8.5, -8.0))),
    edge=_division_edges,
    dtypes=NUMBERS,
)  # fmt: skip


# ---- contract: any einsum of two operands -------------------------------------------------------


def labels_of(spec: str) -> tuple[str, str, str]:
    """The labels of both operands and of the result in "ij,jk->ik"."""
    inputs, out = spec.split("->")
    x, y = inputs.split(",")
    return x, y, out


def _contract_shape(x: ArrayType, y: ArrayType, *, spec: str) -> ArrayType:
    x_labels, y_labels, out_labels = labels_of(spec)
    if len(x_labels) != x.ndim or len(y_labels) != y.ndim or x.dtype != y.dtype:
        raise errors.operand_shapes("contract", f"operands for {spec}", f"{x} and {y}")
    sizes: dict[str, int] = {}
    for label, n in zip(x_labels + y_labels, x.shape + y.shape, strict=True):
        if sizes.setdefault(label, n) != n:
            raise errors.operand_shapes(
                "contract", f"equal sizes for {label!r} in {spec}", f"{x} and {y}"
            )
    for labels in (x_labels, y_labels, out_labels):
        if len(set(labels)) != len(labels):
            raise errors.operand_shapes("contract", "each label once in an operand", spec)
    counts = [(label in x_labels) + (label in y_labels) + (label in out_labels) for label in sizes]
    if not set(out_labels) <= set(sizes) or min(counts, default=2) < 2:
        raise errors.operand_shapes("contract", "each label in two of the three", spec)
    return ArrayType(tuple(sizes[label] for label in out_labels), x.dtype)


def _contract_back_x(y_bar: Any, x: Any, y: Any, *, spec: str) -> Any:
    x_labels, y_labels, out_labels = labels_of(spec)
    return contract(y_bar, y, spec=f"{out_labels},{y_labels}->{x_labels}")


def _contract_back_y(y_bar: Any, x: Any, y: Any, *, spec: str) -> Any:
    x_labels, y_labels, out_labels = labels_of(spec)
    return contract(x, y_bar, spec=f"{x_labels},{out_labels}->{y_labels}")


def _contract_structure(operand: int, operands: Sequence[Any], output: Any, *, spec: str) -> Map:
    """Move axes, apply (a stack of matrices) ⊗ identity, move axes back."""
    x_labels, y_labels, out_labels = labels_of(spec)
    moving, held = (x_labels, y_labels) if operand == 0 else (y_labels, x_labels)
    value, matrix = operands[operand], np.asarray(operands[1 - operand])
    batch = [c for c in held if c in moving and c in out_labels]
    summed = [c for c in held if c in moving and c not in out_labels]
    rows = [c for c in held if c not in moving]
    kept = [c for c in moving if c not in held]
    arranged = np.transpose(matrix, [held.index(c) for c in batch + rows + summed])
    count = [int(np.prod([matrix.shape[held.index(c)] for c in group], dtype=int))
             for group in (batch, rows, summed)]  # fmt: skip
    middle = Kronecker(
        Blocks(arranged.reshape(count)),
        Identity(int(np.prod([np.shape(value)[moving.index(c)] for c in kept], dtype=int))),
    )
    inward = np.transpose(
        positions(np.shape(value)), [moving.index(c) for c in batch + summed + kept]
    )
    natural = batch + rows + kept
    sizes = dict(zip(out_labels, np.shape(output), strict=True))
    laid = positions(tuple(sizes[c] for c in natural))
    outward = np.transpose(laid, [natural.index(c) for c in out_labels])
    return Composition((selection(outward, laid.shape), middle, selection(inward, np.shape(value))))


def _fresh(labels: str) -> str:
    return next(
        c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba" if c not in labels
    )


def _contract_batch(
    size: int, operands: Sequence[Any], batched: Sequence[bool], *, spec: str
) -> Any:
    x, y, out = labels_of(spec)
    label = _fresh(spec)
    return contract(
        *operands, spec=f"{label * batched[0]}{x},{label * batched[1]}{y}->{label}{out}"
    )


def _contract_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    sizes = {"i": 2, "j": 3, "k": 4, "a": 3, "b": 2}
    for spec in [
        "ij,jk->ik", "ij,j->i", "i,j->ij", "bij,bjk->bik", "i,i->", "ij,kj->ki", ",i->i",
        "bij,bj->bi", "i,ij->j", "aij,bj->iab", ",->", "ab,ba->ab",
    ]:  # fmt: skip
        x, y, _ = labels_of(spec)
        operands = (sampling.draw(rng, dtype, -2, 3, tuple(sizes[c] for c in s)) for s in (x, y))
        yield Sample(tuple(operands), {"spec": spec})


def _contract_edges(dtype: Any) -> Iterable[Sample]:
    labels = {"spec": "ij,jk->ik"}
    yield Sample((np.zeros((2, 0), dtype), np.zeros((0, 3), dtype)), labels)
    if dtype.kind == "f":
        yield Sample((np.array([[np.inf, 1]], dtype), np.array([[0.0], [np.nan]], dtype)), labels)


def _spread(x: Any) -> Any:
    """An array with memory for each element. Of one that repeats a number, einsum takes the number
    out of the sum, which is not the same where it is infinite.
    """
    return np.array(x) if 0 in np.asarray(x).strides and np.size(x) > 1 else x


contract: Primitive = declare(
    Primitive(
        name="contract",
        numpy=(),
        shape=_contract_shape,
        evaluate=lambda x, y, *, spec: np.einsum(spec, _spread(x), _spread(y)),
        derivative=Multilinear((_contract_back_x, _contract_back_y)),
        structure=_contract_structure,
        algebra=Algebra(),
        batch=_contract_batch,
        lower=lambda t, x, y, *, spec: t.contract(x, y, spec),
        samples=samples(_contract_samples, _contract_edges, dtypes=(*FLOATS, INT64)),
    )
)

slots.mul, slots.div, slots.scale = mul, div, scale
