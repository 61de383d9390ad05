"""The native half of the pool: how a job is given out, done and waited for.

Every worker has a cell of its own, so that only those wake that have work. The number in it goes
up by one for each job that the worker takes part in; no second job can come before it is done
with the first, so the fields of the job need no lock.
"""

from __future__ import annotations

import ctypes
from typing import Any

from llvmlite import ir

from catenary.backend.llvm.emit import I1, I8, I32, I64, POINTER, VOID, index, loop
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

SYSTEM = (
    "pthread_mutex_lock",
    "pthread_mutex_unlock",
    "pthread_cond_wait",
    "pthread_cond_signal",
    "sched_yield",
)

# Where the system has them: without them, workers are wherever it puts them.
PLACING = ("sched_getcpu", "sched_setaffinity")

MASK = 128  # bytes of a set of cores

_BYTE = ctypes.c_char


class Cell(ctypes.Structure):
    """What one worker looks at. Larger than any system's mutex and condition variable."""

    _fields_ = [
        ("jobs", ctypes.c_int64),
        ("parked", ctypes.c_int64),
        ("thread", ctypes.c_int64),  # by the system's number
        ("inside", ctypes.c_int64),  # whether it is in native code, for good
        ("line", _BYTE * (LINE - 32)),
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
        ("masks", ctypes.c_void_p),  # for each core the set of all others, of MASK bytes
        ("cores", ctypes.c_int64),  # how many masks there are
        ("home", ctypes.c_int64),  # the core that workers are kept off
        ("end", _BYTE * (LINE - 56)),
    ]


def compiled() -> dict[str, int]:
    """The addresses of ``run``, ``work``, ``wait`` and ``pauses``."""
    library = ctypes.CDLL(None)
    placing = [name for name in PLACING if hasattr(library, name)]  # else never called
    imports = {name: symbol(name) for name in (*SYSTEM, *placing)}
    return permanent(_module, ("run", "work", "wait", "pauses"), imports, effort=0, kept="pool")


def _module() -> ir.Module:
    module = ir.Module("pool")
    park, wake = _park(module), _wake(module)
    _work(module, park)
    _run(module, wake)
    _wait(module)
    _pauses(module)
    return module


def _cell(b: ir.IRBuilder, pool: ir.Value, worker: ir.Value) -> ir.Value:
    """The cell of worker 0, 1, … of a pool."""
    first = get(b, pool, Pool.cells, POINTER)
    offset = b.mul(worker, index(ctypes.sizeof(Cell)))
    return b.gep(first, [offset], inbounds=True, source_etype=I8)


def _lock(b: ir.IRBuilder, cell: ir.Value) -> ir.Value:
    mutex = place(b, cell, Cell.mutex)
    call(b, "pthread_mutex_lock", I32, [mutex])
    return mutex


def _unlock(b: ir.IRBuilder, mutex: ir.Value) -> None:
    call(b, "pthread_mutex_unlock", I32, [mutex])


def _park(module: ir.Module) -> ir.Function:
    """park(cell, seen): sleep until woken, unless the cell's number is another than the one seen.

    Either this thread sees the new number after it has said that it is parked, or the giver of
    the job sees that it is parked after it has written the number: both use one total order.
    """
    function, b = routine(module, "park", VOID, [POINTER, I64], inner=True)
    cell, seen = function.args
    mutex = _lock(b, cell)
    b.atomic_rmw("xchg", place(b, cell, Cell.parked), index(1), "seq_cst")
    jobs = b.load_atomic(place(b, cell, Cell.jobs), "seq_cst", 8, typ=I64)
    with b.if_then(b.icmp_signed("==", jobs, seen)):
        call(b, "pthread_cond_wait", I32, [place(b, cell, Cell.condition), mutex])
    b.atomic_rmw("xchg", place(b, cell, Cell.parked), index(0), "seq_cst")
    _unlock(b, mutex)
    b.ret_void()
    return function


def _wake(module: ir.Module) -> ir.Function:
    """wake(cell): if the cell's worker sleeps, wake it and say so."""
    function, b = routine(module, "wake", I1, [POINTER], inner=True)
    (cell,) = function.args
    parked = b.load_atomic(place(b, cell, Cell.parked), "seq_cst", 8, typ=I64)
    asleep = b.icmp_signed("!=", parked, index(0))
    with b.if_then(asleep, likely=False):
        mutex = _lock(b, cell)
        call(b, "pthread_cond_signal", I32, [place(b, cell, Cell.condition)])
        _unlock(b, mutex)
    b.ret(asleep)
    return function


