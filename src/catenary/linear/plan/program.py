"""Programs that write Jacobians: one compiled graph, or sweeps in batches that fit in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from catenary.backend.compile import Compiled
from catenary.core.graph import Graph, Var
from catenary.core.types import ArrayType
from catenary.function.arguments import result
from catenary.linear.plan.accumulate import accumulation
from catenary.linear.plan.plan import Plan, plan
from catenary.transform.batch import batch
from catenary.transform.linearize import Linearized, linearize
from catenary.transform.simplify import simplify
from catenary.transform.transpose import transpose


class Program(Protocol):
    """inputs of a function → its results that are not differentiated, and blocks of derivatives.

    Blocks come for each floating-point result and, within, for each argument.
    """

    def __call__(self, operands: Sequence[Any]) -> tuple[list[Any], list[Any]]: ...


def linear_parts(graph: Graph, wrt: Sequence[int]) -> Linearized:
    """The value and the derivative, of floating-point results alone."""
    parts = linearize(graph, wrt)
    floats = [a for a, type in zip(parts.linear.outputs, graph.output_types) if type.is_float]
    linear = simplify(Graph(parts.linear.inputs, parts.linear.nodes, floats))
    return replace(parts, linear=linear)


def planned(parts: Linearized) -> Plan | None:
    """The cheapest order; None where numbers of different widths meet."""
    return plan(parts.linear, parts.residuals) if len(widths(parts)) == 1 else None


def widths(parts: Linearized) -> list[str]:
    """The floating-point dtypes of what moves."""
    linear = parts.linear
    types = [*(v.type for v in linear.inputs[parts.residuals :]), *linear.output_types]
    types += [v.type for node in linear.nodes for v in node.outputs]
    return sorted({type.dtype.name for type in types if type.is_float})


def program(graph: Graph, wrt: Sequence[int], mode: str, memory: int) -> Program:
    """What writes the Jacobian of a graph, in one of the modes, with about ``memory`` bytes."""
    parts = linear_parts(graph, wrt)
    others = [k for k, type in enumerate(graph.output_types) if not type.is_float]
    if mode == "auto":
        rows, columns = _shape(parts)
        # one row or column: that mode is the cheapest order
        chosen = None if 1 in (rows, columns) else planned(parts)
        itemsize = graph.inputs[wrt[0]].type.dtype.itemsize
        if chosen is not None and chosen.found and chosen.numbers * itemsize <= memory:
            return _Whole(*accumulation(parts, chosen.order, chosen.found, others), len(others))
        mode = "forward" if columns <= rows else "reverse"
    sweep = _Sweep(parts, mode == "forward", others, memory)
    if sweep.chunk >= sweep.count:
        return _Whole(*accumulation(parts, mode, None, others), len(others))
    return sweep


def _shape(parts: Linearized) -> tuple[int, int]:
    """Rows and columns of the Jacobian."""
    given = parts.linear.inputs[parts.residuals :]
    return sum(t.size for t in parts.linear.output_types), sum(v.type.size for v in given)


class _Whole:
    """Value and Jacobian as one compiled graph."""

    def __init__(self, graph: Graph, constants: list[Any], others: int) -> None:
        self._compiled = Compiled(graph)
        self._constants, self._others = constants, others

    def __call__(self, operands: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        answers = self._compiled([*self._constants, *operands])
        return answers[: self._others], answers[self._others :]


@dataclass
class _Sweep:
    """The derivative, or its transpose, on all unit vectors, so many at a time."""

    parts: Linearized
    forward: bool
    others: list[int]
    memory: int
    _batched: dict[int, Compiled] = field(default_factory=dict)

    def __post_init__(self) -> None:
        linear, held = self.parts.linear, self.parts.residuals
        given, results = [v.type for v in linear.inputs[held:]], list(linear.output_types)
        self.starts: list[ArrayType]
        self.ends: list[ArrayType]
        self.value = Compiled(simplify(self.parts.value))
        self.starts, self.ends = (given, results) if self.forward else (results, given)
        self.count = sum(t.size for t in self.starts)
        moved = range(held, len(linear.inputs))
        self.graph = linear if self.forward else simplify(transpose(linear, moved))
        written = [*self.starts, *(v.type for n in self.graph.nodes for v in n.outputs)]
        one = sum(t.size * t.dtype.itemsize for t in written)
        self.chunk = max(1, min(self.count, self.memory // max(one, 1)))

    def __call__(self, operands: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        values = self.value(operands)
        residuals = values[self.parts.outputs :]
        pieces: list[list[Any]] = []
        for begin in range(0, self.count, self.chunk):
            size = min(self.chunk, self.count - begin)
            images = self._of(size)([*residuals, *units(self.starts, begin, size)])
            pieces.append([np.reshape(result(y), (size, -1)) for y in images])
        whole = [np.concatenate(parts) for parts in zip(*pieces, strict=True)]
        return [values[k] for k in self.others], self._blocks(whole)

    def _of(self, size: int) -> Compiled:
        if size not in self._batched:
            flags = (False,) * self.parts.residuals + (True,) * len(self.starts)
            self._batched[size] = Compiled(simplify(batch(self.graph, size, flags)))
        return self._batched[size]

    def _blocks(self, whole: Sequence[Any]) -> list[Any]:
        """Results in front, arguments behind."""
        blocks, begin = {}, 0
        for i, start in enumerate(self.starts):
            for j, end in enumerate(self.ends):
                block = whole[j][begin : begin + start.size]
                block = block.T if self.forward else block
                out, into = (end, start) if self.forward else (start, end)
                shaped = np.reshape(block.astype(into.dtype), out.shape + into.shape)
                blocks[(j, i) if self.forward else (i, j)] = _operand(shaped)
            begin += start.size
        return [blocks[key] for key in sorted(blocks)]


def units(types: Sequence[ArrayType], begin: int, count: int) -> list[Any]:
    """The unit vectors number begin, begin + 1, … of a space of arrays, along a leading axis."""
    arrays, offset = [], 0
    for type in types:
        block = np.zeros((count, type.size), type.dtype)
        first, last = max(begin, offset), min(begin + count, offset + type.size)
        numbers = np.arange(first, last)
        block[numbers - begin, numbers - offset] = 1
        arrays.append(block.reshape(count, *type.shape))
        offset += type.size
    return arrays


def _operand(array: Any) -> Any:
    """What lies behind an array that is traced in an outer recording."""
    value = array if isinstance(array, np.ndarray) else array.value()
    return value if isinstance(value, (Var, np.ndarray)) else np.asarray(value)
