"""A linear graph as a net of local Jacobians: what moves are vertices, operations are edges."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from catenary.core import structure
from catenary.core.derivative import Flow, Nested
from catenary.core.graph import Atom, Builder, Graph, Node, Var
from catenary.core.operators import slots
from catenary.core.types import ArrayType
from catenary.linear.plan.costs import cost_of, node_cost, stated
from catenary.linear.plan.pattern import MOST, Pattern, of_selection
from catenary.linear.plan.term import Step, Term, product, total
from catenary.ops.arrange import reshape
from catenary.ops.product import contract, labels_of
from catenary.ops.window import concatenate, window
from catenary.transform.linearize import linearize

Vertex = Hashable


@dataclass
class Net:
    """Vertices in topological order, and one term for each pair that is joined.

    ``sources`` and ``sinks``: the inputs and outputs of the linear graph; ``late``: what should be
    eliminated last; ``steps`` in the order of the operations.
    """

    sources: list[Vertex]
    sinks: list[Vertex]
    inner: list[Vertex] = field(default_factory=list)
    after: dict[Vertex, dict[Vertex, Term]] = field(default_factory=dict)
    before: dict[Vertex, set[Vertex]] = field(default_factory=dict)
    late: set[Vertex] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)
    products: dict[tuple[int, int], tuple[Term, ...]] = field(default_factory=dict)

    def join(self, source: Vertex, target: Vertex, term: Term) -> None:
        known = self.after.setdefault(source, {}).get(target)
        self.after[source][target] = term if known is None else total(known, term)
        self.before.setdefault(target, set()).add(source)

    def product(self, after: Term, before: Term) -> Term:
        """after · before; asked for again, the same term, so that orders share what they can."""
        key = id(after), id(before)
        if key not in self.products:  # what is kept keeps its factors, so that their ids stay
            self.products[key] = product(after, before), after, before
        return self.products[key][0]

    def copy(self) -> Net:
        """The same net, to be changed."""
        return Net(
            self.sources, self.sinks, list(self.inner),
            {v: dict(out) for v, out in self.after.items()},
            {v: set(into) for v, into in self.before.items()}, self.late, self.steps, self.products,
        )  # fmt: skip

    @property
    def sweep(self) -> int:
        """The multiplications of one application of the whole map."""
        return sum(step.cost for step in self.steps)


def net_of(linear: Graph, held: int) -> Net:
    """The net of a linear graph whose inputs after the first ``held`` ones move.

    The sinks are ``("result", k)``; what no result depends on, or depends on no input that moves,
    is left out.
    """
    moving = set(linear.inputs[held:])
    net = Net(list(linear.inputs[held:]), [("result", k) for k in range(len(linear.outputs))])
    needed = {a for a in linear.outputs if isinstance(a, Var)}
    for node in reversed(linear.nodes):
        if any(v in needed for v in node.outputs):
            needed.update(a for a in node.operands if isinstance(a, Var))
    for number, node in enumerate(linear.nodes):
        movers = [i for i, a in enumerate(node.operands) if a in moving]
        outputs = [v for v in node.outputs if v in needed and v.type.is_float]
        if not movers or not outputs:
            continue
        moving.update(outputs)
        if isinstance(node.primitive.derivative, (Nested, Flow)) or node.primitive.multiple:
            _packed(net, number, node, movers, outputs)
            continue
        for i in movers:
            step = _step(node, i)
            if step is not None:
                _add(net, node.operands[i], outputs[0], step)
        net.inner.append(outputs[0])
    for k, atom in enumerate(linear.outputs):
        if atom in moving:
            net.join(atom, ("result", k), _identity(atom.type))
    _set_numbers_apart(net)
    return net


def _set_numbers_apart(net: Net) -> None:
    """Let single numbers stay single numbers.

    Numbers that are taken out of the inputs, and arrays that only put numbers side by side for the
    results, wait until all between them is eliminated: that multiplies no more, and makes for
    simpler code.
    """
    before, after = set(net.sources), set(net.sinks)
    for vertex in net.inner:
        edges = [(u, net.after[u][vertex]) for u in net.before.get(vertex, ())]
        if len(edges) == 1:
            ((source, term),) = edges
            if source in before and term.ones and term.rows == 1:
                before.add(vertex)
    for vertex in reversed(net.inner):
        out = net.after.get(vertex, {})
        if all(w in after and term.ones for w, term in out.items()):
            given = {u: net.after[u][vertex] for u in net.before.get(vertex, ())}
            apart = all(len(given) <= t.rows and t.columns == 1 for t in given.values())
            if apart and all(term.ones for term in given.values()):
                after.add(vertex)
                _as_results(net, vertex, given)
    net.late |= (before | after).intersection(net.inner)


def _as_results(net: Net, vertex: Vertex, given: dict[Vertex, Term]) -> None:
    """Between numbers and what puts them together, a vertex each that nothing else depends on."""
    for source, term in given.items():
        if not isinstance(source, Var):
            continue
        copy = ("copy", source, vertex)
        del net.after[source][vertex]
        net.before[vertex].discard(source)
        net.join(source, copy, _identity(source.type))
        net.join(copy, vertex, term)
        net.inner.insert(net.inner.index(vertex), copy)
        net.late.add(copy)


def _add(net: Net, source: Vertex, target: Vertex, step: Step) -> None:
    net.steps.append(step)
    net.join(source, target, step)


def _identity(type: ArrayType) -> Step:
    builder = Builder()
    graph = builder.close([builder.input(type)])
    return Step("identity", graph, (), type, type, 0, Pattern((type.size, type.size)), True)


# ---- operations with one result -----------------------------------------------------------------


def _step(node: Node, i: int) -> Step | None:
    """The map from operand i to the result while all else is held; None where it is zero."""
    builder = Builder()
    operands = [builder.input(a.type) if isinstance(a, Var) else a for a in node.operands]
    single = builder.close([builder.emit(node.primitive, operands, dict(node.params))])
    atoms = [a for a in node.operands if isinstance(a, Var)]
    parts = linearize(single, [sum(isinstance(a, Var) for a in node.operands[:i])])
    at: dict[Atom, Atom] = dict(zip(parts.value.inputs, atoms, strict=True))
    held = tuple(at.get(a, a) for a in parts.value.outputs[parts.outputs :])
    if node.primitive is contract:
        return _contraction(node, i, parts.linear, held)
    found = stated(node, i)
    if isinstance(found, structure.Zero):
        return None
    source, target = node.operands[i].type, node.outputs[0].type
    many = cost_of(node, i, found)
    pattern = None if found is None else _pattern(found, node, i)
    ones = pattern is not None and not isinstance(found, (structure.Scalar, structure.Diagonal))
    return Step(node.primitive.name, parts.linear, held, source, target, many, pattern, ones)


def _pattern(found: structure.Map, node: Node, i: int) -> Pattern | None:
    """The places of the entries, where shapes alone tell them."""
    if isinstance(found, (structure.Identity, structure.Scalar, structure.Diagonal)):
        return Pattern((node.outputs[0].type.size, node.operands[i].type.size))
    if any(not a.type.is_float for j, a in enumerate(node.operands) if j != i):
        return None  # where numbers go is known only when the function is called
    if isinstance(found, structure.Selection):
        return of_selection(found)
    if isinstance(found, structure.Ones):
        turned = of_selection(found.selection)
        return None if turned is None else turned.T
    return None


def _contraction(node: Node, i: int, graph: Graph, held: tuple[Atom, ...]) -> Step:
    """The map of a product with held numbers: a matrix, or a few places of one."""
    source, target = node.operands[i].type, node.outputs[0].type
    labels = labels_of(node.params["spec"])
    moving, still, out = labels[i], labels[1 - i], labels[2]
    sizes = dict(zip(moving + still, source.shape + node.operands[1 - i].type.shape, strict=True))
    groups = _groups(moving, still, out)
    both, rows, summed, kept = groups
    count = math.prod(sizes[c] for c in both + rows + summed + kept)
    step = Step("contract", graph, held, source, target, count)
    if len(held) != 1:  # the numbers beside are all the same
        return step
    if not (both or kept):
        return _with(step, labels=(still, rows, summed, out))
    if count > MOST or 4 * count > source.size * target.size > 4096:
        return step
    grid = both + rows + summed + kept
    index = np.indices([sizes[c] for c in grid]).reshape(len(grid), -1)
    where = dict(zip(grid, index, strict=True))
    places = _position(out, where, sizes, count), _position(moving, where, sizes, count)
    pattern = Pattern((target.size, source.size), places)
    return _with(step, pattern=pattern, labels=(still, both + rows, summed, kept))


def _with(step: Step, **changes: Any) -> Step:
    return Step(**{**{n: getattr(step, n) for n in step.__dataclass_fields__}, **changes})


def _groups(moving: str, still: str, out: str) -> tuple[str, str, str, str]:
    """The labels of stacked matrices, of their rows and columns, and of what is only carried."""
    both = "".join(c for c in out if c in moving and c in still)
    rows = "".join(c for c in out if c not in moving)
    summed = "".join(c for c in moving if c not in out)
    kept = "".join(c for c in out if c in moving and c not in still)
    return both, rows, summed, kept


def _position(labels: str, where: dict[str, Any], sizes: dict[str, int], count: int) -> Any:
    """The position in an array with these axes."""
    result = np.zeros(count, np.int64)
    for label in labels:
        result = result * sizes[label] + where[label]
    return result


# ---- operations that run graphs, or have several results ----------------------------------------


def _packed(
    net: Net, number: int, node: Node, movers: Sequence[int], outputs: Sequence[Var]
) -> None:
    """All that moves goes in as one vector and comes out as one: the operation runs once."""
    into, out = ("into", number), ("out of", number)
    given = [node.operands[i] for i in movers]
    for atom, injection in zip(given, _injections([a.type for a in given]), strict=True):
        _add(net, atom, into, injection)
    _add(net, into, out, _whole(node, movers, outputs))
    net.inner += [into, out]
    for var, injection in zip(outputs, _injections([v.type for v in outputs]), strict=True):
        _add(net, out, var, _turned(injection))
        net.inner.append(var)


def _injections(types: Sequence[ArrayType]) -> list[Step]:
    """The maps that put arrays, flattened, one after the other into a vector."""
    size, begin, steps = sum(t.size for t in types), 0, []
    for type in types:
        builder = Builder()
        x = reshape(builder.input(type), shape=(type.size,))
        vector = ArrayType((size,), type.dtype)
        low, high = (slots.full(0, vector.with_shape((n,))) for n in
                     (begin, size - begin - type.size))  # fmt: skip
        graph = builder.close([concatenate(low, x, high, axis=0)])
        index = np.arange(type.size)
        pattern = Pattern((size, type.size), (index + begin, index))
        steps.append(Step("put", graph, (), type, vector, 0, pattern, True))
        begin += type.size
    return steps


def _turned(step: Step) -> Step:
    assert step.pattern is not None
    assert step.pattern.places is not None
    builder = Builder()
    vector = builder.input(step.target)
    begin = int(step.pattern.rows[0]) if step.pattern.count else 0
    part = window(vector, start=(begin,), stop=(begin + step.columns,), step=(1,))
    graph = builder.close([reshape(part, shape=step.source.shape)])
    return Step("take", graph, (), step.target, step.source, 0, step.pattern.T, True)


def _whole(node: Node, movers: Sequence[int], outputs: Sequence[Var]) -> Step:
    """The operation on a vector that holds all operands that move; a vector of its results."""
    builder = Builder()
    rest = {i: builder.input(a.type) for i, a in enumerate(node.operands)
            if isinstance(a, Var) and i not in movers}  # fmt: skip
    types = [node.operands[i].type for i in movers]
    source = ArrayType((sum(t.size for t in types),), types[0].dtype)
    vector, begin = builder.input(source), 0
    operands: list[Any] = [rest.get(i, a) for i, a in enumerate(node.operands)]
    for i, type in zip(movers, types, strict=True):
        part = window(vector, start=(begin,), stop=(begin + type.size,), step=(1,))
        operands[i] = reshape(part, shape=type.shape)
        begin += type.size
    emitted = builder.emit(node.primitive, operands, dict(node.params))
    results = dict(zip(node.outputs, emitted if node.primitive.multiple else (emitted,)))
    flat = [reshape(results[v], shape=(v.type.size,)) for v in outputs]
    graph = builder.close([concatenate(*flat, axis=0)])
    held = tuple(node.operands[i] for i in rest)
    return Step(node.primitive.name, graph, held, source, graph.output_types[0],
                node_cost(node, movers))  # fmt: skip