def _work(module: ir.Module, park: ir.Function) -> None:
    """work(pool, worker): do every job given to this worker; it never comes back."""
    function, b = routine(module, "work", VOID, [POINTER, I64])
    pool, worker = function.args
    cell = _cell(b, pool, worker)
    b.store(index(1), place(b, cell, Cell.inside))
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
        seen.add_incoming(seen, b.block)
        b.branch(start)
    operands = [get(b, pool, field, POINTER) for field in (Pool.args, Pool.arena)]
    operands += [b.add(worker, index(1)), get(b, pool, Pool.threads), place(b, pool, Pool.barrier)]
    call(b, get(b, pool, Pool.body), VOID, operands)
    b.atomic_rmw("sub", place(b, pool, Pool.busy), index(1), "acq_rel")
    seen.add_incoming(b.add(seen, index(1)), b.block)
    b.branch(start)


def _run(module: ir.Module, wake: ir.Function) -> None:
    """run(pool, body, args, arena, threads, brief): with the pool if it is free, else alone.

    A brief job does not wait for sleepers: it wakes them for the next one and runs alone.
    """
    function, b = routine(module, "run", VOID, [POINTER, I64, POINTER, POINTER, I64, I64])
    pool, body, args, arena, wanted, brief = function.args
    most = b.add(get(b, pool, Pool.workers), index(1))
    threads = b.select(b.icmp_signed("<", wanted, most), wanted, most)
    blocks = [
        b.append_basic_block(name) for name in ("ask", "mine", "look", "leave", "alone", "go")
    ]
    ask, mine, look, leave, alone, go = blocks
    b.cbranch(b.icmp_signed(">", threads, index(1)), ask, alone)
    b.position_at_end(ask)
    old = b.cmpxchg(place(b, pool, Pool.owned), index(0), index(1), "acquire", "monotonic")
    b.cbranch(b.extract_value(old, 1), mine, alone)
    b.position_at_end(mine)
    b.cbranch(b.icmp_signed("!=", brief, index(0)), look, go)
    b.position_at_end(look)
    b.cbranch(_wake_all(b, pool, threads, wake), leave, go)
    b.position_at_end(leave)
    _leave(b, pool)
    b.branch(alone)
    b.position_at_end(alone)
    call(b, body, VOID, [args, arena, index(0), index(1), null()])
    b.ret_void()
    b.position_at_end(go)
    _keep_apart(b, pool)
    for value, field in ((body, Pool.body), (args, Pool.args), (arena, Pool.arena)):
        put(b, value, pool, field)
    put(b, threads, pool, Pool.threads)
    put(b, b.sub(threads, index(1)), pool, Pool.busy)
    barrier = place(b, pool, Pool.barrier)
    put(b, index(0), barrier, Barrier.arrived)
    _give_out(b, pool, threads, wake)
    call(b, body, VOID, [args, arena, index(0), threads, barrier])
    _await(b, pool)
    _leave(b, pool)
    b.ret_void()


def _keep_apart(b: ir.IRBuilder, pool: ir.Value) -> None:
    """Keep workers off the core that the caller is on. A scheduler may leave two threads that look
    out for each other on one core for long, and each meeting then takes a slice of time.
    """
    cores = get(b, pool, Pool.cores)
    with b.if_then(b.icmp_signed(">", cores, index(0))):
        here = b.sext(call(b, "sched_getcpu", I32, []), I64)
        known = b.icmp_unsigned("<", here, cores)
        moved = b.icmp_signed("!=", here, get(b, pool, Pool.home))
        with b.if_then(b.and_(known, moved), likely=False):
            put(b, here, pool, Pool.home)
            masks = get(b, pool, Pool.masks, POINTER)
            others = b.gep(masks, [b.mul(here, index(MASK))], source_etype=I8)
            with loop(b, 0, get(b, pool, Pool.workers)) as worker:
                thread = b.trunc(get(b, _cell(b, pool, worker), Cell.thread), I32)
                call(b, "sched_setaffinity", I32, [thread, index(MASK), others])


def _leave(b: ir.IRBuilder, pool: ir.Value) -> None:
    """The pool is free for others."""
    b.atomic_rmw("xchg", place(b, pool, Pool.owned), index(0), "release")


def _wake_all(b: ir.IRBuilder, pool: ir.Value, threads: ir.Value, wake: ir.Function) -> ir.Value:
    """Wake the workers that a job needs; whether any slept."""
    slept = b.alloca(I64)
    b.store(index(0), slept)
    with loop(b, 0, b.sub(threads, index(1))) as worker:
        asleep = b.zext(b.call(wake, [_cell(b, pool, worker)]), I64)
        b.store(b.or_(b.load(slept, typ=I64), asleep), slept)
    return b.icmp_signed("!=", b.load(slept, typ=I64), index(0))


def _give_out(b: ir.IRBuilder, pool: ir.Value, threads: ir.Value, wake: ir.Function) -> None:
    """First all numbers, then the sleepers: those that are awake begin at once."""
    with loop(b, 0, b.sub(threads, index(1))) as worker:
        jobs = place(b, _cell(b, pool, worker), Cell.jobs)
        b.atomic_rmw("add", jobs, index(1), "seq_cst")
    _wake_all(b, pool, threads, wake)


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
    call(b, "sched_yield", I32, [])
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
