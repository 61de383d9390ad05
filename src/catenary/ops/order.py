"""Order along an axis: sort, argsort; running sums and products; products over axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Differential, Linear, Zero
from catenary.core.kink import Kink
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.structure import (
    Composition,
    Dense,
    Diagonal,
    Identity,
    Kronecker,
    Map,
    RunningSum,
    positions,
    selection,
)
from catenary.core.types import BOOL, FLOATS, INT64, ArrayType
from catenary.ops import sampling
from catenary.ops.arrange import reverse as reverse_axes
from catenary.ops.bends import ordered_bounds, ordered_toward
from catenary.ops.compare import gt, select
from catenary.ops.elementwise import full, samples
from catenary.ops.extremum import _extremal_edges, _extremal_samples
from catenary.ops.index import position, take_along
from catenary.ops.product import contract, scale
from catenary.ops.replicate import broadcast, reduced, reduction_samples, rest, sum_over
from catenary.ops.structural import vanishes
from catenary.ops.window import concatenate, window


def _along(name: str) -> Any:
    def shape(x: ArrayType, *, axis: int, **_: Any) -> ArrayType:
        if not 0 <= axis < x.ndim:
            raise errors.operand_shapes(name, f"an axis of {x}", axis)
        return x

    return shape


# ---- sort ---------------------------------------------------------------------------------------


def _one_axis(source: Any) -> Any:
    """Samples made for ``axes`` as samples for ``axis``."""

    def rows(*arguments: Any) -> Iterable[Sample]:
        for sample in source(*arguments):
            if sample.params["axes"]:
                yield Sample(sample.operands, {"axis": sample.params["axes"][0]})

    return rows


argsort: Primitive = declare(
    Primitive(
        name="argsort",
        numpy=(),
        shape=lambda x, *, axis: _along("argsort")(x, axis=axis).with_dtype(INT64),
        evaluate=lambda x, *, axis: np.argsort(x, axis, kind="stable"),
        derivative=Zero(),
        structure=vanishes,
        algebra=Algebra(),
        batch=lambda size, operands, batched, *, axis: argsort(operands[0], axis=axis + 1),
        lower=lambda t, x, *, axis: t.argsort(x, axis),
        samples=samples(_one_axis(_extremal_samples), _one_axis(_extremal_edges), (*FLOATS, INT64)),
    )
)


def _sort_tangent(primals: Any, tangents: Any, outputs: Any, *, axis: int) -> Any:
    return take_along(tangents[0], argsort(primals[0], axis=axis), axis)


def _sort_structure(operand: int, operands: Sequence[Any], output: Any, *, axis: int) -> Map:
    order = np.argsort(operands[0], axis, kind="stable")
    moved = np.take_along_axis(positions(np.shape(output)), order, axis)
    return selection(moved, np.shape(output))


def _sort_lower(t: Any, x: Any, *, axis: int) -> Any:
    order = t.argsort(x, axis)
    shape = t.shape(x)
    where = [order if i == axis else t.iota(shape, i, INT64) for i in range(len(shape))]
    return t.gather(x, where)


sort: Primitive = declare(
    Primitive(
        name="sort",
        numpy=(),
        shape=_along("sort"),
        evaluate=lambda x, *, axis: np.sort(x, axis, kind="stable"),
        derivative=Differential(_sort_tangent),
        structure=_sort_structure,
        algebra=Algebra(fills=True),
        batch=lambda size, operands, batched, *, axis: sort(operands[0], axis=axis + 1),
        lower=_sort_lower,
        samples=samples(_one_axis(_extremal_samples), _one_axis(_extremal_edges), (*FLOATS, INT64)),
        kink=Kink(
            ordered_toward,
            ordered_bounds,
            lambda slopes, tangents, *, axis: take_along(tangents[0], slopes[0], axis),
        ),
    )
)


# ---- running sum --------------------------------------------------------------------------------


def _cumsum(x: Any, *, axis: int, reverse: bool) -> Any:
    forward = np.flip(x, axis) if reverse else x
    result = np.cumsum(forward, axis, dtype=np.asarray(x).dtype)
    return np.flip(result, axis) if reverse else result


def _cumulative_structure(
    operand: int, operands: Sequence[Any], output: Any, *, axis: int, reverse: bool
) -> Map:
    before, n, after = np.split(np.array(np.shape(output), dtype=int), [axis, axis + 1])
    right = Kronecker(RunningSum(int(n[0]), reverse), Identity(int(after.prod())))
    return Kronecker(Identity(int(before.prod())), right)


def _cumulative_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape, axis, reverse in [
        ((4,), 0, False),
        ((4,), 0, True),
        ((2, 3), 1, False),
        ((3, 2), 0, True),
        ((2, 3, 4), 1, False),
        ((2, 3, 2), 1, True),
        ((1,), 0, False),
    ]:
        x = sampling.draw(rng, dtype, 1, 3, shape)
        yield Sample((x,), {"axis": axis, "reverse": reverse})


def _cumulative_edges(dtype: Any) -> Iterable[Sample]:
    yield Sample((np.zeros((0, 2), dtype),), {"axis": 0, "reverse": False})
    for reverse in (False, True):
        yield Sample((np.array([2, 0, 3, 0, 1], dtype),), {"axis": 0, "reverse": reverse})
    if dtype.kind == "f":
        yield Sample((np.array([1, np.inf, 0, np.nan, 1], dtype),), {"axis": 0, "reverse": False})


cumsum: Primitive = declare(
    Primitive(
        name="cumsum",
        numpy=(),
        shape=_along("cumsum"),
        evaluate=_cumsum,
        derivative=Linear(
            lambda y_bar, x, *, axis, reverse: (cumsum(y_bar, axis=axis, reverse=not reverse),)
        ),
        structure=_cumulative_structure,
        algebra=Algebra(),
        batch=lambda size, operands, batched, *, axis, reverse: cumsum(
            operands[0], axis=axis + 1, reverse=reverse
        ),
        lower=lambda t, x, *, axis, reverse: t.prefix("add", x, axis, reverse),
        samples=samples(_cumulative_samples, _cumulative_edges, (*FLOATS, INT64)),
    )
)


# ---- running product ----------------------------------------------------------------------------


def _cumprod(x: Any, *, axis: int, reverse: bool) -> Any:
    forward = np.flip(x, axis) if reverse else x
    result = np.cumprod(forward, axis, dtype=np.asarray(x).dtype)
    return np.flip(result, axis) if reverse else result


def running_before(x: Any, axis: int, reverse: bool) -> Any:
    """The product of the elements strictly before each one (after it, when reversed)."""
    type = x.type
    edge = type.with_shape((*type.shape[:axis], 1, *type.shape[axis + 1 :]))
    running = cumprod(x, axis=axis, reverse=reverse)
    n = type.shape[axis]
    start = [0] * type.ndim
    stop = list(type.shape)
    if reverse:
        start[axis] = 1
    else:
        stop[axis] = n - 1
    inner = window(running, start=tuple(start), stop=tuple(stop), step=(1,) * type.ndim)
    one = full(1, edge)
    return concatenate(*((inner, one) if reverse else (one, inner)), axis=axis)


def _cumprod_tangent(
    primals: Sequence[Any],
    tangents: Sequence[Any],
    outputs: Sequence[Any],
    *,
    axis: int,
    reverse: bool,
) -> Any:
    """ẏᵢ = Σₖ≤ᵢ (Π_j<k x_j) ẋₖ (Π_k<j≤i x_j): no division, so zeros are no exception."""
    x, x_dot = primals[0], tangents[0]
    if reverse:
        x, x_dot = (reverse_axes(v, axes=(axis,)) for v in (x, x_dot))
    shape = x.type.shape
    if 0 in shape:
        return tangents[0]
    # a new axis before `axis` numbers k; the old one numbers j, later i
    grown = (*shape[:axis], shape[axis], *shape[axis:])
    spread = broadcast(x, shape=grown, dims=rest(len(grown), (axis,)))
    later = gt(position(spread, axis=axis + 1), position(spread, axis=axis))
    between = cumprod(select(later, spread, full(1, spread.type)), axis=axis + 1, reverse=False)
    reached = select(
        gt(position(spread, axis=axis), position(spread, axis=axis + 1)),
        full(0, spread.type),
        between,
    )
    scaled = scale(running_before(x, axis, False), x_dot)
    labels = "abcdefghijklmnopqrstuvwxyz"[: len(grown)]
    first, last = labels[: axis + 1] + labels[axis + 2 :], labels[:axis] + labels[axis + 1 :]
    result = contract(reached, scaled, spec=f"{labels},{first}->{last}")
    return reverse_axes(result, axes=(axis,)) if reverse else result


cumprod: Primitive = declare(
    Primitive(
        name="cumprod",
        numpy=(),
        shape=_along("cumprod"),
        evaluate=_cumprod,
        derivative=Differential(_cumprod_tangent),
        structure=lambda operand, operands, output, **params: Dense(
            _running_product_matrix(operands[0], **params)
        ),
        algebra=Algebra(),
        batch=lambda size, operands, batched, *, axis, reverse: cumprod(
            operands[0], axis=axis + 1, reverse=reverse
        ),
        lower=lambda t, x, *, axis, reverse: t.prefix("mul", x, axis, reverse),
        samples=samples(_cumulative_samples, _cumulative_edges, (*FLOATS, INT64)),
    )
)


def _running_product_matrix(x: Any, *, axis: int, reverse: bool) -> Any:
    """∂yᵢ/∂xₖ: y is linear in each xₖ, so it is y at xₖ = 1 less y at xₖ = 0."""
    x = np.asarray(x)
    columns = []
    for k in range(x.size):
        ends = []
        for value in (1, 0):
            changed = x.copy()
            changed.reshape(-1)[k] = value
            ends.append(_cumprod(changed, axis=axis, reverse=reverse))
        columns.append((ends[0] - ends[1]).reshape(-1))
    return np.array(columns).T.reshape(x.size, x.size)


# ---- product over axes --------------------------------------------------------------------------


def _others(x: Any, axes: tuple[int, ...]) -> Any:
    """For each element the product of all the others along the axes."""
    if len(axes) == 1:
        axis = axes[0]
        return running_before(x, axis, False) * running_before(x, axis, True)
    # ∏ over several axes: the others along the last times the whole of the rest's others
    last, remaining = axes[-1], axes[:-1]
    inner = prod(x, axes=(last,))
    outer = _others(inner, remaining)
    shape = x.type.shape
    return _others(x, (last,)) * broadcast(outer, shape=shape, dims=rest(len(shape), (last,)))


def _prod_tangent(primals: Any, tangents: Any, outputs: Any, *, axes: tuple[int, ...]) -> Any:
    if not axes or 0 in primals[0].type.shape:
        return sum_over(tangents[0], axes=axes)
    return sum_over(scale(_others(primals[0], axes), tangents[0]), axes=axes)


def _prod_structure(
    operand: int, operands: Sequence[Any], output: Any, *, axes: tuple[int, ...]
) -> Map:
    x = np.asarray(operands[0])
    slopes = np.empty(x.shape)
    for k in np.ndindex(x.shape):
        changed = x.copy()
        changed[k] = 1
        row = tuple(i for d, i in enumerate(k) if d not in axes)
        slopes[k] = np.prod(changed, axis=axes)[row]
    adding = sum_over.structure(0, operands, output, axes=axes)  # type: ignore[operator]
    return Composition((adding, Diagonal(slopes)))


def _prod_shape(x: ArrayType, *, axes: tuple[int, ...]) -> ArrayType:
    if x.dtype == BOOL:
        raise errors.operand_dtype("prod", "a number (convert first)", str(x))
    return reduced("prod", x, axes)


def _prod_edges(dtype: Any) -> Iterable[Sample]:
    yield Sample((np.zeros((0, 3), dtype),), {"axes": (0,)})
    yield Sample((np.zeros((0, 3), dtype),), {"axes": (1,)})
    yield Sample((np.array([2, 0, 3], dtype),), {"axes": (0,)})
    if dtype.kind == "f":
        yield Sample((np.array([[1, np.inf, 0], [np.nan, 1, 2]], dtype),), {"axes": (1,)})
    yield Sample((np.array([[2, 0, 3], [0, 1, 1]], dtype),), {"axes": (0, 1)})


prod: Primitive = declare(
    Primitive(
        name="prod",
        numpy=(),
        shape=_prod_shape,
        evaluate=lambda x, *, axes: np.prod(x, axis=axes, dtype=x.dtype),
        derivative=Differential(_prod_tangent),
        structure=_prod_structure,
        algebra=Algebra(idle=lambda x, *, axes: not axes),
        batch=lambda size, operands, batched, *, axes: prod(
            operands[0], axes=tuple(a + 1 for a in axes)
        ),
        lower=lambda t, x, *, axes: t.reduce("mul", x, axes),
        samples=samples(reduction_samples((1, 3)), _prod_edges, (*FLOATS, INT64)),
    )
)
