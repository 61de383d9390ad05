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
    ARRAY,
    FLOAT32,
    FLOAT64,
    SCRATCH,
    STATUS,
    Callee,
    Frame,
    Parameter,
    Result,
)
from catenary.backend.llvm.cpython import (
    ALIGNED,
    C_CONTIGUOUS,
    Array,
    DType,
    Object,
    Scalar,
    View,
    new_array,
    new_scalar,
)
from catenary.backend.llvm.emit import F32, F64, I1, I8, I32, I64, POINTER, VOID, index, loop
from catenary.backend.llvm.pool import DOOR, Door
from catenary.backend.llvm.pool_code import Pool
from catenary.backend.llvm.routine import (
    LINE,
    call,
    get,
    null,
    permanent,
    place,
    put,
    python_symbol,
    routine,
)


def compiled(ensure: int) -> int:
    """The address of the routine. ``ensure``: an object to call for a pool of more threads."""
    module = ir.Module("entry")
    parts = {"take": _take(module), "give": _give(module), "data": _data(module)}
    parts |= {"make": _make(module), "drop": _drop(module), "finish": _finish(module)}
    parts |= {"run": _run(module, ensure), "odd": _odd(module)}
    _call(module, parts)
    return permanent(module)["call"]


def _api(b: ir.IRBuilder, name: str, result: Any, *operands: ir.Value) -> ir.Value:
    return call(b, python_symbol(name), result, operands)


def _at(b: ir.IRBuilder, base: ir.Value, i: ir.Value, size: int) -> ir.Value:
    """Where element i of an array of things of a size lies."""
    return b.gep(base, [b.mul(i, index(size))], inbounds=True, source_etype=I8)


def _offset(b: ir.IRBuilder, base: ir.Value, offset: ir.Value) -> ir.Value:
    return b.gep(base, [offset], inbounds=True, source_etype=I8)


def _is(b: ir.IRBuilder, pointer: ir.Value, thing: Any) -> ir.Value:
    """Whether a pointer is the address of a Python object."""
    return b.icmp_unsigned("==", b.ptrtoint(pointer, I64), index(id(thing)))


def _missing(b: ir.IRBuilder, pointer: ir.Value) -> ir.Value:
    return b.icmp_unsigned("==", pointer, null())


def _take(module: ir.Module) -> ir.Function:
    """take(program): a frame, the spare one or a new one; nothing where there is no memory."""
    function, b = routine(module, "take", POINTER, [POINTER], inner=True)
    (program,) = function.args
    spare = get(b, program, Callee.spare, POINTER)
    with b.if_then(b.not_(_missing(b, spare)), likely=True):
        put(b, null(), program, Callee.spare)
        b.ret(spare)
    size = b.add(get(b, program, Callee.size), index(LINE))
    start = _api(b, "PyMem_RawMalloc", POINTER, size)
    with b.if_then(_missing(b, start)):
        _api(b, "PyErr_NoMemory", POINTER)
        b.ret(start)
    end = b.add(b.ptrtoint(start, I64), index(LINE - 1))
    frame = b.inttoptr(b.and_(end, index(-LINE)), POINTER)
    put(b, start, frame, Frame.start)
    b.ret(frame)
    return function


def _give(module: ir.Module) -> ir.Function:
    """give(program, frame): the frame is the spare one from now on; a former spare one goes."""
    function, b = routine(module, "give", VOID, [POINTER, POINTER], inner=True)
    program, frame = function.args
    former = get(b, program, Callee.spare, POINTER)
    put(b, frame, program, Callee.spare)
    with b.if_then(b.not_(_missing(b, former)), likely=False):
        _api(b, "PyMem_RawFree", VOID, get(b, former, Frame.start, POINTER))
    b.ret_void()
    return function


