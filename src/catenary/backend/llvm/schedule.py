"""schedule : values → kernels. Which values are kept in memory, and which are made together.

A kernel is one nest of loops. Everything that is computed element by element is computed where it
is asked for; only what is whole, what is a result, and what would cost too much to compute again
lies in memory.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from catenary.backend.llvm import factors
from catenary.backend.llvm.layout import groups, layout_of
from catenary.backend.llvm.rows import Rows, batch_of, read_by_row
from catenary.backend.llvm.value import (
    FREE,
    LEAVES,
    LOOPS,
    MATRICES,
    VIEWS,
    WHOLE,
    Value,
    reachable,
)

# What one element costs, in additions; whatever is not named costs one.
COST = {
    "div": 6, "floordiv": 20, "remainder": 20, "function": 16, "power": 40, "arctan2": 30,
    "polygamma": 100, "gather": 4, "pad": 3, "concatenate": 3,
}  # fmt: skip
_ROOTS = 16  # values that one kernel makes
_STREAMED = 4 << 20  # bytes: an array that no cache of one core holds beside others
_AGAIN = 8  # what may be computed twice rather than stored and loaded


@dataclass(eq=False)
class Kernel:
    """One nest of loops: over ``shape``, storing ``roots``; around ``main`` where it is whole."""

    shape: tuple[int, ...]
    roots: list[Value]
    main: Value | None = None
    reads: set[Value] = field(default_factory=set)  # values in memory
    aligned: set[Value] = field(default_factory=set)  # those read only where the loops stand
    by_row: set[Value] | None = None  # those read only in the row at hand, if it goes by rows

    @property
    def kind(self) -> str:
        return "map" if self.main is None else self.main.op


@dataclass(frozen=True, eq=False)
class Schedule:
    """Kernels in order, and the values that they keep in memory."""

    kernels: list[Kernel]
    stored: set[Value]
    outputs: tuple[Value, ...]
    rows: Rows | None = None  # of the batch that kernels run through


def schedule(outputs: Sequence[Value], outside: Iterable[Value] = ()) -> Schedule:
    """The kernels that make these values; those ``outside`` are in memory already."""
    given = set(outside)
    order = [v for v in reachable_within(outputs, given) if v not in given]
    stored = _stored(order, outputs, given)
    roots = [v for v in order if (v in stored and v not in given) or v.op in LOOPS]
    kernels = _grouped([v for v in roots if v.op not in LEAVES and v.op != "part"], stored)
    kernels = _updates_last(kernels)
    kept = _demoted(kernels, stored, outputs)
    rows = batch_of([(k.main, work(k)) for k in kernels])
    if rows is not None:
        for kernel in kernels:
            kernel.by_row = read_by_row(kernel.roots, kernel.main, kept, rows)
        kernels = _rows_first(kernels)
    return Schedule(kernels, kept, tuple(outputs), rows)


def _updates_last(kernels: Sequence[Kernel]) -> list[Kernel]:
    """Put what is made of a large array behind those that read the array too: it may lie in its
    place then.
    """
    order = list(kernels)
    for kernel in kernels:
        large = {v for v in kernel.reads if v.bytes >= _STREAMED and v.op in LEAVES}
        if kernel.main is not None or not large:
            continue
        at = order.index(kernel)
        readers = [i for i in range(at + 1, len(order)) if large & order[i].reads]
        if readers:
            passed = order[at + 1 : readers[-1] + 1]
            if not any(other.reads & set(kernel.roots) for other in passed):
                order[at : readers[-1] + 1] = [*passed, kernel]
    return order


def _rows_first(kernels: Sequence[Kernel]) -> list[Kernel]:
    """An order in which kernels that go by rows come as soon as they can, the others as late as
    they may: so that threads seldom wait for each other.
    """
    made_in = {v: kernel for kernel in kernels for v in kernel.roots}
    needs = {k: {made_in[v] for v in k.reads if v in made_in} - {k} for k in kernels}
    users: dict[Kernel, list[Kernel]] = defaultdict(list)
    for kernel, before in needs.items():
        for other in before:
            users[other].append(kernel)
    number = {kernel: i for i, kernel in enumerate(kernels)}
    ready = [(k.by_row is None, number[k], k) for k in kernels if not needs[k]]
    heapq.heapify(ready)
    order = []
    while ready:
        kernel = heapq.heappop(ready)[2]
        order.append(kernel)
        for user in users[kernel]:
            needs[user].discard(kernel)
            if not needs[user]:
                heapq.heappush(ready, (user.by_row is None, number[user], user))
    return order


def reachable_within(outputs: Sequence[Value], given: set[Value]) -> list[Value]:
    """What the outputs are made of, not looking behind what is given."""
    found = set(outputs)
    stack = [v for v in found if v not in given]
    while stack:
        for operand in stack.pop().operands:
            if operand not in found:
                found.add(operand)
                if operand not in given:
                    stack.append(operand)
    return sorted(found, key=lambda v: v.number)


# ---- what is kept in memory ---------------------------------------------------------------------


def _stored(order: Sequence[Value], outputs: Sequence[Value], given: set[Value]) -> set[Value]:
    stored = {v for v in outputs if v not in given}
    stored |= {v for v in order if (v.op in WHOLE and v.op not in LOOPS) or v.op in LEAVES} | given
    for v in order:
        if v.op in LOOPS:
            stored.update(v.params["parts"])
    users: dict[Value, int] = defaultdict(int)
    for v in order:
        for operand in v.operands:
            users[operand] += 1
        stored.update(_lying(v, given))
    cost: dict[Value, int] = {}
    for v in order:
        own = COST.get(v.op, 0 if v.op in FREE or v.op in VIEWS else 1)
        cost[v] = own + sum(cost.get(o, 0) for o in v.operands if o not in stored)
        if v in stored or v.op in FREE:
            continue
        if v.op in VIEWS:
            base = v.operands[0]
            if v.op == "broadcast" and cost.get(base, 0) > _AGAIN and base not in stored:
                stored.add(base)
                cost[v] = own
        elif users[v] > 1 and cost[v] > _AGAIN:
            stored.add(v)
    return stored


def _lying(v: Value, given: set[Value]) -> list[Value]:
    """The operands of a value that it reads in any order, and which must lie in memory for that."""
    if v.op in ("gather", "argsort", "prefix", "reduce_index"):
        wanted = v.operands[:1]
    elif (
        v.op in ("contract", "scatter_add", "scatter_last")
        or v.op in LOOPS
        or (v.op == "reshape" and layout_of_step(v))
    ):
        wanted = v.operands
    else:
        return []
    return [lying(operand, given) for operand in wanted]


def lying(v: Value, given: set[Value]) -> Value:
    """The value to be kept in memory so that v can be read there by strides."""
    if v in given:
        return v
    layout = layout_of(v)
    if layout is None or layout.base.op in FREE:
        return v
    return layout.base


def layout_of_step(v: Value) -> bool:
    """Whether a reshape joins axes, so that positions would have to be divided."""
    return any(len(here) > 1 for here, _ in groups(v.operands[0].shape, v.shape))


# ---- which are made together --------------------------------------------------------------------


def _grouped(roots: Sequence[Value], stored: set[Value]) -> list[Kernel]:
    row = _Row()
    for root in roots:
        reads, aligned = _reads(root, stored)
        earliest = behind = 0
        for v in reads & row.made_in.keys():
            kernel = row.made_in[v]
            goes_on = v in aligned and _goes_on(kernel, root, reads)
            earliest = max(earliest, row.number[kernel] + (not goes_on))
            behind = max(behind, row.number[kernel] + 1)
        kernel = row.place(root, earliest, behind)
        own = set(kernel.roots)
        unaligned = (kernel.reads - kernel.aligned) | (reads - aligned)
        kernel.reads |= reads - own
        kernel.aligned = kernel.reads - unaligned
    return row.kernels


class _Row:
    """Kernels in a row, and which of them makes what."""

    def __init__(self) -> None:
        self.kernels: list[Kernel] = []
        self.number: dict[Kernel, int] = {}
        self.made_in: dict[Value, Kernel] = {}

    def place(self, root: Value, earliest: int, behind: int) -> Kernel:
        """The kernel that makes a root, not before ``earliest``: the last that it can join, or
        one of its own, ``behind`` all that it reads. Single numbers are made as soon as they can
        be, for others wait for them; so are large arrays, for what they are made of takes memory.
        """
        found = None
        if root.op not in WHOLE:
            candidates = range(earliest, len(self.kernels))
            soon = candidates if root.type.size == 1 else reversed(candidates)
            found = next((i for i in soon if self._takes(i, root)), None)
        if found is not None:
            kernel = self.kernels[found]
            kernel.roots.append(root)
            made = [root]
        else:
            made = list(root.params["parts"]) if root.op in LOOPS else [root]
            kernel = Kernel(root.shape, made, root if root.op in WHOLE else None)
            urgent = root.op not in WHOLE and (root.type.size == 1 or root.bytes >= _STREAMED)
            self._insert(kernel, behind if urgent else len(self.kernels))
        self.made_in.update(dict.fromkeys(made, kernel))
        return kernel

    def _takes(self, i: int, root: Value) -> bool:
        kernel = self.kernels[i]
        if kernel.shape != root.shape or kernel.kind not in _GOES_ON:
            return False
        return _has_room(kernel) and (root.type.size > 1 or kernel.kind == "map")

    def _insert(self, kernel: Kernel, at: int) -> None:
        self.kernels.insert(at, kernel)
        for i in range(at, len(self.kernels)):
            self.number[self.kernels[i]] = i


# Kernels that give each element of their result once, to whoever wants to go on from there.
_GOES_ON = frozenset(("map", "contract"))


def _goes_on(kernel: Kernel, root: Value, reads: set[Value]) -> bool:
    """Whether a kernel may make a root from what it has at hand.

    A product has a tile at hand: short pieces of rows that lie far apart. Out of the caches,
    arrays come several times as fast from one end to the other, in a kernel of their own.
    """
    if kernel.kind == "contract" and root.bytes >= _STREAMED:
        return sum(v.shape == root.shape for v in reads) < 2  # the product alone
    return kernel.kind in _GOES_ON


def _has_room(kernel: Kernel) -> bool:
    """Whether one more root does no harm: not too many, and a product of simple shape."""
    if len(kernel.roots) >= _ROOTS:
        return False
    return kernel.main is None or is_plain_product(kernel.main)


def is_plain_product(v: Value) -> bool:
    """Whether a product's result has one axis from each operand, beside those they share."""
    first, second, out = v.labels
    sizes = dict(zip(out, v.shape, strict=True))
    for own, other in ((first, second), (second, first)):
        if sum(c in own and c not in other and sizes[c] > 1 for c in out) > 1:
            return False
    return True


