"""cond: one of several graphs is run, chosen by a number.

Its derivative is the choice between their derivatives. A batch in which the choice differs
between examples runs all graphs, and selects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Flow
from catenary.core.evaluate import evaluate_graph
from catenary.core.graph import Atom, Builder, Graph, Literal, inline, live_nodes
from catenary.core.operators import slots
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import BOOL, FLOAT64, INT64, ArrayType
from catenary.ops.additive import convert
from catenary.ops.bodies import bound, emit, read, vanishes
from catenary.ops.compare import eq
from catenary.ops.elementwise import samples
from catenary.ops.replicate import broadcast
from catenary.ops.scan import OPAQUE
from catenary.ops.transcendental import cos, sin

Branches = tuple[Graph, ...]


def choose(
    builder: Builder, index: Any, branches: Sequence[Graph], operands: Sequence[Any]
) -> Sequence[Any]:
    """Record the choice: numbers go into the branches, and operands that none reads go away."""
    if isinstance(index, Literal):
        return inline(builder, branches[int(index.value)], operands)
    if not branches[0].outputs:
        return []
    tidied = [bound(branch, operands, range(len(operands))) for branch in branches]
    graphs, kept = [graph for graph, _ in tidied], tidied[0][1]
    used = _read_by_any(graphs)
    narrow = [Graph([g.inputs[p] for p in used], g.nodes, g.outputs) for g in graphs]
    given = [operands[kept[p]] for p in used]
    return emit(builder, cond, [index, *given], branches=tuple(narrow))  # type: ignore[no-any-return]


def _read_by_any(graphs: Sequence[Graph]) -> list[int]:
    """The positions of the inputs that one of the graphs reads."""
    needed = [read(graph) for graph in graphs]
    return [
        p
        for p in range(len(graphs[0].inputs))
        if any(g.inputs[p] in atoms for g, atoms in zip(graphs, needed, strict=True))
    ]


def _shape(index: ArrayType, *types: ArrayType, branches: Branches) -> tuple[ArrayType, ...]:
    if index.shape != () or index.dtype not in (BOOL, INT64):
        raise errors.operand_shapes("cond", "a choice: bool[] or int64[]", str(index))
    if index.dtype == BOOL and len(branches) != 2:
        raise errors.operand_shapes("cond", "two branches for a truth value", len(branches))
    first = branches[0]
    for branch in branches:
        if types != branch.input_types:
            raise errors.operand_shapes(
                "cond", ", ".join(map(str, branch.input_types)), ", ".join(map(str, types))
            )
        if branch.output_types != first.output_types:
            raise errors.operand_shapes(
                "cond",
                ", ".join(map(str, first.output_types)),
                ", ".join(map(str, branch.output_types)),
            )
    return first.output_types


def _evaluate(index: Any, *operands: Any, branches: Branches) -> tuple[Any, ...]:
    return evaluate_graph(branches[int(index)], operands)


# ---- derivative ---------------------------------------------------------------------------------


class _Places:
    """Where the branches put what their derivatives need: places of equal type are shared."""

    def __init__(self) -> None:
        self.types: list[ArrayType] = []

    def of(self, atoms: Sequence[Atom]) -> dict[Atom, int]:
        """A place for each of one branch's values, made where none is free."""
        free = list(range(len(self.types)))
        found: dict[Atom, int] = {}
        for atom in atoms:
            place = next((p for p in free if self.types[p] == atom.type), len(self.types))
            if place == len(self.types):
                self.types.append(atom.type)
            else:
                free.remove(place)
            found[atom] = place
        return found


def _linearize(
    builder: Builder, operands: Sequence[Any], tangents: Sequence[Any], *, branches: Branches
) -> tuple[Sequence[Any], Sequence[Any]]:
    index, *given = operands
    wrt = [i for i, tangent in enumerate(tangents[1:]) if tangent is not None]
    parts = [slots.linearize_graph(branch, wrt) for branch in branches]
    values = [slots.simplify_graph(part.value) for part in parts]
    count, places = len(branches[0].outputs), _Places()
    needed: list[dict[Atom, int]] = []
    for graph in values:
        at_hand = set(graph.inputs)
        computed = [a for a in graph.outputs[count:] if a not in at_hand]
        needed.append(places.of([a for a in dict.fromkeys(computed) if not isinstance(a, Literal)]))
    keeping = []
    for graph, places_of in zip(values, needed, strict=True):
        kept: list[Any] = [slots.full(0, type) for type in places.types]
        for atom, place in places_of.items():
            kept[place] = atom
        keeping.append(Graph(graph.inputs, graph.nodes, [*graph.outputs[:count], *kept]))
    outputs = choose(builder, index, keeping, given)
    linear = [
        _linear_branch(part, graph, places_of, places.types, wrt)
        for part, graph, places_of in zip(parts, values, needed, strict=True)
    ]
    moved = [k for k in range(count) if any(not vanishes(graph.outputs[k]) for graph in linear)]
    linear = [Graph(g.inputs, g.nodes, [g.outputs[k] for k in moved]) for g in linear]
    pushed: list[Any] = [None] * count
    directions = [tangents[1 + i] for i in wrt]
    answers = choose(builder, index, linear, [*given, *outputs[count:], *directions])
    for k, tangent in zip(moved, answers, strict=True):
        pushed[k] = tangent
    return outputs[:count], pushed


