"""Kernels put together: where their values lie, in which order they run, when threads wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from llvmlite import ir

from catenary.backend.llvm import contraction, factors, threads
from catenary.backend.llvm import emit as e
from catenary.backend.llvm.builder import Builder
from catenary.backend.llvm.contraction import emit_contract
from catenary.backend.llvm.kernels import Site, emit_map
from catenary.backend.llvm.lapack import emit_factor, emit_triangular_solve
from catenary.backend.llvm.machine import Machine
from catenary.backend.llvm.memory import Arena, lifetimes, overlap
from catenary.backend.llvm.modules import Modules
from catenary.backend.llvm.nest import Share
from catenary.backend.llvm.reduce import emit_reduce
from catenary.backend.llvm.rows import Rows, own_rows
from catenary.backend.llvm.schedule import Kernel, Schedule, schedule, work
from catenary.backend.llvm.sequential import (
    emit_argsort,
    emit_prefix,
    emit_reduce_index,
    emit_scatter_add,
    emit_scatter_last,
)
from catenary.backend.llvm.value import FREE, LOOPS, MATRICES, VIEWS, Value

_EMIT: dict[str, Callable[[Site, Kernel], None]] = {
    "map": emit_map,
    "reduce": emit_reduce,
    "reduce_part": emit_reduce,
    "contract": emit_contract,
    "prefix": emit_prefix,
    "reduce_index": emit_reduce_index,
    "argsort": emit_argsort,
    "scatter_add": emit_scatter_add,
    "scatter_last": emit_scatter_last,
    "factor": emit_factor,
    "triangular_solve": emit_triangular_solve,
}
_DIVISIBLE = frozenset(("map", "reduce", "reduce_part", "contract", "prefix", "reduce_index"))
_WORTH_SHARING = 40_000  # additions, about a microsecond: more than threads wait for each other
_NEAR = 1 << 19  # bytes that are near the processor whatever else is done
_ROUNDS = 100  # that a loop is thought to make if nobody knows

Stretch = tuple[Any, int, int]  # what memory, from byte, to byte


@dataclass(frozen=True)
class Touch:
    """Memory that a kernel touches. ``written``: or only read; ``by``: which threads do it, the
    first ``alone``, all of them ``together``, or each in the ``rows`` that are its own.
    """

    stretch: Stretch
    written: bool
    by: str

    def waits_for(self, other: Touch) -> bool:
        """Whether a thread may not do this while another one still does that."""
        if not (self.written or other.written) or self.stretch[0] != other.stretch[0]:
            return False
        if self.by == other.by == "alone" or not overlap(self.stretch[1:], other.stretch[1:]):
            return False
        return not (self.by == other.by == "rows" and self.stretch == other.stretch)


@dataclass(frozen=True, eq=False)
class Given:
    """Where a value lies that is made elsewhere."""

    pointer: ir.Value
    stretch: Stretch


def shared(kernel: Kernel) -> bool:
    """Whether a kernel, or one of those that it runs, is worth more than one thread."""
    main = kernel.main
    if main is not None and main.op in LOOPS:
        bodies = main.params["bodies"]
        return any(shared(k) for body in bodies for k in planned(main, body).kernels)
    return kernel.kind in _DIVISIBLE and work(kernel) >= _WORTH_SHARING


def planned(loop: Value, body: Any) -> Schedule:
    """The kernels of a body."""
    made = [v for v in body.outputs if v not in body.slots]
    known: dict[Any, Schedule] = loop.params.setdefault("schedules", {})
    if body not in known:
        known[body] = schedule(made, [*body.slots, *_stored_outside(loop)])
    return known[body]


def summed(schedule: Schedule) -> tuple[int, int]:
    """About how many additions all kernels take in all their rounds, and how many runs that is."""
    additions = runs = 0
    for kernel in schedule.kernels:
        loop = kernel.main
        if loop is None or loop.op not in LOOPS:
            additions, runs = additions + work(kernel), runs + 1
            continue
        each = [summed(planned(loop, body)) for body in loop.params["bodies"]]
        rounds = 1
        if loop.op == "scan":
            rounds = len(loop.params["rows"])
        elif loop.op == "while_loop":
            rounds = loop.params["bound"] or _ROUNDS
        more = (
            max(each) if loop.op == "cond" else (sum(a for a, _ in each), sum(r for _, r in each))
        )
        additions, runs = additions + rounds * more[0], runs + rounds * more[1]
    return additions, runs


def _stored_outside(loop: Value) -> list[Value]:
    """What a body may read where it lies; arrangements are made from what they arrange."""
    return [v for v in loop.operands if v.op not in VIEWS and v.op not in FREE]


@dataclass(frozen=True, eq=False)
class Written:
    """A kernel that has become a function. ``around``: the loops that run it, outermost first;
    ``shared``: whether all threads run it, each its part.
    """

    name: str
    kernel: Kernel
    around: tuple[Any, ...]
    shared: bool
    rows: Rows | None  # where each thread does rows of its own, in which blocks


@dataclass(eq=False)
class Assembly:
    """A function under construction, and the threads that will run it."""

    modules: Modules
    b: ir.IRBuilder
    machine: Machine
    threads: int
    arena: ir.Value
    thread: ir.Value
    count: ir.Value
    barrier: ir.Value
    controls: Mapping[str, Callable[[Region, Kernel], Any]]  # how loops and branches are written
    clock: ir.Value | None = None  # where each kernel's cycles are counted, if they are
    alone: bool = False  # whether what is being written runs on one thread only
    touched: list[Touch] = field(default_factory=list)
    around: list[Any] = field(default_factory=list)  # the loops that are being written
    written: list[Written] = field(default_factory=list)

    def wait(self) -> None:
        """All threads meet; what they touched before is settled."""
        self.touched.clear()
        if self.threads > 1 and not self.alone:
            threads.emit_barrier(self.b, self.barrier, self.count)

    def run(self, function: ir.Function, operands: Sequence[ir.Value]) -> None:
        """Call the last kernel, and count its cycles on the first thread if that was asked for."""
        b = self.b
        if self.clock is None:
            b.call(function, operands)
            return
        began = e.intrinsic(b, "readcyclecounter", e.I64, [], [])
        b.call(function, operands)
        took = b.sub(e.intrinsic(b, "readcyclecounter", e.I64, [], []), began)
        number = len(self.written) - 1  # a kernel is called as soon as it is written
        place = e.address(b, self.clock, number, np.dtype(np.int64))
        with b.if_then(b.icmp_signed("==", self.thread, e.index(0))):
            b.store(b.add(b.load(place, typ=e.I64), took), place)

    def settle(self, new: Sequence[Touch]) -> None:
        """Meet, if what is touched next must wait for what was touched before."""
        if any(touch.waits_for(other) for touch in new for other in self.touched):
            self.wait()
        self.touched += new


class Region:
    """A schedule with memory: the kernels of a graph, or of a body within."""

    def __init__(
        self, assembly: Assembly, planned: Schedule, given: Mapping[Value, Given],
        homes: Mapping[Value, Value] | None = None,
    ) -> None:  # fmt: skip
        self.assembly = assembly
        self.kernels = planned.kernels
        self.rows = planned.rows
        self.given = dict(given)
        self.homes = dict(homes or {})  # values that lie where a given one lies
        self.arena = Arena()
        self.offsets: dict[Value, int] = {}
        self.scratch: list[tuple[int, int] | None] = []  # for each kernel: where, how many bytes
        self.inner: dict[Kernel, Any] = {}
        self.base = 0
        self.start = 0  # where it begins in the memory of whoever runs it

    # ---- memory -----------------------------------------------------------------------------

    def plan(self) -> int:
        """Give every value a place; the bytes needed."""
        lives = lifetimes([k.roots for k in self.kernels], [list(k.reads) for k in self.kernels])
        if self.rows is not None and sum(v.bytes for v in lives) <= _NEAR:
            # what is used again must be waited for: near memory is cheaper than that
            lives = dict.fromkeys(lives, (0, len(self.kernels)))
        for number, kernel in enumerate(self.kernels):
            for v in kernel.roots:
                if v not in self.given and v not in self.homes:
                    self.offsets[v] = self.arena.place(v.bytes, *lives[v])
            size = self.extra(kernel)
            near = self.rows is not None and size <= _NEAR and kernel not in self.inner
            life = (0, len(self.kernels)) if near else (number, number)
            self.scratch.append((self.arena.place(size, *life), size) if size else None)
        return self.arena.size

    def extra(self, kernel: Kernel) -> int:
        """Bytes that a kernel needs while it runs."""
        main, assembly = kernel.main, self.assembly
        if main is None:
            return 0
        if main.op == "contract":
            reads = kernel.reads
            # written for rows, it may still be run by one thread alone
            ways = {None, self.blocks(kernel, self.way(kernel))}
            machine, threads = assembly.machine, assembly.threads
            return max(
                contraction.scratch_bytes(main, reads, machine, threads, rows) for rows in ways
            )
        if main.op == "argsort":
            return 8 * int(main.shape[main.params["axis"]])
        if main.op in MATRICES:
            return factors.scratch_bytes(main)
        if main.op in LOOPS:
            self.inner[kernel] = assembly.controls[main.op](self, kernel)
            return int(self.inner[kernel].plan())
        return 0

    def at(self, offset: int) -> ir.Value:
        """A place in the arena."""
        where = e.index(self.base + offset)
        return self.assembly.b.gep(self.assembly.arena, [where], source_etype=e.I8)

    def where(self, v: Value) -> Given:
        """Where a value lies."""
        v = self.homes.get(v, v)
        known = self.given.get(v)
        if known is None:
            begin = self.base + self.offsets[v]
            end = begin + v.bytes
            known = self.given[v] = Given(self.at(self.offsets[v]), ("arena", begin, end))
        return known

    # ---- kernels ----------------------------------------------------------------------------

    def emit(self, base: int) -> None:
        """Write the calls of all kernels, the arena's part of this region beginning at ``base``."""
        self.base = base
        for kernel, scratch in zip(self.kernels, self.scratch, strict=True):
            if kernel in self.inner:
                self.inner[kernel].emit(base + (scratch[0] if scratch else 0))
            else:
                self.call(kernel, scratch)

    def call(self, kernel: Kernel, scratch: tuple[int, int] | None = None) -> None:
        """A kernel as a function of its own, and the call of it."""
        assembly, b = self.assembly, self.assembly.b
        values = sorted(kernel.reads | set(kernel.roots), key=lambda v: v.number)
        way = self.way(kernel)
        places: dict[int, ir.Value] = {}  # one pointer for what lies in one place
        where = {v: self.where(v).pointer for v in values}
        for pointer in where.values():
            places[id(pointer)] = pointer
        order = list(places)
        arguments = {v: order.index(id(pointer)) for v, pointer in where.items()}
        function = self._function(kernel, arguments, way)
        operands = [
            assembly.thread, assembly.count, assembly.barrier, assembly.arena,
            self.at(scratch[0]) if scratch else assembly.arena, *places.values(),
        ]  # fmt: skip
        if assembly.threads == 1 or assembly.alone:
            assembly.run(function, operands)
            return
        assembly.settle(self._touched(kernel, scratch, way))
        if way != "alone":
            assembly.run(function, operands)
        else:
            with b.if_then(b.icmp_signed("==", assembly.thread, e.index(0))):
                assembly.run(function, operands)

    def way(self, kernel: Kernel) -> str:
        """Which threads run a kernel, as in Touch."""
        assembly = self.assembly
        if assembly.threads == 1 or assembly.alone:
            return "alone"
        if self.rows is not None and kernel.by_row is not None:
            return "rows"
        return "together" if shared(kernel) else "alone"

    def blocks(self, kernel: Kernel, way: str) -> Rows | None:
        """The blocks of rows that threads take from a kernel, if that is how they share it."""
        if way == "together" and kernel.main is not None and kernel.main.op == "contract":
            return own_rows(kernel.main)
        return self.rows if way == "rows" else None

    def _touched(self, kernel: Kernel, scratch: tuple[int, int] | None, way: str) -> list[Touch]:
        """The memory that a kernel touches."""
        roots = set(kernel.roots)
        found = []
        for v in kernel.reads | roots:
            own_rows = way == "rows" and (v in roots or v in (kernel.by_row or ()))
            by = "together" if way == "rows" and not own_rows else way
            found.append(Touch(self.where(v).stretch, v in roots, by))
        if scratch is not None:
            begin = self.base + scratch[0]
            found.append(Touch(("arena", begin, begin + scratch[1]), True, way))
        return found

    def _function(self, kernel: Kernel, places: dict[Value, int], way: str) -> ir.Function:
        assembly = self.assembly
        count = len(set(places.values()))
        type = ir.FunctionType(e.VOID, [e.I64, e.I64, *[e.POINTER] * (3 + count)])
        function = ir.Function(
            assembly.modules.open(), type, f"{kernel.kind}.{len(assembly.written)}"
        )
        around = tuple(assembly.around)
        rows = self.blocks(kernel, way)
        assembly.written.append(Written(function.name, kernel, around, way != "alone", rows))
        thread, count, barrier, status, scratch, *pointers = function.args
        for pointer in pointers:
            pointer.add_attribute("noalias")
        b = Builder(function.append_basic_block("entry"))
        start = b.append_basic_block("start")
        b.branch(start)
        b.position_at_end(start)

        def wait(b: ir.IRBuilder) -> None:
            if way == "together":
                threads.emit_barrier(b, barrier, count)

        memory = {v: pointers[i] for v, i in places.items()}
        share = Share() if way == "alone" else Share(thread, count)
        if rows is not None:
            share = replace(share, rows=rows)
        _EMIT[kernel.kind](Site(b, memory, assembly.machine, share, status, scratch, wait), kernel)
        b.ret_void()
        assembly.modules.wrote(function)
        return e.declared(assembly.b.module, function.name, e.VOID, type.args)
