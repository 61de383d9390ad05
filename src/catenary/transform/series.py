"""series : Graph → Graph. A curve x + t·v goes in, the power series of its image comes out.

Each kind of derivative says how its operation acts on a power series y(t) = Σ yₖ tᵏ:

- linear operations act on each coefficient alone;
- multilinear ones multiply series: (x·y)ₖ = Σ xᵢ yₖ₋ᵢ;
- piecewise constant ones see the first coefficient only;
- every other operation obeys the differential equation of its own tangent, y' = Dφ(x)·x', so
  that k·yₖ is coefficient k − 1 of the right side, which needs yⱼ for j < k only.

The right side is a graph again, run on the same streams; an operation that meets the operands of
an earlier one is that one, so exp's equation y' = y·x' closes upon itself, and sin's upon cos.
See Griewank and Walther, Evaluating Derivatives (2008), chapter 13, for the recurrences, and
McIlroy, Power series, power serious (1999), for streams that are defined by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

from catenary.core.derivative import Linear, Multilinear, Zero
from catenary.core.graph import Atom, Builder, Graph, Literal
from catenary.core.operators import slots
from catenary.core.primitive import Primitive
from catenary.core.types import ArrayType
from catenary.transform.linearize import as_variable, is_zero, push, tangent_graph
from catenary.transform.simplify import simplify

Coefficient = Any  # a value of the graph under construction, or None for zero


def series(graph: Graph, wrt: Sequence[int], order: int) -> Graph:
    """inputs + directions of some of them → coefficients 0, …, order of all outputs.

    The outputs of the new graph are first all coefficients of number 0, then all of number 1, …
    """
    builder = Builder()
    values = [builder.input(v.type) for v in graph.inputs]
    directions = {i: builder.input(graph.inputs[i].type) for i in wrt}
    walk = _Walk(builder)
    arriving = [_line(value, directions.get(i)) for i, value in enumerate(values)]
    streams, leaving = walk.run(graph, arriving)
    rows = []
    for k in range(order + 1):
        for stream in streams:  # in the order of evaluation: nothing waits for what comes later
            stream[k]
        rows.append([_written(stream, k) for stream in leaving])
    return simplify(builder.close([value for row in rows for value in row]))


class Stream:
    """A power series whose coefficients are found, one after the other, when asked for."""

    def __init__(self, type: ArrayType, step: Callable[[int], Coefficient], moves: bool) -> None:
        self.type = type
        self.moves = moves  # whether anything but the first coefficient may differ from zero
        self._step = step
        self._known: list[Coefficient] = []

    def __getitem__(self, k: int) -> Coefficient:
        if k and not self.moves:
            return None
        while len(self._known) <= k:
            self._known.append(self._step(len(self._known)))
        return self._known[k]


def _line(value: Any, direction: Any) -> Stream:
    """value + t·direction."""
    return Stream(value.type, lambda k: (value, direction)[k] if k < 2 else None, bool(direction))


def _velocity(stream: Stream) -> Stream:
    """The derivative of a series by t."""

    def step(k: int) -> Coefficient:
        following = stream[k + 1]
        return None if following is None else following * float(k + 1)

    return Stream(stream.type, step, stream.moves)


def _written(stream: Stream, k: int) -> Any:
    found = stream[k]
    return slots.full(0, stream.type) if found is None else found


class _Walk:
    """Runs graphs on streams, in one builder; equal operations on the same streams are one."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.known: dict[Hashable, tuple[Stream, ...]] = {}
        self.literals: dict[Hashable, Stream] = {}

    def run(self, graph: Graph, inputs: Sequence[Stream]) -> tuple[list[Stream], list[Stream]]:
        """All streams of a graph in the order of its nodes, and those of its outputs."""
        env: dict[Atom, Stream] = dict(zip(graph.inputs, inputs, strict=True))

        def read(atom: Atom) -> Stream:
            return self._literal(atom) if isinstance(atom, Literal) else env[atom]

        for node in graph.nodes:
            self.builder.where = node.where
            operands = [read(a) for a in node.operands]
            outputs = self.apply(node.primitive, operands, dict(node.params))
            env.update(zip(node.outputs, outputs, strict=True))
        return list(env.values()), [read(a) for a in graph.outputs]

    def apply(
        self, primitive: Primitive, operands: Sequence[Stream], params: dict[str, Any]
    ) -> tuple[Stream, ...]:
        """An operation on streams."""
        key = primitive.name, tuple(map(id, operands)), tuple(sorted(params.items()))
        if key not in self.known:
            operation = _Operation(self, primitive, operands, params)
            self.known[key] = tuple(operation.streams())
        return self.known[key]

    def _literal(self, literal: Literal) -> Stream:
        key = literal.key()
        if key not in self.literals:
            self.literals[key] = Stream(literal.type, lambda k: literal, False)
        return self.literals[key]


