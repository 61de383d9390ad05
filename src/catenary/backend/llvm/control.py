"""Loops and branches: bodies run as often as it takes, in memory that they hand on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit as e
from catenary.backend.llvm.bodies import Body
from catenary.backend.llvm.memory import Arena
from catenary.backend.llvm.region import Given, Region, planned, shared
from catenary.backend.llvm.schedule import Kernel
from catenary.backend.llvm.value import Value


class Scan:
    """A body run for one row after another. Carries have one home each; what a round makes goes
    there at once if nobody needs the old one any more, else at the end of the round.
    """

    def __init__(self, outer: Region, kernel: Kernel) -> None:
        self.outer, self.kernel = outer, kernel
        self.assembly = outer.assembly
        loop = kernel.main
        assert loop is not None
        self.loop = loop
        self.body: Body = loop.params["bodies"][0]
        self.count: int = loop.params["carried"]
        self.rows: range = loop.params["rows"]
        self.carries = self.body.slots[: self.count]
        self.heads = self.body.slots[self.count :]
        self.planned = planned(loop, self.body)
        self.in_place = _in_place(self.planned.kernels, self.carries, self.body.outputs)
        self.arena = Arena(0)

    def plan(self) -> int:
        """Places for what a round makes, and for carries on their way home."""
        self.moving = [
            (new, slot)
            for new, slot in zip(self.body.outputs, self.carries, strict=False)
            if new is not slot and new not in self.in_place
        ]
        self.offsets = {
            new: self.arena.place(new.type.size * new.dtype.itemsize, 0, 1)
            for new, _ in self.moving
        }
        self.region = Region(self.assembly, self.planned, {}, self.in_place)
        for new in self.body.outputs:  # placed here, or a row of what comes out
            if new not in self.in_place:
                self.region.given[new] = Given(self.assembly.arena, ("unknown", 0, 1))
        self.start = self.arena.place(self.region.plan(), 0, 1)
        return self.arena.size

    def emit(self, base: int) -> None:
        assembly, b = self.assembly, self.assembly.b
        parts = self.loop.params["parts"]
        homes = [self.outer.where(part) for part in parts]
        self._begin(homes)
        together = assembly.threads > 1 and not assembly.alone and shared(self.kernel)
        if assembly.threads == 1 or assembly.alone or together:
            self._rounds(base, homes, together)
            return
        touched = [(self.outer.where(v).stretch, False) for v in self.kernel.reads]
        assembly.settle([*touched, *[(home.stretch, True) for home in homes]], False)
        with b.if_then(b.icmp_signed("==", assembly.thread, e.index(0))):
            assembly.alone = True
            self._rounds(base, homes, False)
            assembly.alone = False

    def _begin(self, homes: Sequence[Given]) -> None:
        """Carries as they are before the first round."""
        for i, init in enumerate(self.loop.params["given"][: self.count]):
            copy_into(self.outer, init, homes[i])

    def _rounds(self, base: int, homes: Sequence[Given], together: bool) -> None:
        assembly, b, rows = self.assembly, self.assembly.b, self.rows
        with e.loop(b, 0, len(rows)) as i:
            if together:
                assembly.wait()
            row = b.add(e.index(rows.start), b.mul(i, e.index(rows.step)))
            region = self._at_row(base, row, homes)
            region.emit(base + self.start)
            for new, slot in self.moving:
                copy_into(region, new, region.where(slot))

    def _at_row(self, base: int, row: ir.Value, homes: Sequence[Given]) -> Region:
        """The body's memory in one round."""
        b, region, loop = self.assembly.b, self.region, self.loop
        region.given = {v: self.outer.where(v) for v in loop.operands if self._known(v)}
        region.given |= dict(zip(self.carries, homes, strict=False))
        for head, x in zip(self.heads, loop.params["given"][self.count :], strict=True):
            region.given[head] = _row(b, self.outer.where(x), row, head)
        for new, home in zip(self.body.outputs[self.count :], homes[self.count :], strict=True):
            region.given[new] = _row(b, home, row, new)
        for new, offset in self.offsets.items():
            begin = base + offset
            pointer = b.gep(self.assembly.arena, [e.index(begin)], source_etype=e.I8)
            end = begin + new.type.size * new.dtype.itemsize
            region.given[new] = Given(pointer, ("arena", begin, end))
        return region

    def _known(self, v: Value) -> bool:
        return v in self.outer.given or v in self.outer.offsets or v in self.outer.homes


def _row(b: ir.IRBuilder, whole: Given, row: ir.Value, head: Value) -> Given:
    size = math.prod(head.shape) * head.dtype.itemsize
    pointer = b.gep(whole.pointer, [b.mul(row, e.index(size))], source_etype=e.I8)
    return Given(pointer, whole.stretch)


def copy_into(region: Region, source: Value, to: Given) -> None:
    """A value, as it is, to another place."""
    copy = Value("copy", (source,), {}, source.type)
    copy.number = 1 << 60
    reads, aligned = _sources(region, source)
    kernel = Kernel(source.shape, [copy], None, reads, aligned)
    region.given[copy] = to
    region.call(kernel)


def _sources(region: Region, source: Value) -> tuple[set[Value], set[Value]]:
    """What must be read to read a value: itself, or what it is an arrangement of."""
    known = region.given.keys() | region.offsets.keys() | region.homes.keys()
    found: set[Value] = set()
    stack = [source]
    while stack:
        v = stack.pop()
        if v in known:
            found.add(v)
        else:
            stack.extend(v.operands)
    return found, found & {source}


def _in_place(
    kernels: Sequence[Kernel], slots: Sequence[Value], outputs: Sequence[Value]
) -> dict[Value, Value]:
    """New carries that can be written over the old ones: nobody reads those afterwards, and the
    kernel that writes reads them element by element.
    """
    found: dict[Value, Value] = {}
    for slot, new in zip(slots, outputs, strict=False):
        if new is slot or outputs.count(new) > 1:
            continue
        made = next(i for i, k in enumerate(kernels) if new in k.roots)
        after = any(slot in k.reads for k in kernels[made + 1 :])
        own = kernels[made]
        moved = slot in own.reads and slot not in own.aligned
        if not after and not moved and own.kind in ("map", "contract"):
            found[new] = slot
    return found


CONTROL: dict[str, Callable[[Region, Kernel], Any]] = {"scan": Scan}
