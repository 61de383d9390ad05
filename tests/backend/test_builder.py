"""The builder of LLVM code: constants are computed, nothing is said twice in a block."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from llvmlite import ir

from catenary.backend.llvm import emit as e
from catenary.backend.llvm import machine, objects, translation
from catenary.backend.llvm.builder import Builder
from catenary.backend.llvm.contract.kernel import _goes_on, _Run

P = e.POINTER


def function() -> tuple[ir.Module, ir.Function, Builder]:
    """``i64 f(i64, i64)``, with nothing in it."""
    module = ir.Module()
    module.triple = machine.host().triple
    made = ir.Function(module, ir.FunctionType(e.I64, [e.I64, e.I64]), "f")
    return module, made, Builder(made.append_basic_block("entry"))


def run(module: ir.Module, x: int, y: int) -> int:
    """Its result, as machine code."""
    with translation.Translator(machine.host()) as translator:
        translator.take(module)
        engine = objects.linked(translator.objects(), machine.host())
    type = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
    return int(type(engine.get_function_address("f"))(x, y))


FOLDED: dict[str, tuple[Callable[[Any, Any], ir.Value], int | str]] = {
    "add": (lambda b, x: b.add(e.index(3), e.index(4)), 7),
    "add nothing": (lambda b, x: b.add(x, e.index(0)), "x"),
    "nothing and": (lambda b, x: b.add(e.index(0), x), "x"),
    "sub": (lambda b, x: b.sub(e.index(3), e.index(4)), -1),
    "sub nothing": (lambda b, x: b.sub(x, e.index(0)), "x"),
    "mul": (lambda b, x: b.mul(e.index(3), e.index(4), flags=["nsw"]), 12),
    "once": (lambda b, x: b.mul(e.index(1), x), "x"),
    "no times": (lambda b, x: b.mul(x, e.index(0)), 0),
    "udiv": (lambda b, x: b.udiv(x, e.index(1)), "x"),
    "icmp": (lambda b, x: b.zext(b.icmp_signed("<", e.index(-1), e.index(4)), e.I64), 1),
    "select": (lambda b, x: b.select(e.I1(0), x, e.index(4)), 4),
    "select same": (lambda b, x: b.select(b.icmp_signed("<", x, e.index(9)), x, x), "x"),
}


@pytest.mark.parametrize("name", FOLDED)
def test_constants_are_computed(name: str) -> None:
    write, expected = FOLDED[name]
    module, f, b = function()
    x = f.args[0]
    found = write(b, x)
    if expected == "x":
        assert found is x
        return
    b.ret(found)
    assert run(module, 5, 6) == expected
    if name != "icmp":  # the widening of a constant is left to LLVM
        assert found.constant == expected


def test_numbers_that_do_not_fit_are_left() -> None:
    module, _, b = function()
    large = e.index(2**40 + 1)
    b.ret(b.mul(b.add(e.index(2**63 - 1), e.index(1)), b.mul(large, large)))
    assert run(module, 0, 0) == -(2**63)


def test_nothing_is_said_twice() -> None:
    module, f, b = function()
    x, y = f.args
    first, second = b.add(x, y, flags=["nsw"]), b.add(x, y, flags=["nsw"])
    assert first is second
    assert b.add(x, y) is not first  # other flags
    assert b.add(y, x) is not first
    assert b.mul(x, e.index(3)) is b.mul(x, e.index(3))
    assert b.icmp_signed("<", x, y) is b.icmp_signed("<", x, y)
    assert b.icmp_signed("<", x, y) is not b.icmp_signed("<=", x, y)
    assert b.icmp_signed("<", x, y) is not b.icmp_unsigned("<", x, y)
    b.ret(b.add(first, b.mul(x, e.index(3))))
    assert run(module, 5, 6) == 26


def test_types_and_values_tell_constants_apart() -> None:
    _, f, b = function()
    x = f.args[0]
    assert b.trunc(x, e.I32) is not b.trunc(x, e.I8)
    assert b.add(x, e.index(1)) is not b.add(x, e.index(2))
    place = b.inttoptr(x, P)
    at = [b.gep(place, [e.index(1)], source_etype=t) for t in (e.F32, e.F64)]
    assert at[0] is not at[1]
    again = [b.gep(place, [e.index(1)], inbounds=i, source_etype=e.F32) for i in (False, True)]
    assert again[0] is not again[1]
    assert b.gep(place, [e.index(0)], source_etype=e.F32) is place


def test_each_block_says_its_own() -> None:
    module, f, b = function()
    x, y = f.args
    cell = b.alloca(e.I64)
    with b.if_then(b.icmp_signed("<", x, y)):
        inside = b.mul(x, y)
        b.store(inside, cell)
    after = b.mul(x, y)
    assert after is not inside
    b.ret(after)
    assert run(module, 7, 6) == 42


def test_memory_is_read_again() -> None:
    _, f, b = function()
    cell = b.alloca(e.I64)
    before = b.load(cell)
    b.store(f.args[0], cell)
    assert b.load(cell) is not before


def stored(dtype: np.dtype[Any], mask: Sequence[int]) -> Any:
    """What a store of 1, 2, 3, … leaves of zeros where its mask is constant."""
    lanes = len(mask)
    module = ir.Module()
    module.triple = machine.host().triple
    f = ir.Function(module, ir.FunctionType(e.VOID, [P, P]), "f")
    b = Builder(f.append_basic_block("entry"))
    bits = ir.Constant(ir.VectorType(e.I1, lanes), list(mask))
    e.store(b, e.load(b, f.args[0], dtype, lanes), f.args[1], dtype, bits)
    b.ret_void()
    with translation.Translator(machine.host()) as translator:
        translator.take(module)
        engine = objects.linked(translator.objects(), machine.host())
    given, got = np.arange(1, lanes + 1).astype(dtype), np.zeros(lanes, dtype)
    call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
    call(engine.get_function_address("f"))(given.ctypes.data, got.ctypes.data)
    return got


@pytest.mark.parametrize("lanes", [2, 4, 8, 16])
@pytest.mark.parametrize("dtype", ["f4", "f8", "u1"])
def test_a_store_of_some_lanes_leaves_the_others(dtype: str, lanes: int) -> None:
    masks = [[int(i < count) for i in range(lanes)] for count in range(lanes + 1)]
    masks.append([i % 2 for i in range(lanes)])
    for mask in masks:
        expected = np.arange(1, lanes + 1) * mask
        np.testing.assert_array_equal(stored(np.dtype(dtype), mask), expected)


def test_runs_of_registers_share_a_loop_where_they_lie_at_equal_distances() -> None:
    x = ir.Constant(ir.VectorType(e.F32, 8), None)

    def run(row: int, column: int, count: int = 8) -> _Run:
        return _Run([x] * count, row, column, "column", None)

    assert _goes_on([run(0, 0)], run(0, 8))
    assert _goes_on([run(0, 0), run(0, 8)], run(0, 16))
    assert not _goes_on([run(0, 0), run(8, 0)], run(0, 8))
    assert not _goes_on([run(0, 0)], run(0, 8, count=2))
