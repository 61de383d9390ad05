"""What the code of a product refers to, and how its work is shared among threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.contract.kernel import Receiver
from catenary.backend.llvm.contract.matrices import times
from catenary.backend.llvm.contract.plan import Plan, Product
from catenary.backend.llvm.contract.scratch import Layout
from catenary.backend.llvm.machine import Machine


@dataclass(frozen=True)
class Site:
    """A product with everything that its code refers to."""

    product: Product
    plan: Plan
    places: Layout
    machine: Machine
    receiver: Receiver
    thread: ir.Value
    threads: ir.Value
    scratch: ir.Value
    barrier: Callable[[ir.IRBuilder], None]

    def scratch_at(self, b: ir.IRBuilder, offset: Any) -> ir.Value:
        """A place in the scratch memory."""
        return emit.address(b, self.scratch, offset, self.product.dtype)


def share(b: ir.IRBuilder, total: int, thread: ir.Value, threads: ir.Value) -> tuple[Any, Any]:
    """The part of range(total) that is a thread's."""
    everything = emit.index(total)
    low = b.udiv(b.mul(everything, thread), threads)
    return low, b.udiv(b.mul(everything, b.add(thread, emit.index(1))), threads)


@contextmanager
def between(
    b: ir.IRBuilder, shared: tuple[Any, Any], size: int
) -> Iterator[tuple[Any, tuple[Any, Any]]]:
    """Code for every group of ``size`` that a share touches, with the share inside of it."""
    low, high = shared
    above = b.udiv(b.add(high, emit.index(size - 1)), emit.index(size))
    with emit.loop(b, b.udiv(low, emit.index(size)), above) as i:
        base = times(b, i, size)
        yield i, (greatest(b, b.sub(low, base), 0), least(b, b.sub(high, base), size))


def least(b: ir.IRBuilder, x: Any, y: Any) -> ir.Value:
    """The smaller of two numbers."""
    x, y = (emit.index(v) if isinstance(v, int) else v for v in (x, y))
    return b.select(b.icmp_signed("<", x, y), x, y)


def greatest(b: ir.IRBuilder, x: Any, y: Any) -> ir.Value:
    """The larger of two numbers."""
    x, y = (emit.index(v) if isinstance(v, int) else v for v in (x, y))
    return b.select(b.icmp_signed(">", x, y), x, y)
