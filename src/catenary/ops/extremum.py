"""Largest, smallest, magnitude, sign and rounding.

At a kink every operation here has the mean of its one-sided slopes: |x|' = 0 at 0, and equal
operands of maximum share evenly. The mean is linear, so formulas that are equal because of sums
and multiples, max(x, 0) = (x + |x|)/2 = x − min(x, 0), have equal derivatives at the kink too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Differential, Zero
from catenary.core.kink import Kink
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.structure import Composition, Diagonal, Map
from catenary.core.types import BOOL, FLOATS, INT64, ArrayType
from catenary.ops.additive import NUMBERS, convert
from catenary.ops.bends import elementwise_tangent, tied_bounds, tied_slopes, tied_tangent
from catenary.ops.compare import eq, ge, gt
from catenary.ops.elementwise import elementwise, partials, samples
from catenary.ops.product import scale
from catenary.ops.replicate import broadcast, reduced, rest, sum_over
from catenary.ops.structural import vanishes

APART = ((-3.0, 0.0), (1.0, 3.0))
EXCHANGED = APART[::-1]


def _dtype(x: Any) -> Any:
    return x.type.dtype if hasattr(x, "type") else np.asarray(x).dtype


def _share_above(x: Any, y: Any, o: Any) -> Any:
    """1 where x > y, one half where they are equal, 0 elsewhere."""
    dtype = _dtype(o)
    return (convert(gt(x, y), dtype=dtype) + convert(ge(x, y), dtype=dtype)) * 0.5


def _sides(above: Callable[[Any, Any], Any]) -> Kink:
    """The kink of the operand that is ``above``; at a tie, of the one that moves there."""

    def toward(operands: Any, directions: Any, output: Any) -> Any:
        (x, y), (v, w) = operands, directions
        first = np.where(x == y, 0.5 * (1.0 * above(v, w) + ~above(w, v)), above(x, y))
        return first, 1 - first

    def bounds(operands: Any, output: Any) -> Any:
        x, y = operands
        first, second = above(x, y) * 1.0, above(y, x) * 1.0
        tie = x == y
        return (first, second), (np.where(tie, 1, first), np.where(tie, 1, second))

    return Kink(toward, bounds, elementwise_tangent)


maximum: Primitive = elementwise(
    "maximum",
    numpy=np.maximum,
    kinds="fiub",
    derivative=partials(
        lambda x, y, o: _share_above(x, y, o), lambda x, y, o: _share_above(y, x, o)
    ),
    lower=lambda t, x, y: t.bit_or(x, y) if t.dtype(x) == BOOL else t.maximum(x, y),
    algebra=Algebra(commutative=True),
    interior=APART,
    elsewhere=(EXCHANGED,),
    dtypes=(*NUMBERS, BOOL),
    kink=_sides(np.greater),
)

minimum: Primitive = elementwise(
    "minimum",
    numpy=np.minimum,
    kinds="fiub",
    derivative=partials(
        lambda x, y, o: _share_above(y, x, o), lambda x, y, o: _share_above(x, y, o)
    ),
    lower=lambda t, x, y: t.bit_and(x, y) if t.dtype(x) == BOOL else t.minimum(x, y),
    algebra=Algebra(commutative=True),
    interior=APART,
    elsewhere=(EXCHANGED,),
    dtypes=(*NUMBERS, BOOL),
    kink=_sides(np.less),
)


def _sign_lower(t: Any, x: Any) -> Any:
    shape, dtype = t.shape(x), t.dtype(x)
    zero, one = t.constant(0, shape, dtype), t.constant(1, shape, dtype)
    below = zero if dtype.kind == "u" else t.neg(one)
    positive = t.select(t.compare("gt", x, zero), one, x)  # keeps 0 and NaN as they are
    return t.select(t.compare("lt", x, zero), below, positive)


sign: Primitive = elementwise(
    "sign",
    numpy=np.sign,
    kinds="fiu",
    derivative=Zero(),
    lower=_sign_lower,
    interior=((1.0, 3.0),),
    elsewhere=(((-3.0, -1.0),),),
    dtypes=NUMBERS,
)


def _magnitude_bounds(operands: Any, output: Any) -> Any:
    slope, at_zero = np.sign(operands[0]), operands[0] == 0
    return (np.where(at_zero, -1, slope),), (np.where(at_zero, 1, slope),)


absolute: Primitive = elementwise(
    "abs",
    numpy=(np.absolute, np.fabs),
    kinds="fiu",
    derivative=partials(lambda x, y: sign(x)),
    lower=lambda t, x: t.abs(x),
    interior=((0.5, 3.0),),
    elsewhere=(((-3.0, -0.5),),),
    dtypes=NUMBERS,
    kink=Kink(
        lambda operands, directions, output: (
            np.sign(np.where(operands[0] == 0, directions[0], operands[0])),
        ),
        _magnitude_bounds,
        elementwise_tangent,
    ),
)


def _rounding(name: str, function: Any) -> Primitive:
    return elementwise(
        name,
        numpy=function,
        derivative=Zero(),
        lower=lambda t, x: t.function(name, x),
        interior=((0.1, 0.4),),
        elsewhere=(((-0.4, -0.1),), ((2.6, 2.9),)),
    )


floor: Primitive = _rounding("floor", np.floor)
ceil: Primitive = _rounding("ceil", np.ceil)
trunc: Primitive = _rounding("trunc", (np.trunc, np.fix))
rint: Primitive = _rounding("rint", np.rint)


# ---- over axes ----------------------------------------------------------------------------------


def _extremal_shares(x: Any, y: Any, axes: tuple[int, ...]) -> Any:
    """The slope of the extreme value by each element: those that attain it share evenly."""
    shape = x.type.shape if hasattr(x, "type") else np.shape(x)
    dims = rest(len(shape), axes)
    dtype = _dtype(x)
    attained = convert(eq(x, broadcast(y, shape=shape, dims=dims)), dtype=dtype)
    return attained / broadcast(sum_over(attained, axes=axes), shape=shape, dims=dims)


def _extremal_tangent(
    primals: Sequence[Any],
    tangents: Sequence[Any],
    outputs: Sequence[Any],
    *,
    axes: tuple[int, ...],
) -> Any:
    shares = _extremal_shares(primals[0], outputs[0], axes)
    return sum_over(scale(shares, tangents[0]), axes=axes)


def _extremal_structure(
    operand: int, operands: Sequence[Any], output: Any, *, axes: tuple[int, ...]
) -> Map:
    shares = _extremal_shares(operands[0], output, axes)
    adding = sum_over.structure(0, operands, output, axes=axes)  # type: ignore[operator]
    return Composition((adding, Diagonal(np.asarray(shares))))


def _extremal_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape, axes in [
        ((4,), (0,)),
        ((2, 3), (1,)),
        ((2, 3, 4), (1,)),
        ((2, 3, 4), (0, 2)),
        ((1,), (0,)),
        ((3,), ()),
    ]:
        # well separated, so that a small step does not change which is largest
        x = rng.permutation(np.arange(np.prod(shape, dtype=int))).reshape(shape)
        yield Sample((x.astype(dtype),), {"axes": axes})


def _extremal_edges(dtype: Any) -> Iterable[Sample]:
    yield Sample((np.ones((2, 3), dtype),), {"axes": (1,)})
    yield Sample((np.zeros((0, 3), dtype),), {"axes": (1,)})
    yield Sample((np.array([3, 1, 3, 2], dtype),), {"axes": (0,)})
    if dtype.kind == "f":
        yield Sample((np.array([1, np.nan, 3], dtype),), {"axes": (0,)})
        yield Sample((np.array([-np.inf, -np.inf], dtype),), {"axes": (0,)})
        yield Sample((np.array([0.0, -0.0], dtype),), {"axes": (0,)})


def _reduction(name: str, function: Callable[..., Any]) -> Primitive:
    def shape(x: ArrayType, *, axes: tuple[int, ...]) -> ArrayType:
        result = reduced(f"reduce_{name}", x, axes)
        if any(x.shape[a] == 0 for a in axes):
            expected = "at least one element to choose from"
            raise errors.operand_shapes(f"reduce_{name}", expected, str(x))
        return result

    primitive: Primitive
    primitive = declare(
        Primitive(
            name=f"reduce_{name}",
            numpy=(),
            shape=shape,
            evaluate=lambda x, *, axes: function(x, axis=axes),
            derivative=Differential(_extremal_tangent),
            structure=_extremal_structure,
            algebra=Algebra(fills=True, idle=lambda x, *, axes: not axes),
            batch=lambda size, operands, batched, *, axes: primitive(
                operands[0], axes=tuple(a + 1 for a in axes)
            ),
            lower=lambda t, x, *, axes: t.reduce(name, x, axes),
            samples=samples(_extremal_samples, _extremal_edges, dtypes=(*FLOATS, INT64)),
            kink=Kink(tied_slopes(function), tied_bounds, tied_tangent),
        )
    )
    return primitive


reduce_max: Primitive = _reduction("max", np.max)
reduce_min: Primitive = _reduction("min", np.min)


def _position_of(name: str, function: Callable[..., Any]) -> Primitive:
    def shape(x: ArrayType, *, axis: int) -> ArrayType:
        result = reduced(f"arg{name}", x, (axis,)).with_dtype(INT64)
        if x.shape[axis] == 0:
            raise errors.operand_shapes(f"arg{name}", "at least one element to choose from", str(x))
        return result

    def edge(dtype: Any) -> Iterable[Sample]:
        for sample in _extremal_edges(dtype):
            yield Sample(sample.operands, {"axis": sample.params["axes"][0]})

    def interior(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
        for sample in _extremal_samples(rng, dtype):
            if sample.params["axes"]:
                yield Sample(sample.operands, {"axis": sample.params["axes"][0]})

    primitive: Primitive
    primitive = declare(
        Primitive(
            name=f"arg{name}",
            numpy=(),
            shape=shape,
            evaluate=lambda x, *, axis: np.asarray(function(x, axis=axis), np.int64),
            derivative=Zero(),
            structure=vanishes,
            algebra=Algebra(),
            batch=lambda size, operands, batched, *, axis: primitive(operands[0], axis=axis + 1),
            lower=lambda t, x, *, axis: t.reduce_index(name, x, axis),
            samples=samples(interior, edge, dtypes=(*FLOATS, INT64)),
        )
    )
    return primitive


argmax: Primitive = _position_of("max", np.argmax)
argmin: Primitive = _position_of("min", np.argmin)
