"""The door to machine code: whether it can be had here, and the reference where it cannot."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from catenary.backend import reference
from catenary.core import machine_errors
from catenary.core.graph import Graph, subgraphs
from catenary.core.primitive import NotYet, Primitive

if TYPE_CHECKING:
    from catenary.backend.facts import Code

Program = reference.Program
BACKENDS = ("native", "reference")


def wanted() -> str:
    """The backend that CATENARY_BACKEND names; machine code unless told otherwise."""
    name = os.environ.get("CATENARY_BACKEND", "native")
    if name not in BACKENDS:
        raise machine_errors.unknown_backend(name, BACKENDS)
    return name


def compile_graph(graph: Graph) -> Program:
    """The fastest program for a graph that this machine can run."""
    compiler = _compiler() if _compilable(graph) else None
    return reference.compile_graph(graph) if compiler is None else compiler(graph)


def _compilable(graph: Graph) -> bool:
    """Whether there can be machine code for a graph here."""
    if wanted() != "native" or _compiler() is None:
        return False
    return not any(_unsaid(primitive) for primitive in _primitives(graph))


# Operations whose verbs the compiler does not know yet.
UNSAID: frozenset[str] = frozenset()


def _unsaid(primitive: Primitive) -> bool:
    return isinstance(primitive.lower, NotYet) or primitive.name in UNSAID


def _primitives(graph: Graph) -> Iterator[Primitive]:
    """Each operation of a graph, and of the graphs within."""
    stack = [graph]
    while stack:
        for node in stack.pop().nodes:
            yield node.primitive
            stack.extend(subgraphs(node))


def report(
    graph: Graph, values: Sequence[Any] | None = None, *, ir: bool = False, assembly: bool = False
) -> Code | None:
    """What the compiler makes of a graph; None where it runs on the reference.

    ``values``: arrays to measure a call on.
    """
    if not _compilable(graph):
        return None
    from catenary.backend.llvm import report as reports

    return reports.report(graph, values=values, ir=ir, assembly=assembly)


@cache
def _compiler() -> Callable[[Graph], Program] | None:
    """The compiler, or None, with a warning, where there is none for this machine."""
    try:
        from catenary.backend.llvm import machine, native

        machine.host()
    except (ImportError, OSError, RuntimeError) as error:
        warnings.warn(machine_errors.no_compiler(str(error)), RuntimeWarning, stacklevel=2)
        return None
    return native.compile_graph