def _linear_branch(
    part: Any,
    value: Graph,
    places: dict[Atom, int],
    types: Sequence[ArrayType],
    wrt: Sequence[int],
) -> Graph:
    """operands, what was kept, tangents → tangents."""
    builder = Builder()
    inputs = [builder.input(v.type) for v in value.inputs]
    kept = [builder.input(type) for type in types]
    known: dict[Atom, Any] = dict(zip(value.inputs, inputs, strict=True))
    known |= {atom: kept[place] for atom, place in places.items()}
    residuals = [known.get(atom, atom) for atom in value.outputs[part.outputs :]]
    tangents = [builder.input(value.inputs[i].type) for i in wrt]
    return builder.close(inline(builder, part.linear, [*residuals, *tangents]))


def _transpose(
    builder: Builder,
    arriving: Sequence[Any],
    operands: Sequence[Any],
    moving: Sequence[bool],
    *,
    branches: Branches,
) -> list[Any]:
    chosen = [k for k, y_bar in enumerate(arriving) if y_bar is not None]
    movers = [i for i, moves in enumerate(moving[1:]) if moves]
    backward = [
        slots.transpose_graph(Graph(g.inputs, g.nodes, [g.outputs[k] for k in chosen]), movers)
        for g in branches
    ]
    moved = [
        n for n in range(len(movers)) if any(not vanishes(graph.outputs[n]) for graph in backward)
    ]
    backward = [Graph(g.inputs, g.nodes, [g.outputs[n] for n in moved]) for g in backward]
    held = [x for x, moves in zip(operands[1:], moving[1:], strict=True) if not moves]
    answers = choose(builder, operands[0], backward, [*held, *(arriving[k] for k in chosen)])
    cotangents = {1 + movers[n]: x_bar for n, x_bar in zip(moved, answers, strict=True)}
    return [cotangents.get(i) for i in range(len(operands))]


# ---- batch --------------------------------------------------------------------------------------


def among(flags: Any, type: ArrayType) -> Any:
    """Truth values of the examples, for every number of each."""
    return broadcast(flags, shape=type.shape, dims=(0,))


def _batch(
    size: int, operands: Sequence[Any], batched: Sequence[bool], *, branches: Branches
) -> Sequence[Any]:
    index, *given = operands
    many = [slots.batch_graph(branch, size, tuple(batched[1:])) for branch in branches]
    if not batched[0]:
        return cond(index, *given, branches=tuple(many))  # type: ignore[no-any-return]
    if index.type.dtype == BOOL:
        index = convert(index, dtype=INT64)
    first, *others = (inline(index.builder, graph, given) for graph in many)
    chosen = list(first)
    for k, results in enumerate(others, 1):
        here = eq(index, slots.full(k, index.type))
        chosen = [
            slots.select(among(here, result.type), result, other)
            for result, other in zip(results, chosen, strict=True)
        ]
    return chosen


def _narrow(
    used: Sequence[bool], *, branches: Branches
) -> tuple[list[int], list[int], dict[str, Any]]:
    """Without results that nobody reads, and operands that no branch does."""
    outputs = [k for k, is_read in enumerate(used) if is_read]
    graphs = []
    for graph in branches:
        atoms = [graph.outputs[k] for k in outputs]
        graphs.append(Graph(graph.inputs, live_nodes(graph.nodes, atoms), atoms))
    kept = _read_by_any(graphs)
    narrow = tuple([Graph([g.inputs[p] for p in kept], g.nodes, g.outputs) for g in graphs])
    return [0, *(1 + p for p in kept)], outputs, {"branches": narrow}


# ---- declaration --------------------------------------------------------------------------------


def _lower(t: Any, index: Any, *operands: Any, branches: Branches) -> Any:
    number = index if t.dtype(index) == INT64 else t.convert(index, INT64)
    return t.cond(number, branches, operands)


def _sample_branches() -> Branches:
    """x·sin(y), or y² + cos(x), or 2x, linear in x; and x itself."""
    type = ArrayType((2,), FLOAT64)
    rules: list[Callable[[Any, Any], Any]] = [
        lambda x, y: x * sin(y),
        lambda x, y: y * y + cos(x),
        lambda x, y: x * 2.0,
    ]
    graphs = []
    for rule in rules:
        builder = Builder()
        x, y = builder.input(type), builder.input(type)
        graphs.append(builder.close([rule(x, y), x]))
    return tuple(graphs)


def _samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    branches = _sample_branches()
    x, y = rng.uniform(-1, 1, 2), rng.uniform(-1, 1, 2)
    for given in (branches, branches[1:], branches[:1], branches[::2]):
        yield Sample((rng.integers(0, len(given)), x, y), {"branches": given})
    yield Sample((rng.random() < 0.5, x, y), {"branches": branches[:2]})


cond: Primitive = declare(
    Primitive(
        name="cond",
        numpy=(),
        shape=_shape,
        evaluate=_evaluate,
        derivative=Flow(_linearize, _transpose),
        structure=OPAQUE,
        algebra=Algebra(narrow=_narrow),
        batch=_batch,
        lower=_lower,
        samples=samples(_samples, dtypes=(FLOAT64,)),
        multiple=True,
    )
)
