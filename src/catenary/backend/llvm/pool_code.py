"""The native half of the pool: how a job is given out, done and waited for.

Every worker has a cell of its own, so that only those wake that have work. The number in it goes
up by one for each job that the worker takes part in; no second job can come before it is done
with the first, so the fields of the job need no lock.
"""

from __future__ import annotations

import ctypes
from typing import Any

from llvmlite import ir

from catenary.backend.llvm.emit import I8, I64, POINTER, VOID, index, loop
from catenary.backend.llvm.routine import (
    LINE,
    call,
    get,
    null,
    permanent,
    place,
    put,
    read,
    routine,
    spin,
    symbol,
)
from catenary.backend.llvm.threads import PATIENCE, Barrier, complete

BODY = [POINTER, POINTER, I64, I64, POINTER]  # args, arena, thread, threads, barrier

_BYTE = ctypes.c_char


class Cell(ctypes.Structure):
    """What one worker looks at. Larger than any system's mutex and condition variable."""

    _fields_ = [
        ("jobs", ctypes.c_int64),
        ("parked", ctypes.c_int64),
        ("line", _BYTE * (LINE - 16)),
        ("mutex", _BYTE * LINE),
        ("condition", _BYTE * LINE),
        ("end", _BYTE * LINE),
    ]


class Pool(ctypes.Structure):
    """A job at most, and where its workers wait. One cache line for each kind of traffic."""

    _fields_ = [
        ("owned", ctypes.c_int64),
        ("owned_line", _BYTE * (LINE - 8)),
        ("body", ctypes.c_void_p),
        ("args", ctypes.c_void_p),
        ("arena", ctypes.c_void_p),
        ("threads", ctypes.c_int64),
        ("job_line", _BYTE * (LINE - 32)),
        ("busy", ctypes.c_int64),
        ("busy_line", _BYTE * (LINE - 8)),
        ("barrier", Barrier),
        ("workers", ctypes.c_int64),
        ("asked", ctypes.c_int64),
        ("patience", ctypes.c_int64),
        ("cells", ctypes.c_void_p),
        ("end", _BYTE * (LINE - 32)),
    ]


def compiled() -> dict[str, int]:
    """The addresses of ``run``, ``work``, ``wait`` and ``pauses``."""
    module = ir.Module("pool")
    park, wake = _park(module), _wake(module)
    _work(module, park)
    _run(module, wake)
    _wait(module)
    _pauses(module)
    return permanent(module)


def _cell(b: ir.IRBuilder, pool: ir.Value, worker: ir.Value) -> ir.Value:
    """The cell of worker 0, 1, … of a pool."""
    first = get(b, pool, Pool.cells, POINTER)
    offset = b.mul(worker, index(ctypes.sizeof(Cell)))
    return b.gep(first, [offset], inbounds=True, source_etype=I8)


def _lock(b: ir.IRBuilder, cell: ir.Value) -> ir.Value:
    mutex = place(b, cell, Cell.mutex)
    call(b, symbol("pthread_mutex_lock"), ir.IntType(32), [mutex])
    return mutex


def _unlock(b: ir.IRBuilder, mutex: ir.Value) -> None:
    call(b, symbol("pthread_mutex_unlock"), ir.IntType(32), [mutex])


def _park(module: ir.Module) -> ir.Function:
    """park(cell, seen): sleep until the cell's number is another than the one seen.

    Either this thread sees the new number after it has said that it is parked, or the giver of
    the job sees that it is parked after it has written the number: both use one total order.
    """
    function, b = routine(module, "park", VOID, [POINTER, I64], inner=True)
    cell, seen = function.args
    mutex = _lock(b, cell)
    b.atomic_rmw("xchg", place(b, cell, Cell.parked), index(1), "seq_cst")
    ask, sleep, after = (b.append_basic_block(name) for name in ("ask", "sleep", "after"))
    b.branch(ask)
    b.position_at_end(ask)
    jobs = b.load_atomic(place(b, cell, Cell.jobs), "seq_cst", 8, typ=I64)
    b.cbranch(b.icmp_signed("==", jobs, seen), sleep, after)
    b.position_at_end(sleep)
    condition = place(b, cell, Cell.condition)
    call(b, symbol("pthread_cond_wait"), ir.IntType(32), [condition, mutex])
    b.branch(ask)
    b.position_at_end(after)
    b.atomic_rmw("xchg", place(b, cell, Cell.parked), index(0), "seq_cst")
    _unlock(b, mutex)
    b.ret_void()
    return function


def _wake(module: ir.Module) -> ir.Function:
    """wake(cell): a new number is in the cell; if its worker sleeps, tell it."""
    function, b = routine(module, "wake", VOID, [POINTER], inner=True)
    (cell,) = function.args
    parked = b.load_atomic(place(b, cell, Cell.parked), "seq_cst", 8, typ=I64)
    with b.if_then(b.icmp_signed("!=", parked, index(0)), likely=False):
        mutex = _lock(b, cell)
        condition = place(b, cell, Cell.condition)
        call(b, symbol("pthread_cond_signal"), ir.IntType(32), [condition])
        _unlock(b, mutex)
    b.ret_void()
    return function


