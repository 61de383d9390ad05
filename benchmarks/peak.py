"""What the machine itself can do, measured beside the contestants: FMA peak and memory streams."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from llvmlite import binding, ir

from benchmarks.case import Run
from catenary.backend.llvm import emit
from catenary.backend.llvm.machine import host

# Enough independent sums to hide the four or five cycles that an FMA takes, on two ports.
SUMS = 12
STEPS = 300_000


def threads() -> int:
    """As many as every contestant has."""
    return int(os.environ["OMP_NUM_THREADS"])


def module(dtype: np.dtype[Any]) -> ir.Module:
    """``peak(n)``: n rounds of ``SUMS`` FMAs in registers. ``stream(x, n, times)``: x ← x·c + c."""
    code = ir.Module("peak")
    lanes = host().lanes(dtype)
    type = emit.register_type(dtype, lanes)
    peak = ir.Function(code, ir.FunctionType(type.element, [emit.I64]), "peak")
    b = ir.IRBuilder(peak.append_basic_block())
    sums = [_variable(b, type, k) for k in range(SUMS)]
    factor, term = emit.number(type, 0.5), emit.number(type, 1.0)
    with emit.loop(b, 0, peak.args[0]):
        for sum in sums:
            b.store(emit.fma(b, b.load(sum, typ=type), factor, term), sum)
    total = b.load(sums[0], typ=type)
    for sum in sums[1:]:
        total = b.fadd(total, b.load(sum, typ=type))
    b.ret(b.extract_element(total, emit.I32(0)))
    _stream(code, dtype, lanes)
    return code


def _variable(b: ir.IRBuilder, type: Any, value: float) -> Any:
    place = b.alloca(type)
    b.store(emit.number(type, value), place)
    return place


def _stream(code: ir.Module, dtype: np.dtype[Any], lanes: int) -> None:
    type = ir.FunctionType(emit.VOID, [emit.POINTER, emit.I64, emit.I64])
    stream = ir.Function(code, type, "stream")
    b = ir.IRBuilder(stream.append_basic_block())
    c = emit.number(emit.register_type(dtype, lanes), 0.5)
    with emit.loop(b, 0, stream.args[2]), emit.loop(b, 0, stream.args[1], 4 * lanes) as i:
        for k in range(4):
            place = emit.address(b, stream.args[0], b.add(i, emit.index(k * lanes)), dtype)
            emit.store(b, emit.fma(b, emit.load(b, place, dtype, lanes), c, c), place, dtype)
    b.ret_void()


@cache
def compiled(dtype: str) -> tuple[Any, Any]:
    """Both functions as machine code, and what keeps it alive."""
    machine = host().target_machine()
    parsed = binding.parse_assembly(str(module(np.dtype(dtype))))
    # Without this pass the sums would lie in memory.
    options = binding.create_pipeline_tuning_options(speed_level=2)
    builder = binding.create_pass_builder(machine, options)
    builder.getModulePassManager().run(parsed, builder)
    engine = binding.create_mcjit_compiler(parsed, machine)
    engine.finalize_object()
    return engine, {name: engine.get_function_address(name) for name in ("peak", "stream")}


def build(mode: str, **_: Any) -> Run:
    """``float32``: a unit is a floating point operation; ``stream:N``: a byte, of N in all."""
    kind, _, size = mode.partition(":")
    call, units = streams(int(size)) if kind == "stream" else multiply_adds(kind)
    return Run(call, units)


def multiply_adds(dtype: str) -> tuple[Callable[[], Any], int]:
    """On every thread: independent FMAs, two operations for each lane."""
    function = ctypes.CFUNCTYPE(None, ctypes.c_int64)(compiled(dtype)[1]["peak"])
    pool = ThreadPoolExecutor(threads())

    def call() -> None:
        list(pool.map(function, [STEPS] * threads()))

    return call, 2 * host().lanes(np.dtype(dtype)) * SUMS * STEPS * threads()


def streams(size: int) -> tuple[Callable[[], Any], int]:
    """On every thread: read, change and write back its part of ``size`` bytes."""
    address = compiled("float32")[1]["stream"]
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)(address)
    count = max(1024, size // 4 // threads() // 64 * 64)
    parts = [np.ones(count, np.float32) for _ in range(threads())]
    pool = ThreadPoolExecutor(threads())
    again = max(1, (128 << 20) // size)

    def several(part: np.ndarray[Any, Any]) -> None:
        function(part.ctypes.data, count, again)

    def call() -> None:
        list(pool.map(several, parts))

    return call, 2 * 4 * count * threads() * again


def version() -> str:
    """The processor as LLVM calls it."""
    return host().cpu
