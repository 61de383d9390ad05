"""What is done one element after another: running sums, sorting, writing at positions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from llvmlite import ir

from catenary.backend.llvm import emit as e
from catenary.backend.llvm import scalar
from catenary.backend.llvm.index import Position, flat, plus
from catenary.backend.llvm.kernels import Site
from catenary.backend.llvm.layout import row_strides
from catenary.backend.llvm.nest import scalar_loops
from catenary.backend.llvm.pull import Reader
from catenary.backend.llvm.schedule import Kernel
from catenary.backend.llvm.value import Value


@contextmanager
def _lines(site: Site, shape: Sequence[int], axis: int) -> Iterator[Any]:
    """Loops over all axes but one; gives a function from a position on that axis to a place."""
    others = [i for i in range(len(shape)) if i != axis]
    with scalar_loops(site.b, [shape[i] for i in others], site.share) as outer:

        def place(i: Any) -> tuple[Position, ...]:
            found = dict(zip(others, outer, strict=True))
            found[axis] = Position(i)
            return tuple([found[a] for a in range(len(shape))])

        yield place


def _cell(b: ir.IRBuilder, type: Any) -> ir.Value:
    with b.goto_entry_block():
        return b.alloca(type)


def emit_prefix(site: Site, kernel: Kernel) -> None:
    """Running sums or products along an axis."""
    value = kernel.roots[0]
    b, x, params = site.b, value.operands[0], value.params
    axis, n = params["axis"], x.shape[params["axis"]]
    reader = site.reader(None)
    type = e.register_type(value.dtype)
    cell = _cell(b, type)
    join = scalar.JOIN[params["reducer"]]
    with _lines(site, x.shape, axis) as place, e.loop(b, 0, n) as i, reader.scope():
        at = place(b.sub(e.index(n - 1), i) if params["reverse"] else i)
        element = reader.pull(x, at)
        joined = join(b, value.dtype, b.load(cell, typ=type), element)
        first = b.icmp_signed("==", i, e.index(0))
        result = b.select(first, element, joined)
        b.store(result, cell)
        reader.store(site.memory[value], value, at, result)


def emit_reduce_index(site: Site, kernel: Kernel) -> None:
    """The first position of the largest or smallest along an axis; NaN counts as extreme."""
    value = kernel.roots[0]
    b, x, params = site.b, value.operands[0], value.params
    axis, dtype = params["axis"], x.dtype
    reader, type = site.reader(None), e.register_type(x.dtype)
    best, where = _cell(b, type), _cell(b, e.I64)
    relation = "gt" if params["reducer"] == "max" else "lt"
    with _lines(site, x.shape, axis) as place:
        with e.loop(b, 0, x.shape[axis]) as i, reader.scope():
            element = reader.pull(x, place(i))
            known = b.load(best, typ=type)
            better = scalar.compared(b, dtype, relation, element, known)
            if dtype.kind == "f":
                better = b.or_(better, b.fcmp_unordered("uno", element, element))
                better = b.and_(better, b.fcmp_ordered("ord", known, known))
            better = b.or_(better, b.icmp_signed("==", i, e.index(0)))
            b.store(b.select(better, element, known), best)
            b.store(b.select(better, i, b.load(where, typ=e.I64)), where)
        at = place(0)
        kept = at[:axis] + at[axis + 1 :]
        reader.store(site.memory[value], value, kept, b.load(where, typ=e.I64))


# ---- sorting ------------------------------------------------------------------------------------


def emit_argsort(site: Site, kernel: Kernel) -> None:
    """A stable merge sort of positions along an axis; NaN comes last."""
    value = kernel.roots[0]
    b, x, axis = site.b, value.operands[0], value.params["axis"]
    with _lines(site, x.shape, axis) as place:
        line = _Line(site, value, axis, place)
        with e.loop(b, 0, x.shape[axis]) as i:
            line.put(site.memory[value], True, i, i)
        line.sort()


class _Line:
    """One line of an array being sorted: positions, in place and in scratch by turns."""

    def __init__(self, site: Site, value: Value, axis: int, place: Callable[..., Any]) -> None:
        self.x = x = value.operands[0]
        self.site, self.b, self.place = site, site.b, place
        strides = row_strides(x.shape)
        self.base = flat(self.b, place(0), strides).base
        self.stride, self.n = strides[axis], x.shape[axis]
        self.result, self.scratch = site.memory[value], site.scratch

    def _address(self, pointer: ir.Value, strided: bool, i: Any) -> ir.Value:
        b = self.b
        at = plus(b, self.base, b.mul(i, e.index(self.stride))) if strided else i
        return e.address(b, pointer, at, np.dtype(np.int64))

    def put(self, pointer: ir.Value, strided: bool, i: Any, position: ir.Value) -> None:
        self.b.store(position, self._address(pointer, strided, i))

    def get(self, pointer: ir.Value, strided: bool, i: Any) -> ir.Value:
        return self.b.load(self._address(pointer, strided, i), typ=e.I64)

    def key(self, position: ir.Value) -> ir.Value:
        return self.site.reader(None).pull(self.x, self.place(position))

    def _right_first(self, left: ir.Value, right: ir.Value) -> ir.Value:
        """Whether the right one comes before the left one, being really smaller."""
        b, dtype = self.b, self.x.dtype
        less = scalar.compared(b, dtype, "lt", right, left)
        if dtype.kind != "f":
            return less
        left_nan = b.fcmp_unordered("uno", left, left)
        return b.or_(less, b.and_(left_nan, b.fcmp_ordered("ord", right, right)))

    def sort(self) -> None:
        """Merge runs of length 1, 2, 4, …: into scratch, and back."""
        b = self.b
        width = 1
        while width < self.n:
            self._merge_all(self.result, True, self.scratch, False, width)
            with e.loop(b, 0, self.n) as i:
                self.put(self.result, True, i, self.get(self.scratch, False, i))
            width *= 2

    def _merge_all(
        self, source: ir.Value, source_strided: bool, to: ir.Value, to_strided: bool, width: int
    ) -> None:
        b, n = self.b, e.index(self.n)
        with e.loop(b, 0, self.n, 2 * width) as low:
            middle = self._least(b.add(low, e.index(width)), n)
            high = self._least(b.add(low, e.index(2 * width)), n)
            i_cell, j_cell = _cell(b, e.I64), _cell(b, e.I64)
            b.store(low, i_cell)
            b.store(middle, j_cell)
            with e.loop(b, low, high) as k:
                i, j = b.load(i_cell, typ=e.I64), b.load(j_cell, typ=e.I64)
                i_left = b.icmp_signed("<", i, middle)
                j_left = b.icmp_signed("<", j, high)
                left = self.get(source, source_strided, self._least(i, b.sub(n, e.index(1))))
                right = self.get(source, source_strided, self._least(j, b.sub(n, e.index(1))))
                sooner = self._right_first(self.key(left), self.key(right))
                take_right = b.and_(j_left, b.or_(b.not_(i_left), sooner))
                self.put(to, to_strided, k, b.select(take_right, right, left))
                step = b.zext(take_right, e.I64)
                b.store(b.add(j, step), j_cell)
                b.store(b.add(i, b.sub(e.index(1), step)), i_cell)

    def _least(self, x: ir.Value, y: ir.Value) -> ir.Value:
        return self.b.select(self.b.icmp_signed("<", x, y), x, y)


# ---- writing at positions -----------------------------------------------------------------------


def _targets(
    site: Site, reader: Reader, indices: Sequence[Value], place: Any, shape: Sequence[int]
) -> list[Position]:
    """Positions that were looked up, each within its axis."""
    b, found = site.b, []
    for axis, index in enumerate(indices):
        where = reader.pull(index, place)
        bad = b.icmp_unsigned(">=", where, e.index(shape[axis]))
        reader.complain(bad)
        found.append(Position(b.select(bad, e.index(0), where)))
    return found


_CACHE_LINE = 64  # bytes that are filled at once


def _fill(site: Site, value: Value, number: int) -> None:
    b, count, dtype = site.b, value.type.size, value.dtype
    pointer, type = site.memory[value], e.register_type(dtype)
    lanes = _CACHE_LINE // dtype.itemsize
    filler, line = e.number(type, number), e.number(ir.VectorType(type, lanes), number)
    whole = count - count % lanes
    with e.loop(b, 0, whole, lanes) as i:
        e.store(b, line, e.address(b, pointer, i, dtype), dtype)
    with e.loop(b, whole, count) as i:
        e.store(b, filler, e.address(b, pointer, i, dtype), dtype)


def emit_scatter_add(site: Site, kernel: Kernel) -> None:
    """Zeros, and then each update added where it belongs, in order."""
    value = kernel.roots[0]
    b, (updates, *indices) = site.b, value.operands
    reader, rank = site.reader(None), len(indices[0].shape)
    pointer, strides = site.memory[value], row_strides(value.shape)
    _fill(site, value, 0)
    if 0 in value.shape:
        return
    with scalar_loops(b, updates.shape, site.share) as outer, reader.scope():
        place = tuple(outer)
        target = _targets(site, reader, indices, place[:rank], value.shape)
        at = flat(b, (*target, *place[rank:]), strides)
        known = reader.load_at(pointer, value.dtype, at, None)
        added = scalar.JOIN["add"](b, value.dtype, known, reader.pull(updates, place))
        reader.store_at(pointer, value.dtype, at, added)


def emit_scatter_last(site: Site, kernel: Kernel) -> None:
    """−1, and then the number of each write where it goes, in order."""
    value = kernel.roots[0]
    b, indices = site.b, value.operands
    reader, shape = site.reader(None), indices[0].shape
    _fill(site, value, -1)
    if 0 in value.shape:
        return
    with scalar_loops(b, shape, site.share) as outer, reader.scope():
        place = tuple(outer)
        target = _targets(site, reader, indices, place, value.shape)
        number = flat(b, place, row_strides(shape)).base
        number = e.index(number) if isinstance(number, int) else number
        reader.store(site.memory[value], value, tuple(target), number)
