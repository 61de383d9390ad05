"""Bodies of loops and branches: expressions that run within another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catenary.backend.llvm.value import FREE, VIEWS, Value, reachable


@dataclass(frozen=True, eq=False)
class Body:
    """``slots`` stand for what differs from run to run; ``outputs`` are made from them."""

    slots: tuple[Value, ...]
    outputs: tuple[Value, ...]


def inside(outputs: Sequence[Value], slots: Sequence[Value]) -> set[Value]:
    """The values that depend on slots: they must be made anew in each run."""
    found = set(slots)
    for v in reachable(outputs):
        if any(o in found for o in v.operands):
            found.add(v)
    return found


def frontier(body: Body) -> list[Value]:
    """What a body reads of the expression around it; that is made before, once.

    Arrangements are made where they are read, from what they arrange.
    """
    inner = inside(body.outputs, body.slots) | set(body.outputs)
    found: dict[Value, None] = {}
    for v in sorted(inner, key=lambda v: v.number):
        for operand in v.operands:
            while operand not in inner and operand.op in VIEWS:
                operand = operand.operands[0]
            if operand not in inner and operand.op not in FREE:
                found[operand] = None
    return list(found)
