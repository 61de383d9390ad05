"""Matrix products beside NumPy, PyTorch and JAX: GFLOP/s and percent of this machine's FMA peak.

    python -m benchmarks.products [--threads 1 2] [--dtype float32] [MxKxN:NN ...]

A shape is m×k times k×n; the letters say which operand lies transposed in memory (``T``). Every
number of threads is a process of its own that may use as many processors. All contestants take
turns in short rounds, and the peak is measured between them; the fastest round counts, which
forgives what else the machine is doing. Peers that cannot be imported are left out.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

SHAPES = (
    *("64x784x128:NN", "784x64x128:TN", "64x128x784:NT"),
    *("64x128x10:NN", "128x64x10:TN", "64x10x128:NT"),
    *("32x64x128:NN", "64x32x128:TN", "32x128x64:NT"),
    *("128x512x512:NN", "512x128x512:TN", "128x512x512:NT"),
    *("256x2048x2048:NN", "2048x256x2048:TN", "256x2048x2048:NT", "1024x1024x1024:NN"),
    *("45x46x47:NN", "61x383x127:NN", "97x89x101:NT"),
    *("10000x4x32:NN", "10000x32x16:NN", "10000x16x4:NN"),
    *("4x10000x32:TN", "32x10000x16:TN", "16x10000x4:TN"),
    *("2048x2048x1:NN", "1x784x512:NN", "4x512x512:NT"),
)
ROUNDS, SECONDS = 40, 0.002  # rounds, and how long a contestant runs in each
Contestant = Callable[[int], None]  # so many products


@dataclass(frozen=True)
class Case:
    """m×k times k×n; ``layout``: N as rows, T as columns."""

    m: int
    k: int
    n: int
    layout: str

    @classmethod
    def parse(cls, text: str) -> Case:
        sizes, _, layout = text.partition(":")
        m, k, n = map(int, sizes.split("x"))
        return cls(m, k, n, layout or "NN")

    @property
    def flops(self) -> int:
        return 2 * self.m * self.n * self.k

    def __str__(self) -> str:
        return f"{self.m}×{self.k}×{self.n} {self.layout}"


def operands(case: Case, dtype: Any) -> tuple[Any, Any]:
    """The matrices as NumPy arrays, transposed views where the layout says so."""
    import numpy as np

    rng = np.random.default_rng(0)

    def matrix(rows: int, columns: int, kind: str) -> Any:
        shape = (rows, columns) if kind == "N" else (columns, rows)
        values = rng.standard_normal(shape).astype(dtype)
        return values if kind == "N" else values.T

    return matrix(case.m, case.k, case.layout[0]), matrix(case.k, case.n, case.layout[1])


def compiled(code: str, arguments: int) -> Any:
    """The function ``run`` of a module, of pointers and then four integers."""
    from llvmlite import binding

    from catenary.backend.llvm.machine import host

    engine = binding.create_mcjit_compiler(binding.parse_assembly(code), host().target_machine())
    engine.finalize_object()
    kinds = [ctypes.c_void_p] * arguments + [ctypes.c_int64] * 3
    function = ctypes.CFUNCTYPE(None, *kinds)(engine.get_function_address("run"))
    function.engine = engine  # it owns the code
    return function


def waiting(b: Any, counter: Any, threads: Any) -> None:
    """All threads wait for each other by spinning."""
    from catenary.backend.llvm import emit

    before = b.atomic_rmw("add", counter, emit.index(1), "seq_cst")
    target = b.mul(b.add(b.udiv(before, threads), emit.index(1)), threads)
    wait, on = b.append_basic_block("wait"), b.append_basic_block("on")
    b.branch(wait)
    b.position_at_end(wait)
    now = b.load_atomic(counter, "seq_cst", 8, typ=emit.I64)
    b.cbranch(b.icmp_signed("<", now, target), wait, on)
    b.position_at_end(on)


def ours(case: Case, dtype: Any, left: Any, right: Any, threads: int) -> Contestant:
    """Our code; the repetitions are in it, so that threads are started once."""
    import numpy as np
    from llvmlite import ir

    from catenary.backend.llvm import emit
    from catenary.backend.llvm.contract import product as contract
    from catenary.backend.llvm.machine import host

    module = ir.Module()
    module.triple = host().triple
    kinds = [emit.POINTER] * 5 + [emit.I64] * 3
    function = ir.Function(module, ir.FunctionType(emit.VOID, kinds), "run")
    b = ir.IRBuilder(function.append_basic_block())
    *pointers, thread, count, times = function.args
    matrices = [
        contract.Strided(p, *(s // dtype.itemsize for s in x.strides), dtype)
        for p, x in zip(pointers, (left, right))
    ]
    product = contract.Product(case.m, case.n, case.k, dtype, *matrices)
    result = contract.Strided(pointers[2], case.n, 1, dtype)

    def store(b: Any, row: Any, column: Any, x: Any, mask: Any) -> None:
        emit.store(b, x, result.place(b, row, column), dtype, mask)

    with emit.loop(b, 0, times):
        contract.emit(
            b,
            product,
            store,
            host(),
            thread=thread,
            threads=count,
            scratch=pointers[3],
            barrier=lambda b: waiting(b, pointers[4], count),
        )
        waiting(b, pointers[4], count)
    b.ret_void()
    run = compiled(str(module), 5)
    out = np.empty((case.m, case.n), dtype)
    scratch = np.zeros(contract.scratch_bytes(product, host(), threads) + 64, np.uint8)
    counter = np.zeros(1, np.int64)
    arrays = [left, right, out, scratch[-scratch.ctypes.data % 64 :], counter]

    def call(times: int) -> None:
        counter[:] = 0
        places = [x.ctypes.data for x in arrays]
        others = [
            threading.Thread(target=run, args=(*places, t, threads, times))
            for t in range(1, threads)
        ]
        for other in others:
            other.start()
        run(*places, 0, threads, times)
        for other in others:
            other.join()

    call(1)
    np.testing.assert_allclose(out, left @ right, rtol=0, atol=1e-5 * case.k)
    return call


def peak(dtype: Any, threads: int) -> tuple[Contestant, int]:
    """Multiplications with additions in registers only, and how many there are."""
    import numpy as np
    from llvmlite import ir

    from catenary.backend.llvm import emit
    from catenary.backend.llvm.contract.kernel import carried
    from catenary.backend.llvm.machine import host

    module = ir.Module()
    module.triple = host().triple
    kinds = [emit.POINTER] + [emit.I64] * 3
    function = ir.Function(module, ir.FunctionType(emit.VOID, kinds), "run")
    b = ir.IRBuilder(function.append_basic_block())
    lanes, sums = host().lanes(dtype), 12
    type = emit.register_type(dtype, lanes)
    x = b.load(function.args[0], typ=type, align=dtype.itemsize)
    steps = b.mul(function.args[3], emit.index(1000))
    start = [emit.number(type, i) for i in range(sums)]
    found = carried(b, (0, steps, 1), start, lambda _, now: [emit.fma(b, x, x, v) for v in now])
    for value in found:
        x = b.fadd(x, value)
    emit.store(b, x, emit.address(b, function.args[0], lanes, dtype), dtype)
    b.ret_void()
    run = compiled(str(module), 1)
    rooms = [np.zeros(4 * lanes, dtype) for _ in range(threads)]

    def call(times: int) -> None:
        others = [
            threading.Thread(target=run, args=(room.ctypes.data, 0, 1, times)) for room in rooms[1:]
        ]
        for other in others:
            other.start()
        run(rooms[0].ctypes.data, 0, 1, times)
        for other in others:
            other.join()

    return call, 2 * sums * lanes * 1000 * threads


def peers(left: Any, right: Any, threads: int) -> dict[str, Contestant]:
    """What else can multiply here."""
    import numpy as np

    out = np.empty((left.shape[0], right.shape[1]), left.dtype)
    found: dict[str, Contestant] = {"NumPy": repeated(lambda: np.matmul(left, right, out=out))}
    try:
        import torch

        torch.set_num_threads(threads)
        a, c = torch.from_numpy(left), torch.from_numpy(right)
        into = torch.from_numpy(out)
        found["PyTorch"] = repeated(lambda: torch.mm(a, c, out=into))
    except ImportError:
        pass
    try:
        import jax

        jax.config.update("jax_enable_x64", True)
        # The transposition belongs to the product: operands lie in memory as they do for all.
        turns = [x.flags.f_contiguous and not x.flags.c_contiguous for x in (left, right)]
        x, y = (jax.numpy.asarray(v.T if t else v) for v, t in zip((left, right), turns))
        multiply = jax.jit(lambda x, y: (x.T if turns[0] else x) @ (y.T if turns[1] else y))
        found["JAX"] = repeated(lambda: multiply(x, y).block_until_ready())
    except ImportError:
        pass
    return found


def repeated(one: Callable[[], Any]) -> Contestant:
    """So many calls from Python."""

    def call(times: int) -> None:
        for _ in range(times):
            one()

    return call


def seconds(contestants: dict[str, Contestant]) -> dict[str, float]:
    """Seconds for one product of each: the fastest of rounds in which all take turns."""
    times, rounds = {}, {name: [] for name in contestants}
    for name, call in contestants.items():
        call(2)
        start = perf_counter()
        call(2)
        times[name] = max(1, int(SECONDS / max((perf_counter() - start) / 2, 1e-7)))
    for _ in range(ROUNDS):
        for name, call in contestants.items():
            start = perf_counter()
            call(times[name])
            rounds[name].append((perf_counter() - start) / times[name])
    return {name: min(values) for name, values in rounds.items()}


def table(cases: list[Case], dtype: Any, threads: int) -> None:
    """One line for each product, written as soon as it is known."""
    for case in cases:
        left, right = operands(case, dtype)
        limit, flops = peak(dtype, threads)
        contestants = {"peak": limit, "Catenary": ours(case, dtype, left, right, threads)}
        found = seconds(contestants | peers(left, right, threads))
        highest = flops / found.pop("peak")
        best = min(value for name, value in found.items() if name != "Catenary")
        cells = [
            f"{name} {case.flops / value / 1e9:6.1f} ({case.flops / value / highest:4.0%})"
            for name, value in found.items()
        ]
        ahead = best / found["Catenary"]
        print(f"{case!s:>22} ×{threads}  {'  '.join(cells)}  ahead {ahead:.2f}×", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shapes", nargs="*", default=SHAPES)
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.here:
        for threads in options.threads:
            wish = ["--here", "--threads", str(threads), "--dtype", options.dtype]
            names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
            limits = dict.fromkeys(names, str(threads))
            command = [sys.executable, "-m", "benchmarks.products", *options.shapes, *wish]
            subprocess.run(command, check=True, env={**os.environ, **limits})
        return
    (threads,) = options.threads
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    import numpy as np

    print(f"GFLOP/s and percent of the FMA peak, {options.dtype}, {threads} threads")
    table([Case.parse(text) for text in options.shapes], np.dtype(options.dtype), threads)


if __name__ == "__main__":
    main()
