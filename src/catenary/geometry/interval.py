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
    if isinstance(kind, Linear):
        return [
            _sums(node, operands, wide) if node.primitive.elementwise else _moves(node, operands)
        ]
    raise errors.bad_graph(graph, f"{node.primitive.name} is not linear in an interval")


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


def _sums(node: Node, operands: Sequence[Interval], wide: Sequence[bool]) -> Interval:
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
    """Moves, copies and sums: no larger number makes a smaller one."""
    low, high = (
        np.asarray(node.primitive.evaluate(*[ends[side] for ends in operands], **node.params))
        for side in (0, 1)
    )
    return low, high
