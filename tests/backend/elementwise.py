"""Functions on registers as functions on arrays, compiled."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding, ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.machine import host

Written = Callable[..., Any]


class Compiled:
    """``written(b, *values)`` over equal arrays, so many lanes at once (None: one, a scalar)."""

    def __init__(self, written: Written, dtype: Any, lanes: int | None, operands: int = 1) -> None:
        self.dtype, self.lanes, self.operands = np.dtype(dtype), lanes, operands
        module = ir.Module("elementwise")
        module.triple = host().triple
        kinds = [emit.POINTER] * (operands + 1) + [emit.I64, emit.I64]
        entry = ir.Function(module, ir.FunctionType(emit.VOID, kinds), "run")
        b = ir.IRBuilder(entry.append_basic_block())
        *sources, target, count, repeats = entry.args
        with emit.loop(b, 0, repeats), emit.loop(b, 0, count, lanes or 1) as i:
            values = [emit.load(b, emit.address(b, s, i, dtype), dtype, lanes) for s in sources]
            emit.store(b, written(b, *values), emit.address(b, target, i, dtype), dtype)
        b.ret_void()
        self.text = str(module)
        machine = host().target_machine()
        parsed = binding.parse_assembly(self.text)
        parsed.verify()
        options = binding.create_pipeline_tuning_options(speed_level=3)
        builder = binding.create_pass_builder(machine, options)
        builder.getModulePassManager().run(parsed, builder)
        self.assembly = machine.emit_assembly(parsed)
        self._engine = binding.create_mcjit_compiler(parsed, machine)
        self._engine.finalize_object()
        pointers = [ctypes.c_void_p] * (operands + 1)
        self._run = ctypes.CFUNCTYPE(None, *pointers, ctypes.c_int64, ctypes.c_int64)(
            self._engine.get_function_address("run")
        )

    def __call__(self, *arrays: Any, repeats: int = 1) -> Any:
        arrays = np.broadcast_arrays(*(np.asarray(a, self.dtype) for a in arrays))
        shape, size, width = arrays[0].shape, arrays[0].size, self.lanes or 1
        padded = [np.concatenate([a.ravel(), np.zeros(-size % width, self.dtype)]) for a in arrays]
        out = np.empty_like(padded[0])
        self._run(*(a.ctypes.data for a in [*padded, out]), len(out), repeats)
        return out[:size].reshape(shape)
