"""Compiled programs as Python functions: builtins that read arrays' headers themselves."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from ctypes import c_int64, c_void_p
from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np

from catenary.backend.llvm import blocks, cpython, entry_code, pool
from catenary.backend.llvm.callee import (
    ARRAY,
    FLOAT32,
    FLOAT64,
    NUMBER,
    SCRATCH,
    STATUS,
    Callee,
    Frame,
    Parameter,
    Result,
)
from catenary.backend.llvm.routine import LINE

Array = np.ndarray[Any, Any]
Entry = Callable[..., Any]


class Takes(NamedTuple):
    """What an argument must be: an array; or, if ``weak``, a Python float and nothing else.

    For rank 0, NumPy's scalar of the dtype does as well as an array.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...] = ()
    weak: bool = False


class Gives(NamedTuple):
    """What a result becomes: an array, or for rank 0 NumPy's scalar or a Python float."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...] = ()
    how: Literal["array", "number", "float"] = "array"


class _Builtin(Callee):
    """A program that owns what it points to, and gives its spare frame back in the end."""

    kept: tuple[Any, ...]
    spare: int | None

    def __del__(
        self, free: Any = ctypes.pythonapi.PyMem_RawFree, frame: Any = Frame, at: Any = c_void_p
    ) -> None:  # by default arguments, which outlive the names of a module at the end
        if self.spare:
            free(at(frame.from_address(self.spare).start))
            self.spare = None


def make(
    body: int,
    parameters: Sequence[tuple[Any, ...]],
    results: Sequence[tuple[Any, ...]],
    arena_bytes: int = 0,
    *,
    threads: int = 1,
    brief: bool = False,
    release_gil: bool = False,
    name: str = "program",
    single: bool = False,
    on_status: Callable[[int, int, tuple[Any, ...]], Any],
    keep: Any = None,
) -> Entry:
    """The function that runs a body on exactly fitting arguments.

    ``body``: the address of ``void body(ptr args, ptr arena, i64 thread, i64 threads,
    ptr barrier)``; ``parameters``, ``results``: like Takes and Gives; ``threads``: at most so
    many; ``brief``: alone rather than wait for sleeping threads; ``single``: the result itself
    instead of a tuple; ``keep``: lives as long as the function.

    Where an argument does not fit exactly, it returns NotImplemented and does nothing. Where the
    body leaves a status other than 0, it returns what ``on_status(code, detail, args)`` returns.
    """
    if not cpython.known():
        return slow(
            body, parameters, results, arena_bytes, threads=threads, brief=brief,
            release_gil=release_gil, name=name, single=single, on_status=on_status, keep=keep,
        )  # fmt: skip
    takes, gives = [Takes(*p) for p in parameters], [Gives(*r) for r in results]
    program = _Builtin(body=body, arity=len(takes), outcome=len(gives), threads=threads)
    program.brief, program.release, program.single = map(int, (brief, release_gil, single))

    def status(code: int, detail: int, *args: Any) -> Any:
        return on_status(code, detail, args)

    expected, made = [_parameter(t) for t in takes], [_result(g) for g in gives]
    rows = (Parameter * len(expected))(*expected), (Result * len(made))(*made)
    program.parameters, program.results = (ctypes.addressof(row) for row in rows)
    program.status = id(status)
    program.method.name, program.method.address = name.encode(), _routine()
    program.method.flags = cpython.METH_FASTCALL
    _lay_out(program, arena_bytes)
    program.kept = (expected, made, rows, status, keep)
    return cpython.builtin(program.method, program)  # type: ignore[no-any-return]


def prepare(threads: int) -> None:
    """Have ready what a program on so many threads needs to be called."""
    if cpython.known():
        _routine()
    if threads > 1:
        pool.prepare()


@cache
def _routine() -> int:
    return entry_code.compiled(pool.ensure)


def _lay_out(program: Callee, arena_bytes: int) -> None:
    """Where the parts of a frame begin."""
    arity, outcome = program.arity, program.outcome
    program.objects = Frame.args.offset + 8 * (arity + max(outcome, 2))
    program.scratch = _rounded(program.objects + 8 * outcome, SCRATCH)
    program.arena = _rounded(program.scratch + SCRATCH * outcome, LINE)
    program.size = program.arena + _rounded(max(arena_bytes, 8 * STATUS), LINE)


def _rounded(size: int, unit: int) -> int:
    return -(-size // unit) * unit


def _parameter(takes: Takes) -> Parameter:
    dtype = np.dtype(takes.dtype)
    parameter = Parameter(dtype=id(dtype), number=dtype.num, rank=len(takes.shape))
    if takes.weak:
        parameter.rank = -1
        parameter.scalar = id(float) if _is_float(takes) else None
    elif not takes.shape:
        parameter.scalar = id(dtype.type)
    _hold(parameter, dtype, takes.shape)
    return parameter


def _is_float(takes: Takes) -> bool:
    """Whether a Python float is in memory what the body reads."""
    return np.dtype(takes.dtype) == np.float64 and not takes.shape


def _result(gives: Gives) -> Result:
    dtype = np.dtype(gives.dtype)
    kinds = {"array": ARRAY, "number": NUMBER, "float": FLOAT64}
    kind = FLOAT32 if gives.how == "float" and dtype == np.float32 else kinds[gives.how]
    result = Result(dtype=id(dtype), number=dtype.num, rank=len(gives.shape), kind=kind)
    if kind == ARRAY and dtype.itemsize * math.prod(gives.shape) >= blocks.LARGE:
        result.memory = blocks.handler()
    _hold(result, dtype, gives.shape)
    return result


def _hold(record: Any, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    """Point a record to a shape; the record keeps what it points to."""
    numbers = (c_int64 * max(len(shape), 1))(*shape)
    record.shape, record.held = ctypes.addressof(numbers), (dtype, numbers)


def slow(
    body: int,
    parameters: Sequence[tuple[Any, ...]],
    results: Sequence[tuple[Any, ...]],
    arena_bytes: int = 0,
    *,
    threads: int = 1,
    brief: bool = False,
    release_gil: bool = False,  # it always is, here
    name: str = "program",
    single: bool = False,
    on_status: Callable[[int, int, tuple[Any, ...]], Any],
    keep: Any = None,
) -> Entry:
    """The same as ``make``, in plain Python: for interpreters of another layout."""
    takes, gives = [Takes(*p) for p in parameters], [Gives(*r) for r in results]

    def call(*args: Any) -> Any:
        if len(args) != len(takes):
            return NotImplemented
        inputs = [_fitting(*pair) for pair in zip(takes, args)]
        if any(x is None for x in inputs):
            return NotImplemented
        outputs: list[Array] = [np.empty(given.shape, given.dtype) for given in gives]
        code, detail = run(body, inputs, outputs, arena_bytes, threads, brief=brief)  # type: ignore[arg-type]
        if code:
            return on_status(code, detail, args)
        made = tuple(_finished(*pair) for pair in zip(gives, outputs))
        return made[0] if single else made

    call.__name__ = call.__qualname__ = name
    call.kept = keep  # type: ignore[attr-defined]
    return call


def _fitting(takes: Takes, x: Any) -> Array | None:
    """An argument as an array, if it is exactly what is expected."""
    if takes.weak:
        return np.array(x) if type(x) is float and _is_float(takes) else None
    dtype = np.dtype(takes.dtype)
    if type(x) is dtype.type and not takes.shape:
        return np.array(x)
    if type(x) is not np.ndarray or x.shape != tuple(takes.shape) or x.dtype.num != dtype.num:
        return None
    return x if x.dtype.isnative and x.flags.c_contiguous and x.flags.aligned else None


def _finished(gives: Gives, x: Array) -> Any:
    if gives.how == "array":
        return x
    return x[()] if gives.how == "number" else float(x)


def run(
    body: int,
    inputs: Sequence[Array],
    outputs: Sequence[Array],
    arena_bytes: int = 0,
    threads: int = 1,
    *,
    brief: bool = False,
) -> tuple[int, int]:
    """Run a body on checked contiguous arrays, into given ones; its status and detail."""
    arena = np.zeros(_rounded(max(arena_bytes, 8 * STATUS), LINE) + LINE, np.uint8)
    start = _rounded(arena.ctypes.data, LINE)
    pointers = [x.ctypes.data for x in (*inputs, *outputs)]
    table = (c_void_p * max(len(pointers), 1))(*pointers)
    if threads > 1:
        pool.run(body, ctypes.addressof(table), start, threads, brief=brief)
    else:
        _BODY(body)(ctypes.addressof(table), start, 0, 1, None)
    code, detail = (c_int64 * 2).from_address(start)
    return code, detail


_BODY = ctypes.CFUNCTYPE(None, c_void_p, c_void_p, c_int64, c_int64, c_void_p)
