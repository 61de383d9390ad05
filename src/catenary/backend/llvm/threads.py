"""How many threads a program may use, and how they wait for one another inside it."""

from __future__ import annotations

import ctypes
import math
import os
from functools import cache
from pathlib import Path

from llvmlite import ir

from catenary.backend.llvm.emit import I64, POINTER, VOID, index
from catenary.backend.llvm.routine import LINE, call, get, place, read, routine, spin
from catenary.core import errors

# How often a waiting thread looks before it lets others have its core: some 10 to 30 µs.
PATIENCE = 1000

_SYSTEM = Path("/")


class Barrier(ctypes.Structure):
    """What threads meet at: how many came so far, and how one waits that has lost patience."""

    _fields_ = [
        ("arrived", ctypes.c_int64),
        ("line", ctypes.c_char * (LINE - 8)),
        ("wait", ctypes.c_void_p),
        ("end", ctypes.c_char * (LINE - 8)),
    ]


def emit_barrier(b: ir.IRBuilder, barrier: ir.Value, threads: ir.Value) -> None:
    """Code that no thread passes before all have come; nothing where there is one thread.

    What was written before the barrier by any thread can be read behind it by every thread.
    """
    with b.if_then(b.icmp_signed(">", threads, index(1))):
        b.call(_meeting(b.module), [barrier, threads])


def _meeting(module: ir.Module) -> ir.Function:
    """The barrier proper, once in a module. Each comer draws a number; numbers never go back.

    The round is over when its last number is drawn: the drawing itself tells the others, on one
    cache line, and no thread need remember how many rounds there were.
    """
    known = module.globals.get("catenary.barrier")
    if known is not None:
        return known
    function, b = routine(module, "catenary.barrier", VOID, [POINTER, I64], inner=True)
    function.attributes.add("noinline")
    function.attributes.add("nounwind")
    barrier, threads = function.args
    arrived = place(b, barrier, Barrier.arrived)
    number = b.atomic_rmw("add", arrived, index(1), "acq_rel")
    goal = b.mul(b.add(b.udiv(number, threads), index(1)), threads)
    with b.if_then(b.icmp_signed("<", b.add(number, index(1)), goal)):
        met = spin(b, lambda: complete(b, barrier, goal), index(PATIENCE))
        with b.if_then(b.not_(met), likely=False):
            call(b, get(b, barrier, Barrier.wait), VOID, [barrier, goal])
    b.ret_void()
    return function


def complete(b: ir.IRBuilder, barrier: ir.Value, goal: ir.Value) -> ir.Value:
    """Whether as many have come as were waited for."""
    return b.icmp_signed(">=", read(b, barrier, Barrier.arrived), goal)


# ---- how many -----------------------------------------------------------------------------------


@cache
def count() -> int:
    """How many threads this process may use.

    ``CATENARY_NUM_THREADS`` decides alone. Without it: the smallest of ``OMP_NUM_THREADS``, the
    processors that the process may run on, and what its container may use of them.
    """
    own = asked("CATENARY_NUM_THREADS", os.environ.get("CATENARY_NUM_THREADS"))
    if own is not None:
        return own
    # OpenMP takes a list, one number for each level of nesting.
    first = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    limits = [asked("OMP_NUM_THREADS", first), _allowed(), _quota()]
    return min(limit for limit in limits if limit is not None)


def asked(variable: str, text: str | None) -> int | None:
    """The number that an environment variable holds; None where it is not set."""
    text = (text or "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise errors.bad_thread_count(variable, os.environ.get(variable, text))
    return int(text)


def _allowed() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quota() -> int | None:
    try:
        membership = (_SYSTEM / "proc/self/cgroup").read_text()
    except OSError:
        return None
    return quota(membership, _SYSTEM / "sys/fs/cgroup")


def quota(membership: str, root: Path) -> int | None:
    """How many processors the control groups of a process grant it; None where nothing limits it.

    ``membership``: the lines ``number:controllers:path`` of the process; ``root``: where the
    groups are mounted. A group is limited by every group around it. Parts of a processor count
    as one more, as they do in other run times (loky, Go, Java).
    """
    shares = []
    for line in membership.splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        mounts = [root, root / "unified"] if not controllers else [root / "cpu", root / controllers]
        for mount in mounts:
            # Inside a container the mount may show the group itself as its root.
            group = mount / path.lstrip("/")
            shares += [_share(at) for at in (group, *group.parents) if at.is_relative_to(mount)]
    granted = [share for share in shares if share is not None]
    return max(1, math.ceil(min(granted))) if granted else None


def _share(group: Path) -> float | None:
    """Processor time over time of one group, in version 2's file or version 1's two."""
    words = _words(group / "cpu.max")
    if not words:
        words = _words(group / "cpu.cfs_quota_us") + _words(group / "cpu.cfs_period_us")
    if len(words) != 2 or not all(word.isdigit() for word in words) or int(words[1]) == 0:
        return None
    return int(words[0]) / int(words[1])


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []


__all__ = ["Barrier", "asked", "complete", "count", "emit_barrier", "quota"]
