"""Reductions: sums, products, largest and smallest over axes, in an order that shapes alone fix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir

from catenary.backend.llvm import emit as e
from catenary.backend.llvm.axes import grouped, joints
from catenary.backend.llvm.index import ZERO, Position, flat
from catenary.backend.llvm.kernels import Site, full_lanes
from catenary.backend.llvm.layout import row_strides
from catenary.backend.llvm.nest import Share, extent, lanes_for, last_share, place_of
from catenary.backend.llvm.pull import Reader
from catenary.backend.llvm.scalar import JOIN
from catenary.backend.llvm.schedule import Kernel
from catenary.backend.llvm.value import Value

WIDE = 4  # accumulators at once: sums wait for nobody


@dataclass
class Fold:
    """One reduction under construction: accumulators in registers."""

    b: ir.IRBuilder
    value: Value
    lanes: int | None

    @property
    def dtype(self) -> Any:
        return self.value.dtype

    def neutral(self, lanes: int | None) -> ir.Constant:
        """What changes nothing: 0, 1, or the end of the number line."""
        dtype, reducer = self.dtype, self.value.params["reducer"]
        if reducer in ("add", "mul"):
            number: Any = int(reducer == "mul")
        elif dtype.kind == "f":
            number = -np.inf if reducer == "max" else np.inf
        elif dtype.kind == "b":
            number = int(reducer == "min")
        else:
            info = np.iinfo(dtype)
            number = info.min if reducer == "max" else info.max
        return e.number(e.register_type(dtype, lanes), number)

    def join(self, x: ir.Value, y: ir.Value) -> ir.Value:
        return JOIN[self.value.params["reducer"]](self.b, self.dtype, x, y)

    def cells(self, count: int) -> list[ir.Value]:
        """Accumulators, made in the function's first block so that they live in registers."""
        type = e.register_type(self.dtype, self.lanes)
        with self.b.goto_entry_block():
            made = [self.b.alloca(type) for _ in range(count)]
        for cell in made:
            self.b.store(self.neutral(self.lanes), cell)
        return made

    def take(self, cell: ir.Value, x: ir.Value) -> None:
        type = e.register_type(self.dtype, self.lanes)
        self.b.store(self.join(self.b.load(cell, typ=type), x), cell)

    def collect(self, cells: Sequence[ir.Value]) -> ir.Value:
        """All accumulators as one, by pairs."""
        type = e.register_type(self.dtype, self.lanes)
        values = [self.b.load(cell, typ=type) for cell in cells]
        while len(values) > 1:
            values = [self.join(x, y) for x, y in zip(values[::2], values[1::2], strict=True)]
        return values[0]

    def across(self, x: ir.Value) -> ir.Value:
        """All lanes as one number, by halves."""
        lanes = e.lanes_of(x.type)
        if lanes is None:
            return x
        while lanes > 1:
            lanes //= 2
            halves = [
                self.b.shuffle_vector(
                    x,
                    ir.Constant(x.type, ir.Undefined),
                    ir.Constant(ir.VectorType(e.I32, lanes), list(range(start, start + lanes))),
                )
                for start in (0, lanes)
            ]
            x = self.join(*halves)
        return self.b.extract_element(x, e.I32(0))


def emit_reduce(site: Site, kernel: Kernel) -> None:
    """One reduction; in parts when the value is a ``reduce_part``."""
    value = kernel.main
    assert value is not None
    x = value.operands[0]
    axes: tuple[int, ...] = value.params["axes"]
    rank = len(x.shape)
    part = value.params.get("part")  # rows of the first reduced axis in one part
    apart = {i for i in range(rank - 1) if (i in axes) != (i + 1 in axes)}
    if part:
        apart |= {axes[0] - 1, axes[0]}
    if site.share.rows is not None:
        apart |= {0}
    free = joints([x], rank, site.stored - {value} | ({x} & site.stored), apart)
    groups = grouped(x.shape, free)
    kept = [g for g in groups if g[0] not in axes]
    reduced = [g for g in groups if g[0] in axes]
    Reduction(site, value, kept, reduced, part).emit()


