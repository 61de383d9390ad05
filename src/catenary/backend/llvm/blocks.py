"""Memory of large results: kept when an array dies, for the next call that makes one of its size.

A system gives large blocks page by page, each filled with zeros at its first touch, and takes
them back when they are freed: a training step that makes its weights anew would wait for that as
long as for memory itself. Arrays get these blocks through NumPy's own protocol for allocators
(NEP 49), so they own their memory as others do. All of this runs under the interpreter's lock.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

from llvmlite import ir

from catenary.backend.llvm.cpython import Handler, capsule
from catenary.backend.llvm.emit import I32, I64, POINTER, VOID, index, loop
from catenary.backend.llvm.routine import (
    LINE,
    allocate,
    call,
    get,
    null,
    permanent,
    place,
    put,
    routine,
    symbol,
)

LARGE = 1 << 20  # bytes: smaller blocks the C library keeps itself
MOST = 512 << 20  # bytes that are kept in all
_PLACES = 64
_HUGE, _ADVICE = 2 << 20, 14  # bytes of a large page; Linux's MADV_HUGEPAGE
_SYSTEM = ("posix_memalign", "free", "realloc", "calloc", "madvise")


class Kept(ctypes.Structure):
    """A block that nobody uses, or nothing where the size is 0."""

    _fields_ = [("size", ctypes.c_int64), ("start", ctypes.c_void_p)]


class Store(ctypes.Structure):
    """All blocks that are kept, and their size."""

    _fields_ = [("size", ctypes.c_int64), ("places", Kept * _PLACES)]


STORE = Store.from_address(allocate(ctypes.sizeof(Store)))


@cache
def handler() -> int:
    """The address of the object by which NumPy knows this memory; 0 where there is none."""
    library = ctypes.CDLL(None)
    if not sys.platform.startswith("linux") or not all(hasattr(library, n) for n in _SYSTEM):
        return 0
    names = ("take", "zeros", "resize", "give")
    imports = {name: symbol(name) for name in _SYSTEM}
    addresses = permanent(_module, names, imports, effort=0, kept="blocks")
    known = Handler.from_address(allocate(ctypes.sizeof(Handler)))
    known.name, known.version = b"catenary", 1
    known.store = ctypes.addressof(STORE)
    known.malloc, known.calloc, known.realloc, known.free = (addresses[name] for name in names)
    return capsule(ctypes.addressof(known), b"mem_handler")


def _module() -> ir.Module:
    module = ir.Module("blocks")
    _take(module)
    _give(module)
    function, b = routine(module, "zeros", POINTER, [POINTER, I64, I64])
    b.ret(call(b, "calloc", POINTER, function.args[1:]))
    function, b = routine(module, "resize", POINTER, [POINTER, POINTER, I64])
    b.ret(call(b, "realloc", POINTER, function.args[1:]))
    return module


def _place(b: ir.IRBuilder, store: ir.Value, i: ir.Value) -> ir.Value:
    offset = b.add(b.mul(i, index(ctypes.sizeof(Kept))), index(Store.places.offset))
    return b.gep(store, [offset], inbounds=True, source_etype=ir.IntType(8))


def _change(b: ir.IRBuilder, store: ir.Value, by: ir.Value) -> None:
    put(b, b.add(get(b, store, Store.size), by), store, Store.size)


def _take(module: ir.Module) -> None:
    """take(store, size): a block of just this size, or a new one.

    Where none is kept, what is kept is of other sizes and seems to be of no use any more.
    """
    function, b = routine(module, "take", POINTER, [POINTER, I64])
    store, size = function.args
    with loop(b, 0, _PLACES) as i:
        kept = _place(b, store, i)
        with b.if_then(b.icmp_signed("==", get(b, kept, Kept.size), size)):
            put(b, index(0), kept, Kept.size)
            _change(b, store, b.neg(size))
            b.ret(get(b, kept, Kept.start, POINTER))
    with loop(b, 0, _PLACES) as i:
        kept = _place(b, store, i)
        with b.if_then(b.icmp_signed("!=", get(b, kept, Kept.size), index(0))):
            call(b, "free", VOID, [get(b, kept, Kept.start, POINTER)])
            put(b, index(0), kept, Kept.size)
    put(b, index(0), store, Store.size)
    b.ret(_fresh(b, size))


def _fresh(b: ir.IRBuilder, size: ir.Value) -> ir.Value:
    """A new block, at the start of a large page where it fills some; or nothing."""
    found = b.alloca(POINTER)
    b.store(null(), found)
    alignment = b.select(_fills_pages(b, size), index(_HUGE), index(LINE))
    failed = call(b, "posix_memalign", I32, [found, alignment, size])
    with b.if_then(b.icmp_signed("!=", failed, I32(0)), likely=False):
        b.ret(null())
    return b.load(found, typ=POINTER)


def _fills_pages(b: ir.IRBuilder, size: ir.Value) -> ir.Value:
    """Whether large pages are worth having: with them, wide weights are read 6 % faster."""
    return b.icmp_signed(">=", size, index(2 * _HUGE))


def _give(module: ir.Module) -> None:
    """give(store, start, size): keep a block, or free it where enough is kept."""
    function, b = routine(module, "give", VOID, [POINTER, POINTER, I64])
    store, start, size = function.args
    together = b.add(get(b, store, Store.size), size)
    fits = b.and_(
        b.icmp_signed("<=", together, index(MOST)), b.icmp_signed(">=", size, index(LARGE))
    )
    with b.if_then(fits), loop(b, 0, _PLACES) as i:
        kept = _place(b, store, i)
        with b.if_then(b.icmp_signed("==", get(b, kept, Kept.size), index(0))):
            put(b, size, kept, Kept.size)
            b.store(start, place(b, kept, Kept.start))
            # To fill them at their first touch, the system may move others about, for a third of
            # a second. A block that comes again gets them by and by.
            with b.if_then(_fills_pages(b, size)):
                call(b, "madvise", I32, [start, size, I32(_ADVICE)])
            _change(b, store, size)
            b.ret_void()
    call(b, "free", VOID, [start])
    b.ret_void()
