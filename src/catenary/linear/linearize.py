"""linearize: the value of a function, and its derivative as a linear map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from catenary.backend.compile import Compiled
from catenary.core.graph import Graph
from catenary.function.arguments import check_callable, result, split
from catenary.function.modes import derived, follow, wrt
from catenary.linear.graph_map import GraphMap
from catenary.linear.map import LinearMap
from catenary.linear.space import space_of
from catenary.tracing import tree
from catenary.tracing.trace import Recording
from catenary.transform.linearize import linearize as linearize_graph
from catenary.transform.simplify import simplify


def linearize(f: Callable[..., Any], *x: Any) -> tuple[Any, LinearMap]:
    """(f(x), Df(x)): the value, and the derivative at x as a :class:`LinearMap`.

    f(x + v) = f(x) + Df(x)·v + O(‖v‖²). The map goes from the space of the argument (of the tuple
    of arguments, when there are several) to the space of the result; f is evaluated once, and the
    map may be applied, transposed and composed any number of times. See Radul et al., You Only
    Linearize Once (POPL 2023).

    >>> import numpy as np
    >>> y, D = linearize(lambda x: x * x, np.array([1.0, 3.0]))
    >>> D @ np.array([1.0, 1.0])
    array([2., 6.])
    >>> D.T @ np.array([1.0, 0.0])
    array([2., 0.])
    """
    check_callable(f, "linearize", "cat.linearize(f, x)")
    arguments = split(x, "linearize")
    recording = follow(lambda given: f(*given), arguments)
    count, n = len(arguments.operands), len(recording.outputs)
    floats = _coordinates(recording)

    def make(graph: Graph) -> tuple[Compiled, Graph]:
        parts = linearize_graph(graph, wrt(recording, count))
        answers = [parts.linear.outputs[i] for i in floats]
        linear = Graph(parts.linear.inputs, parts.linear.nodes, answers)
        return Compiled(simplify(parts.value)), simplify(linear)

    value, linear = derived(recording, ("linearize", floats), make)
    values = value([*recording.captured, *arguments.values])
    y = recording.returned([result(v) for v in values[:n]])
    domain = space_of(x[0] if len(x) == 1 else x)
    return y, GraphMap(linear, values[n:], domain, space_of(y))


def _coordinates(recording: Recording) -> tuple[int, ...]:
    """Which of the arrays that were returned are coordinates of the result."""
    passive = tree.passive_positions(recording.structure)
    arrays = [i for i, kept in enumerate(recording.leaves) if kept is None]
    pairs = zip(arrays, recording.outputs, strict=True)
    return tuple(k for k, (i, a) in enumerate(pairs) if a.type.is_float and i not in passive)
