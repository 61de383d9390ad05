"""scan: a graph run once for each row of some arrays, handing a state from round to round.

Its derivative is a scan over what the rounds keep, and the transpose of that a scan from the last
round to the first: higher orders need no rule of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Flow
from catenary.core.evaluate import evaluate_graph
from catenary.core.graph import (
    Atom,
    Builder,
    Graph,
    Literal,
    Var,
    copy,
    inline,
    live_nodes,
)
from catenary.core.operators import slots
from catenary.core.primitive import Algebra, NotYet, Primitive, declare
from catenary.core.types import FLOAT64, ArrayType
from catenary.ops.arrange import permute
from catenary.ops.bodies import bound, emit, hoisted, vanishes, without_unread
from catenary.ops.elementwise import samples
from catenary.ops.loop_samples import scans
from catenary.ops.rounds import (
    live_carries,
    moving_cotangents,
    moving_parts,
    place_of,
    with_batched,
)

OPAQUE = NotYet("its map is that of the graphs inside, which a structure cannot hold")


@dataclass(frozen=True)
class Loop:
    """A scan that is not recorded yet.

    graph:     constants, carries, a row of each x → carries, a row of each y.
    constants: operands that are the same in every round.
    carries:   what the first round gets.
    xs:        operands with a leading axis as long as there are rounds.
    """

    graph: Graph
    constants: Sequence[Any]
    carries: Sequence[Any]
    xs: Sequence[Any]
    length: int
    reverse: bool

    @property
    def operands(self) -> list[Any]:
        return [*self.constants, *self.carries, *self.xs]

    def record(self, builder: Builder) -> list[Any]:
        """The last carries and the stacked ys; only what changes from round to round is scanned."""
        count, held = len(self.carries), len(self.constants)
        graph, outputs = self.graph, list(self.graph.outputs)
        still = [i for i in range(count) if outputs[i] is graph.inputs[held + i]]
        answers: list[Any] = [None] * len(outputs)
        for i in still:
            answers[i] = self.carries[i]
        for k in range(count, len(outputs)):
            atom = outputs[k]
            if isinstance(atom, Literal):
                answers[k] = slots.full(atom.value, stacked(atom.type, self.length))
        rest = [k for k, answer in enumerate(answers) if answer is None]
        if rest:
            narrow = Graph(graph.inputs, graph.nodes, [outputs[k] for k in rest])
            values = self._narrowed(narrow, still).emit(builder)
            for k, value in zip(rest, values, strict=True):
                answers[k] = value
        return answers

    def _narrowed(self, graph: Graph, still: Sequence[int]) -> Loop:
        """The loop of this graph, in which carries that stay as they are count as constants."""
        held, operands = len(self.constants), self.operands
        fixed = [*range(held), *(held + i for i in still)]
        carried = [i for i in range(held, held + len(self.carries)) if i not in fixed]
        rows = range(held + len(self.carries), len(operands))
        known = [
            operand if i not in carried and isinstance(operand, Literal) else None
            for i, operand in enumerate(operands)
        ]
        graph, kept = bound(graph, known, [*fixed, *carried, *rows])
        graph, used = without_unread(graph, [p for p, i in enumerate(kept) if i in carried])
        kept = [kept[p] for p in used]
        constants = [operands[i] for i in kept if i in fixed]
        if self.length:
            graph, constants = hoisted(graph, constants)
        return Loop(
            graph,
            constants,
            [operands[i] for i in carried],
            [operands[i] for i in kept if i in rows],
            self.length,
            self.reverse,
        )

    def emit(self, builder: Builder) -> Sequence[Any]:
        results: Sequence[Any] = emit(
            builder,
            scan,
            self.operands,
            graph=self.graph,
            held=len(self.constants),
            carried=len(self.carries),
            length=self.length,
            reverse=self.reverse,
        )
        return results


class Rounds:
    """The graph of a round under construction; its inputs are made with what they stand for."""

    def __init__(self) -> None:
        self.builder = Builder()
        self._inputs: dict[str, list[tuple[Var, Any]]] = {"constant": [], "carry": [], "row": []}

    def input(self, place: str, type: ArrayType, operand: Any) -> Var:
        var = self.builder.input(type)
        self._inputs[place].append((var, operand))
        return var

    def finish(self, outputs: Sequence[Any], length: int, reverse: bool) -> Loop:
        """The loop of rounds with these outputs: first a new value for each carry, then the ys."""
        atoms = [self.builder.lift(output) for output in outputs]
        inputs = [var for group in self._inputs.values() for var, _ in group]
        graph = copy(inputs, live_nodes(self.builder.nodes, atoms), atoms)
        constants, carries, xs = (
            [operand for _, operand in group] for group in self._inputs.values()
        )
        return Loop(graph, constants, carries, xs, length, reverse)


def stacked(row: ArrayType, length: int) -> ArrayType:
    return row.with_shape((length, *row.shape))


def _shape(
    *types: ArrayType, graph: Graph, held: int, carried: int, length: int, reverse: bool
) -> tuple[ArrayType, ...]:
    first = held + carried
    expected = graph.input_types[:first] + tuple(
        stacked(t, length) for t in graph.input_types[first:]
    )
    if types != expected:
        raise errors.operand_shapes(
            "scan", ", ".join(map(str, expected)), ", ".join(map(str, types))
        )
    carries, rows = graph.output_types[:carried], graph.output_types[carried:]
    if carries != types[held:first]:
        raise errors.operand_shapes(
            "scan",
            f"carries {', '.join(map(str, types[held:first]))}",
            ", ".join(map(str, carries)),
        )
    return carries + tuple(stacked(t, length) for t in rows)


def _evaluate(
    *operands: Any, graph: Graph, held: int, carried: int, length: int, reverse: bool
) -> tuple[Any, ...]:
    constants, carries = operands[:held], operands[held : held + carried]
    xs = operands[held + carried :]
    rows: list[Any] = [None] * length
    for i in range(length)[:: -1 if reverse else 1]:
        results = evaluate_graph(graph, [*constants, *carries, *(x[i, ...] for x in xs)])
        carries, rows[i] = results[:carried], results[carried:]
    if not length:
        types = graph.output_types[carried:]
        return (*carries, *(np.zeros((0, *type.shape), type.dtype) for type in types))
    return (*carries, *map(np.stack, zip(*rows, strict=True)))


# ---- derivative ---------------------------------------------------------------------------------


def _with_residuals(
    loop: Loop, count: int, builder: Builder
) -> tuple[Sequence[Any], list[tuple[str, Any]]]:
    """Record a loop whose outputs after the first ``count`` are what linear rounds need.

    Its outputs, and what to give to the linear rounds in which place. Numbers, constants and rows
    of the xs are at hand, and rows of the ys are stacked already; only the rest is stacked.
    """
    graph, held, carried = loop.graph, len(loop.constants), len(loop.carries)
    at_hand: dict[Atom, tuple[str, Any]] = {}
    for i, (var, operand) in enumerate(zip(graph.inputs, loop.operands, strict=True)):
        if not held <= i < held + carried:
            at_hand[var] = place_of(i, held, carried), operand
        elif graph.outputs[i - held] is var:  # a carry that never changes
            at_hand[var] = "constant", operand
    shown, needed = list(graph.outputs[:count]), graph.outputs[count:]
    rows = {atom: k for k, atom in enumerate(shown) if k >= carried}
    for atom in needed:
        if not (isinstance(atom, Literal) or atom in at_hand or atom in rows):
            rows[atom] = len(shown)
            shown.append(atom)
    outputs = replace(loop, graph=Graph(graph.inputs, graph.nodes, shown)).record(builder)
    found = [
        ("constant", atom)
        if isinstance(atom, Literal)
        else at_hand.get(atom) or ("row", outputs[rows[atom]])
        for atom in needed
    ]
    return outputs[:count], found


def _linearize(
    builder: Builder,
    operands: Sequence[Any],
    tangents: Sequence[Any],
    *,
    graph: Graph,
    held: int,
    carried: int,
    length: int,
    reverse: bool,
) -> tuple[Sequence[Any], Sequence[Any]]:
    wrt, parts = moving_parts(graph, tangents, held, carried)
    value: Graph = slots.simplify_graph(parts.value)
    constants: Sequence[Any] = operands[:held]
    if length:
        value, constants = hoisted(value, constants)
    carries, xs = operands[held : held + carried], operands[held + carried :]
    loop = Loop(value, constants, carries, xs, length, reverse)
    outputs, residuals = _with_residuals(loop, len(graph.outputs), builder)
    rounds = Rounds()
    given = [
        rounds.input(place, var.type, operand)
        for var, (place, operand) in zip(parts.linear.inputs, residuals, strict=False)
    ]
    for i in wrt:
        type, tangent = graph.input_types[i], tangents[i]
        start = slots.full(0, type) if tangent is None else tangent
        given.append(rounds.input(place_of(i, held, carried), type, start))
    answers = inline(rounds.builder, parts.linear, given)
    moved = [
        k
        for k, answer in enumerate(answers)
        if (held + k in wrt if k < carried else not vanishes(answer))
    ]
    pushed: list[Any] = [None] * len(answers)
    values = rounds.finish([answers[k] for k in moved], length, reverse).record(builder)
    for k, tangent in zip(moved, values, strict=True):
        pushed[k] = tangent
    return outputs, pushed


def _transpose(
    builder: Builder,
    arriving: Sequence[Any],
    operands: Sequence[Any],
    moving: Sequence[bool],
    *,
    graph: Graph,
    held: int,
    carried: int,
    length: int,
    reverse: bool,
) -> list[Any]:
    """From the last round to the first; cotangents of constants are summed in carries.

    A round is linear in all its carries together, also in one that starts from zero here.
    """
    first = held + carried
    linear = [i for i, moves in enumerate(moving) if moves or held <= i < first]
    chosen, backward = moving_cotangents(graph, arriving, linear, held, carried)
    rounds = Rounds()
    given = [
        rounds.input(place_of(i, held, carried), graph.input_types[i], operands[i])
        for i in range(len(operands))
        if i not in linear
    ]
    for k in chosen:
        type, y_bar = graph.output_types[k], arriving[k]
        start = slots.full(0, type) if y_bar is None else y_bar
        given.append(rounds.input("carry" if k < carried else "row", type, start))
    pulled = dict(zip(linear, inline(rounds.builder, backward, given), strict=True))
    outputs = {held + k: pulled[held + k] for k in chosen if k < carried}
    for i, x_bar in pulled.items():
        if i < held and not vanishes(x_bar):
            type = graph.input_types[i]
            outputs[i] = slots.add(rounds.input("carry", type, slots.full(0, type)), x_bar)
    outputs |= {i: x_bar for i, x_bar in pulled.items() if i >= first and not vanishes(x_bar)}
    values = rounds.finish(list(outputs.values()), length, not reverse).record(builder)
    cotangents = dict(zip(outputs, values, strict=True))
    return [cotangents.get(i) if moves else None for i, moves in enumerate(moving)]


# ---- batch --------------------------------------------------------------------------------------


def _rows_first(x: Any) -> Any:
    """The first two axes exchanged: rounds and examples."""
    return permute(x, order=(1, 0, *range(2, x.type.ndim)))


def _batch(
    size: int,
    operands: Sequence[Any],
    batched: Sequence[bool],
    *,
    graph: Graph,
    held: int,
    carried: int,
    length: int,
    reverse: bool,
) -> list[Any]:
    flags, spread = with_batched(graph, batched, held, carried)
    body = slots.batch_graph(graph, size, flags, spread)
    given = []
    for i, operand in enumerate(operands):
        if flags[i] and not batched[i]:
            given.append(slots.spread(operand, size))
        elif flags[i] and i >= held + carried:
            given.append(_rows_first(operand))
        else:
            given.append(operand)
    results = scan(*given, graph=body, held=held, carried=carried, length=length, reverse=reverse)
    return [
        slots.spread(result, size) if not has else _rows_first(result) if k >= carried else result
        for k, (result, has) in enumerate(zip(results, spread, strict=True))
    ]


def _narrow(
    used: Sequence[bool], *, graph: Graph, held: int, carried: int, **others: Any
) -> tuple[list[int], list[int], dict[str, Any]]:
    """Without carries that nothing depends on in the end, and rows that nobody reads."""
    outputs = live_carries(graph, [k for k, is_read in enumerate(used) if is_read], held, carried)
    carries = [held + k for k in outputs if k < carried]
    atoms = [graph.outputs[k] for k in outputs]
    body, kept = without_unread(Graph(graph.inputs, live_nodes(graph.nodes, atoms), atoms), carries)
    params = {"graph": body, "held": sum(i < held for i in kept), "carried": len(carries)}
    return kept, outputs, {**params, **others}


# ---- declaration --------------------------------------------------------------------------------


def _lower(
    t: Any, *operands: Any, graph: Graph, held: int, carried: int, length: int, reverse: bool
) -> Any:
    first = held + carried
    rows = range(length)[:: -1 if reverse else 1]
    return t.scan(graph, operands[:held], operands[held:first], operands[first:], rows)


scan: Primitive = declare(
    Primitive(
        name="scan",
        numpy=(),
        shape=_shape,
        evaluate=_evaluate,
        derivative=Flow(_linearize, _transpose),
        structure=OPAQUE,
        algebra=Algebra(narrow=_narrow),
        batch=_batch,
        lower=_lower,
        samples=samples(scans, dtypes=(FLOAT64,)),
        multiple=True,
    )
)
