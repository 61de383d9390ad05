"""What the machine itself can do, measured beside the contestants: FMA peak and memory streams."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from llvmlite import binding

from benchmarks.case import Run
from catenary.backend.llvm.machine import host

# Enough independent sums to hide the four or five cycles that an FMA takes, on two ports.
SUMS = 12
STEPS = 300_000


def threads() -> int:
    """As many as every contestant has."""
    return int(os.environ["OMP_NUM_THREADS"])


def code(dtype: str, lanes: int) -> str:
    """``peak(n)``: n rounds of ``SUMS`` FMAs in registers. ``stream(x, n, times)``: x ← x/2 + 1.

    Written out here, not with the library's own words: a measure stands apart from what it
    measures.
    """
    scalar = {"float32": "float", "float64": "double"}[dtype]
    vector = f"<{lanes} x {scalar}>"
    fma = f"@llvm.fma.v{lanes}f{dtype[-2:]}"
    half, one = (f"<{', '.join([f'{scalar} {c}'] * lanes)}>" for c in (0.5, 1.0))
    starts = (f"<{', '.join([f'{scalar} {k}.0'] * lanes)}>" for k in range(SUMS))
    first = [
        f"%s{k} = phi {vector} [{start}, %entry], [%t{k}, %body]" for k, start in enumerate(starts)
    ]
    after = [
        f"%t{k} = call {vector} {fma}({vector} %s{k}, {vector} {half}, {vector} {one})"
        for k in range(SUMS)
    ]
    sums = [f"%u0 = fadd {vector} %t0, %t0"]
    sums += [f"%u{k} = fadd {vector} %u{k - 1}, %t{k}" for k in range(1, SUMS)]
    lines = {"first": first, "after": after, "sums": sums}
    inner = {name: "\n  ".join(told) for name, told in lines.items()}
    return TEXT.format(
        vector=vector, scalar=scalar, fma=fma, half=half, one=one, lanes=lanes, last=SUMS - 1,
        align=np.dtype(dtype).itemsize, **inner,
    )  # fmt: skip


TEXT = """
declare {vector} {fma}({vector}, {vector}, {vector})

define {scalar} @peak(i64 %n) {{
entry:
  br label %body
body:
  %i = phi i64 [0, %entry], [%j, %body]
  {first}
  {after}
  %j = add i64 %i, 1
  %more = icmp slt i64 %j, %n
  br i1 %more, label %body, label %end
end:
  {sums}
  %r = extractelement {vector} %u{last}, i32 0
  ret {scalar} %r
}}

define void @stream(ptr %x, i64 %n, i64 %times) {{
entry:
  br label %again
again:
  %t = phi i64 [0, %entry], [%u, %done]
  br label %body
body:
  %i = phi i64 [0, %again], [%j, %body]
  %p = getelementptr {scalar}, ptr %x, i64 %i
  %v = load {vector}, ptr %p, align {align}
  %w = call {vector} {fma}({vector} %v, {vector} {half}, {vector} {one})
  store {vector} %w, ptr %p, align {align}
  %j = add i64 %i, {lanes}
  %more = icmp slt i64 %j, %n
  br i1 %more, label %body, label %done
done:
  %u = add i64 %t, 1
  %further = icmp slt i64 %u, %times
  br i1 %further, label %again, label %end
end:
  ret void
}}
"""


@cache
def compiled(dtype: str) -> tuple[Any, Any]:
    """Both functions as machine code, and what keeps it alive."""
    machine = host().target_machine()
    parsed = binding.parse_assembly(code(dtype, host().lanes(np.dtype(dtype))))
    engine = binding.create_mcjit_compiler(parsed, machine)
    engine.finalize_object()
    return engine, {name: engine.get_function_address(name) for name in ("peak", "stream")}


def build(mode: str, **ignored: Any) -> Run:
    """``float32``: a unit is a floating point operation; ``stream:N``: a byte, of N in all."""
    del ignored
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
