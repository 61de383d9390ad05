"""A function near a point where it may bend: its derivative with the slopes at kinks left open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core import model_errors
from catenary.core.derivative import Flow
from catenary.core.graph import Atom, Builder, Graph, Literal, Node, Var, live_nodes, subgraphs
from catenary.core.kink import Kink, Slopes
from catenary.core.types import ArrayType
from catenary.tracing.recorder import user_line
from catenary.transform.linearize import as_variable, is_zero, push
from catenary.transform.transpose import transpose

Array = np.ndarray[Any, Any]
Values = dict[Atom, Any]


@dataclass(frozen=True, eq=False)
class Bend:
    """One operation that may bend, at a point: its operands there, and where its slopes go."""

    node: Node
    operands: tuple[Array, ...]
    output: Array
    tangents: tuple[Any, ...]  # variables of the linear graph, or None
    slopes: tuple[Var, ...]

    @property
    def kink(self) -> Kink:
        """The declaration."""
        assert self.node.primitive.kink is not None
        return self.node.primitive.kink

    def bounds(self) -> tuple[Slopes, Slopes] | None:
        """The least and the largest slopes nearby."""
        return self.kink.bounds(self.operands, self.output, **self.node.params)

    def toward(self, directions: Sequence[Array]) -> Slopes:
        """The slopes a little way along directions of the operands."""
        return self.kink.toward(self.operands, directions, self.output, **self.node.params)

    @property
    def open(self) -> bool:
        """Whether the point lies on the kink."""
        return bends(self.bounds(), [v is not None for v in self.tangents])


def bends(bounds: tuple[Slopes, Slopes] | None, moving: Sequence[bool]) -> bool:
    """Whether slopes differ by side, in an operand that moves."""
    if bounds is None:
        return True
    return any(m and np.any(low < high) for m, low, high in zip(moving, *bounds, strict=True))


@dataclass(frozen=True, eq=False)
class OpenDerivative:
    """The derivative of a graph at a point, linear in tangents, with slopes at kinks as inputs."""

    linear: Graph
    known: Values  # what is known of the inputs of the linear graph: its residuals
    moving: tuple[Var, ...]  # the tangents of what is differentiated by
    bends: tuple[Bend, ...]

    def forward(self, directions: Sequence[Array]) -> dict[Atom, Any]:
        """The slopes at each kink, seen along directions of the arguments."""
        env: Values = {**self.known, **dict(zip(self.moving, directions, strict=True))}
        waiting = {slope: bend for bend in self.bends for slope in bend.slopes}
        found: dict[Atom, Any] = {}
        for node in self.linear.nodes:
            for atom in node.operands:
                if atom in waiting and atom not in env:
                    slopes = _seen(waiting[atom], env)
                    env.update(slopes)
                    found.update(slopes)
            step(env, node)
        return found

    def backward(self) -> tuple[Graph, Values]:
        """The transposed graph: slopes and a cotangent in, a gradient out; with what is known."""
        places = [self.linear.inputs.index(v) for v in self.moving]
        graph = transpose(self.linear, places)
        held = [v for v in self.linear.inputs if v not in self.moving]
        renamed = dict(zip(held, graph.inputs, strict=False))
        return graph, {renamed[v]: self.known.get(v, v) for v in held}


def _seen(bend: Bend, env: Values) -> dict[Atom, Any]:
    """The slopes of a bend, from the tangents that arrive at it."""
    directions = [
        np.zeros_like(x) if v is None else np.asarray(read(env, v))
        for v, x in zip(bend.tangents, bend.operands, strict=True)
    ]
    return dict(zip(bend.slopes, _typed(bend.toward(directions), bend.operands), strict=True))


def _typed(slopes: Slopes, operands: Sequence[Array]) -> list[Array]:
    """Slopes in the dtype of their operands; orders stay whole numbers."""
    return [
        np.asarray(s) if np.asarray(s).dtype.kind == "i" else np.asarray(s, x.dtype)
        for s, x in zip(slopes, operands, strict=True)
    ]


def typed_bounds(bend: Bend) -> list[tuple[Array, Array]]:
    """The bounds of the slopes, in the dtype of the operands."""
    found = bend.bounds()
    if found is None:
        raise model_errors.ties_of_many(user_line())
    low, high = (_typed(side, bend.operands) for side in found)
    return list(zip(low, high, strict=True))


def read(env: Values, atom: Any) -> Any:
    """The array that an atom stands for."""
    return atom.array if isinstance(atom, Literal) else env[atom]


def step(env: Values, node: Node) -> None:
    """Evaluate one operation."""
    results = node.primitive.evaluate(*[read(env, a) for a in node.operands], **node.params)
    env.update(zip(node.outputs, results if node.primitive.multiple else (results,), strict=True))


def evaluated(graph: Graph, operands: Sequence[Any]) -> Values:
    """Every value of a graph."""
    env: Values = dict(zip(graph.inputs, operands, strict=True))
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            step(env, node)
    return env


def open_derivative(graph: Graph, operands: Sequence[Any], wrt: Sequence[int]) -> OpenDerivative:
    """Linearize a graph at a point, leaving the slopes open where it bends there."""
    here = evaluated(graph, operands)
    value, linear = Builder(), Builder()
    primals: dict[Atom, Any] = {v: value.input(v.type) for v in graph.inputs}
    moving = [linear.input(graph.inputs[i].type) for i in wrt]
    tangents: dict[Atom, Any] = {graph.inputs[i]: v for i, v in zip(wrt, moving, strict=True)}
    found: list[Bend] = []
    for node in graph.nodes:
        arriving = [tangents.get(a) for a in node.operands]
        given = [primals.get(a, a) for a in node.operands]
        outputs, pushed = _follow(value, node, given, arriving)
        primals.update(zip(node.outputs, outputs, strict=True))
        if pushed is None:
            continue
        bend = _bend(linear, node, here, arriving) if node.primitive.kink else None
        if bend is not None:
            found.append(bend)
            answer = bend.kink.tangent(bend.slopes, bend.tangents, **node.params)
            pushed = [answer]
        for var, tangent in zip(node.outputs, pushed, strict=True):
            if not (tangent is None or is_zero(tangent)) and var.type.is_float:
                tangents[var] = as_variable(linear, tangent)
    outputs = [linear.lift(tangents.get(a, _nothing(linear, a))) for a in graph.outputs]
    known = _residuals(value, linear, [*operands])
    inputs = [var for var, _ in linear.captured.values()] + linear.inputs
    whole = Graph(inputs, live_nodes(linear.nodes, outputs), outputs)
    return OpenDerivative(whole, known, tuple(moving), tuple(found))


def _nothing(linear: Builder, atom: Atom) -> Any:
    return as_variable(linear, Literal(0, atom.type))


def _residuals(value: Builder, linear: Builder, operands: Sequence[Any]) -> Values:
    """The values of what the linear graph captured."""
    env: Values = dict(zip(value.inputs, operands, strict=True))
    with np.errstate(all="ignore"):
        for node in value.nodes:
            step(env, node)
    return {
        var: read(env, thing) if isinstance(thing, Var) else thing
        for var, thing in linear.captured.values()
    }


def _follow(
    value: Builder, node: Node, operands: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Sequence[Any], Sequence[Any] | None]:
    """Record an operation, and the tangents of its outputs if any operand moves."""
    primitive, params = node.primitive, dict(node.params)
    moves = any(v is not None for v in tangents)
    inner = moves and any(_has_kink(body) for body in subgraphs(node))
    if inner:
        raise model_errors.kink_inside(primitive.name, node.where, user_line())
    if moves and isinstance(primitive.derivative, Flow):
        return primitive.derivative.linearize(value, operands, tangents, **params)
    results = value.emit(primitive, operands, params)
    outputs = results if primitive.multiple else (results,)
    return outputs, push(primitive, operands, tangents, outputs, params) if moves else None


def _has_kink(graph: Graph) -> bool:
    nodes: Iterator[Node] = iter(graph.nodes)
    return any(n.primitive.kink or any(_has_kink(g) for g in subgraphs(n)) for n in nodes)


def _bend(linear: Builder, node: Node, here: Mapping[Atom, Any], tangents: Sequence[Any]) -> Any:
    """The operation as a bend, if the point lies on its kink."""
    operands = tuple(np.asarray(read(dict(here), a)) for a in node.operands)
    output = np.asarray(here[node.outputs[0]])
    unsettled = Bend(node, operands, output, tuple(tangents), ())
    if not unsettled.open:
        return None
    like = _typed(unsettled.toward([np.zeros_like(x) for x in operands]), operands)
    slopes = tuple(linear.input(ArrayType(s.shape, s.dtype)) for s in like)
    return Bend(node, operands, output, tuple(tangents), slopes)
