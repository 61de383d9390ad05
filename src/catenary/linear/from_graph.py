"""A linear graph read as a structured map: each operation says what map it is.

Every value on the way gets the map that leads to it from each input; edges multiply, and where
edges meet, maps are added. Rules of products and sums keep the result small; where it would grow
(a value used again and again, an operation that holds a graph), the graph stays what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core import structure as core
from catenary.core.graph import Atom, Graph, Literal, Node
from catenary.core.primitive import NotYet
from catenary.linear import dispatch
from catenary.linear.block import Block
from catenary.linear.combination import Composition, Sum
from catenary.linear.diagonal import Identity, Zero
from catenary.linear.graph_map import GraphMap
from catenary.linear.map import LinearMap
from catenary.linear.space import flat_space
from catenary.linear.stated import converted
from catenary.linear.structured import StructuredMap, is_traced

LARGEST = 256  # maps: what is longer is quicker, and as readable, as a graph
Entries = dict[int, LinearMap]  # from input number i, flat, to a value, flat


def interpreted(map: GraphMap) -> LinearMap | None:
    """The structure of a graph's map, or None where it is best left as a graph."""
    if map.origin is not None:
        whole = map.origin.structure
        return None if whole is map.origin else whole.T
    if any(is_traced(value) or not np.all(np.isfinite(value)) for value in map.held):
        return None  # an infinite slope times 0 is 0 in the graph, and NaN in a product of matrices
    entries = _walk(map.graph, map.held)
    if entries is None:
        return None
    outs = [flat_space(t.size, t.dtype) for t in map.codomain.types]
    ins = [flat_space(t.size, t.dtype) for t in map.domain.types]
    grid = [
        [found.get(j) or Zero(into, out) for j, into in enumerate(ins)]
        for out, found in zip(outs, entries, strict=True)
    ]
    if (len(outs), len(ins)) != (1, 1):
        return Block(grid, map.domain, map.codomain)
    return _placed(grid[0][0], map)


def _placed(found: LinearMap, map: GraphMap) -> LinearMap:
    """A map of flat vectors, between the spaces of the graph's map."""
    if isinstance(found, StructuredMap):
        return found.between(map.domain, map.codomain)
    into, out = found.domain, found.codomain
    whole: LinearMap = Identity(out, map.codomain) @ found @ Identity(map.domain, into)
    return whole


def _walk(graph: Graph, held: Sequence[Any]) -> list[Entries] | None:
    """For each output, the maps that lead to it from the inputs that move."""
    values: dict[Atom, Any] = dict(zip(graph.inputs, held))
    reached: dict[Atom, Entries] = {
        var: {i: Identity(flat_space(var.type.size, var.type.dtype))}
        for i, var in enumerate(graph.inputs[len(held) :])
    }
    most = min(4 * len(graph.nodes) + 16, LARGEST)
    for node in graph.nodes:
        moving = [i for i, a in enumerate(node.operands) if a in reached]
        if not moving:
            _evaluate(node, values)
            continue
        if isinstance(node.primitive.structure, NotYet) or node.primitive.multiple:
            return None
        found = _arriving(node, moving, values, reached)
        if sum(map(_size, found.values())) > most:
            return None
        reached[node.outputs[0]] = found
    return [reached.get(a, {}) for a in graph.outputs]


def _evaluate(node: Node, values: dict[Atom, Any]) -> None:
    """What does not depend on the vector is computed."""
    operands = [a.array if isinstance(a, Literal) else values[a] for a in node.operands]
    results = node.primitive.evaluate(*operands, **node.params)
    values.update(zip(node.outputs, results if node.primitive.multiple else (results,)))


def _arriving(
    node: Node, moving: Sequence[int], values: dict[Atom, Any], reached: dict[Atom, Entries]
) -> Entries:
    """The maps that lead to the output of an operation, through each operand that moves."""
    (output,) = node.outputs
    operands = [_stand_in(a, values, reached) for a in node.operands]
    total: Entries = {}
    for i in moving:
        step = _step(
            node, i, operands, np.broadcast_to(output.type.dtype.type(0), output.type.shape)
        )
        for start, way in reached[node.operands[i]].items():
            longer = step @ way
            total[start] = total[start] + longer if start in total else longer
    return total


def _stand_in(atom: Atom, values: dict[Atom, Any], reached: dict[Atom, Entries]) -> Any:
    """The value of an operand; of one that moves, only shape and dtype count."""
    if isinstance(atom, Literal):
        return atom.array
    if atom in reached:
        return np.broadcast_to(atom.type.dtype.type(0), atom.type.shape)
    return values[atom]


def _step(node: Node, i: int, operands: Sequence[Any], output: Any) -> LinearMap:
    """What an operation does to one operand, as a map of flat vectors."""
    declared = node.primitive.structure
    assert not isinstance(declared, NotYet)
    stated = declared(i, operands, output, **node.params)
    factors = [a for j, a in enumerate(node.operands) if j != i]
    if isinstance(stated, core.Diagonal) and all(isinstance(a, Literal) for a in factors):
        filled = stated.d.flat[0] if stated.d.size else 1.0  # the same number everywhere
        stated = core.Scalar(float(filled), stated.d.size)
    type = node.operands[i].type
    found = converted(stated, output.dtype)
    into, out = flat_space(type.size, type.dtype), flat_space(output.size, output.dtype)
    return found.between(into, out) if isinstance(found, StructuredMap) else found


def _size(map: LinearMap) -> int:
    """How many maps it is made of."""
    if isinstance(map, (Composition, Sum)):
        return sum(_size(m) for m in (map.factors if isinstance(map, Composition) else map.terms))
    return 1


# ---- structure of any map -----------------------------------------------------------------------


def _of_factors(map: Composition) -> LinearMap | None:
    if all(factor.structure is factor for factor in map.factors):
        return None
    whole = map.factors[0].structure
    for factor in map.factors[1:]:
        whole = whole @ factor.structure
    return whole


def _of_terms(map: Sum) -> LinearMap | None:
    if all(term.structure is term for term in map.terms):
        return None
    whole = map.terms[0].structure
    for term in map.terms[1:]:
        whole = whole + term.structure
    return whole


dispatch.structure.fill(
    [((GraphMap,), interpreted), ((Composition,), _of_factors), ((Sum,), _of_terms)]
)