def _reads(root: Value, stored: set[Value]) -> tuple[set[Value], set[Value]]:
    """The values in memory that a root is made of, and those that it reads only in place."""
    reads: set[Value] = set()
    moved: set[Value] = set()
    seen: set[tuple[Value, bool]] = set()
    in_place = root.op not in WHOLE
    stack = [(o, in_place and root.elementwise) for o in root.operands]
    while stack:
        v, here = stack.pop()
        if (v, here) in seen:
            continue
        seen.add((v, here))
        if v in stored:
            reads.add(v)
            if not here:
                moved.add(v)
            continue
        stack.extend((o, here and v.elementwise) for o in v.operands)
    return reads, reads - moved


def _demoted(kernels: Sequence[Kernel], stored: set[Value], outputs: Sequence[Value]) -> set[Value]:
    """Values that only their own kernel reads need no memory: they are dropped from the roots."""
    wanted = set(outputs)
    for kernel in kernels:
        wanted |= kernel.reads
    for kernel in kernels:
        own = set(kernel.roots)
        if kernel.kind not in _GOES_ON:
            continue
        kernel.roots = [v for v in kernel.roots if v in wanted] or kernel.roots[-1:]
        stored = stored - (own - set(kernel.roots))
    return stored


def work(kernel: Kernel) -> int:
    """About how many additions a kernel takes."""
    main = kernel.main
    if main is not None and main.op in LOOPS:
        return 0
    if main is not None and main.op == "contract":
        x, y = main.operands
        first, second, _ = main.labels
        sizes = dict(zip(first + second, x.shape + y.shape, strict=True))
        return math.prod(sizes.values()) // 2
    if main is not None and main.op in MATRICES:
        return factors.flops(main) + 1000
    size = math.prod(main.operands[0].shape if main and main.operands else kernel.shape)
    return size * (2 + sum(COST.get(v.op, 1) for v in kernel.roots))


__all__ = ["Kernel", "Schedule", "reachable", "schedule", "work"]
