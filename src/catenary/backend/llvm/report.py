"""What the compiler decided about a graph, as facts; and where the time of a call goes."""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from llvmlite import binding

from catenary.backend import disk
from catenary.backend.facts import Block, Code, Kernel, Loop, Source
from catenary.backend.llvm import contraction, entry, machine, native, program, threads, translation
from catenary.backend.llvm.compiled import compiled, key_of, translated
from catenary.backend.llvm.contract import product as products
from catenary.backend.llvm.control import Control, Rounds, Scan, While
from catenary.backend.llvm.count import computed, work_of
from catenary.backend.llvm.region import Region, Written
from catenary.backend.llvm.rows import Rows
from catenary.backend.llvm.schedule import Kernel as Nest
from catenary.backend.llvm.value import Value
from catenary.core.graph import Graph

_SECONDS = 0.2  # that are spent on measuring


def report(
    graph: Graph,
    most_threads: int | None = None,
    *,
    ir: bool = False,
    assembly: bool = False,
    values: Sequence[Any] | None = None,
) -> Code:
    """The facts; with the text of the code on request, and measured on ``values`` if given."""
    count = threads.count() if most_threads is None else most_threads
    from_disk = disk.load(key_of(graph, count)) is not None
    began = perf_counter()
    made = compiled(graph, count)
    seconds = perf_counter() - began
    code = program.generate(graph, count)
    texts = [str(module) for module in code.modules if module.functions]
    host = machine.host()
    found = Code(
        processor=f"{host.cpu}, {host.registers} registers of {host.vector_bytes} bytes",
        threads=made.threads,
        steps=tuple(_steps(code)),
        arena_bytes=made.arena_bytes,
        blocks=tuple(sorted(_blocks(code.region, 0), key=lambda block: block.begin)),
        constants=sum(array.nbytes for array in made.arrays),
        machine_code=sum(map(_instructions, made.objects)),
        from_disk=from_disk,
        seconds=seconds,
        ir="\n".join(texts) if ir else None,
        assembly="\n".join(map(_assembly, texts)) if assembly else None,
    )
    return found if values is None else _measured(found, graph, values, count)


# ---- kernels and loops --------------------------------------------------------------------------


def _steps(code: program.Code) -> Iterator[Kernel | Loop]:
    known: list[Control] = []
    for written in code.written:
        around = list(written.around)
        same = 0
        while same < min(len(known), len(around)) and known[same] is around[same]:
            same += 1
        for depth in range(same, len(around)):
            yield _loop(around[depth], depth)
        known = around
        yield _kernel(written)


def _kernel(written: Written) -> Kernel:
    nest = written.kernel
    times: int | None = 1
    for control in written.around:
        rounds = _rounds(control)
        times = None if times is None or rounds is None else times * rounds
    return Kernel(
        name=written.name,
        kind=nest.kind,
        shape=nest.shape,
        makes=tuple([str(root.type) for root in nest.roots]),
        fused=_sources(nest),
        work=work_of(nest),
        times=times,
        shared=written.shared,
        plan=_plan(nest, written.rows),
        depth=len(written.around),
    )


def _loop(control: Control, depth: int) -> Loop:
    rounds = _rounds(control)
    if not isinstance(control, Rounds):
        return Loop(control.loop.op, rounds, 0, 0, 0, depth)
    in_place, moved = len(control.rounds.homes), len(control.moving)
    return Loop(control.loop.op, rounds, control.count, in_place, moved, depth)


def _rounds(control: Control) -> int | None:
    """How often a loop runs its body, where that is known."""
    return len(control.loop.params["rows"]) if isinstance(control, Scan) else None


def _sources(nest: Nest) -> tuple[Source, ...]:
    """The operations that a kernel does, line by line, in the order of the graph."""
    lines: dict[tuple[str | None, int], dict[int, str]] = defaultdict(dict)
    for v in computed(nest):
        if v.origin is not None:
            lines[v.origin.where or (None, 0)][id(v.origin)] = v.origin.primitive.name
    return tuple([
        Source(file, line, tuple(operations.values()))
        for (file, line), operations in lines.items()
    ])  # fmt: skip


