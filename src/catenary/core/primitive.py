"""The declaration of an operation: everything the library knows about it, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Kind
from catenary.core.graph import Literal, Var
from catenary.core.kink import Kink
from catenary.core.types import ArrayType


@dataclass(frozen=True)
class NotYet:
    """The value of a field that is not filled, and why."""

    reason: str


@dataclass(frozen=True)
class Algebra:
    """Identities that hold exactly, NaN and infinity included.

    ``neutral``: for each operand, the number that leaves the other as it is (None: there is none).
    ``absorbing``: a number that makes the result that number, in whichever operand.
    ``involution``: twice is nothing. ``commutative``: operands may be exchanged.
    ``fills``: a filled array goes to a filled array, of the number itself.
    ``idle``: whether, for these operand types and parameters, the result is the first operand.
    ``narrow``: for marks of the outputs that are read, and parameters: the positions of the
    operands and outputs of an operation that gives these, and its parameters.
    """

    neutral: tuple[float | None, ...] = ()
    absorbing: float | None = None
    involution: bool = False
    commutative: bool = False
    fills: bool = False
    idle: Callable[..., bool] | None = None
    narrow: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Sample:
    """Operands and parameters to try an operation on."""

    operands: tuple[Any, ...]
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Samples:
    """Where an operation is tried: at interior points, where it is smooth, and at edge points.

    Both take a NumPy generator and a dtype, and give samples.
    """

    interior: Callable[[np.random.Generator, Any], Iterable[Sample]]
    edge: Callable[[Any], Iterable[Sample]]
    dtypes: tuple[Any, ...] = (np.dtype(np.float32), np.dtype(np.float64))


Field: TypeAlias = Callable[..., Any] | NotYet


@dataclass(frozen=True, eq=False, kw_only=True)
class Primitive:
    """One operation. See DESIGN, "One place per operation", for the meaning of each field."""

    name: str
    numpy: tuple[Any, ...]  # callables of NumPy; names of SciPy ufuncs as "expit"
    shape: Callable[..., Any]  # (*operand types, **params) → type, or tuple of types
    evaluate: Callable[..., Any]
    derivative: Kind
    structure: Field
    algebra: Algebra
    batch: Field
    lower: Field
    samples: Samples | NotYet
    elementwise: bool = False
    multiple: bool = False  # several outputs: evaluate, lower and shape give tuples
    ulp: float = 4.0  # how far a backend's result may lie from evaluate's
    kink: Kink | None = None  # how it bends, if it does
    normwise: bool = False  # rounding is relative to the largest number of a result, not to each

    def output_types(
        self, types: Sequence[ArrayType], params: dict[str, Any]
    ) -> tuple[ArrayType, ...]:
        result = self.shape(*types, **params)
        return result if self.multiple else (result,)

    def __call__(self, *operands: Any, **params: Any) -> Any:
        """Record the operation in the innermost builder among the operands, or evaluate it."""
        builder = None
        for operand in operands:
            if isinstance(operand, Var):
                candidate = operand.builder
                if builder is None or candidate.level > builder.level:
                    builder = candidate
        if builder is not None:
            return builder.emit(self, operands, params)
        if operands and all(isinstance(o, Literal) for o in operands):
            type = self.output_types([o.type for o in operands], params)[0]
            if self.elementwise:
                numbers = [np.asarray(o.value) for o in operands]
                with np.errstate(all="ignore"):
                    return Literal(self.evaluate(*numbers, **params), type)
            if self.algebra.fills:
                return Literal(operands[0].value, type)
        arrays = [o.array if isinstance(o, Literal) else np.asarray(o) for o in operands]
        self.output_types([ArrayType(a.shape, a.dtype) for a in arrays], params)
        return self.evaluate(*arrays, **params)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"


REGISTRY: dict[str, Primitive] = {}


def declare(primitive: Primitive) -> Primitive:
    """Enter an operation into the registry; a name is given once."""
    if primitive.name in REGISTRY:
        raise errors.declared_twice(primitive.name)
    REGISTRY[primitive.name] = primitive
    return primitive
