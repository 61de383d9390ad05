"""How elementwise operations are declared: equal shapes in, the same shape out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Diagonal, Kind, Linear, Multilinear
from catenary.core.graph import Literal
from catenary.core.kink import Kink
from catenary.core.operators import Operators, slots
from catenary.core.primitive import Algebra, Primitive, Sample, Samples, declare
from catenary.core.structure import Diagonal as DiagonalMap
from catenary.core.structure import Identity, Map, Scalar
from catenary.core.structure import Zero as ZeroMap
from catenary.core.types import BOOL, FLOATS, ArrayType
from catenary.ops import sampling

DTypeRule = Callable[..., Any]


def full(value: Any, type: ArrayType) -> Literal:
    """The literal that fills an array of this type with one number."""
    return Literal(value, type)


slots.full = full


def filled(value: float, like: Any) -> Any:
    """One number in the shape of a value of a graph, or of a plain array."""
    return full(value, like.type) if isinstance(like, Operators) else np.full_like(like, value)


def same_dtype(name: str, *dtypes: Any, **_: Any) -> Any:
    first = dtypes[0]
    for dtype in dtypes:
        if dtype is not first and dtype != first:
            raise errors.operand_dtype(name, "operands of one dtype", ", ".join(map(str, dtypes)))
    return first


def shape_rule(name: str, arity: int, kinds: str, result: DTypeRule) -> Callable[..., ArrayType]:
    """Equal shapes; dtypes of the given kinds; the result's dtype by a rule."""

    def shape(*types: ArrayType, **params: Any) -> ArrayType:
        if len(types) != arity:
            raise errors.operand_shapes(name, f"{arity} operands", len(types))
        first = types[0]
        for type in types:
            if type[0] != first[0]:
                listed = ", ".join(str(t) for t in types)
                raise errors.operand_shapes(name, "operands of equal shape", listed)
            if type[1].kind not in kinds:
                raise errors.operand_dtype(name, sampling.kinds_in_words(kinds), str(type))
        dtype = result(name, *[t[1] for t in types], **params)
        return first if dtype is first[1] else ArrayType(first[0], dtype)

    return shape


def batch_rule(primitive: Callable[[], Primitive]) -> Callable[..., Any]:
    """One more leading axis: operands without it are broadcast along it."""

    def batch(size: int, operands: Sequence[Any], batched: Sequence[bool], **params: Any) -> Any:
        from_all = [
            operand if has else slots.spread(operand, size)
            for operand, has in zip(operands, batched, strict=True)
        ]
        return primitive()(*from_all, **params)

    return batch


def structure_rule(kind: Kind) -> Callable[..., Map]:
    """The map of one operand: a diagonal, the identity up to sign, or zero."""

    def structure(operand: int, operands: Sequence[Any], output: Any, **params: Any) -> Map:
        if isinstance(kind, Diagonal):
            partial = kind.partials[operand](*operands, output, **params)
            return DiagonalMap(np.broadcast_to(np.asarray(partial), output.shape))
        if isinstance(kind, Multilinear):
            one = np.ones_like(output)
            return DiagonalMap(np.asarray(kind.transposes[operand](one, *operands, **params)))
        if isinstance(kind, Linear):
            one = np.ones_like(output)
            factor = np.asarray(kind.transpose(one, *operands, **params)[operand])
            if factor.size and (factor == factor.flat[0]).all():
                c = float(factor.flat[0])
                return Identity(factor.size) if c == 1 else Scalar(c, factor.size)
            return DiagonalMap(factor)
        return ZeroMap((output.size, output.size))

    return structure


def elementwise(
    name: str,
    *,
    derivative: Kind,
    lower: Callable[..., Any],
    interior: sampling.Box,
    elsewhere: Sequence[sampling.Box] = (),
    numpy: Any = (),
    evaluate: Callable[..., Any] | None = None,
    result: DTypeRule = same_dtype,
    kinds: str = "f",
    algebra: Algebra | None = None,
    edge: Callable[..., Iterable[tuple[Any, ...]]] | None = None,
    params: Sequence[dict[str, Any]] = ({},),
    dtypes: Sequence[Any] = FLOATS,
    ulp: float = 4.0,
    kink: Kink | None = None,
) -> Primitive:
    """Declare an elementwise operation.

    ``interior`` gives for each operand the interval from which smooth points are drawn, and
    ``elsewhere`` more such boxes, beyond a kink or a change of formula; ``kinds`` the letters of
    the dtype kinds taken ("f" floats, "i" and "u" integers, "b" bool).
    """
    callables = numpy if isinstance(numpy, tuple) else (numpy,)
    primitive: Primitive
    primitive = Primitive(
        name=name,
        numpy=callables,
        shape=shape_rule(name, len(interior), kinds, result),
        evaluate=evaluate or callables[0],
        derivative=derivative,
        structure=structure_rule(derivative),
        algebra=algebra or Algebra(),
        batch=batch_rule(lambda: primitive),
        lower=lower,
        samples=Samples(
            interior=lambda rng, dtype: sampling.interior(
                rng, dtype, (interior, *elsewhere), params
            ),
            edge=lambda dtype: sampling.edges(dtype, len(interior), edge, params),
            dtypes=tuple(dtypes),
        ),
        elementwise=True,
        ulp=ulp,
        kink=kink,
    )
    return declare(primitive)


def partials(*rules: Callable[..., Any]) -> Diagonal:
    """A diagonal derivative, one partial for each operand, of ``(*operands, output)``."""
    return Diagonal(rules)


def boolean(name: str, *dtypes: Any, **_: Any) -> Any:
    """Operands of one dtype, a boolean result."""
    same_dtype(name, *dtypes)
    return BOOL


def samples(
    interior: Callable[..., Iterable[Sample]],
    edge: Callable[[Any], Iterable[Sample]] | None = None,
    dtypes: Sequence[Any] = FLOATS,
) -> Samples:
    """Samples of an operation that is not elementwise; unless told, unusual numbers are edges."""
    return Samples(interior, edge or sampling.unusual(interior), tuple(dtypes))
