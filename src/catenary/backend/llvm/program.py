"""A graph as one native function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir

from catenary.backend.llvm import emit as e
from catenary.backend.llvm import machine
from catenary.backend.llvm.builder import Builder
from catenary.backend.llvm.control import CONTROL
from catenary.backend.llvm.library import PREFIX
from catenary.backend.llvm.modules import Modules
from catenary.backend.llvm.region import Assembly, Given, Region, Written, shared, summed
from catenary.backend.llvm.region import planned as schedule_of
from catenary.backend.llvm.schedule import Schedule, schedule
from catenary.backend.llvm.value import LEAVES, LOOPS, VIEWS, Value
from catenary.backend.llvm.verbs import Verbs
from catenary.core import errors
from catenary.core.graph import Graph

_MOST_KERNELS = 10_000  # that are timed


# Additions, of which a microsecond holds some 30,000: worth letting others run Python meanwhile,
# worth more than one thread, worth waking a thread that sleeps.
_LONG, _SHARED, _WAKING = 20_000, 600_000, 6_000_000
_LITTLE = 2  # products
_FINE = 150_000  # additions in a kernel: less, and meeting other threads may cost what they save


@dataclass(frozen=True, eq=False)
class Code:
    """Modules of LLVM code with the function ``body``, and what they need to run."""

    modules: tuple[ir.Module, ...]
    arena_bytes: int
    arrays: tuple[np.ndarray[Any, Any], ...]
    threads: int
    schedule: Schedule
    written: tuple[Written, ...]  # the kernels, in the order in which they are called
    region: Region  # where everything lies
    work: int  # additions, about
    fine: bool  # whether threads would wait for each other often

    @property
    def imports(self) -> tuple[str, ...]:
        """The routines of LAPACK that are called."""
        names = {f.name for module in self.modules for f in module.functions}
        return tuple(sorted(n.removeprefix(PREFIX) for n in names if n.startswith(PREFIX)))

    @property
    def heavy(self) -> bool:
        """Whether others may run Python meanwhile."""
        return self.work > _LONG

    @property
    def brief(self) -> bool:
        """Whether it is done before a thread that sleeps would be awake."""
        return self.work < _WAKING


def generate(
    graph: Graph,
    threads: int = 1,
    *,
    timed: bool = False,
    full: Callable[[ir.Module], None] = lambda module: None,
) -> Code:
    """The code of a graph, for at most so many threads. ``timed``: each kernel counts its cycles
    in the global array ``clock``; ``full``: what is done with each module when it is finished.
    """
    verbs = Verbs()
    inputs = [
        verbs.expression.fresh("input", (), type, place=i)
        for i, type in enumerate(graph.input_types)
    ]
    outputs = _apart(verbs, verbs.inline(graph, inputs))
    said = tuple(v.type for v in outputs)
    if said != graph.output_types:  # memory is made for what is declared
        raise errors.bad_graph(graph, f"its verbs make {', '.join(map(str, said))}")
    planned = schedule(outputs)
    additions, runs = summed(planned)
    worth = additions > _SHARED and any(shared(k) for k in planned.kernels)
    # written for several threads however many there are, so that results are always the same
    several = max(2, threads) if worth else 1
    modules = Modules(machine.host().triple, full, little=_products(planned) <= _LITTLE)
    region = _assembled(verbs, [*inputs, *outputs], planned, several, modules, timed=timed)
    modules.finish()
    assembly = region.assembly
    return Code(
        tuple(modules.all), region.arena.size, tuple(verbs.arrays),
        threads if worth else 1, planned, tuple(assembly.written), region, additions,
        additions // max(runs, 1) < _FINE,
    )  # fmt: skip


def _products(planned: Schedule) -> int:
    """How many kernels are products, which are the most code."""
    found = 0
    for kernel in planned.kernels:
        main = kernel.main
        if main is not None and main.op in LOOPS:
            found += sum(_products(schedule_of(main, body)) for body in main.params["bodies"])
        found += kernel.kind == "contract"
    return found


def _apart(verbs: Verbs, outputs: Sequence[Value]) -> list[Value]:
    """Outputs of which each has memory of its own. An arrangement stays one for who reads it."""
    seen: set[Value] = set()
    apart = []
    for value in outputs:
        if value.op in LEAVES or value.op in VIEWS or value in seen:
            value = verbs.expression.fresh("copy", (value,), value.type)
        seen.add(value)
        apart.append(value)
    return apart


def _assembled(
    verbs: Verbs,
    arguments: Sequence[Value],
    planned: Schedule,
    threads: int,
    modules: Modules,
    *,
    timed: bool,
) -> Region:
    """``void body(ptr args, ptr arena, i64 thread, i64 threads, ptr barrier)``."""
    module = modules.first
    P = e.POINTER
    body = ir.Function(module, ir.FunctionType(e.VOID, [P, P, e.I64, e.I64, P]), "body")
    args, arena, thread, count, barrier = body.args
    b = Builder(body.append_basic_block("entry"))
    kept = [v for v in verbs.expression.values if v.op == "array"]
    table = ir.ArrayType(P, max(1, len(kept)))
    constants = ir.GlobalVariable(module, table, "arrays")
    constants.initializer = ir.Constant(table, [ir.Constant(P, None)] * table.count)
    given: dict[Value, Given] = {}
    for source, values in ((args, arguments), (constants, kept)):
        for i, v in enumerate(values):
            slot = b.gep(source, [e.index(i)], source_etype=P)
            given[v] = Given(b.load(slot, typ=P), (v, 0, 1))
    assembly = Assembly(modules, b, machine.host(), threads, arena, thread, count, barrier, CONTROL)
    if timed:
        counts = ir.ArrayType(e.I64, _MOST_KERNELS)
        clock = ir.GlobalVariable(module, counts, "clock")
        clock.initializer = ir.Constant(counts, [0] * _MOST_KERNELS)
        assembly.clock = b.inttoptr(b.ptrtoint(clock, e.I64), P)
    region = Region(assembly, planned, given)
    region.plan()
    region.emit(0)
    b.ret_void()
    return region
