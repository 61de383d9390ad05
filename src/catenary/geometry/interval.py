"""Linear graphs run on intervals: what comes out holds every result that the inputs allow.

Interval arithmetic knows of each value only where it lies, not what it has in common with others;
so x − x is wider than 0, and the result encloses the truth. See Moore, Interval Analysis (1966).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, TypeAlias

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Linear, Multilinear
from catenary.core.graph import Atom, Graph, Literal, Node
from catenary.core.structure import (
    Composition,
    Identity,
    Kronecker,
    Map,
    Ones,
    RunningSum,
    Selection,
    Zero,
)

Array = np.ndarray[Any, Any]
Interval: TypeAlias = tuple[Array, Array]  # the lower and the upper ends; one array: a point


def point(array: Any) -> Interval:
    """An interval of no width."""
    whole = np.asarray(array)
    return whole, whole


def run(graph: Graph, inputs: Sequence[Interval]) -> list[Interval]:
    """The outputs of a graph that is linear in everything that is an interval."""
    env: dict[Atom, Interval] = dict(zip(graph.inputs, inputs, strict=True))

    def read(atom: Atom) -> Interval:
        return point(atom.array) if isinstance(atom, Literal) else env[atom]

    with np.errstate(all="ignore"):
        for node in graph.nodes:
            env.update(zip(node.outputs, _step(graph, node, [read(a) for a in node.operands])))
    return [read(a) for a in graph.outputs]


def _step(graph: Graph, node: Node, operands: Sequence[Interval]) -> Sequence[Interval]:
    wide = [low is not high for low, high in operands]
    kind, ends = node.primitive.derivative, [low for low, _ in operands]
    if not any(wide):
        found = node.primitive.evaluate(*ends, **node.params)
        return [point(v) for v in (found if node.primitive.multiple else (found,))]
    if isinstance(kind, Multilinear):
        product_of = _products if node.primitive.elementwise else _centred
        return [product_of(node, operands)]
    if isinstance(kind, Linear) and node.primitive.elementwise:
        return [_sums(node, operands)]
    if isinstance(kind, Linear) and _keeps_order(node, operands, wide):
        return [_moves(node, operands)]
    raise errors.bad_graph(graph, f"{node.primitive.name} is not made of sums of an interval")


def _products(node: Node, operands: Sequence[Interval]) -> Interval:
    """The extreme ones of the products of ends."""
    found = [node.primitive.evaluate(*ends, **node.params) for ends in product(*operands)]
    return np.minimum.reduce(found), np.maximum.reduce(found)


def _centred(node: Node, operands: Sequence[Interval]) -> Interval:
    """Sums of products c·d ± (|c|·s + r·|d| + r·s), for operands c ± r and d ± s."""
    centres = [(low + high) / 2 for low, high in operands]
    radii = [(high - low) / 2 for low, high in operands]
    middle = node.primitive.evaluate(*centres, **node.params)
    sizes = [np.abs(c) for c in centres]
    reach = node.primitive.evaluate(
        *[size + r for size, r in zip(sizes, radii, strict=True)], **node.params
    ) - node.primitive.evaluate(*sizes, **node.params)
    return middle - reach, middle + reach


def _sums(node: Node, operands: Sequence[Interval]) -> Interval:
    """Each operand that is an interval alone, and all of these together."""
    low, high = None, None
    moving = [i for i in range(len(operands)) if operands[i][0].dtype.kind == "f"]
    for i in moving:
        sides = []
        for end in operands[i]:
            given = [
                end if j == i else np.zeros_like(v) if j in moving else v
                for j, (v, _) in enumerate(operands)
            ]
            sides.append(node.primitive.evaluate(*given, **node.params))
        least, most = np.minimum(*sides), np.maximum(*sides)
        low = least if low is None else low + least
        high = most if high is None else high + most
    return np.asarray(low), np.asarray(high)


def _moves(node: Node, operands: Sequence[Interval]) -> Interval:
    """Ends to ends: no larger number makes a smaller one."""
    low, high = (
        np.asarray(node.primitive.evaluate(*[pair[side] for pair in operands], **node.params))
        for side in (0, 1)
    )
    return low, high


def _keeps_order(node: Node, operands: Sequence[Interval], wide: Sequence[bool]) -> bool:
    """Whether an operation only moves, copies and adds the intervals among its operands."""
    rule = node.primitive.structure
    if not callable(rule):
        return False
    values = [low for low, _ in operands]
    output = node.primitive.evaluate(*values, **node.params)
    maps = [rule(i, values, output, **node.params) for i, moves in enumerate(wide) if moves]
    return all(map(_adds, maps))


def _adds(found: Map) -> bool:
    """Whether a map has no entries but 0 and 1."""
    if isinstance(found, Composition):
        return all(map(_adds, found.factors))
    if isinstance(found, Kronecker):
        return _adds(found.left) and _adds(found.right)
    return isinstance(found, Identity | Zero | Selection | Ones | RunningSum)