def _data(module: ir.Module) -> ir.Function:
    """data(parameter, object): where the numbers of a fitting argument are, else nothing."""
    function, b = routine(module, "data", POINTER, [POINTER, POINTER], inner=True)
    parameter, thing = function.args
    kind = get(b, thing, Object.type, POINTER)
    with b.if_then(_is(b, kind, np.ndarray), likely=True):
        _refuse_unless(b, _right_dtype(b, parameter, get(b, thing, Array.dtype, POINTER)))
        rank = get(b, thing, Array.rank, I32)
        _refuse_unless(b, b.icmp_signed("==", rank, get(b, parameter, Parameter.rank, I32)))
        wanted = I32(C_CONTIGUOUS | ALIGNED)
        flags = b.and_(get(b, thing, Array.flags, I32), wanted)
        _refuse_unless(b, b.icmp_signed("==", flags, wanted))
        ours, its = get(b, parameter, Parameter.shape, POINTER), get(b, thing, Array.shape, POINTER)
        with loop(b, 0, b.sext(rank, I64)) as axis:
            n, m = (b.load(_at(b, shape, axis, 8), typ=I64) for shape in (ours, its))
            _refuse_unless(b, b.icmp_signed("==", n, m))
        b.ret(get(b, thing, Array.data, POINTER))
    _refuse_unless(b, b.icmp_unsigned("==", kind, get(b, parameter, Parameter.scalar, POINTER)))
    b.ret(place(b, thing, Scalar.number))
    return function


def _refuse_unless(b: ir.IRBuilder, fits: ir.Value) -> None:
    with b.if_then(b.not_(fits), likely=False):
        b.ret(null())


def _right_dtype(b: ir.IRBuilder, parameter: ir.Value, dtype: ir.Value) -> ir.Value:
    """The same object, or the same kind of number in native byte order."""
    same = b.icmp_unsigned("==", dtype, get(b, parameter, Parameter.dtype, POINTER))
    before, other, after = b.block, b.append_basic_block("other"), b.append_basic_block("after")
    b.cbranch(same, after, other)
    b.position_at_end(other)
    number = get(b, dtype, DType.number, I32)
    alike = b.icmp_signed("==", number, get(b, parameter, Parameter.number, I32))
    order = get(b, dtype, DType.byteorder, I8)
    native = b.or_(*(b.icmp_signed("==", order, I8(ord(sign))) for sign in "=|"))
    alike = b.and_(alike, native)
    b.branch(after)
    b.position_at_end(after)
    right = b.phi(I1)
    right.add_incoming(I1(1), before)
    right.add_incoming(alike, other)
    return right


def _make(module: ir.Module) -> ir.Function:
    """make(result, scratch, where): a new array, or nothing yet; sets where its numbers go.

    That is nowhere if there was no memory.
    """
    function, b = routine(module, "make", POINTER, [POINTER, POINTER, POINTER], inner=True)
    result, scratch, where = function.args
    kind = get(b, result, Result.kind, I32)
    with b.if_then(b.icmp_signed("!=", kind, I32(ARRAY)), likely=False):
        b.store(scratch, where)
        b.ret(null())
    shape = get(b, result, Result.shape, POINTER)
    rank, number = get(b, result, Result.rank, I32), get(b, result, Result.number, I32)
    subtype = b.inttoptr(index(id(np.ndarray)), POINTER)
    operands = [subtype, rank, shape, number, null(), null(), I32(0), I32(0), null()]
    array = call(b, new_array(), POINTER, operands)
    with b.if_then(_missing(b, array), likely=False):
        b.store(null(), where)
        b.ret(null())
    b.store(get(b, array, Array.data, POINTER), where)
    b.ret(array)
    return function


def _drop(module: ir.Module) -> ir.Function:
    """drop(objects, n): let go of the first n objects of a list with gaps."""
    function, b = routine(module, "drop", VOID, [POINTER, I64], inner=True)
    objects, n = function.args
    with loop(b, 0, n) as i:
        thing = b.load(_at(b, objects, i, 8), typ=POINTER)
        with b.if_then(b.not_(_missing(b, thing))):
            _api(b, "Py_DecRef", VOID, thing)
    b.ret_void()
    return function


