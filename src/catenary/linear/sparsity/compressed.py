"""A sparse derivative as one graph: products for the colours, entries picked out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core.graph import Builder, Graph, Var, inline
from catenary.core.operators import slots
from catenary.core.types import INT64, ArrayType
from catenary.linear.memory import check_matrix_fits
from catenary.linear.sparsity.colouring import Colouring
from catenary.linear.sparsity.detect import LIMIT, pattern_of_tangents
from catenary.linear.sparsity.pattern import Array, Pattern, TooDense, full
from catenary.linear.sparsity.products import Products, colours_of, cotangent_graph
from catenary.linear.sparsity.recovery import places
from catenary.ops.additive import convert
from catenary.ops.arrange import reshape
from catenary.ops.index import gather, scatter_add
from catenary.ops.window import concatenate
from catenary.transform.linearize import tangent_graph
from catenary.transform.simplify import simplify


@dataclass(frozen=True, eq=False)
class Derivative:
    """A graph and its derivative with respect to its last ``count`` inputs.

    ``tangents``: inputs + tangents of the last ones → tangents of the floating-point outputs.
    """

    graph: Graph
    count: int
    tangents: Graph

    @property
    def wrt(self) -> range:
        return range(len(self.graph.inputs) - self.count, len(self.graph.inputs))

    @property
    def domain(self) -> list[ArrayType]:
        return [self.graph.inputs[i].type for i in self.wrt]

    @property
    def codomain(self) -> list[ArrayType]:
        return list(self.tangents.output_types)

    @property
    def shape(self) -> tuple[int, int]:
        return sum(t.size for t in self.codomain), sum(t.size for t in self.domain)

    @property
    def dtype(self) -> Any:
        return np.result_type(*[t.dtype for t in (*self.domain, *self.codomain)])

    def pattern(self, known: Mapping[int, Array]) -> Pattern:
        """Where it may be other than zero, given the values of some inputs.

        Full where that would take more room than there is, if the full matrix can be stored.
        """
        try:
            return pattern_of_tangents(self.tangents, known, self.count, LIMIT)
        except TooDense:
            check_matrix_fits(self.shape, self.dtype)
            return full(self.shape)


def derivative_of(graph: Graph, count: int) -> Derivative:
    wrt = range(len(graph.inputs) - count, len(graph.inputs))
    return Derivative(graph, count, simplify(tangent_graph(graph, wrt)[0]))


@dataclass(frozen=True, eq=False)
class Compressed:
    """A graph that computes entries of a derivative, and the arrays that it takes at the end."""

    graph: Graph
    arrays: tuple[Array, ...]


class _Program:
    """The graph under construction: the inputs of the function, then arrays of the plan."""

    def __init__(self, derivative: Derivative, colouring: Colouring, memory: int) -> None:
        self.builder = Builder()
        self.inputs = [self.builder.input(v.type) for v in derivative.graph.inputs]
        self.arrays: list[Array] = []
        self.derivative = derivative
        self.flat = self._products(colouring, memory)

    def array(self, array: Array) -> Var:
        """An input for an array of the plan."""
        self.arrays.append(array)
        return self.builder.input(ArrayType(array.shape, INT64))

    def _products(self, colouring: Colouring, memory: int) -> Any:
        d, parts = self.derivative, []
        if colouring.forward:
            colours = [self.array(c) for c in colours_of(d.domain, colouring.columns)]
            forward = Products(d.tangents, d.count, colouring.forward, d.dtype, memory)
            parts.append(forward.record(self.builder, self.inputs, colours))
        if colouring.reverse:
            colours = [self.array(c) for c in colours_of(d.codomain, colouring.rows)]
            linear = simplify(cotangent_graph(d.graph, d.wrt))
            reverse = Products(linear, len(d.codomain), colouring.reverse, d.dtype, memory)
            parts.append(reverse.record(self.builder, self.inputs, colours))
        if not parts:  # nothing depends on anything
            return slots.variable(self.builder, slots.full(0, ArrayType((0,), d.dtype)))
        return parts[0] if len(parts) == 1 else concatenate(*parts, axis=0)

    def close(self, outputs: Sequence[Any]) -> Compressed:
        return Compressed(simplify(self.builder.close(outputs)), tuple(self.arrays))


def entries_graph(
    derivative: Derivative, pattern: Pattern, colouring: Colouring, memory: int
) -> Compressed:
    """inputs → the entries of the derivative in the order of the pattern."""
    positions = places(pattern, colouring)
    program = _Program(derivative, colouring, memory)
    return program.close([gather(program.flat, program.array(positions))])


def blocks_graph(
    derivative: Derivative, pattern: Pattern, colouring: Colouring, memory: int
) -> Compressed:
    """inputs → results that are no real numbers; for each result and argument its dense block."""
    positions = places(pattern, colouring)
    program = _Program(derivative, colouring, memory)
    graph = derivative.graph
    others = [a for a, type in zip(graph.outputs, graph.output_types, strict=True)
              if not type.is_float]  # fmt: skip
    values = inline(program.builder, Graph(graph.inputs, graph.nodes, others), program.inputs)
    blocks, top = [], 0
    for out in derivative.codomain:
        left = 0
        for into in derivative.domain:
            rows, columns = pattern.rows - top, pattern.columns - left
            here = (rows >= 0) & (rows < out.size) & (columns >= 0) & (columns < into.size)
            entries = gather(program.flat, program.array(positions[here]))
            at = [*np.unravel_index(rows[here], out.shape or (1,)),
                  *np.unravel_index(columns[here], into.shape or (1,))]  # fmt: skip
            shape = (out.shape or (1,)) + (into.shape or (1,))
            dense = scatter_add(entries, *map(program.array, at), shape=shape)
            blocks.append(_as(reshape(dense, shape=out.shape + into.shape), into.dtype))
            left += into.size
        top += out.size
    return program.close([*values, *blocks])


def _as(value: Any, dtype: Any) -> Any:
    return value if value.type.dtype == dtype else convert(value, dtype=dtype)
