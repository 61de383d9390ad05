"""Loops and branches: bodies run as often as it takes, in memory that they hand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llvmlite import ir

from catenary.backend.llvm import emit as e
from catenary.backend.llvm.bodies import Body
from catenary.backend.llvm.memory import Arena
from catenary.backend.llvm.region import Given, Region, Touch, planned, shared
from catenary.backend.llvm.schedule import Kernel
from catenary.backend.llvm.value import Value

_HOMES = 32 << 20  # bytes of carries that may be kept twice


class Control:
    """A loop or a branch under construction: its bodies as regions, its parts as their homes."""

    def __init__(self, outer: Region, kernel: Kernel) -> None:
        self.outer, self.kernel = outer, kernel
        self.assembly = outer.assembly
        loop = kernel.main
        assert loop is not None
        self.loop = loop
        self.bodies: tuple[Body, ...] = loop.params["bodies"]
        self.given: tuple[Value, ...] = loop.params["given"]
        self.arena = Arena(0)
        self.within: list[Region] = []

    def plan(self) -> int:
        """The bytes that the bodies need."""
        raise NotImplementedError

    def write(self, base: int, homes: Sequence[Given]) -> None:
        """The code, the arena's part of it beginning at ``base``."""
        raise NotImplementedError

    def emit(self, base: int) -> None:
        """Write it for all threads, or for one where that is enough."""
        assembly, b = self.assembly, self.assembly.b
        homes = self.begin(base, [self.outer.where(part) for part in self.loop.params["parts"]])
        self.together = assembly.threads > 1 and not assembly.alone and shared(self.kernel)
        if assembly.threads == 1 or assembly.alone or self.together:
            self._written(base, homes)
            self.finish(homes)
            return
        read = [self.outer.where(v).stretch for v in self.kernel.reads]
        inner = ("arena", base, base + self.arena.size)  # where the bodies work
        written = [inner, *(home.stretch for home in homes)]
        touched = [Touch(stretch, False, "alone") for stretch in read]
        assembly.settle([*touched, *(Touch(stretch, True, "alone") for stretch in written)])
        with b.if_then(b.icmp_signed("==", assembly.thread, e.index(0))):
            assembly.alone = True
            self._written(base, homes)
            assembly.alone = False
        self.finish(homes)

    def _written(self, base: int, homes: Sequence[Given]) -> None:
        self.assembly.around.append(self)
        self.write(base, homes)
        self.assembly.around.pop()

    def begin(self, base: int, parts: Sequence[Given]) -> list[Given]:
        """What is done before the first run; where the parts are kept meanwhile."""
        return list(parts)

    def finish(self, homes: Sequence[Given]) -> None:
        """What is done after the last run."""

    def wait(self) -> None:
        """Threads meet, where there are several."""
        if self.together:
            self.assembly.wait()

    # ---- bodies -----------------------------------------------------------------------------

    def region(self, body: Body, in_place: dict[Value, Value]) -> Region:
        """A body with memory of its own, beginning at the next free place; its outputs are placed
        by whoever runs it.
        """
        region = Region(self.assembly, planned(self.loop, body), {}, in_place)
        for new in body.outputs:
            if new not in in_place:
                region.given[new] = Given(self.assembly.arena, ("unknown", 0, 1))
        region.start = self.arena.place(region.plan(), 0, 1)
        self.within.append(region)
        return region

    def around(self) -> dict[Value, Given]:
        """What bodies read of the expression around them."""
        outer = self.outer
        known = outer.given.keys() | outer.offsets.keys() | outer.homes.keys()
        return {v: outer.where(v) for v in self.loop.operands if v in known}

    def temporary(self, v: Value) -> int:
        """Memory for a value between the bodies."""
        return self.arena.place(v.bytes, 0, 1)

    def at(self, base: int, offset: int, v: Value) -> Given:
        """A value in such memory."""
        begin = base + offset
        pointer = self.assembly.b.gep(self.assembly.arena, [e.index(begin)], source_etype=e.I8)
        return Given(pointer, ("arena", begin, begin + v.bytes))


class Rounds(Control):
    """A body that hands carries from round to round. Each carry has one home; what a round makes
    goes there at once if nobody needs the old one any more, else at the end of the round.
    """

    body: Body
    count: int

    def plan_rounds(self) -> None:
        """Places for what a round makes, and for carries on their way home."""
        self.carries = self.body.slots[: self.count]
        kernels = planned(self.loop, self.body).kernels
        in_place = _in_place(kernels, self.carries, self.body.outputs)
        self.moving = {
            new: (slot, self.temporary(new))
            for new, slot in zip(self.body.outputs, self.carries, strict=False)
            if new is not slot and new not in in_place
        }
        self.rounds = self.region(self.body, in_place)
        self.near: dict[int, int] = {}
        parts = self.loop.params["parts"][: self.count]
        if sum(part.bytes for part in parts) <= _HOMES:
            self.near = {i: self.temporary(p) for i, p in enumerate(parts) if p in self.outer.given}

    def begin(self, base: int, parts: Sequence[Given]) -> list[Given]:
        """Carries as they are before the first round. Those that go to somebody else's memory in
        the end live in ours, where no vector lies across two lines of the cache and no line
        belongs to two threads.
        """
        homes = list(parts)
        for i, init in enumerate(self.given[: self.count]):
            if i in self.near:
                homes[i] = self.at(base, self.near[i], self.carries[i])
            copy_into(self.outer, init, homes[i])
        return homes

    def finish(self, homes: Sequence[Given]) -> None:
        for i in self.near:
            part = self.outer.where(self.loop.params["parts"][i])
            self.outer.given[self.carries[i]] = homes[i]
            copy_into(self.outer, self.carries[i], part)

    def write_round(self, base: int, homes: Sequence[Given], rows: dict[Value, Given]) -> None:
        region = self.rounds
        region.given = {**self.around(), **dict(zip(self.carries, homes, strict=False)), **rows}
        for new, (_, offset) in self.moving.items():
            region.given[new] = self.at(base, offset, new)
        region.emit(base + region.start)
        for new, (slot, _) in self.moving.items():
            copy_into(region, new, region.where(slot))


