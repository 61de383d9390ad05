"""Matrix products as code: the words that a compiler of graphs calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from catenary.backend.llvm.contract.kernel import Receiver
from catenary.backend.llvm.contract.matrices import (
    Matrix,
    Store,
    Strided,
    Transposed,
    moved,
    transposed,
)
from catenary.backend.llvm.contract.nest import emit_tiles
from catenary.backend.llvm.contract.plan import Plan, Product, plan, settled
from catenary.backend.llvm.contract.scratch import layout
from catenary.backend.llvm.contract.site import Site
from catenary.backend.llvm.contract.vector_product import emit_dots
from catenary.backend.llvm.machine import Machine

__all__ = [
    "Matrix",
    "Plan",
    "Product",
    "Store",
    "Strided",
    "Transposed",
    "emit",
    "explain",
    "moved",
    "scratch_bytes",
    "transposed",
]


def explain(product: Product, machine: Machine) -> Plan:
    """What is decided about a product."""
    return plan(product, machine)


def scratch_bytes(product: Product, machine: Machine, max_threads: int) -> int:
    """Bytes of scratch memory that the code of a product uses."""
    places = layout(plan(product, machine), machine.lanes(product.dtype))
    return places.size(max_threads) * int(product.dtype.itemsize)


def emit(
    b: ir.IRBuilder,
    product: Product,
    store: Store,
    machine: Machine,
    *,
    thread: ir.Value,
    threads: ir.Value,
    scratch: ir.Value,
    barrier: Callable[[ir.IRBuilder], None],
) -> None:
    """Code that every thread runs, each for its share of the result.

    ``store(b, row, column, x, mask)`` is called once for every register of finished elements: x
    holds (row, column) and its neighbours along ``product.store_along``, or is a scalar; where
    the mask is 0 there is no such element. An element is the sum over k in the same order for
    any number of threads. No barrier is emitted after the last element: the caller does that.
    """
    if product.m == 0 or product.n == 0:
        return
    made = plan(product, machine)
    oriented, receive = settled(product), store
    if made.swapped:
        oriented = settled(product.turned)

        def receive(b: ir.IRBuilder, row: Any, column: Any, x: ir.Value, mask: Any) -> None:
            store(b, column, row, x, mask)

    lanes = machine.lanes(product.dtype)
    receiver = Receiver(receive, lanes if made.across else None, product.long_store)
    places = layout(made, lanes)
    site = Site(oriented, made, places, machine, receiver, thread, threads, scratch, barrier)
    (emit_dots if made.dots else emit_tiles)(b, site)
