"""Instructions of AVX-512 that take numbers apart at their exponent, and put them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit, machine
from catenary.backend.llvm.math.lanes import Lanes

AS_THE_MACHINE_ROUNDS = 4
THREE_QUARTERS_NAN_BELOW_ZERO = 0b1011


def usable(x: Lanes) -> bool:
    """Whether the machine has them for x; a scalar takes the long way, with the same result."""
    return emit.lanes_of(x.type) is not None and machine.host().vector_bytes == 64


def scaled(x: Lanes, n: Lanes) -> Lanes:
    """x·2ⁿ, rounded once."""
    return Lanes(x.b, _called(x.b, "scalef", [x.value, n.value]))


def exponent(x: Lanes) -> Lanes:
    """⌊log₂ |x|⌋; −∞ of 0, ∞ of ±∞, NaN of NaN."""
    return Lanes(x.b, _called(x.b, "getexp", [x.value]))


def mantissa(x: Lanes) -> Lanes:
    """x over a power of 2, at least ¾ and below 3/2; NaN for x < 0."""
    return Lanes(x.b, _called(x.b, "getmant", [x.value], THREE_QUARTERS_NAN_BELOW_ZERO))


def _called(b: ir.IRBuilder, name: str, operands: Sequence[Any], how: int | None = None) -> Any:
    type = operands[0].type
    letter, bits = ("s", 32) if type.element == emit.F32 else ("d", 64)
    lanes = type.count
    width = lanes * bits
    if width not in (128, 256, 512):
        return _padded(b, name, operands, how, 512 // bits)
    arguments = [*operands]
    if how is not None:
        arguments.append(emit.I32(how))
    arguments += [operands[0], ir.Constant(ir.IntType(max(lanes, 8)), -1)]
    if width == 512:
        arguments.append(emit.I32(AS_THE_MACHINE_ROUNDS))
    full = f"llvm.x86.avx512.mask.{name}.p{letter}.{width}"
    return b.call(emit.declared(b.module, full, type, [a.type for a in arguments]), arguments)


def _padded(b: ir.IRBuilder, name: str, operands: Sequence[Any], how: int | None, full: int) -> Any:
    """Vectors of other sizes, a full register at a time."""
    type = operands[0].type
    lanes = type.count
    joined = ir.Constant(type, ir.Undefined)
    for start in range(0, lanes, full):
        places = [min(start + k, lanes - 1) for k in range(full)]
        chosen = ir.Constant(ir.VectorType(emit.I32, full), places)
        piece = _called(b, name, [b.shuffle_vector(v, v, chosen) for v in operands], how)
        for k in range(start, min(start + full, lanes)):
            lane = b.extract_element(piece, emit.I32(k - start))
            joined = b.insert_element(joined, lane, emit.I32(k))
    return joined
