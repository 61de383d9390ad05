"""Laws of values: types are as declared, every backend and every ``lower`` computes the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from catenary.backend.reference import compile_graph
from catenary.core.errors import DTypeError, ShapeError
from catenary.core.primitive import Primitive, Samples
from catenary.core.types import SUPPORTED, ArrayType
from tests.laws import native
from tests.laws.closeness import all_near, results, rounding
from tests.laws.graphs import operation
from tests.laws.law import Case, law
from tests.laws.numpy_target import run_lowered

# How each backend runs an operation at a case.
BACKENDS: dict[str, Callable[[Primitive, Case], Sequence[Any]]] = {
    "reference": lambda primitive, case: compile_graph(operation(primitive, case))(case.operands),
    "native": native.results,
}


@law("declared type")
def declared_type(primitive: Primitive, case: Case) -> None:
    """The shape rule says what ``evaluate`` gives; operands are read, never written."""
    values = results(primitive, case.operands, case.params)
    got = tuple(ArrayType(v.shape, v.dtype) for v in values)
    expected = primitive.output_types(case.types, case.params)
    assert got == expected, f"evaluate gives {got}, declared is {expected}"


def _is_elementwise(primitive: Primitive, case: Case) -> bool:
    return primitive.elementwise


@law("refuses", "interior", applies=_is_elementwise)
def refuses(primitive: Primitive, case: Case) -> None:
    """Unequal shapes and dtypes not taken end in an error that names the operation.

    What is taken is also tried: a kind of dtype that passes has samples.
    """
    first, *others = case.types
    if others:
        longer = first.with_shape((*first.shape, 7))
        assert _refused(primitive, [longer, *others], case, ShapeError), "unequal shapes pass"
    assert isinstance(primitive.samples, Samples)
    tried = {dtype.kind for dtype in primitive.samples.dtypes}
    for dtype in SUPPORTED:
        types = [first.with_dtype(dtype) if t.dtype == case.dtype else t for t in case.types]
        passes = not _refused(primitive, types, case, DTypeError)
        assert dtype.kind in tried or not passes, f"{dtype} passes, but has no samples"


def _refused(
    primitive: Primitive, types: Sequence[ArrayType], case: Case, expected: type[Exception]
) -> bool:
    """Whether operands of these types are refused with an error that names the operation."""
    try:
        primitive.output_types(types, case.params)
    except expected as error:
        return str(error).startswith(primitive.name)
    return False


@law("backends agree")
def backends_agree(primitive: Primitive, case: Case) -> None:
    """Every backend, with its tuned paths, computes what ``evaluate`` does."""
    expected = results(primitive, case.operands, case.params)
    for name, run in BACKENDS.items():
        got = [np.asarray(v) for v in run(primitive, case)]
        try:
            all_near(got, expected, ulp=_ulp(primitive), slack=rounding(primitive, case))
        except AssertionError as error:
            raise AssertionError(f"backend {name}: {error}") from error


@law("lower agrees")
def lower_agrees(primitive: Primitive, case: Case) -> None:
    """What is said in verbs means what ``evaluate`` means."""
    expected = results(primitive, case.operands, case.params)
    got = run_lowered(operation(primitive, case), case.operands)
    all_near(got, expected, ulp=_ulp(primitive), slack=rounding(primitive, case))


def _ulp(primitive: Primitive) -> float:
    return primitive.ulp if primitive.elementwise else 0.0