def _work(module: ir.Module, park: ir.Function) -> None:
    """work(pool, worker): do every job given to this worker; it never comes back."""
    function, b = routine(module, "work", VOID, [POINTER, I64])
    pool, worker = function.args
    cell = _cell(b, pool, worker)
    again, start = b.block, b.append_basic_block("wait")
    b.branch(start)
    b.position_at_end(start)
    seen = b.phi(I64)
    seen.add_incoming(index(0), again)

    def given() -> ir.Value:
        return b.icmp_signed("!=", read(b, cell, Cell.jobs), seen)

    found = spin(b, given, get(b, pool, Pool.patience))
    with b.if_then(b.not_(found), likely=False):
        b.call(park, [cell, seen])
    operands = [get(b, pool, field, POINTER) for field in (Pool.args, Pool.arena)]
    operands += [b.add(worker, index(1)), get(b, pool, Pool.threads), place(b, pool, Pool.barrier)]
    call(b, get(b, pool, Pool.body), VOID, operands)
    b.atomic_rmw("sub", place(b, pool, Pool.busy), index(1), "acq_rel")
    seen.add_incoming(b.add(seen, index(1)), b.block)
    b.branch(start)


def _run(module: ir.Module, wake: ir.Function) -> None:
    """run(pool, body, args, arena, threads): with the pool if it is free, else alone."""
    function, b = routine(module, "run", VOID, [POINTER, I64, POINTER, POINTER, I64])
    pool, body, args, arena, wanted = function.args
    most = b.add(get(b, pool, Pool.workers), index(1))
    threads = b.select(b.icmp_signed("<", wanted, most), wanted, most)
    alone, mine = b.append_basic_block("alone"), b.append_basic_block("mine")
    ask = b.append_basic_block("ask")
    b.cbranch(b.icmp_signed(">", threads, index(1)), ask, alone)
    b.position_at_end(ask)
    old = b.cmpxchg(place(b, pool, Pool.owned), index(0), index(1), "acquire", "monotonic")
    b.cbranch(b.extract_value(old, 1), mine, alone)
    b.position_at_end(alone)
    call(b, body, VOID, [args, arena, index(0), index(1), null()])
    b.ret_void()
    b.position_at_end(mine)
    for value, field in ((body, Pool.body), (args, Pool.args), (arena, Pool.arena)):
        put(b, value, pool, field)
    put(b, threads, pool, Pool.threads)
    put(b, b.sub(threads, index(1)), pool, Pool.busy)
    barrier = place(b, pool, Pool.barrier)
    put(b, index(0), barrier, Barrier.arrived)
    _give_out(b, pool, threads, wake)
    call(b, body, VOID, [args, arena, index(0), threads, barrier])
    _await(b, pool)
    b.atomic_rmw("xchg", place(b, pool, Pool.owned), index(0), "release")
    b.ret_void()


def _give_out(b: ir.IRBuilder, pool: ir.Value, threads: ir.Value, wake: ir.Function) -> None:
    """First all numbers, then the sleepers: those that are awake begin at once."""
    workers = b.sub(threads, index(1))
    with loop(b, 0, workers) as worker:
        jobs = place(b, _cell(b, pool, worker), Cell.jobs)
        b.atomic_rmw("add", jobs, index(1), "seq_cst")
    with loop(b, 0, workers) as worker:
        b.call(wake, [_cell(b, pool, worker)])


def _await(b: ir.IRBuilder, pool: ir.Value) -> None:
    """Until no worker is at the job any more."""

    def done() -> ir.Value:
        return b.icmp_signed("==", read(b, pool, Pool.busy), index(0))

    finished = spin(b, done, index(PATIENCE))
    with b.if_then(b.not_(finished), likely=False):
        _let_others_run(b, done)


def _let_others_run(b: ir.IRBuilder, ready: Any) -> None:
    """Give the core away between looks."""
    look, leave, after = (b.append_basic_block(name) for name in ("look", "leave", "after"))
    b.branch(look)
    b.position_at_end(look)
    b.cbranch(ready(), after, leave)
    b.position_at_end(leave)
    call(b, symbol("sched_yield"), ir.IntType(32), [])
    b.branch(look)
    b.position_at_end(after)


def _wait(module: ir.Module) -> None:
    """wait(barrier, goal): the long way to wait at a barrier."""
    function, b = routine(module, "wait", VOID, [POINTER, I64])
    barrier, goal = function.args
    _let_others_run(b, lambda: complete(b, barrier, goal))
    b.ret_void()


def _pauses(module: ir.Module) -> None:
    """pauses(n): n looks, to measure how long one takes."""
    function, b = routine(module, "pauses", VOID, [I64])
    spin(b, lambda: b.icmp_signed("<", function.args[0], index(0)), function.args[0])
    b.ret_void()
