"""Tiny native programs for trying out calls and threads."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from llvmlite import ir

from catenary.backend.llvm.emit import F64, I64, POINTER, VOID, index, loop
from catenary.backend.llvm.pool_code import BODY
from catenary.backend.llvm.routine import permanent, routine
from catenary.backend.llvm.threads import emit_barrier

ROUNDS = 200
HEAD = 8  # words of an arena before what is ours: the status


class Given(NamedTuple):
    """What every program is called with."""

    args: Any
    arena: Any
    thread: Any
    threads: Any
    barrier: Any


@cache
def address(name: str) -> int:
    """Where a program of this file begins; they are compiled together."""
    return _compiled()[name]


@cache
def _compiled() -> dict[str, int]:
    return permanent(_module, [write.__name__ for write in _programs()], {})


def _programs() -> list[Any]:
    return [twice, sums, relay, spoil, meetings, idle, slow]


def _module() -> ir.Module:
    module = ir.Module("bodies")
    for write in _programs():
        function, b = routine(module, write.__name__, VOID, BODY)
        write(b, Given(*function.args))
        b.ret_void()
    return module


def _array(b: ir.IRBuilder, args: Any, i: int) -> Any:
    return b.load(b.gep(args, [index(i)], source_etype=POINTER), typ=POINTER)


def _at(b: ir.IRBuilder, base: Any, i: Any) -> Any:
    return b.gep(base, [i], source_etype=I64)


def _share(b: ir.IRBuilder, n: Any, thread: Any, threads: Any) -> tuple[Any, Any]:
    """A thread's part of n things."""
    return tuple(b.sdiv(b.mul(n, t), threads) for t in (thread, b.add(thread, index(1))))


def twice(b: Any, given: Given) -> None:
    """y = 2 x for the float64 x and y of n = 1 number."""
    with b.if_then(b.icmp_signed("==", given.thread, index(0))):
        x = b.load(_array(b, given.args, 0), typ=F64)
        b.store(b.fmul(x, F64(2.0)), _array(b, given.args, 1))


def sums(b: Any, given: Given) -> None:
    """y = running total of x (int64, 1000 of them), z = y[last] everywhere: three stages."""
    n = index(1000)
    x, y, z = (_array(b, given.args, i) for i in range(3))
    first, last = _share(b, n, given.thread, given.threads)
    with loop(b, first, last) as i:
        b.store(b.mul(b.load(_at(b, x, i), typ=I64), index(2)), _at(b, y, i))
    emit_barrier(b, given.barrier, given.threads)
    with b.if_then(b.icmp_signed("==", given.thread, index(0))), loop(b, 1, n) as i:
        before = b.load(_at(b, y, b.sub(i, index(1))), typ=I64)
        b.store(b.add(before, b.load(_at(b, y, i), typ=I64)), _at(b, y, i))
    emit_barrier(b, given.barrier, given.threads)
    with loop(b, first, last) as i:
        b.store(b.load(_at(b, y, index(999)), typ=I64), _at(b, z, i))


def relay(b: Any, given: Given) -> None:
    """Each thread adds up the counts of all, in every round; one that came early would see it.

    The counts are in the arena. Results: how often a count was wrong, the number of threads.
    """
    counts = _at(b, given.arena, index(HEAD))
    b.store(index(0), _at(b, counts, given.thread))
    with b.if_then(b.icmp_signed("==", given.thread, index(0))):
        b.store(index(0), _array(b, given.args, 0))
        b.store(given.threads, _at(b, _array(b, given.args, 0), index(1)))
    emit_barrier(b, given.barrier, given.threads)
    with loop(b, 0, ROUNDS) as i:
        b.store(b.add(i, index(1)), _at(b, counts, given.thread))
        emit_barrier(b, given.barrier, given.threads)
        with loop(b, 0, given.threads) as other:
            seen = b.load(_at(b, counts, other), typ=I64)
            wrong = b.zext(b.icmp_signed("!=", seen, b.add(i, index(1))), I64)
            b.atomic_rmw("add", _array(b, given.args, 0), wrong, "monotonic")
        emit_barrier(b, given.barrier, given.threads)


def spoil(b: Any, given: Given) -> None:
    """Leave the first int64 of the argument as status and the second as detail."""
    with b.if_then(b.icmp_signed("==", given.thread, index(0))):
        for i in range(2):
            b.store(
                b.load(_at(b, _array(b, given.args, 0), index(i)), typ=I64),
                _at(b, given.arena, index(i)),
            )


def meetings(b: Any, given: Given) -> None:
    """Count the meetings of all threads: y = 100,000 × threads."""
    with b.if_then(b.icmp_signed("==", given.thread, index(0))):
        b.store(index(0), _array(b, given.args, 0))
    emit_barrier(b, given.barrier, given.threads)
    with loop(b, 0, 100_000):
        emit_barrier(b, given.barrier, given.threads)
    b.atomic_rmw("add", _array(b, given.args, 0), index(100_000), "seq_cst")


def idle(b: Any, given: Given) -> None:
    """Nothing."""


def slow(b: Any, given: Given) -> None:
    """Some milliseconds of work in every thread; y = the number of threads."""
    with b.if_then(b.icmp_signed("==", given.thread, index(0))):
        b.store(given.threads, _array(b, given.args, 0))
    mine = _at(b, given.arena, b.add(given.thread, index(HEAD)))
    b.store(index(0), mine)
    with loop(b, 0, 1_000_000) as i:
        b.atomic_rmw("xor", mine, i, "monotonic")
