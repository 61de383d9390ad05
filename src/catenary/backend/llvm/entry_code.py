"""The native half of a call: one routine for all programs, which reads what a program expects.

It runs under the interpreter's lock, but for the body of a long program. So a program's spare
frame, the memory of one call, needs no other protection.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from llvmlite import ir

from catenary.backend.llvm.callee import (
    SCRATCH,
    STATUS,
    Callee,
    Frame,
    Parameter,
    Result,
)
from catenary.backend.llvm.cpython import (
    View,
    new_array,
    new_scalar,
    set_handler,
)
from catenary.backend.llvm.emit import I1, I32, I64, POINTER, VOID, index, loop
from catenary.backend.llvm.entry_parts import (
    api,
    at,
    data,
    drop,
    finish,
    give,
    known,
    make,
    missing,
    shifted,
    take,
)
from catenary.backend.llvm.pool import DOOR, Door
from catenary.backend.llvm.pool_code import Pool
from catenary.backend.llvm.routine import (
    call,
    get,
    null,
    permanent,
    place,
    python_symbol,
    routine,
)

PYTHON = (
    "PyErr_NoMemory",
    "PyEval_RestoreThread",
    "PyEval_SaveThread",
    "PyFloat_FromDouble",
    "PyLong_FromLongLong",
    "PyMem_RawFree",
    "PyMem_RawMalloc",
    "PyObject_Vectorcall",
    "PyTuple_New",
    "PyTuple_SetItem",
    "Py_DecRef",
    "Py_IncRef",
)


def compiled(ensure: Any) -> int:
    """The address of the routine. ``ensure``: what to call for a pool of more threads."""
    imports = {name: python_symbol(name) for name in PYTHON}
    imports |= {"PyArray_New": new_array(), "PyArray_Scalar": new_scalar()}
    imports["PyDataMem_SetHandler"] = set_handler()
    imports |= {"ndarray": id(np.ndarray), "NotImplemented": id(NotImplemented)}
    imports |= {"ensure": id(ensure), "door": ctypes.addressof(DOOR)}
    return permanent(_module, ("call",), imports, effort=0, kept="entry")["call"]


def _module() -> ir.Module:
    module = ir.Module("entry")
    parts = {write.__name__: write(module) for write in (take, give, data, make, drop, finish)}
    parts |= {"run": _run(module), "odd": _odd(module)}
    _call(module, parts)
    return module


def _run(module: ir.Module) -> ir.Function:
    """run(program, args, arena): the body, on as many threads as there are; false on an error."""
    function, b = routine(module, "run", I1, [POINTER, POINTER, POINTER], inner=True)
    program, args, arena = function.args
    threads, body = get(b, program, Callee.threads), get(b, program, Callee.body)
    release = b.icmp_signed("!=", get(b, program, Callee.release), index(0))
    many = b.icmp_signed(">", threads, index(1))
    door = known(b, "door")
    with b.if_then(many):
        _ensure(b, door, threads)
    state = b.alloca(POINTER)
    with b.if_then(release):
        b.store(api(b, "PyEval_SaveThread", POINTER), state)
    with b.if_else(many) as (together, alone):
        with together:
            operands = [get(b, door, Door.pool, POINTER), body, args, arena, threads]
            operands.append(get(b, program, Callee.brief))
            call(b, get(b, door, Door.run), VOID, operands)
        with alone:
            call(b, body, VOID, [args, arena, index(0), index(1), null()])
    with b.if_then(release):
        api(b, "PyEval_RestoreThread", VOID, b.load(state, typ=POINTER))
    b.ret(I1(1))
    return function


def _ensure(b: ir.IRBuilder, door: ir.Value, threads: ir.Value) -> None:
    """Ask Python for a pool where there is none, or none was asked for so many threads."""
    pool = get(b, door, Door.pool, POINTER)
    look, ask, after = (b.append_basic_block(name) for name in ("look", "ask", "ready"))
    b.cbranch(missing(b, pool), ask, look)
    b.position_at_end(look)
    b.cbranch(b.icmp_signed("<", get(b, pool, Pool.asked), threads), ask, after)
    b.position_at_end(ask)
    number = api(b, "PyLong_FromLongLong", POINTER, threads)
    with b.if_then(missing(b, number), likely=False):
        b.ret(I1(0))
    operands = b.alloca(POINTER)
    b.store(number, operands)
    callee = known(b, "ensure")
    answer = api(b, "PyObject_Vectorcall", POINTER, callee, operands, index(1), null())
    api(b, "Py_DecRef", VOID, number)
    with b.if_then(missing(b, answer), likely=False):
        b.ret(I1(0))
    api(b, "Py_DecRef", VOID, answer)
    b.branch(after)
    b.position_at_end(after)


def _odd(module: ir.Module) -> ir.Function:
    """odd(program, frame, args): the body left a status: what Python makes of it.

    The pointers in the frame have done their duty; the arguments of the call take their place.
    """
    function, b = routine(module, "odd", POINTER, [POINTER, POINTER, POINTER], inner=True)
    program, frame, args = function.args
    table, arity = place(b, frame, Frame.args), get(b, program, Callee.arity)
    arena = shifted(b, frame, get(b, program, Callee.arena))
    for i in range(2):
        word = b.load(at(b, arena, index(i), 8), typ=I64)
        number = api(b, "PyLong_FromLongLong", POINTER, word)
        with b.if_then(missing(b, number), likely=False):
            b.ret(null())
        b.store(number, at(b, table, index(i), 8))
    with loop(b, 0, arity) as i:
        thing = b.load(at(b, args, i, 8), typ=POINTER)
        b.store(thing, at(b, table, b.add(i, index(2)), 8))
    callee = get(b, program, Callee.status, POINTER)
    count = b.add(arity, index(2))
    numbers = [b.load(at(b, table, index(i), 8), typ=POINTER) for i in range(2)]
    answer = api(b, "PyObject_Vectorcall", POINTER, callee, table, count, null())
    for number in numbers:
        api(b, "Py_DecRef", VOID, number)
    b.ret(answer)
    return function


def _call(module: ir.Module, part: dict[str, ir.Function]) -> None:
    """call(self, args, count): what the builtin does."""
    function, b = routine(module, "call", POINTER, [POINTER, POINTER, I64])
    self, args, count = function.args
    program = get(b, self, View.start, POINTER)
    with b.if_then(b.icmp_signed("!=", count, get(b, program, Callee.arity)), likely=False):
        _decline(b)
    frame = b.call(part["take"], [program])
    with b.if_then(missing(b, frame), likely=False):
        b.ret(null())
    table, arena = place(b, frame, Frame.args), shifted(b, frame, get(b, program, Callee.arena))
    parameters = get(b, program, Callee.parameters, POINTER)
    with loop(b, 0, count) as i:
        parameter = at(b, parameters, i, ctypes.sizeof(Parameter))
        data = b.call(part["data"], [parameter, b.load(at(b, args, i, 8), typ=POINTER)])
        with b.if_then(missing(b, data), likely=False):
            b.call(part["give"], [program, frame])
            _decline(b)
        b.store(data, at(b, table, i, 8))
    objects = _prepare(b, part, program, frame)
    for i in range(STATUS):
        b.store(index(0), at(b, arena, index(i), 8))
    done = b.call(part["run"], [program, table, arena])
    outcome = get(b, program, Callee.outcome)
    with b.if_then(b.not_(done), likely=False):
        _give_up(b, part, program, frame, outcome)
    with b.if_then(b.icmp_signed("!=", b.load(arena, typ=I64), index(0)), likely=False):
        b.call(part["drop"], [objects, outcome])
        answer = b.call(part["odd"], [program, frame, args])
        b.call(part["give"], [program, frame])
        b.ret(answer)
    _conclude(b, part, program, frame)


def _decline(b: ir.IRBuilder) -> None:
    """Return NotImplemented."""
    answer = known(b, "NotImplemented")
    api(b, "Py_IncRef", VOID, answer)
    b.ret(answer)


def _give_up(
    b: ir.IRBuilder, part: dict[str, ir.Function], program: Any, frame: Any, made: Any
) -> None:
    """Return with the error that is set; so many results were made."""
    objects = shifted(b, frame, get(b, program, Callee.objects))
    b.call(part["drop"], [objects, made])
    b.call(part["give"], [program, frame])
    b.ret(null())


def _prepare(b: ir.IRBuilder, part: dict[str, ir.Function], program: Any, frame: Any) -> ir.Value:
    """Make the results; the list of their objects comes back."""
    objects, scratches = (
        shifted(b, frame, get(b, program, field)) for field in (Callee.objects, Callee.scratch)
    )
    first = at(b, place(b, frame, Frame.args), get(b, program, Callee.arity), 8)
    results = get(b, program, Callee.results, POINTER)
    with loop(b, 0, get(b, program, Callee.outcome)) as i:
        result, scratch = (at(b, results, i, ctypes.sizeof(Result)), at(b, scratches, i, SCRATCH))
        where = at(b, first, i, 8)
        b.store(b.call(part["make"], [result, scratch, where]), at(b, objects, i, 8))
        with b.if_then(missing(b, b.load(where, typ=POINTER)), likely=False):
            _give_up(b, part, program, frame, i)
    return objects


def _conclude(b: ir.IRBuilder, part: dict[str, ir.Function], program: Any, frame: Any) -> None:
    """Return the one result, or a tuple of all."""
    objects, scratches = (
        shifted(b, frame, get(b, program, field)) for field in (Callee.objects, Callee.scratch)
    )
    results, outcome = get(b, program, Callee.results, POINTER), get(b, program, Callee.outcome)

    def finished(i: ir.Value) -> ir.Value:
        result, scratch = (at(b, results, i, ctypes.sizeof(Result)), at(b, scratches, i, SCRATCH))
        thing = b.load(at(b, objects, i, 8), typ=POINTER)
        return b.call(part["finish"], [result, thing, scratch])

    with b.if_then(b.icmp_signed("!=", get(b, program, Callee.single), index(0))):
        answer = finished(index(0))
        b.call(part["give"], [program, frame])
        b.ret(answer)
    answer = api(b, "PyTuple_New", POINTER, outcome)
    with b.if_then(missing(b, answer), likely=False):
        _give_up(b, part, program, frame, outcome)
    with loop(b, 0, outcome) as i:
        thing = finished(i)
        with b.if_then(missing(b, thing), likely=False):
            api(b, "Py_DecRef", VOID, answer)
            _give_up(b, part, program, frame, outcome)
        b.store(null(), at(b, objects, i, 8))
        api(b, "PyTuple_SetItem", I32, answer, i, thing)
    b.call(part["give"], [program, frame])
    b.ret(answer)
