"""The verbs that run graphs as an expression: bodies, whose results are parts of one value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catenary.backend.llvm.bodies import Body, frontier, inside
from catenary.backend.llvm.leaf_verbs import LeafVerbs
from catenary.backend.llvm.value import FREE, VIEWS, Value
from catenary.core.graph import Atom, Graph, Literal
from catenary.core.types import INT64, ArrayType


class GraphVerbs(LeafVerbs):
    """The part of the protocol ``Target`` that speaks of graphs: inlined, or run by a loop."""

    def inline(self, graph: Graph, operands: Sequence[Value]) -> tuple[Value, ...]:
        values: dict[Atom, Value] = dict(zip(graph.inputs, operands, strict=True))

        def read(atom: Atom) -> Value:
            if isinstance(atom, Literal):
                return self.constant(atom.value, atom.type.shape, atom.type.dtype)
            return values[atom]

        around = self.expression.origin
        for node in graph.nodes:
            self.expression.origin = node
            lower: Any = node.primitive.lower
            result = lower(self, *map(read, node.operands), **node.params)
            outputs = result if node.primitive.multiple else (result,)
            values.update(zip(node.outputs, outputs, strict=True))
        self.expression.origin = around
        return tuple(read(atom) for atom in graph.outputs)

    def scan(
        self,
        graph: Graph,
        constants: Sequence[Value],
        carries: Sequence[Value],
        xs: Sequence[Value],
        rows: range,
    ) -> tuple[Value, ...]:
        count = len(carries)
        if not len(rows):
            ys = [self.constant(0, (0, *t.shape), t.dtype) for t in graph.output_types[count:]]
            return (*carries, *ys)
        xs = [self._lying(x) for x in xs]
        slots = [self._slot(v.type) for v in carries]
        heads = [self._slot(x.type.with_shape(x.shape[1:])) for x in xs]
        results = self.inline(graph, [*constants, *slots, *heads])
        body = Body((*slots, *heads), self._own(results, slots))
        types = [v.type for v in carries]
        types += [t.with_shape((len(rows), *t.shape)) for t in graph.output_types[count:]]
        return self._loop("scan", [*carries, *xs], types, bodies=(body,), rows=rows, carried=count)

    def while_loop(
        self,
        condition: Graph,
        body: Graph,
        constants: Sequence[Value],
        carries: Sequence[Value],
        bound: int | None,
    ) -> tuple[Value, ...]:
        slots = [self._slot(v.type) for v in carries]
        (asked,) = self.inline(condition, [*constants, *slots])
        asking = Body(tuple(slots), (self.expression.fresh("copy", (asked,), asked.type),))
        results = self._own(self.inline(body, [*constants, *slots]), slots)
        bodies = (asking, Body(tuple(slots), results))
        types = [v.type for v in carries]
        return self._loop("while_loop", carries, types, bodies=bodies, bound=bound)

    def cond(
        self, index: Value, graphs: Sequence[Graph], operands: Sequence[Value]
    ) -> tuple[Value, ...]:
        operands = [self._lying(x) for x in operands]
        bodies = []
        for graph in graphs:
            slots = [self._slot(v.type) for v in operands]
            bodies.append(Body(tuple(slots), self._own(self.inline(graph, slots), ())))
        given = [self._lying(index), *operands]
        return self._loop("cond", given, graphs[0].output_types, bodies=tuple(bodies))

    def _slot(self, type: ArrayType) -> Value:
        """What differs from round to round."""
        return self.expression.fresh("slot", (), type)

    def _lying(self, x: Value) -> Value:
        """The value in memory of its own, row after row."""
        return self.scalar("copy", x) if x.op in VIEWS or x.op in FREE else x

    def _own(self, results: Sequence[Value], slots: Sequence[Value]) -> tuple[Value, ...]:
        """Results of a body, each with memory of its own; a carry that stays stays itself."""
        found: list[Value] = []
        inner = inside(results, slots)
        for i, value in enumerate(results):
            stays = i < len(slots) and value is slots[i]
            shared = value in found or value not in inner or value.op in {"slot", *VIEWS}
            if not stays and (shared or value.op == "part"):
                value = self.expression.fresh("copy", (value,), value.type)
            found.append(value)
        return tuple(found)

    def _loop(
        self, op: str, operands: Sequence[Value], types: Sequence[ArrayType], **params: Any
    ) -> tuple[Value, ...]:
        """A value that runs bodies; its parts are what comes out of it."""
        outside: dict[Value, None] = {}
        for body in params["bodies"]:
            outside.update(dict.fromkeys(frontier(body)))
        known = list(dict.fromkeys([*operands, *outside]))
        type = types[0] if types else ArrayType((), INT64)
        loop = self.expression.fresh(op, known, type, **params, given=tuple(operands))
        parts = [self.expression.fresh("part", (loop,), t, index=i) for i, t in enumerate(types)]
        loop.params["parts"] = tuple(parts)
        return tuple(parts)
