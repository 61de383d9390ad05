"""What one application of a linear operation multiplies, read from its declared structure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core.graph import Graph, Node, Var, subgraphs
from catenary.core.primitive import NotYet
from catenary.core.structure import Map, Scalar


def stated(node: Node, i: int) -> Map | None:
    """What the declaration says of the map from operand i, seen from shapes.

    The numbers are stand-ins: ones, and zeros for positions. Of an elementwise operation the map
    of one element is given. None where nothing is stated.
    """
    rule = node.primitive.structure
    if isinstance(rule, NotYet):
        return None
    alike = node.primitive.elementwise
    stand_ins = [
        (np.ones if alike or a.type.is_float else np.zeros)(
            () if alike else a.type.shape, a.type.dtype
        )
        for a in node.operands
    ]
    out = node.outputs[0].type
    found: Map = rule(i, stand_ins, np.ones(() if alike else out.shape, out.dtype), **node.params)
    return found


def cost_of(node: Node, i: int, found: Map | None) -> int:
    """Multiplications of one application of what is stated; of a matrix where nothing is."""
    size: int = sum(v.type.size for v in node.outputs)
    if found is None:
        moving: int = node.operands[i].type.size
        return moving * size
    if isinstance(found, Scalar) and abs(found.c) == 1:
        return 0  # a change of sign
    return found.cost * (size if node.primitive.elementwise else 1)


def node_cost(node: Node, movers: Sequence[int]) -> int:
    """Multiplications of one application of an operation that is linear in what moves."""
    bodies = list(subgraphs(node))
    if bodies:
        rounds = node.params.get("length", 1)
        return sum(rounds * _body_cost(body, node, movers) for body in bodies)
    return sum(cost_of(node, i, stated(node, i)) for i in movers)


def _body_cost(body: Graph, node: Node, movers: Sequence[int]) -> int:
    """Of one run of a graph inside an operation; what a loop carries moves from round to round."""
    shift = len(node.operands) - len(body.inputs)  # a condition or its like stands before
    held, carried = node.params.get("held", 0), node.params.get("carried", 0)
    moving: set[Any] = {body.inputs[i - shift] for i in movers if 0 <= i - shift}
    before = -1
    cost = 0
    while len(moving) != before:
        before, cost = len(moving), 0
        for inner in body.nodes:
            places = [i for i, a in enumerate(inner.operands) if a in moving]
            if places:
                moving.update(v for v in inner.outputs if v.type.is_float)
                cost += node_cost(inner, places)
        for k in range(carried):
            if isinstance(body.outputs[k], Var) and body.outputs[k] in moving:
                moving.add(body.inputs[held + k])
    return cost
