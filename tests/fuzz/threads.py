"""Programs that use all their threads, however little there is to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from catenary.backend.llvm import native, program, region
from catenary.core.graph import Graph


@contextmanager
def eager() -> Iterator[None]:
    """Work is shared and sleepers are woken from a few elements on."""
    with (
        mock.patch.object(region, "_WORTH_SHARING", 100),
        mock.patch.object(program, "_SHARED", 0),
        mock.patch.object(program, "_WAKING", 0),
    ):
        yield


def plain(graph: Graph) -> native.Native:
    """Machine code for one thread, made now."""
    with mock.patch.dict(os.environ, CATENARY_CACHE="0"):
        return native.compile_graph(graph, 1)


def compile_graph(graph: Graph, threads: int) -> native.Native:
    """Machine code for so many threads, if there is anything to be shared at all; made now."""
    with eager(), mock.patch.dict(os.environ, CATENARY_CACHE="0"):
        return native.compile_graph(graph, threads)


def alone(graph: Graph) -> native.Native:
    """The very code that several threads would share, run by one."""
    return compile_graph(graph, 1)
