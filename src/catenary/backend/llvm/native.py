"""From a graph to a function that can be called."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from catenary.backend.llvm import machine
from catenary.backend.llvm.program import Code, generate
from catenary.core.graph import Graph

Program = Callable[[Sequence[Any]], list[Any]]


def optimised(code: Code) -> Any:
    """The module, checked and improved."""
    from llvmlite import binding

    module = binding.parse_assembly(str(code.module))
    module.verify()
    target = machine.host().target_machine()
    options = binding.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = False
    options.slp_vectorization = False
    passes = binding.create_pass_builder(target, options)
    passes.getModulePassManager().run(module, passes)
    return module, target


class Loaded:
    """Machine code in memory."""

    def __init__(self, code: Code) -> None:
        from llvmlite import binding

        module, target = optimised(code)
        self.engine = binding.create_mcjit_compiler(module, target)
        self.engine.finalize_object()
        self.arrays = code.arrays
        table = self.engine.get_global_value_address("arrays")
        for i, array in enumerate(code.arrays):
            ctypes.c_void_p.from_address(table + 8 * i).value = array.ctypes.data
        self.body = self.engine.get_function_address("body")


def compile_graph(graph: Graph, threads: int = 1) -> Program:
    """A function from a list of arrays to the list of the graph's results."""
    code = generate(graph, threads)
    loaded = Loaded(code)
    signature = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2, ctypes.c_int64, ctypes.c_int64,
                                 ctypes.c_void_p)  # fmt: skip
    body = signature(loaded.body)
    input_types, output_types = graph.input_types, graph.output_types

    def run(arrays: Sequence[Any]) -> list[Any]:
        given = [
            np.require(a, t.dtype, ["C", "A"]) for a, t in zip(arrays, input_types, strict=True)
        ]
        results = [np.empty(t.shape, t.dtype) for t in output_types]
        pointers = (ctypes.c_void_p * (len(given) + len(results)))(
            *[a.ctypes.data for a in (*given, *results)]
        )
        arena = np.empty(code.arena_bytes + 64, np.uint8)
        start = -arena.ctypes.data % 64
        arena[start : start + 64] = 0
        body(pointers, arena.ctypes.data + start, 0, 1, None)
        if arena[start]:
            from catenary.backend.reference import compile_graph as reference

            return reference(graph)(arrays)
        del loaded_kept[1:]
        return results

    loaded_kept = [loaded]
    return run
