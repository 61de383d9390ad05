"""What a compiled graph depends on, as bytes: the graph itself, and the code that compiles it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from catenary.core.graph import Atom, Graph, Literal, Var
from catenary.ops.control import Frozen, Rule


def of_graph(graph: Graph) -> bytes:
    """Equal for graphs that compute the same, in every process."""
    return "\n".join(_lines(graph)).encode()


def _lines(graph: Graph) -> Iterator[str]:
    numbers: dict[Var, int] = {}

    def name(atom: Atom) -> str:
        if isinstance(atom, Literal):
            return f"{atom.type}={atom.value.tobytes().hex()}"
        return str(numbers[atom])

    def define(var: Var) -> str:
        numbers[var] = len(numbers)
        return str(var.type)

    yield "inputs " + " ".join(map(define, graph.inputs))
    for node in graph.nodes:
        operands = " ".join(map(name, node.operands))
        params = [f"{key}={_said(node.params[key])}" for key in sorted(node.params)]
        results = " ".join(map(define, node.outputs))
        yield f"{node.primitive.name} ({operands}) {{{'; '.join(params)}}} {results}"
    yield "outputs " + " ".join(map(name, graph.outputs))


def _said(value: Any) -> str:
    """A parameter. A rule of differentiation has no part in what a graph computes."""
    if isinstance(value, Graph):
        return "\n".join(_lines(value))
    if isinstance(value, Frozen):
        return f"{value.array.dtype}{value.array.shape}{value.array.tobytes().hex()}"
    if isinstance(value, Rule):
        return "rule"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_said, value)) + ")"
    return repr(value)


@cache
def of_sources() -> bytes:
    """Which state of the compiler and of the operations this is."""
    root = Path(__file__).parent.parent
    rooms = [root / name for name in ("backend", "ops", "core")]
    files = sorted(path for room in rooms for path in room.rglob("*.py"))
    stats = [(path.relative_to(root).as_posix(), path.stat()) for path in files]
    return "\n".join(f"{name} {s.st_size} {s.st_mtime_ns}" for name, s in stats).encode()
