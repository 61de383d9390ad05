"""Compiled graphs, kept under what they compute, and how they are applied."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Any

from catenary.backend import native, reference
from catenary.core.graph import Graph, Literal, Var
from catenary.core.replay import replay

# Runs of a graph on the reference backend before it is worth machine code.
SIGHTINGS = 3


class Compiled:
    """A graph and the program made from it, on first use.

    ``eager``: machine code at once, as it was asked for; otherwise only for what comes again.
    """

    __slots__ = ("_native", "_program", "_sightings", "graph")

    def __init__(self, graph: Graph, *, eager: bool = False) -> None:
        self.graph = graph
        self._program: native.Program | None = None
        self._native = False
        self._sightings = SIGHTINGS if eager else 0

    def __call__(self, operands: Sequence[Any]) -> list[Any]:
        """Run on arrays; where an operand belongs to a recording, be recorded there."""
        for operand in operands:
            if isinstance(operand, Var):
                return replay(self.graph, operands)
        program = self._program if self._native and self._program else self._prepared()
        return program([o.array if isinstance(o, Literal) else o for o in operands])

    @property
    def program(self) -> Any:
        """What runs the graph, once it was run."""
        return self._program

    def _prepared(self) -> native.Program:
        """The program for this sighting of the graph."""
        if self._sightings >= SIGHTINGS:
            self._program, self._native = native.compile_graph(self.graph), True
        elif self._program is None:
            self._program = reference.compile_graph(self.graph)
        self._sightings += 1
        return self._program


class Cache:
    """A bounded store of what was made under a key; the least recently used goes first."""

    def __init__(self, limit: int = 512) -> None:
        self._limit = limit
        self._entries: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(
        self,
        key: Hashable,
        make: Callable[[], Any],
        keep: Callable[[Any], bool] = lambda entry: True,
    ) -> Any:
        """What is stored under the key, or else is made now, and kept if it may be."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
                return entry
        entry = make()
        if not keep(entry):
            return entry
        with self._lock:
            self._entries[key] = entry
            if len(self._entries) > self._limit:
                self._entries.popitem(last=False)
        return entry

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)
