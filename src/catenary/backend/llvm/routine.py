"""Routines of the library's own, made once in a process: compiled here and never thrown away.

Structures that native code and Python share are ``ctypes`` structures; a field is named once.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from llvmlite import binding, ir

from catenary.backend import disk
from catenary.backend.llvm import machine
from catenary.backend.llvm.builder import Builder
from catenary.backend.llvm.emit import I1, I64, POINTER, VOID, declared, index

LINE = 64  # bytes of a cache line
_IMPORT = "catenary.import."


def permanent(
    module: Callable[[], ir.Module],
    names: Sequence[str],
    imports: Mapping[str, int],
    effort: int = 1,
    *,
    kept: str = "",
) -> dict[str, int]:
    """The addresses of functions of a module, by name; ``imports``: what ``imported`` gives there.

    ``effort``: LLVM's level of optimisation; 0 compiles in a fifth of the time of 1; ``kept``: a
    name under which the next process finds the machine code on disk.
    The code stays for as long as the process lives: a thread may stand in it at the very end.
    """
    target = machine.host().target_machine()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), target)
    code = _kept(module, effort, kept) if kept else machine_code(module(), effort)
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    for name, address in imports.items():
        slot = engine.get_global_value_address(_IMPORT + name)
        if slot:  # else the module does not use it
            ctypes.c_int64.from_address(slot).value = address
    addresses = {name: engine.get_function_address(name) for name in names}
    engine.detach()
    return addresses


def _kept(module: Callable[[], ir.Module], effort: int, name: str) -> bytes:
    """An object file from the disk, or made now and kept there."""
    key = disk.key_of([name.encode(), bytes([effort]), machine.versions()])
    found = disk.load(key)
    if found is not None:
        return found.blocks[0]
    code = machine_code(module(), effort)
    disk.save(key, disk.Entry({}, (code,)))
    return code


def machine_code(module: ir.Module, effort: int) -> bytes:
    """An object file. It holds no address of this process, so it may serve another one."""
    here = machine.host()
    target = binding.Target.from_triple(here.triple).create_target_machine(
        cpu=here.cpu, features=here.features, opt=effort, reloc="pic", codemodel="default"
    )
    return bytes(target.emit_object(binding.parse_assembly(str(module))))


def imported(b: ir.IRBuilder, name: str) -> ir.Value:
    """An address of this process, known when the code is loaded."""
    known = b.module.globals.get(_IMPORT + name)
    if known is None:
        known = ir.GlobalVariable(b.module, I64, _IMPORT + name)
        known.initializer = index(0)
    return b.load(known, typ=I64)


def routine(
    module: ir.Module, name: str, result: Any, operands: Sequence[Any], *, inner: bool = False
) -> tuple[ir.Function, ir.IRBuilder]:
    """A new function and where to write it; an inner one is seen by its module alone."""
    function = ir.Function(module, ir.FunctionType(result, operands), name)
    function.linkage = "internal" if inner else ""
    return function, Builder(function.append_basic_block("entry"))


def place(b: ir.IRBuilder, base: ir.Value, field: Any) -> ir.Value:
    """Where a field of a structure lies."""
    return b.gep(base, [index(field.offset)], inbounds=True, source_etype=ir.IntType(8))


def get(b: ir.IRBuilder, base: ir.Value, field: Any, type: Any = I64) -> ir.Value:
    """The value of a field; what is no 64-bit integer is given by its type."""
    return b.load(place(b, base, field), typ=type, align=field.size)


def put(b: ir.IRBuilder, value: ir.Value, base: ir.Value, field: Any) -> None:
    """Set a field."""
    b.store(value, place(b, base, field), align=field.size)


def read(b: ir.IRBuilder, base: ir.Value, field: Any) -> ir.Value:
    """A field that another thread may write at any time; what it wrote before is seen too."""
    return b.load_atomic(place(b, base, field), "acquire", 8, typ=I64)


def call(
    b: ir.IRBuilder, function: ir.Value | str, result: Any, operands: Sequence[Any]
) -> ir.Value:
    """Call what stands at an address, an i64, or what is imported under a name."""
    type = ir.FunctionType(result, [o.type for o in operands])
    where = imported(b, function) if isinstance(function, str) else function
    return b.call(b.inttoptr(where, ir.PointerType(type)), operands)


def null() -> ir.Constant:
    """The pointer to nothing."""
    return ir.Constant(POINTER, None)


def pause(b: ir.IRBuilder) -> None:
    """Tell the processor that this is a loop of waiting."""
    triple = machine.host().triple
    if "86" in triple:
        b.call(declared(b.module, "llvm.x86.sse2.pause", VOID, []), [])
    elif "aarch64" in triple or "arm64" in triple:
        hint = declared(b.module, "llvm.aarch64.hint", VOID, [ir.IntType(32)])
        b.call(hint, [ir.IntType(32)(1)])


def spin(b: ir.IRBuilder, ready: Callable[[], ir.Value], limit: Any) -> ir.Value:
    """Look whether it is ready, pause, look again, ``limit`` times: was it, in the end?"""
    before = b.block
    look, again, after = (b.append_basic_block(name) for name in ("look", "again", "after"))
    b.branch(look)
    b.position_at_end(look)
    i = b.phi(I64)
    i.add_incoming(index(0), before)
    b.cbranch(ready(), after, again)
    looked = b.block
    b.position_at_end(again)
    pause(b)
    following = b.add(i, index(1))
    i.add_incoming(following, again)
    b.cbranch(b.icmp_signed("<", following, limit), look, after)
    b.position_at_end(after)
    found = b.phi(I1)
    found.add_incoming(I1(1), looked)
    found.add_incoming(I1(0), again)
    return found


def symbol(name: str) -> int:
    """The address of a function of the C library."""
    return _address(getattr(ctypes.CDLL(None), name))


def python_symbol(name: str) -> int:
    """The address of a function of the interpreter."""
    return _address(getattr(ctypes.pythonapi, name))


def _address(function: Any) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0


def allocate(size: int) -> int:
    """Zeroed memory at the start of a cache line, for as long as the process lives."""
    calloc = ctypes.pythonapi.PyMem_RawCalloc
    calloc.restype, calloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t, ctypes.c_size_t]
    start = calloc(size + LINE, 1)
    if not start:
        raise MemoryError
    return -(-int(start) // LINE) * LINE
