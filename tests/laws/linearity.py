"""Laws of linear maps: linearity, transposes, and the structure that a declaration states."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from catenary.core.derivative import Differential, Flow, Linear, Multilinear, Nested
from catenary.core.errors import DerivativeError, GraphError
from catenary.core.primitive import NotYet, Primitive
from catenary.transform.transpose import transpose
from tests.laws.closeness import all_near, largest, near, results
from tests.laws.graphs import checked, operation, run
from tests.laws.law import Case, differentiable, law
from tests.laws.local_map import LocalMap, derivative, flat, vectors


def _linear_groups(primitive: Primitive, case: Case) -> list[list[int]]:
    """Groups of real operands in which an operation is jointly linear."""
    kind = primitive.derivative
    if isinstance(kind, Linear):
        operands = range(len(case.operands)) if kind.operands is None else kind.operands
        groups = [[i for i in operands if i in case.floats]]
    elif isinstance(kind, Multilinear):
        groups = [[i] for i in case.floats]
    elif isinstance(kind, Nested):
        groups = [[i for i, linear in enumerate(case.params["linear"]) if linear]]
    elif isinstance(kind, Differential):
        groups = [[i for i in kind.linear if i in case.floats]]
    elif isinstance(kind, Flow):
        groups = [_transposable(primitive, case)]
    else:
        groups = []
    return [group for group in groups if group]


def _transposable(primitive: Primitive, case: Case) -> list[int]:
    """The largest group of operands that the graphs inside are linear in, node by node."""
    graph = operation(primitive, case)
    for size in range(len(case.floats), 0, -1):
        for group in itertools.combinations(case.floats, size):
            try:
                transpose(graph, group)
            except (DerivativeError, GraphError):
                continue
            return list(group)
    return []


def _is_linear(primitive: Primitive, case: Case) -> bool:
    return differentiable(primitive, case) and bool(_linear_groups(primitive, case))


@law("linear", "interior", applies=_is_linear)
def linear(primitive: Primitive, case: Case) -> None:
    """f(2x − 3y) = 2f(x) − 3f(y) and f(0) = 0, exactly: in small whole numbers nothing is rounded.

    Operands that are held stay as they are; with them, to within a few units.
    """
    rng = case.rng()
    for group in _linear_groups(primitive, case):

        def at(values: Sequence[Any], group: list[int] = group) -> list[Any]:
            operands = list(case.operands)
            for i, value in zip(group, values, strict=True):
                operands[i] = value
            return results(primitive, operands, case.params)

        types = [case.types[i] for i in group]
        x, y = ([rng.integers(-8, 9, t.shape).astype(t.dtype) for t in types] for _ in range(2))
        combined = at([2 * a - 3 * b for a, b in zip(x, y, strict=True)])
        expected = [np.asarray(2 * a - 3 * b) for a, b in zip(at(x), at(y), strict=True)]
        all_near(combined, expected, slack=_rounding_of_held(primitive, case))
        for value in at([np.zeros(t.shape, t.dtype) for t in types]):
            near(value, np.zeros_like(value))


def _rounding_of_held(primitive: Primitive, case: Case) -> float:
    """What rounding may add where held numbers, which are not whole, take part."""
    if isinstance(primitive.derivative, Linear):
        return 0.0
    return float(200 * np.finfo(case.dtype).eps * max(np.abs(x).max() for x in case.operands))


@law("transpose of itself", "interior", applies=_is_linear)
def transpose_of_itself(primitive: Primitive, case: Case) -> None:
    """Where the operation is itself the linear map, its transpose is that of its matrix."""
    graph = operation(primitive, case)
    for group in _linear_groups(primitive, case):
        held = [x for i, x in enumerate(case.operands) if i not in group]
        a = LocalMap(graph, case.operands, group)
        backward = checked(transpose(graph, group))
        w = vectors(a.output_types, case.rng())
        all_near(run(backward, [*held, *w]), a.pull(w), ulp=50)
        near(a.columns(), a.rows(), slack=_few(primitive, a))


@law("value beside derivative", applies=lambda primitive, case: bool(case.floats))
def value_beside_derivative(primitive: Primitive, case: Case) -> None:
    """linearize gives the value of the operation with its derivative."""
    expected = results(primitive, case.operands, case.params)
    all_near(derivative(primitive, case).values, expected)


def _subsets(operands: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All non-empty choices of operands to differentiate by."""
    for count in range(1, len(operands) + 1):
        yield from itertools.combinations(operands, count)


