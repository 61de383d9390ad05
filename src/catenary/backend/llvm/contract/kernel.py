"""One tile of a product: sums kept in registers along the summed dimension, then handed on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.contract.matrices import Matrix, Store, moved, plus
from catenary.backend.llvm.contract.pack import constant_mask, first, read, transpose
from catenary.backend.llvm.contract.tiles import Segment

_STEP = 16  # multiplications that one turn of the loop should have at least

Values = list[ir.Value]


def carried(
    b: ir.IRBuilder,
    start: Any,
    stop: Any,
    step: int,
    values: Values,
    body: Callable[[ir.Value, Values], Values],
) -> Values:
    """A loop over range(start, stop, step) that carries values in registers."""
    known = isinstance(start, int) and isinstance(stop, int)
    if known and start >= stop:
        return values
    first, last = (emit.index(v) if isinstance(v, int) else v for v in (start, stop))
    before = b.block
    inside, after = b.append_basic_block("sum"), b.append_basic_block("summed")
    if known:
        b.branch(inside)
    else:
        b.cbranch(b.icmp_signed("<", first, last), inside, after)
    b.position_at_end(inside)
    i = b.phi(emit.I64, "k")
    i.add_incoming(first, before)
    carry = [b.phi(v.type) for v in values]
    for phi, value in zip(carry, values):
        phi.add_incoming(value, before)
    result = body(i, list(carry))
    following = b.add(i, emit.index(step), flags=["nsw"])
    i.add_incoming(following, b.block)
    for phi, value in zip(carry, result):
        phi.add_incoming(value, b.block)
    b.cbranch(b.icmp_signed("<", following, last), inside, after)
    inner = b.block
    b.position_at_end(after)
    if known:
        return result
    merged = [b.phi(v.type) for v in values]
    for phi, value, old in zip(merged, result, values):
        phi.add_incoming(value, inner)
        phi.add_incoming(old, before)
    return merged


def zeros(rows: int, parts: Sequence[Segment], dtype: Any) -> Values:
    """Sums of nothing."""
    types = [emit.register_type(dtype, p.lanes if p.lanes > 1 else None) for p in parts]
    return [emit.number(type, 0) for _ in range(rows) for type in types]


def accumulate(
    b: ir.IRBuilder,
    rows: int,
    parts: Sequence[Segment],
    left: Matrix,
    right: Matrix,
    depth: Any,
    sums: Values,
) -> Values:
    """Add left[:rows, :depth] @ right[:depth, parts] to the sums of a tile, in order of k."""

    def one(k: Any, sums: Values) -> Values:
        column, row = moved(b, left, 0, k), moved(b, right, k, 0)
        vectors = [read(b, row, 0, part) for part in parts]
        result = []
        for i in range(rows):
            x = column.scalar(b, i, 0)
            for j, part in enumerate(parts):
                spread = emit.splat(b, x, part.lanes if part.lanes > 1 else None)
                result.append(emit.fma(b, spread, vectors[j], sums[i * len(parts) + j]))
        return result

    unroll = 1
    while unroll * rows * len(parts) < _STEP and unroll < 8:
        unroll *= 2

    def several(k: Any, sums: Values) -> Values:
        for i in range(unroll):
            sums = one(plus(b, k, i), sums)
        return sums

    if isinstance(depth, int):
        whole: Any = depth - depth % unroll
    else:
        whole = b.and_(depth, emit.index(-unroll)) if unroll > 1 else depth
    sums = carried(b, 0, whole, unroll, sums, several)
    return carried(b, whole, depth, 1, sums, one) if unroll > 1 else sums


def hand_on(
    b: ir.IRBuilder,
    rows: int,
    parts: Sequence[Segment],
    sums: Values,
    row: Any,
    column: Any,
    store: Store,
    across: int | None,
) -> None:
    """Give the finished registers of a tile to ``store``.

    ``across``: None for registers as they are, along columns; the lanes of a register where the
    receiver wants them along rows: then they are turned first.
    """
    if across is None:
        for i in range(rows):
            for j, part in enumerate(parts):
                x, where = sums[i * len(parts) + j], plus(b, column, part.start)
                store(b, plus(b, row, i), where, x, constant_mask(part))
        return
    for j, part in enumerate(parts):
        for top in range(0, rows, across):
            group = [sums[i * len(parts) + j] for i in range(top, min(top + across, rows))]
            _hand_across(b, group, part, plus(b, row, top), column, store, across)


def _hand_across(
    b: ir.IRBuilder,
    group: Values,
    part: Segment,
    row: Any,
    column: Any,
    store: Store,
    lanes: int,
) -> None:
    if part.lanes == 1 or len(group) == 1:
        for i, x in enumerate(group):
            for c in range(part.count):
                one = x if part.lanes == 1 else b.extract_element(x, emit.I32(c))
                store(b, plus(b, row, i), plus(b, column, part.start + c), one, None)
        return
    whole = [_widened(b, x, lanes) for x in group]
    whole += [emit.number(whole[0].type, 0)] * (lanes - len(group))
    size = emit.element(whole[0].type)
    turned = transpose(b, whole, lanes, 4 if size == emit.F32 else 8)
    used = min(lanes, max(1 << (len(group) - 1).bit_length(), 2))
    mask = constant_mask(Segment(0, used, len(group)))
    for c in range(part.count):
        x = first(b, turned[c], used)
        store(b, row, plus(b, column, part.start + c), x, mask)


def _widened(b: ir.IRBuilder, x: ir.Value, lanes: int) -> ir.Value:
    have = emit.lanes_of(x.type)
    if have == lanes:
        return x
    places = [min(i, have) for i in range(lanes)]
    index = ir.Constant(ir.VectorType(emit.I32, lanes), places)
    return b.shuffle_vector(x, emit.number(x.type, 0), index)
