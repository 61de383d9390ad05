"""From a graph to a function that can be called."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.backend import reference
from catenary.backend.llvm import entry, machine, objects, threads
from catenary.backend.llvm.choice import Choice
from catenary.backend.llvm.compiled import Objects, compiled
from catenary.core.graph import Graph


class Loaded:
    """Machine code in memory."""

    def __init__(self, code: Objects) -> None:
        self.engine = objects.linked(code.objects, machine.host(), code.imports)
        self.arrays = code.arrays
        table = self.engine.get_global_value_address("arrays")
        for i, array in enumerate(code.arrays):
            ctypes.c_void_p.from_address(table + 8 * i).value = array.ctypes.data
        self.body = self.engine.get_function_address("body")


class Native:
    """A graph as machine code: a function from a list of arrays to the list of its results."""

    def __init__(self, graph: Graph, most_threads: int | None = None) -> None:
        self.graph = graph
        most = threads.count() if most_threads is None else most_threads
        self.code = compiled(graph, most, meanwhile=entry.prepare)
        self._loaded = Loaded(self.code)
        self._types = graph.input_types
        arrays = ["array"] * len(graph.output_types)
        self._call = self.function([False] * len(self._types), arrays, single=False)

    def __call__(self, arrays: Sequence[Any]) -> list[Any]:
        results = self._call(*arrays)
        if results is NotImplemented:
            fitting = [_fitting(a, t) for a, t in zip(arrays, self._types, strict=True)]
            results = self._call(*fitting)
        return list(results)

    def function(self, weak: Sequence[bool], how: Sequence[str], *, single: bool) -> Any:
        """The program as a builtin of the arguments themselves, which is NotImplemented for
        those that do not fit exactly.

        ``weak``: the arguments that are Python floats; ``how``: what each result becomes, an
        "array", a NumPy "number" or a Python "float"; ``single``: the one result, not a tuple.
        """

        def complain(status: int, detail: int, arguments: tuple[Any, ...]) -> Any:
            # the reference finds the same fault, and says where
            results = reference.compile_graph(self.graph)(list(map(np.asarray, arguments)))
            return results[0] if single else tuple(results)

        takes = [(t.dtype, t.shape, w) for t, w in zip(self._types, weak, strict=True)]
        gives = [(t.dtype, t.shape, h) for t, h in zip(self.graph.output_types, how, strict=True)]

        def made(threads: int) -> Any:
            return entry.make(
                self._loaded.body, takes, gives, self.code.arena_bytes,
                threads=threads, release_gil=self.code.heavy, brief=self.code.brief,
                single=single, on_status=complain, keep=self._loaded,
            )  # fmt: skip

        several = self.code.threads
        return Choice(made(several), made(1)) if self.code.fine and several > 1 else made(several)


def compile_graph(graph: Graph, most_threads: int | None = None) -> Native:
    """Machine code for a graph, for at most so many threads (None: as many as there may be)."""
    return Native(graph, most_threads)


def _fitting(array: Any, type: Any) -> Any:
    """An array in row order, aligned, of its declared dtype."""
    return np.require(array, type.dtype, ["C_CONTIGUOUS", "ALIGNED"]).reshape(type.shape)
