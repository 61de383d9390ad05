"""The code of one kernel: loops over elements, sums, and what must be done one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from catenary.backend.llvm.axes import grouped, joints
from catenary.backend.llvm.machine import Machine
from catenary.backend.llvm.nest import (
    Share,
    extent,
    lanes_for,
    place_of,
    scalar_loops,
    vector_loop,
)
from catenary.backend.llvm.pull import Reader
from catenary.backend.llvm.schedule import Kernel
from catenary.backend.llvm.value import FREE, VIEWS, Value


@dataclass(frozen=True)
class Site:
    """Where the code of a kernel goes: the function under construction and what it has."""

    b: ir.IRBuilder
    memory: Mapping[Value, ir.Value]
    machine: Machine
    share: Share
    status: Any
    scratch: Any = None
    barrier: Callable[[ir.IRBuilder], None] | None = None

    @property
    def stored(self) -> set[Value]:
        return set(self.memory)

    def reader(self, lanes: int | None) -> Reader:
        return Reader(self.b, self.memory, lanes, self.status)


def full_lanes(site: Site, roots: list[Value]) -> int:
    """The lanes of the widest numbers that are computed with."""
    widest = max(v.dtype.itemsize for v in roots)
    seen: set[Value] = set()
    stack = list(roots)
    while stack:
        v = stack.pop()
        if v in seen:
            continue
        seen.add(v)
        if v.op not in VIEWS and v.op not in FREE:
            widest = max(widest, v.dtype.itemsize)
        if v in site.memory and v not in roots:
            continue
        stack.extend(v.operands[:1] if v.op == "gather" else v.operands)
    return site.machine.vector_bytes // widest


def emit_map(site: Site, kernel: Kernel) -> None:
    """Elements of several values of one shape, each computed on its own."""
    shape, roots = kernel.shape, kernel.roots
    if 0 in shape:
        return
    elsewhere = site.stored - set(roots)
    groups = grouped(shape, joints(roots, len(shape), elsewhere))
    counts = [extent(shape, g) for g in groups]
    inner = counts[-1] if counts else 1
    memory = {v: p for v, p in site.memory.items() if v in elsewhere}
    reader = Reader(site.b, memory, lanes_for(full_lanes(site, roots), inner), site.status)
    with scalar_loops(site.b, counts[:-1], site.share) as outer:

        def body(p: Any) -> None:
            place = place_of(len(shape), groups, [*outer, p] if groups else [])
            # a root may lie where another one is read: read everything first
            elements = [reader.pull(root, place) for root in roots]
            for root, x in zip(roots, elements, strict=True):
                reader.store(site.memory[root], root, place, x)

        share = Share() if len(counts) > 1 else site.share
        vector_loop(reader, inner, share, body)
