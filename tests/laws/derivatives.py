"""Laws of derivatives: against differences, the complex step, the other precision, each other."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from catenary.core.derivative import Zero
from catenary.core.graph import Graph
from catenary.core.primitive import Primitive
from catenary.transform.modes import forward, reverse
from tests.laws.closeness import all_near, near, results
from tests.laws.graphs import checked, dtypes, operation, run
from tests.laws.law import Case, differentiable, law
from tests.laws.local_map import derivative, flat, vectors

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)
Arrays = Sequence[Any]


def _in_double(primitive: Primitive, case: Case) -> bool:
    """Whether differences are exact enough to judge by, and there is something to judge."""
    types = (*case.types, *primitive.output_types(case.types, case.params))
    exact = all(type.dtype == FLOAT64 for type in types if type.is_float)
    return exact and differentiable(primitive, case) and not isinstance(primitive.derivative, Zero)


def richardson(f: Callable[[float], np.ndarray[Any, Any]], step: float = 0.02) -> Any:
    """df/dt at 0 from central differences at steps h, h/2, …, extrapolated to step 0.

    Each column removes one more power of h² from the error (Richardson, 1911).
    """
    row: list[Any] = []
    for level in range(5):
        h = step / 2**level
        column = [(f(h) - f(-h)) / (2 * h)]
        for k, coarser in enumerate(row):
            column.append(column[k] + (column[k] - coarser) / (4 ** (k + 1) - 1))
        row = column
    return row[-1]


def _moved(case: Case, directions: Arrays, t: float) -> list[Any]:
    """The operands, the real ones displaced by t along their directions."""
    operands = list(case.operands)
    for i, v in zip(case.floats, directions, strict=True):
        operands[i] = operands[i] + t * v
    return operands


def _real_results(primitive: Primitive, operands: Arrays, case: Case) -> np.ndarray[Any, Any]:
    return flat([v for v in results(primitive, operands, case.params) if v.dtype.kind == "f"])


_SYMMETRIC = {"symmetric": "its derivative is along symmetric changes, where it is the identity"}


@law("central difference", "interior", applies=_in_double, exempt=_SYMMETRIC)
def central_difference(primitive: Primitive, case: Case) -> None:
    """Df(x)·v is the limit of (f(x + hv) − f(x − hv)) / 2h."""
    a = derivative(primitive, case)
    v = vectors(a.input_types, case.rng())
    expected = richardson(lambda t: _real_results(primitive, _moved(case, v, t), case))
    near(flat(a.push(v)), expected, slack=1e-9 * (1 + np.abs(expected)))


def _complex_results(primitive: Primitive, case: Case, directions: Arrays) -> Any:
    """f(x + i·h·v), or None where ``evaluate`` does not take complex numbers."""
    operands: list[Any] = list(case.operands)
    for i, v in zip(case.floats, directions, strict=True):
        operands[i] = operands[i] + 1e-100j * v
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            values = results(primitive, operands, case.params)
    except (TypeError, ValueError, np.exceptions.ComplexWarning):
        return None
    return values if all(v.dtype.kind == "c" for v in values) else None


def takes_complex(primitive: Primitive, case: Case) -> bool:
    """Whether the operation's meaning extends to complex numbers, so that a step can go there."""
    if not _in_double(primitive, case):
        return False
    ones = [np.ones(case.types[i].shape) for i in case.floats]
    return _complex_results(primitive, case, ones) is not None


@law("complex step", "interior", applies=takes_complex)
def complex_step(primitive: Primitive, case: Case) -> None:
    """Df(x)·v = Im f(x + ihv) / h, which subtracts nothing and so is right to the last digits.

    Squire and Trapp, Using complex variables to estimate derivatives of real functions (1998).
    """
    a = derivative(primitive, case)
    v = vectors(a.input_types, case.rng())
    expected = flat([value.imag / 1e-100 for value in _complex_results(primitive, case, v)])
    near(flat(a.push(v)), expected, slack=1e-13 * (1 + np.abs(expected)))


def _in_single(primitive: Primitive, case: Case) -> bool:
    return case.dtype == FLOAT32 and differentiable(primitive, case)


@law("both precisions", "interior", applies=_in_single)
def both_precisions(primitive: Primitive, case: Case) -> None:
    """The derivative in single precision is the one in double, to single precision."""
    wide = tuple(x.astype(FLOAT64) if x.dtype == FLOAT32 else x for x in case.operands)
    double = Case(case.place, case.number, FLOAT64, wide, case.params)
    narrow, exact = derivative(primitive, case), derivative(primitive, double)
    expected = exact.columns()
    size = np.abs(expected) + np.abs(expected).max(initial=0)
    near(narrow.columns(), expected, slack=100 * np.finfo(FLOAT32).eps * size)


