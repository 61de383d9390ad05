"""Machine code of a graph: from the disk, or made now and kept there."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.backend import disk, fingerprint
from catenary.backend.llvm import machine
from catenary.core.graph import Graph

_BRIEF = 2e-4  # seconds


@dataclass(frozen=True, eq=False)
class Objects:
    """Objects with the function ``body``, and what they need to run."""

    objects: tuple[bytes, ...]
    arena_bytes: int
    threads: int
    heavy: bool
    brief: bool
    fine: bool
    arrays: tuple[np.ndarray[Any, Any], ...]
    imports: tuple[str, ...]  # routines of LAPACK that the objects call


def compiled(
    graph: Graph, threads: int, meanwhile: Callable[[int], Any] = lambda threads: None
) -> Objects:
    """The machine code of a graph for at most so many threads; ``meanwhile``: something that is
    to be done too, while LLVM is at work, for a program on so many threads.
    """
    key = key_of(graph, threads)
    found = disk.load(key)
    if found is not None:
        return _restored(found)
    made = translated(graph, threads, meanwhile=meanwhile)
    disk.save(key, _kept(made))
    return made


def key_of(graph: Graph, threads: int) -> str:
    """The name under which the code of a graph is kept."""
    return disk.key_of(
        [fingerprint.of_graph(graph), bytes(str(threads), "ascii"), machine.versions()]
    )


def translated(
    graph: Graph,
    threads: int,
    *,
    timed: bool = False,
    meanwhile: Callable[[int], Any] = lambda threads: None,
) -> Objects:
    """The machine code of a graph, made now: translated while more of it is being written."""
    # Most of the compiler is the generator: loaded only where it has something to do.
    from catenary.backend.llvm import program, translation

    with _at_work(), translation.Translator(machine.host()) as translator:
        code = program.generate(graph, threads, timed=timed, full=translator.take)
        meanwhile(code.threads)
        made = translator.objects()
    return Objects(
        made, code.arena_bytes, code.threads, code.heavy, code.brief, code.fine, code.arrays,
        code.imports,
    )  # fmt: skip


@contextmanager
def _at_work() -> Iterator[None]:
    """Let the collector of garbage rest, which would look through a growing heap again and again
    and take a quarter of the time of writing code; and hand the interpreter's lock on at once:
    threads that translate need it for moments, and would wait for 5 ms each time.
    """
    was_on, interval = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(_BRIEF)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if was_on:
            gc.enable()


def _kept(code: Objects) -> disk.Entry:
    facts = {
        "arena_bytes": code.arena_bytes,
        "threads": code.threads,
        "heavy": code.heavy,
        "brief": code.brief,
        "fine": code.fine,
        "objects": len(code.objects),
        "imports": code.imports,
        "arrays": [[a.dtype.str, a.shape] for a in code.arrays],
    }
    return disk.Entry(facts, (*code.objects, *(a.tobytes() for a in code.arrays)))


def _restored(entry: disk.Entry) -> Objects:
    facts, count = entry.facts, entry.facts["objects"]
    arrays = tuple([
        np.frombuffer(block, np.dtype(dtype)).reshape(shape)
        for block, (dtype, shape) in zip(entry.blocks[count:], facts["arrays"], strict=True)
    ])  # fmt: skip
    known = {name: facts[name] for name in ("arena_bytes", "threads", "heavy", "brief", "fine")}
    imports = tuple(facts["imports"])
    return Objects(objects=entry.blocks[:count], arrays=arrays, imports=imports, **known)
