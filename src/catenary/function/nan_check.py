"""Where a number that is not finite comes from: the operation, and the user's line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core.errors import place
from catenary.core.evaluate import evaluate_graph
from catenary.core.graph import Atom, Graph, Literal, Node, Var, Where
from catenary.function.arguments import split_arrays


@dataclass(frozen=True)
class Origin:
    """The first operation whose operands are finite and whose result is not; for an argument
    that is not finite itself, ``operation`` says which.
    """

    operation: str
    where: Where | None = None

    def __str__(self) -> str:
        return f"{self.operation}{place(self.where)}"


def origin(function: Callable[..., Any], *arguments: Any) -> Origin | None:
    """Where the first number comes from that makes a function's result not finite, if any does.

    The function is traced as by jit, and its graph run on NumPy, operation by operation.

    >>> origin(lambda x: np.sum(np.sqrt(x)), np.array([1.0, -1.0])).operation
    'sqrt gives nan'
    """
    given = split_arrays(arguments)
    recording = given.record(lambda filled: function(*filled), concrete=False, purpose="jit")
    return origin_in(recording.graph(), [*recording.captured, *given.values])


def all_finite(values: Sequence[Any]) -> bool:
    """Whether every floating-point number of some arrays is finite."""
    return all(np.isfinite(v).all() for v in values if np.asarray(v).dtype.kind == "f")


def origin_in(graph: Graph, arrays: Sequence[Any]) -> Origin | None:
    """:func:`origin` for a graph, of which the values of the inputs are given."""
    values: dict[Atom, Any] = dict(zip(graph.inputs, map(np.asarray, arrays), strict=True))
    made_by: dict[Var, Node] = {}

    def value(atom: Atom) -> Any:
        return atom.array if isinstance(atom, Literal) else values[atom]

    with np.errstate(all="ignore"):
        for node in graph.nodes:
            results = node.primitive.evaluate(*map(value, node.operands), **node.params)
            results = results if node.primitive.multiple else (results,)
            values.update(zip(node.outputs, map(np.asarray, results), strict=True))
            made_by.update(dict.fromkeys(node.outputs, node))
        bad = next((a for a in graph.outputs if not all_finite([value(a)])), None)
        while isinstance(bad, Var) and bad in made_by:
            node = made_by[bad]
            before = [a for a in node.operands if isinstance(a, Var)]
            worse = next((a for a in before if not all_finite([values[a]])), None)
            if worse is None:
                inner = _within(node, [value(a) for a in node.operands])
                return inner or Origin(
                    f"{node.primitive.name} gives {_kind(value(bad))}", node.where
                )
            bad = worse
    if isinstance(bad, Var):
        return Origin(f"argument {graph.inputs.index(bad)} holds {_kind(values[bad])}")
    return None


def _kind(array: Any) -> str:
    """What it is that is not finite."""
    if np.isnan(array).any():
        return "nan"
    return "inf" if np.isposinf(array).any() else "-inf"


def _within(node: Node, operands: Sequence[Any]) -> Origin | None:
    """The origin inside an operation that runs graphs, round by round."""
    for graph, arrays in _runs(node.primitive.name, node.params, operands):
        if found := origin_in(graph, arrays):
            return found
    return None


def _runs(name: str, params: Any, operands: Sequence[Any]) -> Iterator[tuple[Graph, Sequence[Any]]]:
    """The graphs that an operation runs, in their order, with what each is given."""
    if name == "cond":
        yield params["branches"][int(operands[0])], operands[1:]
    elif name == "while_loop":
        held, rounds = operands[: params["held"]], 0
        carries: Sequence[Any] = operands[params["held"] :]
        condition, body = params["condition"], params["body"]
        while rounds != params["bound"] and evaluate_graph(condition, [*held, *carries])[0]:
            yield body, [*held, *carries]
            carries, rounds = evaluate_graph(body, [*held, *carries]), rounds + 1
    elif name == "scan":
        body, first, carried = params["graph"], params["held"], params["carried"]
        held, xs = operands[:first], operands[first + carried :]
        carries = operands[first : first + carried]
        rows = range(params["length"])
        for i in reversed(rows) if params["reverse"] else rows:
            yield body, [*held, *carries, *(x[i, ...] for x in xs)]
            carries = evaluate_graph(body, [*held, *carries, *(x[i, ...] for x in xs)])[:carried]
    elif isinstance(params.get("graph"), Graph):
        yield params["graph"], operands
