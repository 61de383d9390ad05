"""The derivative of a graph at a point: one linear map, run forwards and backwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from catenary.core.graph import Graph
from catenary.core.primitive import Primitive
from catenary.core.types import ArrayType
from catenary.transform.linearize import linearize
from catenary.transform.transpose import transpose
from tests.laws.graphs import checked, operation, run
from tests.laws.law import Case

Arrays = Sequence[Any]


class LocalMap:
    """Df(x) for a graph f, with respect to some of its inputs; of floating-point outputs only."""

    def __init__(self, graph: Graph, point: Arrays, wrt: Sequence[int]) -> None:
        parts = linearize(graph, wrt)
        self.linear = checked(parts.linear)
        values = run(checked(parts.value), point)
        self.values, self.residuals = values[: parts.outputs], values[parts.outputs :]
        self.outputs = graph.output_types
        self.input_types = [graph.inputs[i].type for i in wrt]
        self.output_types = [t for t in self.outputs if t.is_float]

    @cached_property
    def transposed(self) -> Graph:
        moving = range(len(self.residuals), len(self.linear.inputs))
        return checked(transpose(self.linear, moving))

    def push(self, tangents: Arrays) -> list[Any]:
        """Tangents of the inputs → tangents of the outputs."""
        results = run(self.linear, [*self.residuals, *tangents])
        return [v for v, type in zip(results, self.outputs, strict=True) if type.is_float]

    def pull(self, cotangents: Arrays) -> list[Any]:
        """Cotangents of the outputs → cotangents of the inputs."""
        given = iter(cotangents)
        full = [next(given) if t.is_float else np.zeros(t.shape, t.dtype) for t in self.outputs]
        return run(self.transposed, [*self.residuals, *full])

    def columns(self) -> np.ndarray[Any, Any]:
        """The matrix of the map, one column for each unit vector pushed."""
        return _by_units(self.push, self.input_types, self.output_types).T

    def rows(self) -> np.ndarray[Any, Any]:
        """The same matrix, one row for each unit vector pulled."""
        return _by_units(self.pull, self.output_types, self.input_types)


def _by_units(
    apply: Callable[[Arrays], list[Any]], inputs: Sequence[ArrayType], outputs: Sequence[ArrayType]
) -> np.ndarray[Any, Any]:
    """One row for each unit vector of the inputs: what is made of it, flattened."""
    rows = []
    for i, type in enumerate(inputs):
        for k in range(type.size):
            vectors = [np.zeros(t.shape, t.dtype) for t in inputs]
            vectors[i].reshape(-1)[k] = 1
            rows.append(flat(apply(vectors)))
    return np.array(rows).reshape(len(rows), sum(t.size for t in outputs))


def derivative(
    primitive: Primitive, case: Case, wrt: Sequence[int] | None = None, point: Arrays | None = None
) -> LocalMap:
    """The derivative of one operation, by all its real operands unless told otherwise."""
    graph = operation(primitive, case)
    return LocalMap(
        graph, case.operands if point is None else point, case.floats if wrt is None else wrt
    )


def flat(arrays: Arrays) -> np.ndarray[Any, Any]:
    """Several arrays as one vector."""
    return np.concatenate([np.zeros(0), *(np.asarray(a, np.float64).reshape(-1) for a in arrays)])


def vectors(types: Sequence[ArrayType], rng: np.random.Generator) -> list[Any]:
    """Random vectors of these types, with no element near 0."""
    return [
        (rng.uniform(0.5, 1.5, t.shape) * rng.choice([-1.0, 1.0], t.shape)).astype(t.dtype)
        for t in types
    ]
