"""Indexing with arrays of positions: gather ⇄ scatter_add; which write came last; positions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Linear, Zero
from catenary.core.operators import slots
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import FLOATS, INT64, ArrayType, Shape
from catenary.ops import sampling
from catenary.ops.arrange import permute
from catenary.ops.compare import lt
from catenary.ops.elementwise import samples
from catenary.ops.structural import gathers, moves, vanishes

DTYPES = (*FLOATS, INT64)


def _check_indices(name: str, indices: Sequence[ArrayType]) -> Shape:
    if not indices or any(i.dtype != INT64 or i.shape != indices[0].shape for i in indices):
        raise errors.operand_shapes(
            name, "int64 index arrays of one shape", ", ".join(map(str, indices))
        )
    return indices[0].shape


def check_bounds(indices: Sequence[Any], shape: Shape) -> None:
    for axis, (index, n) in enumerate(zip(indices, shape, strict=False)):
        if index.size and (index.min() < 0 or index.max() >= n):
            raise errors.index_out_of_bounds(index, axis, n)


# ---- gather: x[i₀, …, iₖ], index arrays of one shape on the leading axes ------------------------


def _gather_shape(x: ArrayType, *indices: ArrayType) -> ArrayType:
    index_shape = _check_indices("gather", indices)
    return x.with_shape(index_shape + x.shape[len(indices) :])


def _gather(x: Any, *indices: Any) -> Any:
    check_bounds(indices, np.shape(x))
    return np.asarray(x)[indices]


def _gather_back(y_bar: Any, x: Any, *indices: Any) -> tuple[Any, ...]:
    return (scatter_add(y_bar, *indices, shape=x.type.shape), *(None for _ in indices))


def _leading(size: int, index: Any) -> Any:
    """Positions along a new leading axis, for an index array that has that axis."""
    return position(index, axis=0)


def _gather_batch(size: int, operands: Sequence[Any], batched: Sequence[bool]) -> Any:
    x, *indices = operands
    if not any(batched[1:]):
        # only x has the new axis: carry it behind the indexed ones and back
        k, n = len(indices), x.type.ndim
        carried = permute(x, order=(*range(1, k + 1), 0, *range(k + 1, n)))
        out = gather(carried, *indices)
        d = indices[0].type.ndim if hasattr(indices[0], "type") else np.ndim(indices[0])
        return permute(out, order=(d, *range(d), *range(d + 1, out.type.ndim)))
    indices = [
        i if has else slots.spread(i, size) for i, has in zip(indices, batched[1:], strict=True)
    ]
    return gather(x, _leading(size, indices[0]), *indices) if batched[0] else gather(x, *indices)


def _index_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape, k, index_shape in [
        ((5,), 1, (3,)),
        ((4, 3), 1, (2, 2)),
        ((4, 3), 2, (6,)),
        ((2, 3, 4), 2, (2, 1)),
        ((3, 2), 1, ()),
        ((3, 2), 1, (0,)),
    ]:
        x = sampling.draw(rng, dtype, -2, 2, shape)
        yield Sample((x, *(rng.integers(0, n, index_shape) for n in shape[:k])))


gather: Primitive = declare(
    Primitive(
        name="gather",
        numpy=(),
        shape=_gather_shape,
        evaluate=_gather,
        derivative=Linear(_gather_back, operands=(0,)),
        structure=moves(_gather, linear=lambda i: i == 0),
        algebra=Algebra(),
        batch=_gather_batch,
        lower=lambda t, x, *indices: t.gather(x, indices),
        samples=samples(_index_samples, dtypes=DTYPES),
    )
)


# ---- scatter_add: zeros of a shape, with updates added at positions -----------------------------


def _scatter_shape(updates: ArrayType, *indices: ArrayType, shape: Shape) -> ArrayType:
    index_shape = _check_indices("scatter_add", indices)
    if updates.shape != index_shape + shape[len(indices) :]:
        raise errors.operand_shapes("scatter_add", f"updates for {shape}", str(updates))
    return updates.with_shape(shape)


def _scatter_add(updates: Any, *indices: Any, shape: Shape) -> Any:
    check_bounds(indices, shape)
    result = np.zeros(shape, np.asarray(updates).dtype)
    np.add.at(result, indices, updates)
    return result


def _scatter_back(y_bar: Any, updates: Any, *indices: Any, shape: Shape) -> tuple[Any, ...]:
    return (gather(y_bar, *indices), *(None for _ in indices))


def _scatter_batch(
    size: int, operands: Sequence[Any], batched: Sequence[bool], *, shape: Shape
) -> Any:
    updates, *indices = (
        o if has else slots.spread(o, size) for o, has in zip(operands, batched, strict=True)
    )
    return scatter_add(updates, _leading(size, indices[0]), *indices, shape=(size, *shape))


def _scatter_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for sample in _index_samples(rng, dtype):
        x, *indices = sample.operands
        updates = sampling.draw(rng, dtype, -2, 2, indices[0].shape + x.shape[len(indices) :])
        yield Sample((updates, *indices), {"shape": x.shape})


scatter_add: Primitive = declare(
    Primitive(
        name="scatter_add",
        numpy=(),
        shape=_scatter_shape,
        evaluate=_scatter_add,
        derivative=Linear(_scatter_back, operands=(0,)),
        structure=gathers(lambda out, updates, *indices, shape: _gather(out, *indices)),
        algebra=Algebra(),
        batch=_scatter_batch,
        lower=lambda t, updates, *indices, shape: t.scatter_add(updates, indices, shape),
        samples=samples(_scatter_samples, dtypes=DTYPES),
    )
)


# ---- last_write: at each place the number of the write that came last, or −1 --------------------


def _last_shape(*indices: ArrayType, shape: Shape) -> ArrayType:
    _check_indices("last_write", indices)
    return ArrayType(shape, INT64)


def _last_write(*indices: Any, shape: Shape) -> Any:
    check_bounds(indices, shape)
    result = np.full(shape, -1, np.int64)
    result[indices] = np.arange(np.size(indices[0])).reshape(np.shape(indices[0]))
    return result


def _last_batch(
    size: int, operands: Sequence[Any], batched: Sequence[bool], *, shape: Shape
) -> Any:
    indices = [
        i if has else slots.spread(i, size) for i, has in zip(operands, batched, strict=True)
    ]
    per_lane = math.prod(indices[0].type.shape[1:])
    written = last_write(_leading(size, indices[0]), *indices, shape=(size, *shape))
    # numbers count on through the lanes; each lane is to count from 0
    lane = position(written, axis=0)
    return slots.select(
        lt(written, slots.full(0, written.type)), written, written - lane * per_lane
    )


def _last_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape, index_shape in [
        ((5,), (3,)),
        ((4, 3), (6,)),
        ((4,), (2, 5)),
        ((3,), ()),
        ((2,), (0,)),
    ]:
        yield Sample(tuple(rng.integers(0, n, index_shape) for n in shape), {"shape": shape})


last_write: Primitive = declare(
    Primitive(
        name="last_write",
        numpy=(),
        shape=_last_shape,
        evaluate=_last_write,
        derivative=Zero(),
        structure=vanishes,
        algebra=Algebra(),
        batch=_last_batch,
        lower=lambda t, *indices, shape: t.scatter_last(indices, shape),
        samples=samples(_last_samples, dtypes=(INT64,)),
    )
)


# ---- position: for an array's shape, the position along one axis --------------------------------


def _position_shape(x: ArrayType, *, axis: int) -> ArrayType:
    if not 0 <= axis < x.ndim:
        raise errors.operand_shapes("position", f"an axis of {x}", axis)
    return ArrayType(x.shape, INT64)


def _position(x: Any, *, axis: int) -> Any:
    return np.indices(np.shape(x), sparse=False)[axis]


def _position_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape, axis in [((3,), 0), ((2, 3), 1), ((2, 3, 4), 1), ((1,), 0), ((0, 2), 1)]:
        yield Sample((np.zeros(shape, dtype),), {"axis": axis})


position: Primitive = declare(
    Primitive(
        name="position",
        numpy=(),
        shape=_position_shape,
        evaluate=_position,
        derivative=Zero(),
        structure=vanishes,
        algebra=Algebra(),
        batch=lambda size, operands, batched, *, axis: position(operands[0], axis=axis + 1),
        lower=lambda t, x, *, axis: t.iota(t.shape(x), axis, INT64),
        samples=samples(_position_samples),
    )
)


def take_along(x: Any, indices: Any, axis: int) -> Any:
    """x with its elements along one axis chosen by an index array of the same rank."""
    where = [indices if i == axis else position(indices, axis=i) for i in range(indices.type.ndim)]
    return gather(x, *where)
