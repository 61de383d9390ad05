"""A builder of LLVM code that computes with constants and says nothing twice in a block.

Generators of code then need not look whether a size is known or an address was taken before, and
LLVM, whose time goes with the number of instructions, gets few of them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir

# What depends on its operands alone: what was said before in the same block holds still.
_PURE = (
    "add", "sub", "mul", "udiv", "urem", "sdiv", "srem", "and_", "or_", "xor", "shl", "lshr",
    "ashr", "neg", "not_", "icmp_signed", "icmp_unsigned", "fcmp_ordered", "fcmp_unordered",
    "select", "sext", "zext", "trunc", "bitcast", "gep", "insert_element", "extract_element",
    "shuffle_vector",
)  # fmt: skip
_COMPARED = {
    "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class Builder(ir.IRBuilder):  # type: ignore[misc]
    """``ir.IRBuilder`` with fewer instructions for the same values."""

    def __init__(self, block: ir.Block) -> None:
        super().__init__(block)
        self._said: dict[ir.Block, dict[Any, ir.Value]] = {}


def _once(name: str) -> Callable[..., ir.Value]:
    """A method that writes an instruction where its value is neither known nor said before."""
    write = getattr(ir.IRBuilder, name)
    known = _KNOWN.get(name)

    def method(self: Builder, *operands: Any, **options: Any) -> ir.Value:
        value = known(*operands) if known else None
        if value is not None:
            return value
        said = self._said.setdefault(self.block, {})
        key = (name, *map(_key, operands), *map(_key, options.values()))
        value = said.get(key)
        if value is None:
            value = said[key] = write(self, *operands, **options)
        return value

    return method


def _key(operand: Any) -> Any:
    """What an operand is told apart by: constants by what they are, values by which they are."""
    if isinstance(operand, (ir.Constant, ir.Type)):
        return str(operand)
    if isinstance(operand, (list, tuple)):
        return tuple(map(_key, operand))
    return operand


def _number(value: Any) -> int | None:
    """A known integer."""
    if isinstance(value, ir.Constant) and isinstance(value.type, ir.IntType):
        found = value.constant
        return found if isinstance(found, int) else None
    return None


def _sum(x: ir.Value, y: ir.Value, *_: Any) -> ir.Value | None:
    """x + y."""
    a, b = _number(x), _number(y)
    if a == 0 or b == 0:
        return y if a == 0 else x
    return None if a is None or b is None else _fitting(x.type, a + b)


def _difference(x: ir.Value, y: ir.Value, *_: Any) -> ir.Value | None:
    """x - y."""
    a, b = _number(x), _number(y)
    if b == 0:
        return x
    return None if a is None or b is None else _fitting(x.type, a - b)


def _product(x: ir.Value, y: ir.Value, *_: Any) -> ir.Value | None:
    """x·y."""
    a, b = _number(x), _number(y)
    for one, other, value in ((a, b, y), (b, a, x)):
        if one == 1:
            return value
        if one == 0 and other is None:
            return ir.Constant(x.type, 0)
    return None if a is None or b is None else _fitting(x.type, a * b)


def _quotient(x: ir.Value, y: ir.Value, *_: Any) -> ir.Value | None:
    """x / y, without signs."""
    return x if _number(y) == 1 else None


def _fitting(type: Any, value: int) -> ir.Value | None:
    """A number as a constant, where it is one of its type."""
    most = 1 << (type.width - 1)
    return ir.Constant(type, value) if -most <= value < most else None


def _compared(how: str, x: ir.Value, y: ir.Value, *_: Any) -> ir.Value | None:
    """Whether x and y are in an order."""
    a, b = _number(x), _number(y)
    if a is None or b is None:
        return None
    return ir.Constant(ir.IntType(1), int(_COMPARED[how](a, b)))


def _selected(condition: ir.Value, x: ir.Value, y: ir.Value, *_: Any) -> ir.Value | None:
    """x or y."""
    if x is y:
        return x
    known = _number(condition)
    return None if known is None else (x if known else y)


def _place(base: ir.Value, indices: list[ir.Value], *_: Any) -> ir.Value | None:
    """The start of what begins there."""
    return base if len(indices) == 1 and _number(indices[0]) == 0 else None


_KNOWN: dict[str, Callable[..., ir.Value | None]] = {
    "add": _sum, "sub": _difference, "mul": _product, "udiv": _quotient,
    "icmp_signed": _compared, "select": _selected, "gep": _place,
}  # fmt: skip

for _name in _PURE:
    setattr(Builder, _name, _once(_name))
