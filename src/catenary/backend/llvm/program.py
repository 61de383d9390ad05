"""A graph as one native function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir

from catenary.backend.llvm import contraction, machine
from catenary.backend.llvm import emit as e
from catenary.backend.llvm.contraction import emit_contract
from catenary.backend.llvm.kernels import Site, emit_map
from catenary.backend.llvm.memory import Arena, lifetimes
from catenary.backend.llvm.nest import Share
from catenary.backend.llvm.reduce import emit_reduce
from catenary.backend.llvm.schedule import Kernel, Schedule, schedule, work
from catenary.backend.llvm.sequential import (
    emit_argsort,
    emit_prefix,
    emit_reduce_index,
    emit_scatter_add,
    emit_scatter_last,
)
from catenary.backend.llvm.value import LEAVES, Value
from catenary.backend.llvm.verbs import Verbs
from catenary.core.graph import Graph

EMIT = {
    "map": emit_map,
    "reduce": emit_reduce,
    "reduce_part": emit_reduce,
    "contract": emit_contract,
    "prefix": emit_prefix,
    "reduce_index": emit_reduce_index,
    "argsort": emit_argsort,
    "scatter_add": emit_scatter_add,
    "scatter_last": emit_scatter_last,
}
SHARED = frozenset(("map", "reduce", "reduce_part", "contract", "prefix", "reduce_index"))
_WORTH_SHARING = 20_000  # additions: some microseconds


@dataclass(frozen=True, eq=False)
class Code:
    """A module of LLVM code with the function ``body``, and what it needs to run."""

    module: ir.Module
    arena_bytes: int
    arrays: tuple[np.ndarray[Any, Any], ...]
    threads: int
    schedule: Schedule


def generate(graph: Graph, threads: int = 1) -> Code:
    """The code of a graph."""
    verbs = Verbs()
    inputs = [
        verbs.expression.fresh("input", (), type, place=i)
        for i, type in enumerate(graph.input_types)
    ]
    outputs = _apart(verbs, verbs.inline(graph, inputs))
    planned = schedule(outputs)
    return _Assembly(verbs, inputs, planned, threads).assemble()


def _apart(verbs: Verbs, outputs: Sequence[Value]) -> list[Value]:
    """Outputs of which each has memory of its own."""
    seen: set[Value] = set()
    apart = []
    for value in outputs:
        if value.op in LEAVES or value in seen:
            value = verbs.expression.fresh("copy", (value,), value.type)
        seen.add(value)
        apart.append(value)
    return apart


class _Assembly:
    """A module under construction."""

    def __init__(
        self, verbs: Verbs, inputs: Sequence[Value], planned: Schedule, threads: int
    ) -> None:
        self.verbs = verbs
        self.inputs = list(inputs)
        self.planned = planned
        self.machine = machine.host()
        worth = any(self._shared(k) for k in planned.kernels)
        self.threads = threads if worth else 1
        self.module = ir.Module()
        self.module.triple = self.machine.triple
        self.arena = Arena()

    def _shared(self, kernel: Kernel) -> bool:
        return kernel.kind in SHARED and work(kernel) >= _WORTH_SHARING

    def assemble(self) -> Code:
        self._plan_memory()
        I, P = e.I64, e.POINTER
        body = ir.Function(self.module, ir.FunctionType(e.VOID, [P, P, I, I, P]), "body")
        self.args, self.arena_pointer, self.thread, self.count, self.barrier = body.args
        self.b = ir.IRBuilder(body.append_basic_block("entry"))
        arrays = ir.ArrayType(P, max(1, len(self.verbs.arrays)))
        self.constants = ir.GlobalVariable(self.module, arrays, "arrays")
        self.constants.initializer = ir.Constant(arrays, [ir.Constant(P, None)] * arrays.count)
        self._pointers: dict[Value, ir.Value] = {}
        pending = _Pending()
        for number, kernel in enumerate(self.planned.kernels):
            self._call(number, kernel, pending)
        self.b.ret_void()
        return Code(
            self.module, self.arena.size, tuple(self.verbs.arrays), self.threads, self.planned
        )

    # ---- memory -----------------------------------------------------------------------------

    def _plan_memory(self) -> None:
        kernels = self.planned.kernels
        given = {v: i for i, v in enumerate(self.inputs)}
        given |= {v: len(given) + i for i, v in enumerate(self.planned.outputs)}
        self.given = given
        self.offsets: dict[Value, int] = {}
        lives = lifetimes([k.roots for k in kernels], [list(k.reads) for k in kernels])
        self.scratch: list[int | None] = []
        for number, kernel in enumerate(kernels):
            for v in kernel.roots:
                if v not in given:
                    born, dies = lives[v]
                    size = v.type.size * v.dtype.itemsize
                    self.offsets[v] = self.arena.place(size, born, dies)
            size = self._scratch_bytes(kernel)
            self.scratch.append(self.arena.place(size, number, number) if size else None)

    def _scratch_bytes(self, kernel: Kernel) -> int:
        main = kernel.main
        if main is None:
            return 0
        if main.op == "contract":
            stored = kernel.reads
            return contraction.scratch_bytes(main, stored, self.machine, self.threads)
        if main.op == "argsort":
            return 8 * main.shape[main.params["axis"]]
        return 0

    def _pointer(self, v: Value) -> ir.Value:
        """Where a value lies, known since the function began."""
        known = self._pointers.get(v)
        if known is None:
            b = self.b
            if v in self.given:
                slot = b.gep(self.args, [e.index(self.given[v])], source_etype=e.POINTER)
                known = b.load(slot, typ=e.POINTER)
            elif v.op == "array":
                slot = b.gep(self.constants, [e.index(v.params["place"])], source_etype=e.POINTER)
                known = b.load(slot, typ=e.POINTER)
            else:
                known = self._at(self.offsets[v])
            self._pointers[v] = known
        return known

    def _at(self, offset: int) -> ir.Value:
        return self.b.gep(self.arena_pointer, [e.index(offset)], source_etype=e.I8)

    # ---- kernels ----------------------------------------------------------------------------

    def _call(self, number: int, kernel: Kernel, pending: _Pending) -> None:
        """A kernel as a function of its own, and the call of it."""
        values = sorted(kernel.reads | set(kernel.roots), key=lambda v: v.number)
        shared = self.threads > 1 and self._shared(kernel)
        function = self._function(number, kernel, values, shared)
        scratch = self.scratch[number]
        operands = [
            self.thread, self.count, self.barrier, self.arena_pointer,
            self._at(scratch) if scratch is not None else self.arena_pointer,
            *map(self._pointer, values),
        ]  # fmt: skip
        if self.threads == 1:
            self.b.call(function, operands)
            return
        if pending.conflict(self._stretches(kernel, number), shared):
            self._barrier(self.b)
        if shared:
            self.b.call(function, operands)
        else:
            with self.b.if_then(self.b.icmp_signed("==", self.thread, e.index(0))):
                self.b.call(function, operands)

    def _barrier(self, b: ir.IRBuilder) -> None:
        from catenary.backend.llvm.threads import emit_barrier

        emit_barrier(b, self.barrier, self.count)

    def _stretches(self, kernel: Kernel, number: int) -> list[tuple[tuple[Any, int, int], bool]]:
        """The memory that a kernel touches, and whether it writes there."""
        found = []
        for v in kernel.reads | set(kernel.roots):
            written = v in kernel.roots
            size = v.type.size * v.dtype.itemsize
            if v in self.offsets:
                found.append((("arena", self.offsets[v], self.offsets[v] + size), written))
            else:
                found.append(((v, 0, 1), written))
        scratch = self.scratch[number]
        if scratch is not None:
            found.append((("arena", scratch, scratch + self._scratch_bytes(kernel)), True))
        return found

    def _function(
        self, number: int, kernel: Kernel, values: Sequence[Value], shared: bool
    ) -> ir.Function:
        I, P = e.I64, e.POINTER
        type = ir.FunctionType(e.VOID, [I, I, P, P, P] + [P] * len(values))
        function = ir.Function(self.module, type, f"{kernel.kind}.{number}")
        function.linkage = "internal"
        function.attributes.add("noinline")
        thread, threads, barrier, status, scratch, *pointers = function.args
        for pointer in pointers:
            pointer.add_attribute("noalias")
        b = ir.IRBuilder(function.append_basic_block("entry"))
        inner = b.append_basic_block("start")
        b.branch(inner)
        b.position_at_end(inner)
        share = Share(thread, threads) if shared else Share()

        def wait(b: ir.IRBuilder) -> None:
            if shared:
                from catenary.backend.llvm.threads import emit_barrier

                emit_barrier(b, barrier, threads)

        memory = dict(zip(values, pointers, strict=True))
        site = Site(b, memory, self.machine, share, status, scratch, wait)
        EMIT[kernel.kind](site, kernel)
        b.ret_void()
        return function


class _Pending:
    """What threads have touched since they last waited for each other."""

    def __init__(self) -> None:
        self.touched: list[tuple[tuple[Any, int, int], bool, bool]] = []

    def conflict(self, new: Sequence[tuple[tuple[Any, int, int], bool]], shared: bool) -> bool:
        """Whether threads must wait before a kernel that touches this."""
        clash = any(
            (written or wrote) and (shared or was_shared) and _meet(place, other)
            for place, written in new
            for other, wrote, was_shared in self.touched
        )
        if clash:
            self.touched.clear()
        self.touched += [(place, written, shared) for place, written in new]
        return clash


def _meet(x: tuple[Any, int, int], y: tuple[Any, int, int]) -> bool:
    return x[0] == y[0] and x[1] < y[2] and y[1] < x[2]