class _Operation:
    """One operation on streams: how its coefficients are found."""

    def __init__(
        self, walk: _Walk, primitive: Primitive, operands: Sequence[Stream], params: dict[str, Any]
    ) -> None:
        self.walk = walk
        self.primitive = primitive
        self.operands = operands
        self.params = params
        self.types = primitive.output_types([s.type for s in operands], params)
        self.where = walk.builder.where
        self._first: Sequence[Any] | None = None
        self._sides: Sequence[Stream] | None = None

    def streams(self) -> Iterator[Stream]:
        """A stream for each output."""
        still = isinstance(self.primitive.derivative, Zero)
        moves = not still and any(stream.moves for stream in self.operands)
        for i, type in enumerate(self.types):
            yield Stream(type, self._finder(i), moves and type.is_float)

    def _finder(self, i: int) -> Callable[[int], Coefficient]:
        kind = self.primitive.derivative
        rule = (
            self._linear
            if isinstance(kind, Linear)
            else self._multilinear
            if isinstance(kind, Multilinear)
            else lambda k: self._integrated(i, k)
        )
        return lambda k: self._settled(rule(k)) if k else self.first[i]

    def _settled(self, value: Any) -> Coefficient:
        if value is None or is_zero(value):
            return None
        return as_variable(self.walk.builder, value)

    @property
    def first(self) -> Sequence[Any]:
        """The outputs at t = 0."""
        if self._first is None:
            self.walk.builder.where = self.where
            given = [_written(stream, 0) for stream in self.operands]
            found = self.walk.builder.emit(self.primitive, given, self.params)
            self._first = found if self.primitive.multiple else (found,)
        return self._first

    def _linear(self, k: int) -> Coefficient:
        moving = [stream[k] for stream in self.operands]
        if all(value is None for value in moving):
            return None
        given = [_written(stream, 0) for stream in self.operands]
        return push(self.primitive, given, moving, self.first, self.params)[0]

    def _multilinear(self, k: int) -> Coefficient:
        kind = self.primitive.derivative
        assert isinstance(kind, Multilinear)
        operation, total = kind.tangent or self.primitive, None
        for degrees in _compositions(k, len(self.operands)):
            factors = [s[j] for s, j in zip(self.operands, degrees, strict=True)]
            if all(factor is not None for factor in factors):
                term = operation(*factors, **self.params)
                total = term if total is None else slots.add(total, term)
        return total

    def _integrated(self, i: int, k: int) -> Coefficient:
        slope = self._slopes()[i][k - 1]
        return None if slope is None else slope / float(k)

    def _slopes(self) -> Sequence[Stream]:
        """The derivative of each output by t, as the operation's own tangent says."""
        if self._sides is None:
            alone = Builder()
            inputs = [alone.input(stream.type) for stream in self.operands]
            found = alone.emit(self.primitive, inputs, self.params)
            graph = alone.close(found if self.primitive.multiple else (found,))
            wrt = [i for i, s in enumerate(self.operands) if s.moves and s.type.is_float]
            tangent, floats = tangent_graph(graph, wrt)
            velocities = [_velocity(self.operands[i]) for i in wrt]
            answers = self.walk.run(simplify(tangent), [*self.operands, *velocities])[1]
            placed = dict(zip(floats, answers, strict=True))
            nothing = Stream(self.types[0], lambda k: None, False)
            self._sides = [placed.get(i, nothing) for i in range(len(self.types))]
        return self._sides


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to write a number as an ordered sum of so many."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


__all__ = ["series"]
