"""What a kernel computes, and how much of it: values, flops and bytes."""

from __future__ import annotations

import math
from collections import defaultdict

from catenary.backend.facts import Work
from catenary.backend.llvm import factors
from catenary.backend.llvm.math.table import INSTRUCTIONS
from catenary.backend.llvm.schedule import Kernel
from catenary.backend.llvm.value import FREE, LEAVES, MATRICES, VIEWS, Value

_FLOPS = {
    "add": 1, "sub": 1, "mul": 1, "div": 1, "floordiv": 1, "remainder": 1, "neg": 1, "abs": 1,
    "maximum": 1, "minimum": 1, "fma": 2,
}  # fmt: skip
_FUNCTIONS = frozenset(("power", "arctan2", "polygamma"))
# Values that are asked for no more elements than whoever reads them has.
_NARROW = VIEWS | {"pad", "concatenate"}


def computed(kernel: Kernel) -> list[Value]:
    """What is computed within a kernel, operands before what is made of them."""
    found: set[Value] = set()
    stack = list(kernel.roots)
    while stack:
        v = stack.pop()
        stays = v.op in LEAVES or v.op == "slot"
        if v not in found and v not in kernel.reads and not stays:
            found.add(v)
            stack.extend(v.operands)
    return sorted(found, key=lambda v: v.number)


def work_of(kernel: Kernel) -> Work:
    """One run of a kernel."""
    total = Work(read=_read(kernel), written=sum(v.bytes for v in kernel.roots))
    for v in computed(kernel):
        total += _own(v)
    return total


def _own(v: Value) -> Work:
    """The value alone, each element once."""
    of = v.operands[0].type if v.operands else v.type
    if of.dtype.kind != "f" or v.op in FREE:
        return Work()
    size = v.type.size
    if v.op == "contract":
        first, second, _ = v.labels
        shapes = v.operands[0].shape + v.operands[1].shape
        sizes = dict(zip(first + second, shapes, strict=True))
        return Work(flops=2 * math.prod(sizes.values()))
    if v.op in MATRICES:
        return Work(flops=factors.flops(v))
    if v.op in ("reduce", "reduce_part"):
        return Work(flops=of.size - size)
    if v.op in ("reduce_index", "prefix", "scatter_add"):
        return Work(flops=of.size)
    if v.op in _FUNCTIONS or (v.op == "function" and v.params["name"] not in INSTRUCTIONS):
        return Work(functions=size)
    return Work(flops=size * _FLOPS.get(v.op, v.op == "function"))


def _read(kernel: Kernel) -> int:
    """Bytes that are read. Of what is cut out of an array, only what is cut out."""
    asked: dict[Value, int] = defaultdict(int)
    seen: set[tuple[Value, int]] = set()
    stack = [(v, v.type.size) for v in kernel.roots]
    while stack:
        v, count = stack.pop()
        if (v, count) in seen:
            continue
        seen.add((v, count))
        if v in kernel.reads:
            asked[v] += count
            continue
        stack += _needs(v, count)
    return sum(min(n, v.type.size) * v.dtype.itemsize for v, n in asked.items())


def _needs(v: Value, count: int) -> list[tuple[Value, int]]:
    """The operands of a value, and how many elements of each some elements of it need."""
    if v.op == "gather":
        rows, *indices = v.operands
        return [(rows, min(count, rows.type.size)), *((i, i.type.size) for i in indices)]
    if v.op in _NARROW or v.elementwise:
        return [(o, min(count, o.type.size)) for o in v.operands]
    return [(o, o.type.size) for o in v.operands]