def _finish(module: ir.Module) -> ir.Function:
    """finish(result, object, scratch): the array, or a number made of what was written."""
    function, b = routine(module, "finish", POINTER, [POINTER, POINTER, POINTER], inner=True)
    result, thing, scratch = function.args
    with b.if_then(b.not_(_missing(b, thing)), likely=True):
        b.ret(thing)
    kind = get(b, result, Result.kind, I32)
    with b.if_then(b.icmp_signed("==", kind, I32(FLOAT64))):
        b.ret(_api(b, "PyFloat_FromDouble", POINTER, b.load(scratch, typ=F64)))
    with b.if_then(b.icmp_signed("==", kind, I32(FLOAT32))):
        wide = b.fpext(b.load(scratch, typ=F32), F64)
        b.ret(_api(b, "PyFloat_FromDouble", POINTER, wide))
    dtype = get(b, result, Result.dtype, POINTER)
    b.ret(call(b, new_scalar(), POINTER, [scratch, dtype, null()]))
    return function


def _run(module: ir.Module, ensure: int) -> ir.Function:
    """run(program, args, arena): the body, on as many threads as there are; false on an error."""
    function, b = routine(module, "run", I1, [POINTER, POINTER, POINTER], inner=True)
    program, args, arena = function.args
    threads, body = get(b, program, Callee.threads), get(b, program, Callee.body)
    release = b.icmp_signed("!=", get(b, program, Callee.release), index(0))
    many = b.icmp_signed(">", threads, index(1))
    door = b.inttoptr(index(ctypes.addressof(DOOR)), POINTER)
    with b.if_then(many):
        _ensure(b, door, threads, ensure)
    state = b.alloca(POINTER)
    with b.if_then(release):
        b.store(_api(b, "PyEval_SaveThread", POINTER), state)
    with b.if_else(many) as (together, alone):
        with together:
            operands = [get(b, door, Door.pool, POINTER), body, args, arena, threads]
            call(b, get(b, door, Door.run), VOID, operands)
        with alone:
            call(b, body, VOID, [args, arena, index(0), index(1), null()])
    with b.if_then(release):
        _api(b, "PyEval_RestoreThread", VOID, b.load(state, typ=POINTER))
    b.ret(I1(1))
    return function


def _ensure(b: ir.IRBuilder, door: ir.Value, threads: ir.Value, ensure: int) -> None:
    """Ask Python for a pool where there is none, or none was asked for so many threads."""
    pool = get(b, door, Door.pool, POINTER)
    look, ask, after = (b.append_basic_block(name) for name in ("look", "ask", "ready"))
    b.cbranch(_missing(b, pool), ask, look)
    b.position_at_end(look)
    b.cbranch(b.icmp_signed("<", get(b, pool, Pool.asked), threads), ask, after)
    b.position_at_end(ask)
    number = _api(b, "PyLong_FromLongLong", POINTER, threads)
    with b.if_then(_missing(b, number), likely=False):
        b.ret(I1(0))
    operands = b.alloca(POINTER)
    b.store(number, operands)
    callee = b.inttoptr(index(ensure), POINTER)
    answer = _api(b, "PyObject_Vectorcall", POINTER, callee, operands, index(1), null())
    _api(b, "Py_DecRef", VOID, number)
    with b.if_then(_missing(b, answer), likely=False):
        b.ret(I1(0))
    _api(b, "Py_DecRef", VOID, answer)
    b.branch(after)
    b.position_at_end(after)