@law("adjoint", "interior", applies=differentiable)
def adjoint(primitive: Primitive, case: Case) -> None:
    """⟨Av, w⟩ = ⟨v, Aᵀw⟩, by every choice of operands."""
    for wrt in _subsets(case.floats):
        a = derivative(primitive, case, wrt)
        v, w = vectors(a.input_types, case.rng()), vectors(a.output_types, case.rng())
        pushed, pulled = flat(a.push(v)), flat(a.pull(w))
        left, right = pushed @ flat(w), flat(v) @ pulled
        size = np.abs(pushed) @ np.abs(flat(w)) + np.abs(flat(v)) @ np.abs(pulled)
        eps = max(np.finfo(t.dtype).eps for t in (*a.input_types, *a.output_types))
        assert abs(left - right) <= 50 * eps * size, f"by operands {wrt}: {left} and {right}"


def _finite(primitive: Primitive, case: Case) -> bool:
    """Not a sum of products with infinities, where a zero coordinate makes NaN as in NumPy."""
    finite = all(np.isfinite(case.operands[i]).all() for i in case.floats)
    return differentiable(primitive, case) and (primitive.elementwise or finite)


@law("columns are rows", applies=_finite)
def columns_are_rows(primitive: Primitive, case: Case) -> None:
    """The matrix pushed out of A is the one pulled out of Aᵀ, infinities and NaN included."""
    for wrt in _subsets(case.floats):
        a = derivative(primitive, case, wrt)
        near(a.columns(), a.rows(), slack=_few(primitive, a))


def _few(primitive: Primitive, a: LocalMap) -> Any:
    """A few units in the last place of each entry; of the largest one, for factorizations."""
    eps = max(np.finfo(t.dtype).eps for t in (*a.input_types, *a.output_types))
    sizes = np.nan_to_num(np.abs(a.columns()))
    return 50 * eps * (np.full_like(sizes, largest(sizes)) if primitive.normwise else sizes)


@law("transposed twice", "interior", applies=differentiable)
def transposed_twice(primitive: Primitive, case: Case) -> None:
    """(Aᵀ)ᵀ = A."""
    a = derivative(primitive, case)
    moving = range(len(a.residuals), len(a.transposed.inputs))
    again = checked(transpose(a.transposed, moving))
    v = vectors(a.input_types, case.rng())
    got = [r for r, t in zip(run(again, [*a.residuals, *v]), a.outputs, strict=True) if t.is_float]
    all_near(got, a.push(v), ulp=50)


def _has_structure(primitive: Primitive, case: Case) -> bool:
    return _finite(primitive, case) and not isinstance(primitive.structure, NotYet)


@law("structure", applies=_has_structure)
def structure(primitive: Primitive, case: Case) -> None:
    """The map stated is the matrix by columns; its transpose, shape and cost fit."""
    (output,) = results(primitive, case.operands, case.params)
    for i in case.floats:
        stated = primitive.structure(i, case.operands, output, **case.params)  # type: ignore[operator]
        a = derivative(primitive, case, [i])
        expected = a.columns()
        near(np.asarray(stated.matrix(), np.float64), expected, slack=_few(primitive, a))
        near(np.asarray(stated.T.matrix(), np.float64), expected.T, slack=_few(primitive, a).T)
        assert stated.shape == expected.shape == stated.T.shape[::-1], "another shape"
        assert 0 <= stated.cost <= expected.size, f"costs {stated.cost} for {expected.shape}"