def _plan(nest: Nest, rows: Rows | None) -> str | None:
    main = nest.main
    if main is None or main.op != "contract":
        return None
    stored = nest.reads | set(nest.roots)
    if rows is not None:
        block = contraction.block_of(main, stored, rows)
        said = str(products.explain(block, machine.host())).partition(", threads share")[0]
        return f"{rows.blocks} blocks of {rows.block} rows, each {said}"
    product = contraction.product_of(main, stored)
    if product is None:
        return None
    batch = main.type.size // max(product.m * product.n, 1)
    plan = products.explain(product, machine.host())
    said = str(plan).rpartition(", ")[0]
    return f"{batch} times {said}" if batch > 1 else said


# ---- memory -------------------------------------------------------------------------------------


def _blocks(region: Region, base: int) -> Iterator[Block]:
    """What lies in the arena's part of a region."""
    for v, offset in region.offsets.items():
        yield _block(base + offset, v, _made_by(v))
    for nest, place in zip(region.kernels, region.scratch, strict=True):
        control = region.inner.get(nest)
        if control is not None:
            yield from _within(control, base + (place[0] if place else 0))
        elif place is not None:
            yield Block(base + place[0], place[1], f"scratch of {nest.kind}")


def _within(control: Control, base: int) -> Iterator[Block]:
    if isinstance(control, Rounds):
        for v, (_, offset) in control.moving.items():
            yield _block(base + offset, v, "a carry on its way")
    if isinstance(control, While):
        yield _block(base + control.answer, control.asking.outputs[0], "whether to go on")
    for region in control.within:
        yield from _blocks(region, base + region.start)


def _block(begin: int, v: Value, what: str) -> Block:
    return Block(begin, v.bytes, f"{v.type} {what}".strip())


def _made_by(v: Value) -> str:
    return "" if v.origin is None else f"({v.origin.primitive.name})"


# ---- code ---------------------------------------------------------------------------------------


def _instructions(code: bytes) -> int:
    """Bytes of machine code in an object."""
    return sum(s.size() for s in binding.ObjectFileRef.from_data(code).sections() if s.is_text())


def _assembly(text: str) -> str:
    target = machine.host().target_machine()
    return str(target.emit_assembly(translation.improved(text, target)))


# ---- time ---------------------------------------------------------------------------------------


def _measured(found: Code, graph: Graph, values: Sequence[Any], count: int) -> Code:
    """The facts with the seconds of a call and the share of each kernel in it."""
    code = translated(graph, count, timed=True)
    loaded = native.Loaded(code)
    call = entry.make(
        loaded.body,
        [(t.dtype, t.shape) for t in graph.input_types],
        [(t.dtype, t.shape) for t in graph.output_types],
        code.arena_bytes,
        threads=code.threads,
        on_status=lambda status, detail, arguments: None,
        keep=loaded,
    )
    types = zip(values, graph.input_types, strict=True)
    arrays = [np.require(v, t.dtype, ["C", "A"]).reshape(t.shape) for v, t in types]
    place = loaded.engine.get_global_value_address("clock")
    names = [step.name for step in found.steps if isinstance(step, Kernel)]
    clock = np.ctypeslib.as_array((ctypes.c_int64 * len(names)).from_address(place))
    call(*arrays)
    clock[:] = 0
    calls, began = 0, perf_counter()
    while calls < 3 or (calls < 10_000 and perf_counter() - began < _SECONDS):
        call(*arrays)
        calls += 1
    seconds = (perf_counter() - began) / calls
    shares = dict(zip(names, (clock / max(int(clock.sum()), 1)).tolist(), strict=True))
    steps = [replace(s, share=shares[s.name]) if isinstance(s, Kernel) else s for s in found.steps]
    return replace(found, steps=tuple(steps), call=seconds)
