"""A graph as one native function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir

from catenary.backend.llvm import emit as e
from catenary.backend.llvm import machine
from catenary.backend.llvm.region import Assembly, Given, Region, shared
from catenary.backend.llvm.schedule import Schedule, schedule
from catenary.backend.llvm.value import LEAVES, Value
from catenary.backend.llvm.verbs import Verbs
from catenary.core.graph import Graph


@dataclass(frozen=True, eq=False)
class Code:
    """A module of LLVM code with the function ``body``, and what it needs to run."""

    module: ir.Module
    arena_bytes: int
    arrays: tuple[np.ndarray[Any, Any], ...]
    threads: int
    schedule: Schedule


def generate(graph: Graph, threads: int = 1) -> Code:
    """The code of a graph, for at most so many threads."""
    verbs = Verbs()
    inputs = [
        verbs.expression.fresh("input", (), type, place=i)
        for i, type in enumerate(graph.input_types)
    ]
    outputs = _apart(verbs, verbs.inline(graph, inputs))
    planned = schedule(outputs)
    used = threads if any(shared(k) for k in planned.kernels) else 1
    module, arena_bytes = _assembled(verbs, [*inputs, *outputs], planned, used)
    return Code(module, arena_bytes, tuple(verbs.arrays), used, planned)


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


def _assembled(
    verbs: Verbs, arguments: Sequence[Value], planned: Schedule, threads: int
) -> tuple[ir.Module, int]:
    """``void body(ptr args, ptr arena, i64 thread, i64 threads, ptr barrier)``, and how many bytes
    the arena has.
    """
    host = machine.host()
    module = ir.Module()
    module.triple = host.triple
    I, P = e.I64, e.POINTER
    body = ir.Function(module, ir.FunctionType(e.VOID, [P, P, I, I, P]), "body")
    args, arena, thread, count, barrier = body.args
    b = ir.IRBuilder(body.append_basic_block("entry"))
    kept = [v for v in verbs.expression.values if v.op == "array"]
    table = ir.ArrayType(P, max(1, len(kept)))
    constants = ir.GlobalVariable(module, table, "arrays")
    constants.initializer = ir.Constant(table, [ir.Constant(P, None)] * table.count)
    given: dict[Value, Given] = {}
    for source, values in ((args, arguments), (constants, kept)):
        for i, v in enumerate(values):
            slot = b.gep(source, [e.index(i)], source_etype=P)
            given[v] = Given(b.load(slot, typ=P), (v, 0, 1))
    assembly = Assembly(module, b, host, threads, arena, thread, count, barrier)
    region = Region(assembly, planned, given)
    size = region.plan()
    region.emit(0)
    b.ret_void()
    return module, size
