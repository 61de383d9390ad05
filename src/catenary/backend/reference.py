"""The reference backend: a graph as a list of NumPy calls. It is the oracle, not the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from catenary.core.graph import Graph, Literal, Var
from catenary.ops.product import contract, labels_of, scale

Program = Callable[[Sequence[Any]], list[Any]]


def _contract(x: Any, y: Any, *, spec: str) -> Any:
    """The same sums through BLAS, where the labels are those of a matrix product."""
    x_labels, y_labels, out = labels_of(spec)
    shared = [c for c in x_labels if c in y_labels]
    if not shared or any(c in out for c in shared) or x.dtype.kind != "f":
        return np.einsum(spec, x, y)
    axes = [x_labels.index(c) for c in shared], [y_labels.index(c) for c in shared]
    result = np.tensordot(x, y, axes)
    natural = [c for c in x_labels + y_labels if c not in shared]
    return result.transpose([natural.index(c) for c in out])


def _scale(p: Any, v: Any) -> Any:
    """A plain product, corrected only where it is not finite."""
    product = np.asarray(p * v)
    if np.isfinite(product).all():
        return product
    return scale.evaluate(p, v)


# Tuned paths, tested equal to `evaluate`.
OVERRIDES: dict[str, Callable[..., Any]] = {contract.name: _contract, scale.name: _scale}


def compile_graph(graph: Graph) -> Program:
    """A function from a list of arrays to the list of the graph's results."""
    slots: dict[Var, int] = {var: i for i, var in enumerate(graph.inputs)}
    constants: list[Any] = []
    steps: list[
        tuple[Callable[..., Any], tuple[int, ...], dict[str, Any], tuple[int, ...], bool]
    ] = []

    def slot(atom: Any) -> int:
        """Variables count up from 0; literals down from −1."""
        if isinstance(atom, Literal):
            constants.append(atom.array)
            return -len(constants)
        return slots[atom]

    for node in graph.nodes:
        operands = tuple([slot(a) for a in node.operands])
        for var in node.outputs:
            slots[var] = len(slots)
        evaluate = OVERRIDES.get(node.primitive.name, node.primitive.evaluate)
        results = tuple([slots[v] for v in node.outputs])
        steps.append((evaluate, operands, dict(node.params), results, node.primitive.multiple))
    outputs = tuple([slot(a) for a in graph.outputs])
    # a result must own its memory: one that is an argument, or another result, is copied
    shared = [i < len(graph.inputs) or i in outputs[:k] for k, i in enumerate(outputs)]
    last_use = _last_uses(steps, outputs)
    size, reversed_constants = len(slots), constants[::-1]
    arity = len(graph.inputs)

    def run(arrays: Sequence[Any]) -> list[Any]:
        values = [*arrays, *([None] * (size - arity)), *reversed_constants]
        with np.errstate(all="ignore"):
            for (evaluate, operands, params, results, multiple), dead in zip(
                steps, last_use, strict=True
            ):
                result = evaluate(*[values[i] for i in operands], **params)
                if multiple:
                    for i, value in zip(results, result, strict=True):
                        values[i] = value
                else:
                    values[results[0]] = result
                for i in dead:
                    values[i] = None
        return [
            np.array(values[i]) if copied else values[i]
            for i, copied in zip(outputs, shared, strict=True)
        ]

    return run


def _last_uses(steps: Sequence[Any], outputs: Sequence[int]) -> list[tuple[int, ...]]:
    """For each step the values that nobody reads after it."""
    seen = set(outputs)
    dead: list[tuple[int, ...]] = []
    for _, operands, _, results, _ in reversed(steps):
        ended = {i for i in (*operands, *results) if i >= 0 and i not in seen}
        seen |= ended
        dead.append(tuple(ended))
    return dead[::-1]
