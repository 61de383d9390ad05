"""Programs that use all their threads, however little there is to do."""

from __future__ import annotations

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


def compile_graph(graph: Graph, threads: int) -> native.Native:
    """Machine code for so many threads, if there is anything to be shared at all."""
    with eager():
        return native.compile_graph(graph, threads)
