"""Small words for writing LLVM code: types, constants, loops, vectors in and out of memory.

A value in a register is a scalar or a vector of any number of lanes; every word takes both. A
boolean is one bit in a register and one byte in memory.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir

from catenary.backend.llvm import machine

I1, I8, I32, I64 = (ir.IntType(n) for n in (1, 8, 32, 64))
F32, F64 = ir.FloatType(), ir.DoubleType()
POINTER = ir.PointerType()
_CHEAP_MASKS = 64  # bytes of a vector: AVX-512's; AVX2's masked stores are microcode on Zen 1 to 3
VOID = ir.VoidType()


def register_type(dtype: Any, lanes: int | None = None) -> Any:
    """The type of a value of a dtype in a register; a vector where lanes are given."""
    dtype = np.dtype(dtype)
    scalar = {"f4": F32, "f8": F64, "b1": I1}.get(dtype.str[1:]) or ir.IntType(8 * dtype.itemsize)
    return scalar if lanes is None else ir.VectorType(scalar, lanes)


def memory_type(dtype: Any, lanes: int | None = None) -> Any:
    """The type of a value of a dtype in memory."""
    return register_type(np.uint8 if np.dtype(dtype).kind == "b" else dtype, lanes)


def lanes_of(type: Any) -> int | None:
    """The number of lanes of a vector type, None for a scalar."""
    return type.count if isinstance(type, ir.VectorType) else None


def element(type: Any) -> Any:
    """The type of one lane."""
    return type.element if isinstance(type, ir.VectorType) else type


def like(type: Any, scalar: Any) -> Any:
    """A scalar type with the lanes of another type."""
    lanes = lanes_of(type)
    return scalar if lanes is None else ir.VectorType(scalar, lanes)


def integers(type: Any) -> Any:
    """The integer type of equal width and lanes, for looking at the bits of a float."""
    bits = {F32: 32, F64: 64}.get(element(type))
    return like(type, ir.IntType(bits)) if bits else type


def number(type: Any, value: Any) -> ir.Constant:
    """A constant, in every lane. Floats are given by their bits: NaN and −0 come through."""
    scalar = element(type)
    if scalar in (F32, F64):
        value = float(np.float32(value)) if scalar == F32 else float(value)
        return _number(scalar, lanes_of(type), struct.pack("d", value))
    return _number(scalar, lanes_of(type), int(value))


class _Splat(ir.Constant):  # type: ignore[misc]
    """A constant vector of one number, as text."""

    def __init__(self, type: Any, text: str) -> None:
        self.type = type
        self.constant = text

    def _get_reference(self) -> str:
        return self.constant


@cache
def _number(scalar: Any, lanes: int | None, value: int | bytes) -> ir.Constant:
    """Made once: there are many, and a vector is said as one number."""
    plain = struct.unpack("d", value)[0] if isinstance(value, bytes) else value
    one = ir.Constant(scalar, plain)
    if lanes is None:
        return one
    return _Splat(ir.VectorType(scalar, lanes), f"splat ({scalar} {one.get_reference()})")


@cache
def lowest(lanes: int, count: int) -> ir.Constant:
    """The mask of the first ``count`` lanes."""
    return ir.Constant(ir.VectorType(I1, lanes), [int(i < count) for i in range(lanes)])


def index(value: int) -> ir.Constant:
    """A constant position or size."""
    return ir.Constant(I64, value)


def splat(b: ir.IRBuilder, x: ir.Value, lanes: int | None) -> ir.Value:
    """A scalar in every lane."""
    if lanes is None or lanes_of(x.type) is not None:
        return x
    type = ir.VectorType(x.type, lanes)
    first = b.insert_element(ir.Constant(type, ir.Undefined), x, I32(0))
    return b.shuffle_vector(first, ir.Constant(type, ir.Undefined), _zeros(lanes))


@cache
def _zeros(lanes: int) -> ir.Constant:
    return ir.Constant(ir.VectorType(I32, lanes), None)


@cache
def steps(lanes: int, type: Any = I64) -> ir.Constant:
    """The vector 0, 1, 2, …"""
    return ir.Constant(ir.VectorType(type, lanes), list(range(lanes)))


def suffix(type: Any) -> str:
    """How an overloaded intrinsic names a type."""
    lanes, scalar = lanes_of(type), element(type)
    name = {F32: "f32", F64: "f64", POINTER: "p0"}.get(scalar) or f"i{scalar.width}"
    return name if lanes is None else f"v{lanes}{name}"


def intrinsic(
    b: ir.IRBuilder, name: str, result: Any, operands: Sequence[Any], overloads: Sequence[Any]
) -> ir.Value:
    """Call ``llvm.<name>`` overloaded by types; declared on first use."""
    full = ".".join(["llvm", name, *map(suffix, overloads)])
    return b.call(declared(b.module, full, result, [o.type for o in operands]), operands)


def declared(module: ir.Module, name: str, result: Any, operands: Sequence[Any]) -> ir.Function:
    """A function of another place, declared once in a module."""
    known = module.globals.get(name)
    return known or ir.Function(module, ir.FunctionType(result, operands), name)


def fma(b: ir.IRBuilder, x: ir.Value, y: ir.Value, z: ir.Value) -> ir.Value:
    """x·y + z, rounded once."""
    return intrinsic(b, "fma", x.type, [x, y, z], [x.type])


def unlooked(b: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """An integer as it is, which LLVM does not look behind.

    So it finds no linear variable in a loop, and its search for cheaper ones, a third of the time
    of translation, has nothing to do. The loops here are written with cheap addresses.
    """
    return intrinsic(b, "expect", x.type, [x, x], [x.type])


@contextmanager
def loop(b: ir.IRBuilder, start: Any, stop: Any, step: Any = 1) -> Iterator[ir.Value]:
    """Code for each i in range(start, stop, step); bounds are ints or i64 values.

    The body is run only where start < stop. Inside, ``b`` writes into the body.
    """
    first, last, by = (index(v) if isinstance(v, int) else v for v in (start, stop, step))
    before = b.block
    body, after = b.append_basic_block("body"), b.append_basic_block("after")
    known = isinstance(start, int) and isinstance(stop, int)
    if known and start < stop:
        b.branch(body)
    elif known:
        b.cbranch(ir.Constant(I1, 0), body, after)
    else:
        b.cbranch(b.icmp_signed("<", first, last), body, after)
    b.position_at_end(body)
    i = b.phi(I64, "i")
    i.add_incoming(first, before)
    yield i
    following = unlooked(b, b.add(i, by, flags=["nsw"]))
    i.add_incoming(following, b.block)
    b.cbranch(b.icmp_signed("<", following, last), body, after)
    b.position_at_end(after)


def address(b: ir.IRBuilder, base: ir.Value, offset: Any, dtype: Any) -> ir.Value:
    """The place of element number ``offset`` of an array that begins at ``base``."""
    where = index(offset) if isinstance(offset, int) else offset
    return b.gep(base, [where], inbounds=True, source_etype=memory_type(dtype))


def load(
    b: ir.IRBuilder, place: ir.Value, dtype: Any, lanes: int | None = None, mask: Any = None
) -> ir.Value:
    """Numbers that lie side by side from a place on; where the mask is 0, zeros."""
    type = memory_type(dtype, lanes)
    if mask is None:
        value = b.load(place, typ=type, align=np.dtype(dtype).itemsize)
    else:
        value = intrinsic(
            b, "masked.load", type, [place, I32(np.dtype(dtype).itemsize), mask, number(type, 0)],
            [type, POINTER],
        )  # fmt: skip
    return to_register(b, value, dtype)


def store(b: ir.IRBuilder, x: ir.Value, place: ir.Value, dtype: Any, mask: Any = None) -> None:
    """Put numbers side by side from a place on; where the mask is 0, leave what is there."""
    value = to_memory(b, x)
    size = np.dtype(dtype).itemsize
    if mask is None:
        b.store(value, place, align=size)
        return
    count = known_lanes(mask)
    if count == 1:
        # LLVM makes a plain store of this, and of a truncation before it one that is too wide
        b.store(b.extract_element(value, I32(0)), place, align=size)
    elif count and machine.host().vector_bytes < _CHEAP_MASKS:
        _store_parts(b, value, place, dtype, count)
    else:
        operands = [value, place, I32(size), mask]
        intrinsic(b, "masked.store", VOID, operands, [value.type, POINTER])


def to_register(b: ir.IRBuilder, value: ir.Value, dtype: Any) -> ir.Value:
    """A loaded boolean as one bit."""
    if np.dtype(dtype).kind != "b":
        return value
    return b.icmp_unsigned("!=", value, number(value.type, 0))


def to_memory(b: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """A boolean as a byte."""
    return b.zext(x, like(x.type, I8)) if element(x.type) == I1 else x


def known_lanes(mask: ir.Value) -> int | None:
    """How many lanes a mask lets through, where that is known and they are the first ones."""
    if not isinstance(mask, ir.Constant):
        return None
    bits = [bool(bit.constant) for bit in mask.constant]
    return sum(bits) if bits == sorted(bits, reverse=True) else None


def _store_parts(b: ir.IRBuilder, x: ir.Value, place: ir.Value, dtype: Any, count: int) -> None:
    """The first lanes of a vector by stores of 4, 2 and 1 of them."""
    size, start = np.dtype(dtype).itemsize, 0
    while start < count:
        lanes = 1 << ((count - start).bit_length() - 1)
        where = address(b, place, start, dtype)
        if lanes == 1:
            part = b.extract_element(x, I32(start))
        else:
            chosen = ir.Constant(ir.VectorType(I32, lanes), list(range(start, start + lanes)))
            part = b.shuffle_vector(x, ir.Constant(x.type, ir.Undefined), chosen)
        b.store(part, where, align=size)
        start += lanes


def first_lanes(b: ir.IRBuilder, count: ir.Value, lanes: int) -> ir.Value:
    """The mask of the lanes below a count."""
    if isinstance(count, ir.Constant):
        bits = [int(i < count.constant) for i in range(lanes)]
        return ir.Constant(ir.VectorType(I1, lanes), bits)
    return b.icmp_signed("<", steps(lanes), splat(b, count, lanes))
