"""Programs on arrays between guard pages: whoever reads or writes outside is ended by the machine.

Run as a process of its own, ``python -m tests.backend.guarded``: prints what it is about to try,
and ends with 0 if it lives.
"""

from __future__ import annotations

import ctypes
import faulthandler
import mmap
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.backend.llvm import entry, native
from catenary.core.graph import Builder, Graph, Literal
from catenary.core.types import ArrayType
from tests import registry
from tests.fuzz import threads

Array = np.ndarray[Any, Any]
PAGE = mmap.PAGESIZE
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
WHOLE = np.dtype(np.int64)
SIZES = (1, 3, 7, 13, 16, 17, 33, 131)
PRIMITIVES = registry.primitives()
_libc = ctypes.CDLL(None, use_errno=True)


class Guarded:
    """Memory of some bytes between two pages that no one may touch."""

    def __init__(self, size: int) -> None:
        self.pages = max(1, -(-size // PAGE))
        self.memory = mmap.mmap(-1, (self.pages + 2) * PAGE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        for page in (start, start + (self.pages + 1) * PAGE):
            assert _libc.mprotect(ctypes.c_void_p(page), PAGE, 0) == 0, os.strerror(
                ctypes.get_errno()
            )

    def array(self, shape: Sequence[int], dtype: Any, *, at_end: bool) -> Array:
        """An array whose first byte follows the one page, or whose last byte precedes the other."""
        size = int(np.prod(shape, dtype=int)) * dtype.itemsize
        offset = PAGE + (self.pages * PAGE - size if at_end else 0)
        return np.frombuffer(self.memory, dtype, size // dtype.itemsize, offset).reshape(shape)


def guarded(x: Array, *, at_end: bool) -> Array:
    copy = Guarded(x.nbytes).array(x.shape, x.dtype, at_end=at_end)
    copy[...] = x
    return copy


class Draft:
    """A graph of outputs that have nothing to do with one another."""

    def __init__(self, n: int) -> None:
        self.rng = np.random.default_rng(n)
        self.builder = Builder()
        self.inputs: list[Array] = []
        self.outputs: list[Any] = []

    def input(self, shape: Sequence[int], dtype: Any, most: int = 5) -> Any:
        value = self.rng.integers(0, most, shape).astype(dtype)
        self.inputs.append(value)
        return self.builder.input(ArrayType(value.shape, value.dtype))

    def emit(self, name: str, *operands: Any, **params: Any) -> Any:
        return self.builder.emit(PRIMITIVES[name], operands, params)

    def give(self, name: str, *operands: Any, **params: Any) -> None:
        self.outputs.append(self.emit(name, *operands, **params))

    def finish(self) -> Graph:
        return self.builder.close(self.outputs)


def moves(n: int, dtype: Any) -> Draft:
    """Elementwise operations, arrangements, positions."""
    d = Draft(n)
    x, y, bits = d.input((n,), dtype), d.input((n,), dtype), d.input((n,), np.dtype(bool))
    table = d.input((n, 3), dtype)
    d.give("add", x, y)
    d.give("select", bits, d.emit("exp", x), y)
    d.give("convert", d.input((n,), np.dtype(np.uint8)), dtype=dtype)
    d.give("convert", d.emit("lt", x, y), dtype=WHOLE)
    for narrow in (np.int32, np.int16, np.uint8):
        d.give("convert", x, dtype=np.dtype(narrow))
        d.give("convert", d.input((n,), WHOLE), dtype=np.dtype(narrow))
    d.give("reverse", d.emit("mul", x, Literal(2, ArrayType((n,), dtype))), axes=(0,))
    d.give("concatenate", x, y, d.emit("neg", x), axis=0)
    d.give("pad", x, low=(1,), high=(2,), interior=(1,))
    d.give("slice", x, start=(n // 2,), stop=(n,), step=(2,))
    d.give("permute", table, order=(1, 0))
    d.give("broadcast", x, shape=(5, n), dims=(1,))
    d.give("gather", x, d.input((17,), WHOLE, n))
    d.give("gather", table, d.input((n,), WHOLE, n))
    d.give("gather", d.emit("permute", table, order=(1, 0)), d.input((n,), WHOLE, 3))
    d.give("scatter_add", table, d.input((n,), WHOLE, n), shape=(n, 3))
    return d


def folds(n: int, dtype: Any) -> Draft:
    """Reductions along either axis, running sums, sorting."""
    d = Draft(n)
    wide, long = d.input((3, n), dtype), d.input((n, 5), dtype)
    for x in (wide, long):
        for axes in ((0,), (1,), (0, 1)):
            d.give("sum", x, axes=axes)
            d.give("reduce_max", d.emit("neg", x), axes=axes)
        d.give("argmax", x, axis=1)
        d.give("cumsum", x, axis=0, reverse=True)
        d.give("sort", x, axis=1)
    d.give("sum", d.emit("permute", long, order=(1, 0)), axes=(1,))
    d.give("reduce_min", d.input((n,), np.dtype(np.uint8)), axes=(0,))
    return d


def products(n: int, dtype: Any) -> Draft:
    """Products of matrices and vectors whose sizes are odd in each place."""
    d = Draft(n)
    for m, k in ((7, n), (n, 5), (n, n), (1, n), (n, 1)):
        x, y, v = d.input((m, k), dtype), d.input((k, 11), dtype), d.input((k,), dtype)
        turned = d.emit("permute", x, order=(1, 0))
        d.give("maximum", d.emit("contract", x, y, spec="ik,kj->ij"), d.input((m, 11), dtype))
        d.give("contract", turned, y, spec="ki,kj->ij")
        d.give("contract", x, v, spec="ik,k->i")
        d.give(
            "contract", d.input((2, m, k), dtype), d.input((2, 3, k), dtype), spec="bik,bjk->bij"
        )
    return d


def results(program: native.Native, inputs: Sequence[Array], *, at_end: bool) -> list[Array]:
    """What a program makes of guarded arrays, in guarded arrays."""
    given = [guarded(x, at_end=at_end) for x in inputs]
    types = program.graph.output_types
    made = [
        Guarded(t.size * t.dtype.itemsize).array(t.shape, t.dtype, at_end=at_end) for t in types
    ]
    code = program.code
    status, _ = entry.run(program._loaded.body, given, made, code.arena_bytes, code.threads)
    assert status == 0
    return made


def attempt(draft: Draft) -> None:
    """The same bits on arrays at the beginning and at the end of their pages, by any threads."""
    graph = draft.finish()
    one = native.compile_graph(graph, 1)
    expected = one(draft.inputs)
    for program in (one, threads.compile_graph(graph, 2)):
        for at_end in (False, True):
            got = results(program, draft.inputs, at_end=at_end)
            for a, b in zip(got, expected, strict=True):
                assert a.tobytes() == b.tobytes()


def main() -> None:
    os.environ["CATENARY_CACHE"] = "0"
    faulthandler.enable()
    for i, kind in enumerate((moves, folds, products)):
        for k, n in enumerate(SIZES):
            dtype = FLOATS[(i + k) % 2]
            print(kind.__name__, n, dtype, flush=True)
            attempt(kind(n, dtype))


if __name__ == "__main__":
    main()