@dataclass
class Reduction:
    """A reduction over groups of axes."""

    site: Site
    value: Value
    kept: list[list[int]]
    reduced: list[list[int]]
    part: int | None

    def emit(self) -> None:
        x = self.value.operands[0]
        last = max(self.kept + self.reduced, default=[-1])
        along = last in self.reduced
        n = extent(x.shape, last) if last != [-1] else 1
        lanes = lanes_for(full_lanes(self.site, [x]), n)
        self.reader = self.site.reader(lanes)
        self.fold = Fold(self.site.b, self.value, lanes)
        if along or not self.kept:
            self._rows()
        else:
            self._columns(last, n)

    # ---- loops ------------------------------------------------------------------------------

    def _outer(
        self, groups: Sequence[list[int]], body: Callable[[dict[int, Position]], None]
    ) -> None:
        """Loops over kept groups and parts, the first of them shared among threads."""
        b, x = self.site.b, self.value.operands[0]
        with ExitStack() as stack:
            found: dict[int, Position] = {}
            share = self.site.share
            if self.part:
                count = self.value.shape[0]
                found[-1] = Position(stack.enter_context(e.loop(b, *share.of(b, count))))
                share = Share()
            for group in groups:
                start, stop = share.of(b, extent(x.shape, group))
                found[group[-1]] = Position(stack.enter_context(e.loop(b, start, stop)))
                share = Share()
            if not groups and not self.part and share.threads is not None:
                first = b.icmp_signed("==", share.thread, e.index(0))
                stack.enter_context(b.if_then(first))
            body(found)

    def _bounds(self, group: list[int], at: dict[int, Position]) -> tuple[Any, Any]:
        """The part of a reduced group that is to be run through."""
        b, x = self.site.b, self.value.operands[0]
        n = extent(x.shape, group)
        if not self.part or group[0] != self.value.params["axes"][0]:
            return 0, n
        start = b.mul(at[-1].base, e.index(self.part))
        after = b.add(start, e.index(self.part))
        return start, b.select(b.icmp_signed("<", after, e.index(n)), after, e.index(n))

    def _place(self, at: dict[int, Position]) -> tuple[Position, ...]:
        rank = len(self.value.operands[0].shape)
        groups = [[axis] for axis in at if axis >= 0]
        return place_of(rank, groups, [at[g[0]] for g in groups])

    def _pull(self, at: dict[int, Position]) -> ir.Value:
        return self.reader.pull(self.value.operands[0], self._place(at))

    def _store(self, at: dict[int, Position], x: ir.Value, reader: Reader) -> None:
        """To the place that is left when the reduced axes are gone."""
        axes, rank = self.value.params["axes"], len(self.value.operands[0].shape)
        kept = tuple([at.get(i, ZERO) for i in range(rank) if i not in axes])
        place = ((at[-1],) if self.part else ()) + kept
        where = flat(self.site.b, place, row_strides(self.value.shape))
        reader.store_at(self.site.memory[self.value], self.value.dtype, where, x)

    # ---- along the vector -------------------------------------------------------------------

    def _rows(self) -> None:
        """The neighbours in a vector belong to one sum."""

        def body(at: dict[int, Position]) -> None:
            b = self.site.b
            cells = self.fold.cells(WIDE)
            with ExitStack() as stack:
                for group in self.reduced[:-1]:
                    i = stack.enter_context(e.loop(b, *self._bounds(group, at)))
                    at = {**at, group[-1]: Position(i)}
                if self.reduced:
                    self._run(at, cells)
                else:
                    with self.reader.scope():
                        self.fold.take(cells[0], self._pull(at))
            total = self.fold.across(self.fold.collect(cells))
            self._store(at, total, self.site.reader(None))

        self._outer(self.kept, body)

    def _run(self, at: dict[int, Position], cells: Sequence[ir.Value]) -> None:
        """Through the innermost reduced group, several vectors at a time."""
        b, lanes, reader = self.site.b, self.fold.lanes or 1, self.reader
        group = self.reduced[-1]
        step = 1 if self.fold.lanes else 0
        start, stop = self._bounds(group, at)

        def take(i: Any, cell: ir.Value, mask: Any = None) -> None:
            with reader.scope(mask):
                x = self._pull({**at, group[-1]: Position(i, step)})
                if mask is not None:
                    x = b.select(mask, x, self.fold.neutral(lanes))
                self.fold.take(cell, x)

        if isinstance(stop, int):
            block = lanes * len(cells)
            blocks, left = divmod(stop, block)
            if blocks:
                with e.loop(b, 0, blocks * block, block) as i:
                    for c, cell in enumerate(cells):
                        take(b.add(i, e.index(c * lanes)), cell)
            whole, last = divmod(left, lanes)
            for c in range(whole):
                take(e.index(blocks * block + c * lanes), cells[c])
            if last:
                mask = e.lowest(lanes, last)
                take(e.index(stop - last), cells[whole], mask)
            return
        with e.loop(b, start, stop, lanes * len(cells)) as i:
            for c, cell in enumerate(cells):
                first = b.add(i, e.index(c * lanes))
                if self.fold.lanes is None:
                    with b.if_then(b.icmp_signed("<", first, stop)):
                        take(first, cell)
                else:
                    take(first, cell, e.first_lanes(b, b.sub(stop, first), lanes))

    # ---- across the vector ------------------------------------------------------------------

    def _columns(self, last: list[int], n: int) -> None:
        """The neighbours in a vector belong to neighbouring sums."""
        b, lanes, reader = self.site.b, self.fold.lanes, self.reader
        others = [g for g in self.kept if g is not last]

        def sums(at: dict[int, Position]) -> None:
            cells = self.fold.cells(WIDE if self._long() else 1)
            with ExitStack() as stack:
                here = dict(at)
                for group in self.reduced[:-1]:
                    i = stack.enter_context(e.loop(b, *self._bounds(group, here)))
                    here[group[-1]] = Position(i)
                self._down(here, cells)
            self._store(at, self.fold.collect(cells), reader)

        def body(at: dict[int, Position]) -> None:
            if lanes is None:
                with e.loop(b, 0, n) as i:
                    sums({**at, last[-1]: Position(i)})
                return
            full, left = divmod(n, lanes)
            share = self.site.share if not others and not self.part else Share()
            if full:
                with e.loop(b, *share.of(b, full)) as i, reader.scope():
                    sums({**at, last[-1]: Position(b.mul(i, e.index(lanes)), 1)})
            if left:
                mask = e.lowest(lanes, left)
                with last_share(b, share), reader.scope(mask):
                    sums({**at, last[-1]: Position(e.index(full * lanes), 1)})

        if others or self.part or lanes is None:
            self._outer(others, body)
        else:
            body({})

    def _long(self) -> bool:
        x = self.value.operands[0]
        return bool(self.reduced) and extent(x.shape, self.reduced[-1]) >= 4 * WIDE

    def _down(self, at: dict[int, Position], cells: Sequence[ir.Value]) -> None:
        """Through the innermost reduced group, row by row, a row to each accumulator in turn."""
        b, reader = self.site.b, self.reader
        if not self.reduced:
            self.fold.take(cells[0], self._pull(at))
            return
        group = self.reduced[-1]
        start, stop = self._bounds(group, at)

        def take(i: Any, cell: ir.Value) -> None:
            with reader.scope(reader.tail):
                self.fold.take(cell, self._pull({**at, group[-1]: Position(i)}))

        if len(cells) > 1:
            count = b.sub(e.index(stop) if isinstance(stop, int) else stop,
                          e.index(start) if isinstance(start, int) else start)  # fmt: skip
            even = b.sub(count, b.urem(count, e.index(len(cells))))
            middle = b.add(e.index(start) if isinstance(start, int) else start, even)
            with e.loop(b, e.index(start) if isinstance(start, int) else start, middle,
                        len(cells)) as i:  # fmt: skip
                for c, cell in enumerate(cells):
                    take(b.add(i, e.index(c)), cell)
            start, stop = middle, e.index(stop) if isinstance(stop, int) else stop
        with e.loop(b, start, stop) as i:
            take(i, cells[0])
