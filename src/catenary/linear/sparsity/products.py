"""Products of a derivative with one vector for each colour, all at once, as a graph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core.graph import Builder, Graph, Literal, Var, inline
from catenary.core.operators import slots
from catenary.core.types import INT64, ArrayType
from catenary.linear.sparsity.pattern import Array
from catenary.ops.additive import convert
from catenary.ops.arrange import reshape
from catenary.ops.compare import eq
from catenary.ops.control import Frozen, constant
from catenary.ops.index import position
from catenary.ops.replicate import broadcast
from catenary.ops.scan import Loop
from catenary.ops.window import concatenate, window
from catenary.transform.batch import batch
from catenary.transform.linearize import linearize
from catenary.transform.simplify import simplify
from catenary.transform.transpose import transpose


def cotangent_graph(graph: Graph, wrt: Sequence[int]) -> Graph:
    """inputs + cotangents of the floating-point outputs → cotangents of some inputs."""
    parts = linearize(graph, wrt)
    floats = [i for i, type in enumerate(graph.output_types) if type.is_float]
    linear = Graph(
        parts.linear.inputs, parts.linear.nodes, [parts.linear.outputs[i] for i in floats]
    )
    backward = transpose(linear, range(parts.residuals, len(linear.inputs)))
    builder = Builder()
    inputs = [builder.input(v.type) for v in graph.inputs]
    cotangents = [builder.input(graph.output_types[i]) for i in floats]
    residuals = inline(builder, parts.value, inputs)[parts.outputs :]
    return builder.close(inline(builder, backward, [*residuals, *cotangents]))


def colours_of(types: Sequence[ArrayType], colours: Array) -> list[Array]:
    """The colours of flattened coordinates, as arrays of these shapes."""
    ends = np.cumsum([type.size for type in types])
    parts = np.split(colours, ends[:-1])
    return [part.reshape(type.shape) for part, type in zip(parts, types, strict=True)]


@dataclass(frozen=True, eq=False)
class Products:
    """The images, under a linear graph, of the vectors that are 1 where a colour is.

    ``linear`` is linear in its last ``count`` inputs, the vectors. There are ``number`` colours;
    so many of them are done at once as fit in about ``memory`` bytes.
    """

    linear: Graph
    count: int
    number: int
    dtype: Any
    memory: int

    @property
    def chunk(self) -> int:
        """How many colours are done at once."""
        written: list[ArrayType] = [v.type for node in self.linear.nodes for v in node.outputs]
        each = sum(t.size * t.dtype.itemsize for t in written)
        return max(1, min(self.number, self.memory // max(each, 1)))

    def record(self, builder: Builder, operands: Sequence[Var], colours: Sequence[Var]) -> Any:
        """The images one after the other; ``operands`` are the graph's other inputs."""
        chunk = self.chunk
        if chunk == self.number:
            return _flat(self._images(builder, operands, colours))
        inside = Builder()
        given = [inside.input(v.type) for v in operands]
        marks = [inside.input(v.type) for v in colours]
        first = inside.input(ArrayType((), INT64))
        round_ = simplify(inside.close([self._images(inside, given, marks, first)]))
        rounds = -(-self.number // chunk)
        starts = {"array": Frozen(np.arange(rounds, dtype=np.int64) * chunk)}
        firsts = builder.emit(constant, [Literal(0, ArrayType((), INT64))], starts)
        loop = Loop(round_, [*operands, *colours], [], [firsts], rounds, reverse=False)
        (rows,) = loop.record(builder)
        end = self.number * rows.type.shape[-1]
        return window(_flat(rows), start=(0,), stop=(end,), step=(1,))

    def _images(
        self, builder: Builder, given: Sequence[Var], marks: Sequence[Var], first: Any = None
    ) -> Any:
        """The images for the colours from ``first`` on, each a row."""
        chunk, types = self.chunk, self.linear.input_types[-self.count :]
        many = batch(self.linear, chunk, [False] * len(given) + [True] * self.count)
        seeds = [
            _seeds(mark, chunk, first, type.dtype) for mark, type in zip(marks, types, strict=True)
        ]
        rows = [
            reshape(_as(value, self.dtype), shape=(chunk, math.prod(value.type.shape[1:])))
            for value in (_variable(builder, v) for v in inline(builder, many, [*given, *seeds]))
        ]
        return rows[0] if len(rows) == 1 else concatenate(*rows, axis=1)


def _variable(builder: Builder, value: Any) -> Any:
    return slots.variable(builder, value) if isinstance(value, Literal) else value


def _seeds(colours: Any, count: int, first: Any, dtype: Any) -> Any:
    """For each of ``count`` colours, counted from ``first``: 1 where it is, and 0 elsewhere."""
    many = slots.spread(colours, count)
    wanted = position(many, axis=0)
    if first is not None:
        wanted = wanted + broadcast(first, shape=many.type.shape, dims=())
    return convert(eq(many, wanted), dtype=dtype)


def _as(value: Any, dtype: Any) -> Any:
    return value if value.type.dtype == dtype else convert(value, dtype=dtype)


def _flat(value: Any) -> Any:
    return reshape(value, shape=(value.type.size,))
