"""From a graph to a function that can be called."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import binding

from catenary.backend import reference
from catenary.backend.llvm import entry, machine, threads
from catenary.backend.llvm.program import Code, generate
from catenary.core.graph import Graph

Program = Callable[[Sequence[Any]], list[Any]]


def optimised(code: Code) -> Any:
    """The module, checked and improved."""
    module = binding.parse_assembly(str(code.module))
    module.verify()
    target = machine.host().target_machine()
    options = binding.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = False  # vectors are written as such
    options.slp_vectorization = False
    passes = binding.create_pass_builder(target, options)
    passes.getModulePassManager().run(module, passes)
    return module, target


class Loaded:
    """Machine code in memory."""

    def __init__(self, code: Code) -> None:
        module, target = optimised(code)
        self.engine = binding.create_mcjit_compiler(module, target)
        self.engine.finalize_object()
        self.arrays = code.arrays
        table = self.engine.get_global_value_address("arrays")
        for i, array in enumerate(code.arrays):
            ctypes.c_void_p.from_address(table + 8 * i).value = array.ctypes.data
        self.body = self.engine.get_function_address("body")


def compile_graph(graph: Graph, most_threads: int | None = None) -> Program:
    """A function from a list of arrays to the list of the graph's results."""
    code = generate(graph, threads.count() if most_threads is None else most_threads)
    loaded = Loaded(code)

    def complain(status: int, detail: int, arrays: tuple[Any, ...]) -> tuple[Any, ...]:
        # the reference finds the same fault, and says where
        return tuple(reference.compile_graph(graph)(arrays))

    types = graph.input_types
    call = entry.make(
        loaded.body,
        [(t.dtype, t.shape) for t in types],
        [(t.dtype, t.shape) for t in graph.output_types],
        code.arena_bytes,
        threads=code.threads,
        release_gil=True,
        on_status=complain,
        keep=loaded,
    )

    def run(arrays: Sequence[Any]) -> list[Any]:
        results = call(*arrays)
        if results is NotImplemented:
            fitting = [_fitting(a, t) for a, t in zip(arrays, types, strict=True)]
            results = call(*fitting)
        return list(results)

    return run


def _fitting(array: Any, type: Any) -> Any:
    """An array in row order, aligned, of its declared dtype."""
    return np.require(array, type.dtype, ["C_CONTIGUOUS", "ALIGNED"]).reshape(type.shape)
