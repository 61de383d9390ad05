"""A value, on a condition: where it does not hold, the program ends with an error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core import errors, linalg_errors
from catenary.core.derivative import Linear
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.structure import Identity, Map
from catenary.core.types import BOOL, ArrayType
from catenary.ops import sampling
from catenary.ops.elementwise import samples
from catenary.ops.matrices import stacked


def _shape(x: ArrayType, bad: ArrayType, *, fault: str) -> ArrayType:
    if bad.dtype != BOOL or bad.shape != x.shape[: bad.ndim]:
        expected = "truth values for the leading axes of the value"
        raise errors.operand_shapes("checked", expected, f"{bad} for {x}")
    return x


def _evaluate(x: Any, bad: Any, *, fault: str) -> Any:
    if np.any(bad):
        error = linalg_errors.FAULTS[fault]()
        raise error
    return np.array(x)


def _transposed(y_bar: Any, x: Any, bad: Any, *, fault: str) -> tuple[Any, None]:
    """The condition is asked for again: who wants the derivative alone is to hear of it too."""
    return checked(y_bar, bad, fault=fault), None


def _lower(t: Any, x: Any, bad: Any, *, fault: str) -> Any:
    return t.checked(x, t.broadcast(bad, t.shape(x), tuple(range(len(t.shape(bad))))))


def _structure(operand: int, operands: Sequence[Any], output: Any, *, fault: str) -> Map:
    return Identity(output.size)


def _samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape, flags in [((3,), ()), ((2, 3), (2,)), ((2, 2), (2, 2))]:
        x = sampling.draw(rng, dtype, -2, 2, shape)
        yield Sample((x, np.zeros(flags, bool)), {"fault": "singular"})


def _edges(dtype: Any) -> Iterable[Sample]:
    numbers = np.array(sampling.edge_numbers(dtype), dtype)
    yield Sample((numbers, np.zeros((), bool)), {"fault": "singular"})
    yield Sample((np.zeros((0, 2), dtype), np.zeros((0,), bool)), {"fault": "singular"})


# x, unless something is ``bad``: then the error named by ``fault``, like the one NumPy raises.
checked: Primitive = declare(
    Primitive(
        name="checked",
        numpy=(),
        shape=_shape,
        evaluate=_evaluate,
        derivative=Linear(_transposed, operands=(0,)),
        structure=_structure,
        algebra=Algebra(),
        batch=stacked(lambda: checked),
        lower=_lower,
        samples=samples(_samples, _edges),
    )
)
