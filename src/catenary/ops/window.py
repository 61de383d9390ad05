"""Windows: slice ⇄ pad, overwrite a window, concatenate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Linear
from catenary.core.operators import slots
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import FLOATS, INT64, ArrayType, Shape
from catenary.ops import sampling
from catenary.ops.additive import zero
from catenary.ops.elementwise import samples
from catenary.ops.structural import moves

DTYPES = (*FLOATS, INT64)
Ints = tuple[int, ...]


# ---- slice --------------------------------------------------------------------------------------


def length(start: int, stop: int, step: int) -> int:
    return len(range(start, stop, step))


def _slice_shape(x: ArrayType, *, start: Ints, stop: Ints, step: Ints) -> ArrayType:
    if not len(start) == len(stop) == len(step) == x.ndim:
        raise errors.operand_shapes("slice", f"bounds for {x.ndim} axes", (start, stop, step))
    bounds = zip(start, stop, step, x.shape, strict=True)
    if any(not (0 <= a <= b <= n and s > 0) for a, b, s, n in bounds):
        raise errors.operand_shapes("slice", f"bounds within {x}", (start, stop, step))
    return x.with_shape(tuple(map(length, start, stop, step)))


def _slice(x: Any, *, start: Ints, stop: Ints, step: Ints) -> Any:
    return np.asarray(x)[tuple(map(slice, start, stop, step))]


def _slice_back(y_bar: Any, x: Any, *, start: Ints, stop: Ints, step: Ints) -> tuple[Any]:
    type = x.type
    if 0 in y_bar.type.shape:
        return (zero(type),)
    lengths = y_bar.type.shape
    ends = [a + (n - 1) * s + 1 for a, n, s in zip(start, lengths, step, strict=True)]
    high = tuple(size - end for size, end in zip(type.shape, ends, strict=True))
    return (pad(y_bar, low=start, high=high, interior=tuple(s - 1 for s in step)),)


def _slice_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape, start, stop, step in [
        ((6,), (1,), (5,), (1,)),
        ((7,), (0,), (7,), (3,)),
        ((4, 5), (1, 0), (4, 5), (2, 2)),
        ((3,), (1,), (1,), (1,)),
        ((), (), (), ()),
    ]:
        operand = sampling.draw(rng, dtype, -2, 2, shape)
        yield Sample((operand,), {"start": start, "stop": stop, "step": step})


window: Primitive = declare(
    Primitive(
        name="slice",
        numpy=(),
        shape=_slice_shape,
        evaluate=_slice,
        derivative=Linear(_slice_back),
        structure=moves(_slice),
        algebra=Algebra(
            fills=True,
            idle=lambda x, *, start, stop, step: x.shape == tuple(map(length, start, stop, step)),
        ),
        batch=lambda size, operands, batched, *, start, stop, step: window(
            operands[0], start=(0, *start), stop=(size, *stop), step=(1, *step)
        ),
        lower=lambda t, x, *, start, stop, step: t.slice(x, start, stop, step),
        samples=samples(_slice_samples, dtypes=DTYPES),
    )
)


# ---- pad with zeros, outside and between --------------------------------------------------------


def _padded(n: int, low: int, high: int, interior: int) -> int:
    return low + high + n + max(n - 1, 0) * interior


def _pad_shape(x: ArrayType, *, low: Ints, high: Ints, interior: Ints) -> ArrayType:
    if (
        not len(low) == len(high) == len(interior) == x.ndim
        or min((*low, *high, *interior), default=0) < 0
    ):
        raise errors.operand_shapes("pad", f"widths for {x.ndim} axes", (low, high, interior))
    return x.with_shape(tuple(map(_padded, x.shape, low, high, interior)))


def _pad(x: Any, *, low: Ints, high: Ints, interior: Ints) -> Any:
    x = np.asarray(x)
    result = np.zeros(tuple(map(_padded, x.shape, low, high, interior)), x.dtype)
    inside = [slice(a, a + n + max(n - 1, 0) * i, i + 1)
              for n, a, i in zip(x.shape, low, interior, strict=True)]  # fmt: skip
    result[tuple(inside)] = x
    return result


def _pad_back(y_bar: Any, x: Any, *, low: Ints, high: Ints, interior: Ints) -> tuple[Any]:
    shape = x.type.shape
    if 0 in shape:
        return (zero(x.type),)
    stop = tuple(a + (n - 1) * (i + 1) + 1 for a, n, i in zip(low, shape, interior, strict=True))
    return (window(y_bar, start=low, stop=stop, step=tuple(i + 1 for i in interior)),)


def _pad_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape, low, high, interior in [
        ((3,), (1,), (2,), (0,)),
        ((3,), (0,), (1,), (2,)),
        ((2, 3), (1, 0), (0, 2), (1, 0)),
        ((1,), (1,), (0,), (2,)),
        ((), (), (), ()),
        ((0,), (2,), (1,), (3,)),
    ]:
        operand = sampling.draw(rng, dtype, -2, 2, shape)
        yield Sample((operand,), {"low": low, "high": high, "interior": interior})


pad: Primitive = declare(
    Primitive(
        name="pad",
        numpy=(),
        shape=_pad_shape,
        evaluate=_pad,
        derivative=Linear(_pad_back),
        structure=moves(_pad),
        algebra=Algebra(idle=lambda x, *, low, high, interior: not any((*low, *high, *interior))),
        batch=lambda size, operands, batched, *, low, high, interior: pad(
            operands[0], low=(0, *low), high=(0, *high), interior=(0, *interior)
        ),
        lower=lambda t, x, *, low, high, interior: t.pad(x, low, high, interior),
        samples=samples(_pad_samples, dtypes=DTYPES),
    )
)


# ---- overwrite: x with a window replaced by v ---------------------------------------------------


def _window_of(x: Shape, v: Shape, start: Ints, step: Ints) -> tuple[slice, ...]:
    return tuple(
        slice(a, a + max(n - 1, 0) * s + (n > 0), s) for n, a, s in zip(v, start, step, strict=True)
    )


def _overwrite_shape(x: ArrayType, v: ArrayType, *, start: Ints, step: Ints) -> ArrayType:
    fits = x.ndim == v.ndim == len(start) == len(step) and x.dtype == v.dtype
    if not fits or any(
        n > 0 and a + (n - 1) * s >= m
        for m, n, a, s in zip(x.shape, v.shape, start, step, strict=True)
    ):
        raise errors.operand_shapes("overwrite", f"a window of {x} at {start}", str(v))
    return x


def _overwrite(x: Any, v: Any, *, start: Ints, step: Ints) -> Any:
    result = np.array(x)
    result[_window_of(result.shape, np.shape(v), start, step)] = v
    return result


def _overwrite_back(y_bar: Any, x: Any, v: Any, *, start: Ints, step: Ints) -> tuple[Any, Any]:
    inside = _window_of(x.type.shape, v.type.shape, start, step)
    x_bar = overwrite(y_bar, zero(v.type), start=start, step=step)
    v_bar = window(y_bar, start=start, stop=tuple(s.stop for s in inside), step=step)
    return x_bar, v_bar


def _overwrite_batch(
    size: int, operands: Sequence[Any], batched: Sequence[bool], *, start: Ints, step: Ints
) -> Any:
    x, v = (o if has else slots.spread(o, size) for o, has in zip(operands, batched, strict=True))
    return overwrite(x, v, start=(0, *start), step=(1, *step))


def _overwrite_lower(t: Any, x: Any, v: Any, *, start: Ints, step: Ints) -> Any:
    shape, inner = t.shape(x), t.shape(v)
    if 0 in inner:
        return x
    interior = tuple(s - 1 for s in step)
    high = tuple(
        n - _padded(m, a, 0, i) for n, m, a, i in zip(shape, inner, start, interior, strict=True)
    )
    mask = t.pad(t.constant(True, inner, np.dtype(bool)), start, high, interior)
    return t.select(mask, t.pad(v, start, high, interior), x)


def _overwrite_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape, inner, start, step in [
        ((5,), (2,), (1,), (1,)),
        ((6,), (3,), (0,), (2,)),
        ((3, 4), (2, 1), (1, 2), (1, 1)),
        ((3,), (0,), (1,), (1,)),
        ((), (), (), ()),
    ]:
        x, v = (sampling.draw(rng, dtype, -2, 2, s) for s in (shape, inner))
        yield Sample((x, v), {"start": start, "step": step})


overwrite: Primitive = declare(
    Primitive(
        name="overwrite",
        numpy=(),
        shape=_overwrite_shape,
        evaluate=_overwrite,
        derivative=Linear(_overwrite_back),
        structure=moves(_overwrite),
        algebra=Algebra(),
        batch=_overwrite_batch,
        lower=_overwrite_lower,
        samples=samples(_overwrite_samples, dtypes=DTYPES),
    )
)


# ---- concatenate --------------------------------------------------------------------------------


def _concatenate_shape(*xs: ArrayType, axis: int) -> ArrayType:
    first = xs[0]
    for x in xs:
        others = x.shape[:axis] + x.shape[axis + 1 :]
        if x.dtype != first.dtype or others != first.shape[:axis] + first.shape[axis + 1 :]:
            raise errors.operand_shapes(
                "concatenate", f"arrays alike but for axis {axis}", ", ".join(map(str, xs))
            )
    total = sum(x.shape[axis] for x in xs)
    return first.with_shape((*first.shape[:axis], total, *first.shape[axis + 1 :]))


def _concatenate_back(y_bar: Any, *xs: Any, axis: int) -> tuple[Any, ...]:
    shape = y_bar.type.shape
    cotangents, begin = [], 0
    for x in xs:
        end = begin + x.type.shape[axis]
        start = tuple(begin if i == axis else 0 for i in range(len(shape)))
        stop = tuple(end if i == axis else n for i, n in enumerate(shape))
        cotangents.append(window(y_bar, start=start, stop=stop, step=(1,) * len(shape)))
        begin = end
    return tuple(cotangents)


def _concatenate_batch(
    size: int, operands: Sequence[Any], batched: Sequence[bool], *, axis: int
) -> Any:
    spread = [o if has else slots.spread(o, size) for o, has in zip(operands, batched, strict=True)]
    return concatenate(*spread, axis=axis + 1)


def _concatenate_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    table: list[tuple[list[Shape], int]] = [
        ([(2,), (3,)], 0),
        ([(1,), (0,)], 0),
        ([(2, 3), (2, 1), (2, 2)], 1),
        ([(2, 1, 2), (2, 2, 2)], 1),
        ([(0, 2), (1, 2)], 0),
        ([(3,)], 0),
    ]
    for shapes, axis in table:
        operands = tuple(sampling.draw(rng, dtype, -2, 2, s) for s in shapes)
        yield Sample(operands, {"axis": axis})


concatenate: Primitive = declare(
    Primitive(
        name="concatenate",
        numpy=(),
        shape=_concatenate_shape,
        evaluate=lambda *xs, axis: np.concatenate(xs, axis),
        derivative=Linear(_concatenate_back),
        structure=moves(lambda *xs, axis: np.concatenate(xs, axis)),
        algebra=Algebra(),
        batch=_concatenate_batch,
        lower=lambda t, *xs, axis: t.concatenate(xs, axis),
        samples=samples(_concatenate_samples, dtypes=DTYPES),
    )
)