@law("no widening", "interior", applies=differentiable)
def no_widening(primitive: Primitive, case: Case) -> None:
    """Derivatives of both orders live in the dtypes of the operation's own operands and results."""
    graph = operation(primitive, case)
    allowed = dtypes(graph)
    for once in (forward(graph, case.floats), reverse(graph, case.floats)):
        assert dtypes(once) <= allowed, f"{once}"
        for twice in (forward(once, case.floats), reverse(once, case.floats)):
            assert dtypes(twice) <= allowed, f"{twice}"


def _is_constant(primitive: Primitive, case: Case) -> bool:
    return isinstance(primitive.derivative, Zero) and bool(case.floats)


_BITS = {"bitcast": "the bits of a number are no real numbers, so nothing answers smoothly"}


@law("constant nearby", "interior", applies=_is_constant, exempt=_BITS)
def constant_nearby(primitive: Primitive, case: Case) -> None:
    """What is declared without slope does not change with a small step."""
    v = vectors([case.types[i] for i in case.floats], case.rng())
    expected = results(primitive, case.operands, case.params)
    for t in (-1e-3, 1e-3):
        moved = [x.astype(y.dtype) for x, y in zip(_moved(case, v, t), case.operands, strict=True)]
        all_near(results(primitive, moved, case.params), expected)


# ---- second order --------------------------------------------------------------------------------


def _second(graph: Graph, case: Case, v: Arrays, w: Arrays) -> dict[str, np.ndarray[Any, Any]]:
    """H·v with H the second derivative of ⟨w, f(x)⟩, in every composition of the two modes."""
    wrt, n = case.floats, len(graph.outputs)
    given = iter(w)
    cotangents = [
        next(given) if t.is_float else np.zeros(t.shape, t.dtype) for t in graph.output_types
    ]
    nothing = [np.zeros_like(c) for c in cotangents]
    back, ahead = checked(reverse(graph, wrt)), checked(forward(graph, wrt))
    x, count = list(case.operands), len(wrt)
    forward_over_reverse = run(checked(forward(back, wrt)), [*x, *cotangents, *v])
    reverse_over_forward = run(checked(reverse(ahead, wrt)), [*x, *v, *nothing, *cotangents])
    reverse_over_reverse = run(checked(reverse(back, wrt)), [*x, *cotangents, *nothing, *v])
    return {
        "forward over reverse": flat(forward_over_reverse[-count:]),
        "reverse over forward": flat(reverse_over_forward[2 * n :]),
        "reverse over reverse": flat(reverse_over_reverse[n + count :]),
    }


@law("mixed modes", "interior", applies=differentiable)
def mixed_modes(primitive: Primitive, case: Case) -> None:
    """Forward over reverse = reverse over forward = reverse over reverse."""
    rng = case.rng()
    graph = operation(primitive, case)
    v = vectors([case.types[i] for i in case.floats], rng)
    w = vectors([t for t in graph.output_types if t.is_float], rng)
    expected, *others = _second(graph, case, v, w).items()
    eps = max(np.finfo(d).eps for d in dtypes(graph))
    for name, value in others:
        try:
            near(value, expected[1], slack=200 * eps * (1 + np.abs(expected[1]).max(initial=0)))
        except AssertionError as error:
            raise AssertionError(f"{name} and {expected[0]}: {error}") from error


@law("difference of derivative", "interior", applies=_in_double)
def difference_of_derivative(primitive: Primitive, case: Case) -> None:
    """D²f(x)(v, v) is the limit of (Df(x + hv)·v − Df(x − hv)·v) / 2h."""
    graph = operation(primitive, case)
    v = vectors([case.types[i] for i in case.floats], case.rng())
    once = checked(forward(graph, case.floats))
    twice = checked(forward(once, case.floats))
    n = len(graph.outputs)

    def slope(t: float) -> np.ndarray[Any, Any]:
        values = run(once, [*_moved(case, v, t), *v])[n:]
        return flat([a for a in values if a.dtype.kind == "f"])

    second = run(twice, [*case.operands, *v, *v])[3 * n :]
    got = flat([a for a in second if a.dtype.kind == "f"])
    expected = richardson(slope)
    near(got, expected, slack=1e-8 * (1 + np.abs(expected)))
