"""Vectors of numbers that lie apart."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit as e

_GATHERED = 4  # bytes of the narrowest numbers that processors gather
_NOTHING = "catenary.nothing"


def _pointers(b: ir.IRBuilder, pointer: ir.Value, where: ir.Value, dtype: Any) -> ir.Value:
    lanes = where.type.count
    offsets = b.mul(where, e.number(where.type, dtype.itemsize))
    base = e.splat(b, b.ptrtoint(pointer, e.I64), lanes)
    return b.inttoptr(b.add(base, offsets), ir.VectorType(e.POINTER, lanes))


def gathered(
    b: ir.IRBuilder, pointer: ir.Value, where: ir.Value, dtype: Any, mask: Any
) -> ir.Value:
    lanes = where.type.count
    type = e.memory_type(dtype, lanes)
    pointers = _pointers(b, pointer, where, dtype)
    if dtype.itemsize < _GATHERED:
        return e.to_register(b, _one_by_one(b, pointers, type, mask), dtype)
    mask = e.number(ir.VectorType(e.I1, lanes), 1) if mask is None else mask
    operands = [pointers, e.I32(dtype.itemsize), mask, e.number(type, 0)]
    loaded = e.intrinsic(b, "masked.gather", type, operands, [type, pointers.type])
    return e.to_register(b, loaded, dtype)


def _one_by_one(b: ir.IRBuilder, pointers: ir.Value, type: Any, mask: Any) -> ir.Value:
    """Numbers that no processor gathers. Where one is not wanted, a zero is read instead: left to
    itself, LLVM makes a branch of each, and wrong ones for some masks on AVX-512.
    """
    if mask is not None:
        pointers = b.select(mask, pointers, e.splat(b, _nothing(b.module), type.count))
    found = e.number(type, 0)
    for lane in range(type.count):
        number = b.load(b.extract_element(pointers, e.I32(lane)), typ=type.element, align=1)
        found = b.insert_element(found, number, e.I32(lane))
    return found


def _nothing(module: ir.Module) -> ir.Value:
    """A place where zeros are."""
    known = module.globals.get(_NOTHING)
    if known is None:
        known = ir.GlobalVariable(module, e.I64, _NOTHING)
        known.linkage, known.global_constant, known.initializer = "internal", True, e.index(0)
    return known


def scattered(
    b: ir.IRBuilder, pointer: ir.Value, where: ir.Value, dtype: Any, x: ir.Value, *, mask: Any
) -> None:
    lanes = where.type.count
    x = e.to_memory(b, x)
    pointers = _pointers(b, pointer, where, dtype)
    mask = e.number(ir.VectorType(e.I1, lanes), 1) if mask is None else mask
    operands = [x, pointers, e.I32(dtype.itemsize), mask]
    e.intrinsic(b, "masked.scatter", e.VOID, operands, [x.type, pointers.type])