class Scan(Rounds):
    """A body run for one row after another."""

    def plan(self) -> int:
        self.body, self.count = self.bodies[0], self.loop.params["carried"]
        self.plan_rounds()
        return self.arena.size

    def write(self, base: int, homes: Sequence[Given]) -> None:
        b, rows, n = self.assembly.b, self.loop.params["rows"], self.count
        with e.loop(b, 0, len(rows)) as i:
            self.wait()
            row = b.add(e.index(rows.start), b.mul(i, e.index(rows.step)))
            lying: dict[Value, Given] = {}
            for head, x in zip(self.body.slots[n:], self.given[n:], strict=True):
                lying[head] = _row(b, self.outer.where(x), row, head)
            for new, home in zip(self.body.outputs[n:], homes[n:], strict=True):
                lying[new] = _row(b, home, row, new)
            self.write_round(base, homes, lying)


class While(Rounds):
    """A body run as long as a condition holds, and no more often than the bound says."""

    def plan(self) -> int:
        self.asking, self.body = self.bodies
        self.count = len(self.body.slots)
        self.plan_rounds()
        self.answer = self.temporary(self.asking.outputs[0])
        self.question = self.region(self.asking, {})
        return self.arena.size

    def write(self, base: int, homes: Sequence[Given]) -> None:
        b, bound = self.assembly.b, self.loop.params["bound"]
        before = b.block
        ask, body, after = (b.append_basic_block(name) for name in ("ask", "round", "done"))
        b.branch(ask)
        b.position_at_end(ask)
        number = b.phi(e.I64, "number")
        number.add_incoming(e.index(0), before)
        goes_on = self._goes_on(base, homes)
        if bound is not None:
            goes_on = b.and_(goes_on, b.icmp_signed("<", number, e.index(bound)))
        b.cbranch(goes_on, body, after)
        b.position_at_end(body)
        self.write_round(base, homes, {})
        following = b.add(number, e.index(1))
        number.add_incoming(following, b.block)
        b.branch(ask)
        b.position_at_end(after)

    def _goes_on(self, base: int, homes: Sequence[Given]) -> ir.Value:
        """The condition, as one bit that every thread reads."""
        self.wait()
        (asked,) = self.asking.outputs
        answer = self.at(base, self.answer, asked)
        region = self.question
        slots = zip(self.asking.slots, homes, strict=True)
        region.given = {**self.around(), **dict(slots), asked: answer}
        region.emit(base + region.start)
        self.wait()
        return e.load(self.assembly.b, answer.pointer, asked.dtype)


class Branch(Control):
    """One of several bodies, chosen by an index."""

    def plan(self) -> int:
        self.regions = [self.region(body, {}) for body in self.bodies]
        return self.arena.size

    def write(self, base: int, homes: Sequence[Given]) -> None:
        b, (index, *operands) = self.assembly.b, self.given
        self.wait()
        chosen = e.load(b, self.outer.where(index).pointer, index.dtype)
        blocks = [b.append_basic_block("branch") for _ in self.bodies]
        after = b.append_basic_block("after")
        low = b.icmp_signed("<=", chosen, e.index(0))
        choice = b.switch(b.select(low, e.index(0), chosen), blocks[-1])
        for i, block in enumerate(blocks[:-1]):
            choice.add_case(e.index(i), block)
        for body, region, block in zip(self.bodies, self.regions, blocks, strict=True):
            b.position_at_end(block)
            slots = zip(body.slots, map(self.outer.where, operands), strict=True)
            region.given = {**self.around(), **dict(slots)}
            region.given |= dict(zip(body.outputs, homes, strict=True))
            region.emit(base + region.start)
            if self.together:  # what one thread alone has written is to be waited for
                self.assembly.touched.clear()
            b.branch(after)
        b.position_at_end(after)
        self.wait()


def _row(b: ir.IRBuilder, whole: Given, row: ir.Value, head: Value) -> Given:
    size = head.bytes
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


CONTROL: dict[str, Callable[[Region, Kernel], Control]] = {
    "scan": Scan,
    "while_loop": While,
    "cond": Branch,
}
