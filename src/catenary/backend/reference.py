"""The reference backend: a graph as a list of NumPy calls. It is the oracle, not the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeAlias

import numpy as np

from catenary.backend.control import PREPARED
from catenary.core import errors
from catenary.core.graph import Graph, Literal, Node, Var, Where
from catenary.ops.product import contract, labels_of, scale

Program = Callable[[Sequence[Any]], list[Any]]
# evaluate, operands, parameters, results, whether there are several, the user's line
Step: TypeAlias = tuple[
    Callable[..., Any], tuple[int, ...], dict[str, Any], tuple[int, ...], bool, Where | None
]


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
    """A function from a list of arrays to the list of the graph's results.

    A result shares memory with no argument and no other result.
    """
    program = _program(graph)
    constants = [a.array for n in graph.nodes for a in n.operands if isinstance(a, Literal)]
    constants += [a.array for a in graph.outputs if isinstance(a, Literal)]
    fixed = frozenset(id(_owner(array)) for array in constants)

    def run(arrays: Sequence[Any]) -> list[Any]:
        with np.errstate(all="ignore"):
            results = program(arrays)
        return _apart(results, fixed.union([id(_owner(array)) for array in arrays]))

    return run


def _program(graph: Graph) -> Program:
    """The same, whose results may share memory with each other, the arguments, and constants."""
    slots: dict[Var, int] = {var: i for i, var in enumerate(graph.inputs)}
    constants: list[Any] = []
    steps: list[Step] = []

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
        evaluate, params = _runner(node)
        results = tuple([slots[v] for v in node.outputs])
        steps.append((evaluate, operands, params, results, node.primitive.multiple, node.where))
    outputs = tuple([slot(a) for a in graph.outputs])
    last_use = _last_uses([(operands, results) for _, operands, _, results, *_ in steps], outputs)
    size, reversed_constants = len(slots), constants[::-1]
    arity = len(graph.inputs)

    def run(arrays: Sequence[Any]) -> list[Any]:
        values = [*arrays, *([None] * (size - arity)), *reversed_constants]
        _follow(steps, last_use, values)
        return [values[i] for i in outputs]

    return run


def _runner(node: Node) -> tuple[Callable[..., Any], dict[str, Any]]:
    """What to call for an operation, and the parameters to give it."""
    prepare = PREPARED.get(node.primitive.name)
    if prepare is not None:
        return prepare(_program, **node.params), {}
    return OVERRIDES.get(node.primitive.name, node.primitive.evaluate), dict(node.params)


def _follow(steps: Sequence[Step], last_use: Sequence[tuple[int, ...]], values: list[Any]) -> None:
    """Fill in the values, and let go of each after its last use."""
    where = None
    try:
        for step, dead in zip(steps, last_use, strict=True):
            evaluate, operands, params, results, multiple, where = step
            result = evaluate(*[values[i] for i in operands], **params)
            if multiple:
                for i, value in zip(results, result, strict=True):
                    values[i] = value
            else:
                values[results[0]] = result
            for i in dead:
                values[i] = None
    except errors.CatenaryError as error:
        raise errors.located(error, where) from None


def _last_uses(
    steps: Sequence[tuple[tuple[int, ...], tuple[int, ...]]], outputs: Sequence[int]
) -> list[tuple[int, ...]]:
    """For each step, given by its operands and results, the values that nobody reads after it."""
    seen = set(outputs)
    dead: list[tuple[int, ...]] = []
    for operands, results in reversed(steps):
        ended = {i for i in (*operands, *results) if i >= 0 and i not in seen}
        seen |= ended
        dead.append(tuple(ended))
    return dead[::-1]


def _apart(results: Sequence[Any], taken: AbstractSet[int]) -> list[Any]:
    """The results, copied where the owner of their memory is taken: by an argument, a constant
    or another result. Whoever holds one of them may write to it.
    """
    owners = set(taken)
    apart = []
    for result in results:
        owner = id(_owner(result))
        apart.append(np.array(result) if owner in owners else result)
        owners.add(owner)
    return apart


def _owner(array: Any) -> Any:
    """What holds the memory of an array that may be a view."""
    while isinstance(array, np.ndarray) and array.base is not None:
        array = array.base
    return array
