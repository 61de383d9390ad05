"""Where a traced model multiplies its parameters with rows of activations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core import structure
from catenary.core.graph import Atom, Graph, Literal, Node, Var
from catenary.core.primitive import NotYet

Array = np.ndarray[Any, Any]
Values = dict[Atom, Any]


@dataclass(frozen=True, eq=False)
class Affine:
    """z = a W (+ b) somewhere in a graph: one row of a and of z for each example.

    ``weight`` and ``bias`` number the graph's parameters, ``output`` is z without the bias,
    ``rows`` is a. With ``outputs_first`` W is stored with one row for each output.
    """

    weight: int
    bias: int | None
    output: Var
    rows: Array
    outputs_first: bool


def evaluated(graph: Graph, inputs: Sequence[Any]) -> Values:
    """Every value of a graph."""
    values: Values = dict(zip(graph.inputs, map(np.asarray, inputs), strict=True))
    for node in graph.nodes:
        operands = [a.array if isinstance(a, Literal) else values[a] for a in node.operands]
        results = node.primitive.evaluate(*operands, **node.params)
        values.update(zip(node.outputs, results if node.primitive.multiple else (results,)))
    return values


def affine_parts(graph: Graph, parameters: Sequence[Var], values: Values) -> list[Affine]:
    """The products of parameters with rows, read from the structure that operations declare.

    A parameter counts if it is used once, in an operation whose derivative by it is
    (rows ⊗ identity), whatever the operation's name; a bias, if it is copied to every row and
    added to such a product.
    """
    uses: dict[Atom, list[tuple[Node, int]]] = {}
    for node in graph.nodes:
        for i, atom in enumerate(node.operands):
            uses.setdefault(atom, []).append((node, i))
    found = []
    for number, parameter in enumerate(parameters):
        used = _used(parameter, uses, values)
        if used is None or parameter in graph.outputs:
            continue
        node, i, turned = used
        product = _product(node, i, values)
        if product is None:
            continue
        rows, outputs_first = product
        first, z = outputs_first != turned, node.outputs[0]
        # (W, b) is one Kronecker product only where b can stand as the last row of W.
        bias = None if first else _bias(z, uses, parameters, values, rows=len(rows))
        found.append(Affine(number, bias, z, rows, first))
    return found


def _used(
    parameter: Var, uses: dict[Atom, list[tuple[Node, int]]], values: Values
) -> tuple[Node, int, bool] | None:
    """The one operation that uses a parameter, and whether its axes were exchanged before."""
    turned, var = False, parameter
    while len(users := uses.get(var, [])) == 1:
        node, i = users[0]
        stated = _stated(node, i, values)
        exchanged = structure.positions(var.type.shape).T.reshape(-1)
        moved = isinstance(stated, structure.Selection)
        if not moved or var.type.ndim != 2 or not np.array_equal(stated.index, exchanged):
            return node, i, turned
        turned, var = not turned, node.outputs[0]
    return None


def _stated(node: Node, i: int, values: Values) -> Any:
    """What an operation declares its derivative by one operand to be."""
    if isinstance(node.primitive.structure, NotYet) or node.primitive.multiple:
        return None
    operands = [a.array if isinstance(a, Literal) else values[a] for a in node.operands]
    return node.primitive.structure(i, operands, values[node.outputs[0]], **node.params)


def _product(node: Node, i: int, values: Values) -> tuple[Array, bool] | None:
    """The rows a of a product a W, and whether W is stored with its outputs first."""
    stated = _stated(node, i, values)
    if not isinstance(stated, structure.Composition) or len(stated.factors) != 3:
        return None
    outward, middle, inward = stated.factors
    if not isinstance(middle, structure.Kronecker) or not isinstance(middle.left, structure.Blocks):
        return None
    shape = np.shape(values[node.operands[i]])
    stack = middle.left.stack
    laid_out = isinstance(outward, structure.Selection) and _counts_up(outward.index)
    if len(shape) != 2 or len(stack) != 1 or not laid_out:
        return None
    assert isinstance(inward, structure.Selection)
    if _counts_up(inward.index):
        return stack[0], False
    turned = structure.positions(shape).T.reshape(-1)
    return (stack[0], True) if np.array_equal(inward.index, turned) else None


def _bias(
    z: Var,
    uses: dict[Atom, list[tuple[Node, int]]],
    parameters: Sequence[Var],
    values: Values,
    *,
    rows: int,
) -> int | None:
    """The parameter that is copied to every row and added to z, and used nowhere else."""
    users = uses.get(z, [])
    if len(users) != 1 or len(users[0][0].operands) != 2:
        return None
    node, i = users[0]
    other = node.operands[1 - i]
    sums = all(isinstance(_stated(node, k, values), structure.Identity) for k in (0, 1))
    for number, parameter in enumerate(parameters):
        consumers = uses.get(parameter, [])
        if len(consumers) != 1 or consumers[0][0].outputs != (other,) or not sums:
            continue
        copied = _stated(*consumers[0], values)
        size = parameter.type.size
        each_row = np.tile(np.arange(size), rows)
        if isinstance(copied, structure.Selection) and np.array_equal(copied.index, each_row):
            return number if len(uses.get(other, [])) == 1 else None
    return None


def _counts_up(index: Array) -> bool:
    return np.array_equal(index, np.arange(index.size))
