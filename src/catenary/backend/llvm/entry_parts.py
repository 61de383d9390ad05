"""The steps of a call in native code: frames, arguments, results."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from catenary.backend.llvm.callee import (
    ARRAY,
    FLOAT32,
    FLOAT64,
    Callee,
    Frame,
    Parameter,
    Result,
)
from catenary.backend.llvm.cpython import ALIGNED, C_CONTIGUOUS, Array, DType, Object, Scalar
from catenary.backend.llvm.emit import F32, F64, I1, I8, I32, I64, POINTER, VOID, index, loop
from catenary.backend.llvm.routine import LINE, call, get, imported, null, place, put, routine


def api(b: ir.IRBuilder, name: str, result: Any, *operands: ir.Value) -> ir.Value:
    return call(b, name, result, operands)


def at(b: ir.IRBuilder, base: ir.Value, i: ir.Value, size: int) -> ir.Value:
    """Where element i of an array of things of a size lies."""
    return b.gep(base, [b.mul(i, index(size))], inbounds=True, source_etype=I8)


def shifted(b: ir.IRBuilder, base: ir.Value, offset: ir.Value) -> ir.Value:
    return b.gep(base, [offset], inbounds=True, source_etype=I8)


def known(b: ir.IRBuilder, name: str) -> ir.Value:
    """An imported address as a pointer."""
    return b.inttoptr(imported(b, name), POINTER)


def missing(b: ir.IRBuilder, pointer: ir.Value) -> ir.Value:
    return b.icmp_unsigned("==", pointer, null())


def take(module: ir.Module) -> ir.Function:
    """take(program): a frame, the spare one or a new one; nothing where there is no memory."""
    function, b = routine(module, "take", POINTER, [POINTER], inner=True)
    (program,) = function.args
    spare = get(b, program, Callee.spare, POINTER)
    with b.if_then(b.not_(missing(b, spare)), likely=True):
        put(b, null(), program, Callee.spare)
        b.ret(spare)
    size = b.add(get(b, program, Callee.size), index(LINE))
    start = api(b, "PyMem_RawMalloc", POINTER, size)
    with b.if_then(missing(b, start)):
        api(b, "PyErr_NoMemory", POINTER)
        b.ret(start)
    end = b.add(b.ptrtoint(start, I64), index(LINE - 1))
    frame = b.inttoptr(b.and_(end, index(-LINE)), POINTER)
    put(b, start, frame, Frame.start)
    b.ret(frame)
    return function


def give(module: ir.Module) -> ir.Function:
    """give(program, frame): the frame is the spare one from now on; a former spare one goes."""
    function, b = routine(module, "give", VOID, [POINTER, POINTER], inner=True)
    program, frame = function.args
    former = get(b, program, Callee.spare, POINTER)
    put(b, frame, program, Callee.spare)
    with b.if_then(b.not_(missing(b, former)), likely=False):
        api(b, "PyMem_RawFree", VOID, get(b, former, Frame.start, POINTER))
    b.ret_void()
    return function


def data(module: ir.Module) -> ir.Function:
    """data(parameter, object): where the numbers of a fitting argument are, else nothing."""
    function, b = routine(module, "data", POINTER, [POINTER, POINTER], inner=True)
    parameter, thing = function.args
    kind = get(b, thing, Object.type, POINTER)
    with b.if_then(b.icmp_unsigned("==", kind, known(b, "ndarray")), likely=True):
        _refuse_unless(b, _right_dtype(b, parameter, get(b, thing, Array.dtype, POINTER)))
        rank = get(b, thing, Array.rank, I32)
        _refuse_unless(b, b.icmp_signed("==", rank, get(b, parameter, Parameter.rank, I32)))
        wanted = I32(C_CONTIGUOUS | ALIGNED)
        flags = b.and_(get(b, thing, Array.flags, I32), wanted)
        _refuse_unless(b, b.icmp_signed("==", flags, wanted))
        ours, its = get(b, parameter, Parameter.shape, POINTER), get(b, thing, Array.shape, POINTER)
        with loop(b, 0, b.sext(rank, I64)) as axis:
            n, m = (b.load(at(b, shape, axis, 8), typ=I64) for shape in (ours, its))
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


def make(module: ir.Module) -> ir.Function:
    """make(result, scratch, where): a new array, or nothing yet; sets where its numbers go.

    That is nowhere if there was no memory.
    """
    function, b = routine(module, "make", POINTER, [POINTER, POINTER, POINTER], inner=True)
    result, scratch, where = function.args
    kind = get(b, result, Result.kind, I32)
    with b.if_then(b.icmp_signed("!=", kind, I32(ARRAY)), likely=False):
        b.store(scratch, where)
        b.ret(null())
    memory = get(b, result, Result.memory, POINTER)
    large = b.not_(missing(b, memory))
    usual = b.alloca(POINTER)
    with b.if_then(large, likely=False):
        b.store(api(b, "PyDataMem_SetHandler", POINTER, memory), usual)
        _fail_unless(b, b.load(usual, typ=POINTER), where)
    shape = get(b, result, Result.shape, POINTER)
    rank, number = get(b, result, Result.rank, I32), get(b, result, Result.number, I32)
    operands = [known(b, "ndarray"), rank, shape, number, null(), null(), I32(0), I32(0), null()]
    array = call(b, "PyArray_New", POINTER, operands)
    with b.if_then(large, likely=False):
        before = b.load(usual, typ=POINTER)
        ours = api(b, "PyDataMem_SetHandler", POINTER, before)
        api(b, "Py_DecRef", VOID, before)
        _fail_unless(b, ours, where)
        api(b, "Py_DecRef", VOID, ours)
    _fail_unless(b, array, where)
    b.store(get(b, array, Array.data, POINTER), where)
    b.ret(array)
    return function


def _fail_unless(b: ir.IRBuilder, thing: ir.Value, where: ir.Value) -> None:
    """Return nothing, with the error that is set, where a thing could not be had."""
    with b.if_then(missing(b, thing), likely=False):
        b.store(null(), where)
        b.ret(null())


def drop(module: ir.Module) -> ir.Function:
    """drop(objects, n): let go of the first n objects of a list with gaps."""
    function, b = routine(module, "drop", VOID, [POINTER, I64], inner=True)
    objects, n = function.args
    with loop(b, 0, n) as i:
        thing = b.load(at(b, objects, i, 8), typ=POINTER)
        with b.if_then(b.not_(missing(b, thing))):
            api(b, "Py_DecRef", VOID, thing)
    b.ret_void()
    return function


def finish(module: ir.Module) -> ir.Function:
    """finish(result, object, scratch): the array, or a number made of what was written."""
    function, b = routine(module, "finish", POINTER, [POINTER, POINTER, POINTER], inner=True)
    result, thing, scratch = function.args
    with b.if_then(b.not_(missing(b, thing)), likely=True):
        b.ret(thing)
    kind = get(b, result, Result.kind, I32)
    with b.if_then(b.icmp_signed("==", kind, I32(FLOAT64))):
        b.ret(api(b, "PyFloat_FromDouble", POINTER, b.load(scratch, typ=F64)))
    with b.if_then(b.icmp_signed("==", kind, I32(FLOAT32))):
        wide = b.fpext(b.load(scratch, typ=F32), F64)
        b.ret(api(b, "PyFloat_FromDouble", POINTER, wide))
    dtype = get(b, result, Result.dtype, POINTER)
    b.ret(call(b, "PyArray_Scalar", POINTER, [scratch, dtype, null()]))
    return function
