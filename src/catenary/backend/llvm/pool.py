"""Threads that wait in native code for programs to run together.

Workers are Python's threads, so that the interpreter knows of them, but each of them enters one
native function and stays there: looking out for work for a moment, then asleep. None of them
touches the interpreter again, at its end neither. A forked child starts without a pool.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from functools import cache
from typing import Any

from catenary.backend.llvm import pool_code
from catenary.backend.llvm.pool_code import Cell, Pool
from catenary.backend.llvm.routine import allocate

# How long a worker looks out for the next job before it sleeps. A brief job runs alone while it
# wakes a sleeper, and takes up to 200 µs: who slept again by then would never be awake in time.
WATCH_SECONDS = 300e-6
MOST_WORKERS = 1023


class Door(ctypes.Structure):
    """Where native code finds the pool of this process; zeros while there is none."""

    _fields_ = [("pool", ctypes.c_void_p), ("run", ctypes.c_int64)]


DOOR = Door.from_address(allocate(ctypes.sizeof(Door)))

_making = threading.Lock()


def prepare() -> None:
    """Have the code ready."""
    _code()


@cache
def _code() -> dict[str, int]:
    return pool_code.compiled()


@cache
def _run() -> Any:
    """``run`` of the native half, as Python calls it: without the interpreter's lock."""
    pointers = [ctypes.c_void_p] * 4
    return ctypes.CFUNCTYPE(None, *pointers, ctypes.c_int64, ctypes.c_int64)(_code()["run"])


def run(body: int, args: int, arena: int, threads: int, *, brief: bool = False) -> None:
    """Run a body on at most so many threads; alone where another job has the pool.

    Waking a sleeping thread takes some 50 to 150 µs. A ``brief`` job is shorter than that: if a
    worker sleeps, it is woken for the next job, and this one runs alone.

    ``body``: the address of ``void body(ptr args, ptr arena, i64 thread, i64 threads,
    ptr barrier)``; ``args`` and ``arena`` are addresses too.
    """
    ensure(threads)
    _run()(DOOR.pool, body, args, arena, threads, int(brief))


def ensure(threads: int) -> None:
    """Have a pool for so many threads, as far as the system gives them."""
    with _making:
        if not DOOR.pool:
            _open()
        pool = Pool.from_address(DOOR.pool)
        pool.asked = max(pool.asked, threads)
        while pool.workers < min(threads - 1, MOST_WORKERS):
            if not _hire(DOOR.pool, pool):
                return


def _open() -> None:
    """Make a pool without workers. Its memory is never given back: they may sleep in it."""
    start = allocate(ctypes.sizeof(Pool))
    pool = Pool.from_address(start)
    pool.cells = allocate(MOST_WORKERS * ctypes.sizeof(Cell))
    pool.barrier.wait = _code()["wait"]
    pool.patience = _patience()
    _place(pool)
    DOOR.run = _code()["run"]
    DOOR.pool = start


def _patience() -> int:
    """How many looks fill the time of watching on this processor."""
    pauses = ctypes.CFUNCTYPE(None, ctypes.c_int64)(_code()["pauses"])
    looks, best = 1000, float("inf")
    for _ in range(3):
        start = time.perf_counter()
        pauses(looks)
        best = min(best, time.perf_counter() - start)
    return max(1, round(looks * WATCH_SECONDS / best))


def _hire(address: int, pool: Pool) -> bool:
    """Start one more worker; False where the system refuses a thread."""
    worker = pool.workers
    cell = pool.cells + worker * ctypes.sizeof(Cell)
    library = ctypes.CDLL(None)
    library.pthread_mutex_init(ctypes.c_void_p(cell + Cell.mutex.offset), None)
    library.pthread_cond_init(ctypes.c_void_p(cell + Cell.condition.offset), None)
    work = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(_code()["work"])
    thread = threading.Thread(
        target=work, args=(address, worker), name=f"catenary-{worker + 1}", daemon=True
    )
    try:
        thread.start()
    except RuntimeError:
        return False
    mine = Cell.from_address(cell)
    while not mine.inside:  # who holds the interpreter's lock must never wait for a beginner
        time.sleep(1e-5)
    mine.thread = thread.native_id or 0
    pool.home = -1  # no worker may have its place yet
    pool.workers = worker + 1
    return True


def _place(pool: Pool) -> None:
    """Tell the native half which cores there are, where threads can be placed at all."""
    library = ctypes.CDLL(None)
    if not all(hasattr(library, name) for name in pool_code.PLACING):
        return
    cores = os.sched_getaffinity(0)
    if len(cores) < 2 or max(cores) >= 8 * pool_code.MASK:
        return
    count = max(cores) + 1
    pool.masks = allocate(count * pool_code.MASK)
    for here in range(count):
        others = sum(1 << core for core in cores - {here})
        content = others.to_bytes(pool_code.MASK, "little")
        ctypes.memmove(pool.masks + here * pool_code.MASK, content, pool_code.MASK)
    pool.home, pool.cores = -1, count


def _forget() -> None:
    """In a forked child: its threads are gone, and what they held stays locked."""
    global _making  # noqa: PLW0603
    _making = threading.Lock()
    DOOR.pool, DOOR.run = None, 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