def _odd(module: ir.Module) -> ir.Function:
    """odd(program, frame, args): the body left a status: what Python makes of it.

    The pointers in the frame have done their duty; the arguments of the call take their place.
    """
    function, b = routine(module, "odd", POINTER, [POINTER, POINTER, POINTER], inner=True)
    program, frame, args = function.args
    table, arity = place(b, frame, Frame.args), get(b, program, Callee.arity)
    arena = _offset(b, frame, get(b, program, Callee.arena))
    for i in range(2):
        word = b.load(_at(b, arena, index(i), 8), typ=I64)
        number = _api(b, "PyLong_FromLongLong", POINTER, word)
        with b.if_then(_missing(b, number), likely=False):
            b.ret(null())
        b.store(number, _at(b, table, index(i), 8))
    with loop(b, 0, arity) as i:
        thing = b.load(_at(b, args, i, 8), typ=POINTER)
        b.store(thing, _at(b, table, b.add(i, index(2)), 8))
    callee = get(b, program, Callee.status, POINTER)
    count = b.add(arity, index(2))
    numbers = [b.load(_at(b, table, index(i), 8), typ=POINTER) for i in range(2)]
    answer = _api(b, "PyObject_Vectorcall", POINTER, callee, table, count, null())
    for number in numbers:
        _api(b, "Py_DecRef", VOID, number)
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
    with b.if_then(_missing(b, frame), likely=False):
        b.ret(null())
    table, arena = place(b, frame, Frame.args), _offset(b, frame, get(b, program, Callee.arena))
    parameters = get(b, program, Callee.parameters, POINTER)
    with loop(b, 0, count) as i:
        parameter = _at(b, parameters, i, ctypes.sizeof(Parameter))
        data = b.call(part["data"], [parameter, b.load(_at(b, args, i, 8), typ=POINTER)])
        with b.if_then(_missing(b, data), likely=False):
            b.call(part["give"], [program, frame])
            _decline(b)
        b.store(data, _at(b, table, i, 8))
    objects = _prepare(b, part, program, frame)
    for i in range(STATUS):
        b.store(index(0), _at(b, arena, index(i), 8))
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
    answer = b.inttoptr(index(id(NotImplemented)), POINTER)
    _api(b, "Py_IncRef", VOID, answer)
    b.ret(answer)


def _give_up(
    b: ir.IRBuilder, part: dict[str, ir.Function], program: Any, frame: Any, made: Any
) -> None:
    """Return with the error that is set; so many results were made."""
    objects = _offset(b, frame, get(b, program, Callee.objects))
    b.call(part["drop"], [objects, made])
    b.call(part["give"], [program, frame])
    b.ret(null())


def _prepare(b: ir.IRBuilder, part: dict[str, ir.Function], program: Any, frame: Any) -> ir.Value:
    """Make the results; the list of their objects comes back."""
    objects, scratches = (
        _offset(b, frame, get(b, program, field)) for field in (Callee.objects, Callee.scratch)
    )
    first = _at(b, place(b, frame, Frame.args), get(b, program, Callee.arity), 8)
    results = get(b, program, Callee.results, POINTER)
    with loop(b, 0, get(b, program, Callee.outcome)) as i:
        result, scratch = (_at(b, results, i, ctypes.sizeof(Result)), _at(b, scratches, i, SCRATCH))
        where = _at(b, first, i, 8)
        b.store(b.call(part["make"], [result, scratch, where]), _at(b, objects, i, 8))
        with b.if_then(_missing(b, b.load(where, typ=POINTER)), likely=False):
            _give_up(b, part, program, frame, i)
    return objects


def _conclude(b: ir.IRBuilder, part: dict[str, ir.Function], program: Any, frame: Any) -> None:
    """Return the one result, or a tuple of all."""
    objects, scratches = (
        _offset(b, frame, get(b, program, field)) for field in (Callee.objects, Callee.scratch)
    )
    results, outcome = get(b, program, Callee.results, POINTER), get(b, program, Callee.outcome)

    def finished(i: ir.Value) -> ir.Value:
        result, scratch = (_at(b, results, i, ctypes.sizeof(Result)), _at(b, scratches, i, SCRATCH))
        thing = b.load(_at(b, objects, i, 8), typ=POINTER)
        return b.call(part["finish"], [result, thing, scratch])

    with b.if_then(b.icmp_signed("!=", get(b, program, Callee.single), index(0))):
        answer = finished(index(0))
        b.call(part["give"], [program, frame])
        b.ret(answer)
    answer = _api(b, "PyTuple_New", POINTER, outcome)
    with b.if_then(_missing(b, answer), likely=False):
        _give_up(b, part, program, frame, outcome)
    with loop(b, 0, outcome) as i:
        thing = finished(i)
        with b.if_then(_missing(b, thing), likely=False):
            _api(b, "Py_DecRef", VOID, answer)
            _give_up(b, part, program, frame, outcome)
        b.store(null(), _at(b, objects, i, 8))
        _api(b, "PyTuple_SetItem", I32, answer, i, thing)
    b.call(part["give"], [program, frame])
    b.ret(answer)
