"""One thread for LAPACK's library while a program of ours is in it, and its own number after that.

The library has one number of threads for the whole process. Programs may run at once: the first
that enters sets it to 1, and the last that leaves sets it to what it was.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit as e
from catenary.backend.llvm.routine import call, pause, permanent, routine

ENTER, LEAVE = "enter", "leave"
_FORGET = "forget"
_SET = "openblas_set_num_threads_local"  # sets the number, gives what it was


@cache
def addresses() -> dict[str, int]:
    """Where the two routines are."""
    found = permanent(_module, (ENTER, LEAVE, _FORGET), {_SET: _setter()}, 0)
    forget = ctypes.CFUNCTYPE(None)(found[_FORGET])
    os.register_at_fork(after_in_child=forget)  # whoever was inside stayed with the parent
    return found


def _setter() -> int:
    """The address of what sets the library's threads; where it has none, of a function of a number
    that does nothing.
    """
    from scipy.linalg import cython_blas

    found = ctypes.CDLL(cython_blas.__file__)
    function = getattr(found, _SET, None) or ctypes.CDLL(None).abs
    return ctypes.cast(function, ctypes.c_void_p).value or 0


def _module() -> ir.Module:
    module = ir.Module()
    lock, inside = (_cell(module, name, e.I64) for name in ("lock", "inside"))
    before = _cell(module, "before", e.I32)
    _, b = routine(module, ENTER, e.VOID, [])
    _taken(b, lock)
    count = b.load(inside, typ=e.I64)
    with b.if_then(b.icmp_signed("==", count, e.index(0))):
        b.store(call(b, _SET, e.I32, [e.I32(1)]), before)
    _given_back(b, lock, inside, b.add(count, e.index(1)))
    _, b = routine(module, LEAVE, e.VOID, [])
    _taken(b, lock)
    count = b.sub(b.load(inside, typ=e.I64), e.index(1))
    with b.if_then(b.icmp_signed("==", count, e.index(0))):
        call(b, _SET, e.I32, [b.load(before, typ=e.I32)])
    _given_back(b, lock, inside, count)
    _, b = routine(module, _FORGET, e.VOID, [])
    _given_back(b, lock, inside, e.index(0))
    return module


def _cell(module: ir.Module, name: str, type: Any) -> ir.GlobalVariable:
    cell = ir.GlobalVariable(module, type, f"catenary.{name}")
    cell.initializer = ir.Constant(type, 0)
    cell.linkage = "internal"
    return cell


def _taken(b: ir.IRBuilder, lock: ir.Value) -> None:
    """Wait until nobody else is at the numbers; they are there for less than a microsecond."""
    look, again, after = (b.append_basic_block(name) for name in ("look", "again", "after"))
    b.branch(look)
    b.position_at_end(look)
    tried = b.cmpxchg(lock, e.index(0), e.index(1), "acquire", "monotonic")
    b.cbranch(b.extract_value(tried, 1), after, again)
    b.position_at_end(again)
    pause(b)
    b.branch(look)
    b.position_at_end(after)


def _given_back(b: ir.IRBuilder, lock: ir.Value, inside: ir.Value, count: ir.Value) -> None:
    b.store(count, inside)
    b.atomic_rmw("xchg", lock, e.index(0), "release")
    b.ret_void()
