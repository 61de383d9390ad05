"""A contraction as (batched) matrix products: labels to axes, axes to rows, columns and sums."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit as e
from catenary.backend.llvm.contract import product as products
from catenary.backend.llvm.contract.matrices import Strided
from catenary.backend.llvm.index import ZERO, Position, plus, times
from catenary.backend.llvm.kernels import Site
from catenary.backend.llvm.layout import Layout, layout_of, merged, row_strides
from catenary.backend.llvm.machine import Machine
from catenary.backend.llvm.pull import Reader
from catenary.backend.llvm.rows import Rows
from catenary.backend.llvm.schedule import Kernel
from catenary.backend.llvm.value import Value


@dataclass(frozen=True)
class Sides:
    """A contraction as a product: which labels count rows, columns, terms and repetitions."""

    batch: str
    rows: str
    columns: str
    terms: str
    swapped: bool  # whether the second operand is the left one


def sides_of(value: Value) -> Sides:
    """The last axis of the result counts columns, so that neighbours are stored together."""
    first, second, out = value.labels
    batch = "".join(c for c in out if c in first and c in second)
    terms = "".join(c for c in first if c in second and c not in out)
    rows = "".join(c for c in out if c in first and c not in second)
    columns = "".join(c for c in out if c in second and c not in first)
    sizes = dict(zip(out, value.shape, strict=True))
    long = [c for c in out if sizes[c] > 1]
    swapped = bool(long) and long[-1] in rows
    if swapped:
        rows, columns = columns, rows
    return Sides(batch, rows, columns, terms, swapped)


@dataclass(frozen=True)
class Operand:
    """An operand in memory, seen as matrices."""

    layout: Layout
    batch: tuple[int, ...]  # strides
    first: tuple[int, int]  # length and stride along the rows of the matrix
    second: tuple[int, int]


def _operand(
    v: Value, stored: Any, labels: str, batch: str, sides: tuple[str, str]
) -> Operand | None:
    layout = Layout(v, 0, row_strides(v.shape)) if v in stored else layout_of(v)
    if layout is None or layout.base not in stored:
        return None
    strides = layout.strides
    groups = []
    for group in sides:
        found = merged(v.shape, strides, [labels.index(c) for c in group])
        if found is None:
            return None
        groups.append(found)
    return Operand(layout, tuple(strides[labels.index(c)] for c in batch), groups[0], groups[1])


@dataclass(frozen=True)
class Matrices:
    """Both operands and the shape of the product."""

    sides: Sides
    left: Operand
    right: Operand

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.left.first[0], self.right.second[0], self.left.second[0]


def matrices(value: Value, stored: Any) -> Matrices | None:
    """The contraction as products of matrices that lie in memory, if strides can say them."""
    pair = list(zip(value.labels[:2], value.operands, strict=True))
    sides = sides_of(value)
    (l_labels, left), (r_labels, right) = pair[::-1] if sides.swapped else pair
    one = _operand(left, stored, l_labels, sides.batch, (sides.rows, sides.terms))
    two = _operand(right, stored, r_labels, sides.batch, (sides.terms, sides.columns))
    if one is None or two is None:
        return None
    return Matrices(sides, one, two)


_LINE = 64  # bytes


def _ask_for(site: Site, kernel: Kernel, v: Value) -> None:
    """Fetch an operand that other threads may have written, all of it at once: one line after
    the other, each only when it is needed, takes as long as the product itself.
    """
    base = v
    while base not in site.memory and base.operands:
        base = base.operands[0]
    if base not in site.memory or base in (kernel.by_row or ()):
        return
    b, size = site.b, base.bytes
    with e.loop(b, 0, size, _LINE) as i:
        place = b.gep(site.memory[base], [i], source_etype=e.I8)
        operands = [place, e.I32(0), e.I32(3), e.I32(1)]  # to read, into the nearest cache, data
        e.intrinsic(b, "prefetch", e.VOID, operands, [e.POINTER])


@dataclass(frozen=True)
class Part:
    """Some rows of a product: how many, and where they begin. ``columns``: where the rows of the
    result are the columns of the product.
    """

    count: int
    first: Any
    columns: bool


def product_of(
    value: Value,
    stored: Any,
    memory: Any = None,
    b: Any = None,
    *,
    at: Any = (),
    part: Part | None = None,
) -> Any:  # fmt: skip
    """What the generator of products is to make, with operands at a place of the repetitions."""
    found = matrices(value, stored)
    if found is None:
        return None
    m, n, k = found.shape
    if part is not None:
        m, n = (m, part.count) if part.columns else (part.count, n)

    def matrix(operand: Operand, moved: int | None) -> Strided:
        pointer = None
        if memory is not None:
            offset: Any = operand.layout.offset
            for p, stride in zip(at, operand.batch, strict=True):
                offset = plus(b, offset, times(b, p, stride))
            if moved is not None and part is not None:
                offset = plus(b, offset, times(b, part.first, moved))
            pointer = e.address(b, memory[operand.layout.base], offset, value.dtype)
        return Strided(pointer, operand.first[1], operand.second[1], value.dtype)

    by_left = part is not None and not part.columns
    by_right = part is not None and part.columns
    left = matrix(found.left, found.left.first[1] if by_left else None)
    right = matrix(found.right, found.right.second[1] if by_right else None)
    return products.Product(m, n, k, value.dtype, left, right)


def scratch_bytes(
    value: Value, stored: Any, machine: Machine, threads: int, rows: Rows | None = None
) -> int:
    """Scratch memory for one contraction."""
    if rows is None:
        product = product_of(value, stored)
        return 0 if product is None else products.scratch_bytes(product, machine, threads)
    return threads * _own_scratch(value, stored, machine, rows)


def block_of(value: Value, stored: Any, rows: Rows) -> Any:
    """The product that makes one block of rows."""
    return product_of(value, stored, part=Part(rows.block, 0, _by_columns(value, sides_of(value))))


def _by_columns(value: Value, sides: Sides) -> bool:
    """Whether the first axis of a result counts columns of the product: where the result is one
    row, or a column is all that its other operand makes.
    """
    return value.labels[2][0] in sides.columns


def _own_scratch(value: Value, stored: Any, machine: Machine, rows: Rows) -> int:
    """Scratch memory of one thread, where threads have rows of their own."""
    columns = _by_columns(value, sides_of(value))
    sizes = {rows.block, rows.last}
    made = [product_of(value, stored, part=Part(size, 0, columns)) for size in sizes]
    most = max(products.scratch_bytes(product, machine, 1) for product in made)
    return -(-most // 64) * 64


def emit_contract(site: Site, kernel: Kernel) -> None:
    """A contraction, and what goes on from its elements while they are in registers."""
    if site.share.rows is not None:
        _emit_rows(site, kernel, site.share.rows)
        return
    value = kernel.main
    assert value is not None
    b, sides = site.b, sides_of(value)
    out = value.labels[2]
    sizes = dict(zip(out, value.shape, strict=True))
    with ExitStack() as stack:
        at = [stack.enter_context(e.loop(b, 0, sizes[c])) for c in sides.batch]
        product = product_of(value, site.stored, site.memory, b, at=at)
        product = replace(product, long_store=_long(site, kernel))
        batch = dict(zip(sides.batch, [Position(i) for i in at], strict=True))
        epilogue = _Epilogue(site, kernel, sides, out, batch)
        products.emit(
            b, product, epilogue.store, site.machine, thread=site.share.thread or e.index(0),
            threads=site.share.threads or e.index(1), scratch=site.scratch,
            barrier=site.barrier or (lambda b: None),
        )  # fmt: skip
        if at and site.barrier is not None and site.share.threads is not None:
            site.barrier(b)  # scratch is used again


def _emit_rows(site: Site, kernel: Kernel, rows: Rows) -> None:
    """Block after block of the rows that are this thread's, as products of their own."""
    value = kernel.main
    assert value is not None
    b, sides = site.b, sides_of(value)
    out = value.labels[2]
    own = _own_scratch(value, site.stored, site.machine, rows)
    offset = b.mul(site.share.thread, e.index(own))
    scratch = b.gep(site.scratch, [offset], source_etype=e.I8)

    def block(first: ir.Value, count: int) -> None:
        part = Part(count, first, _by_columns(value, sides))
        product = product_of(value, site.stored, site.memory, b, part=part)
        product = replace(product, long_store=_long(site, kernel))
        epilogue = _Epilogue(site, kernel, sides, out, {}, part)
        products.emit(
            b, product, epilogue.store, site.machine, thread=e.index(0), threads=e.index(1),
            scratch=scratch, barrier=lambda b: None,
        )  # fmt: skip

    for v in value.operands:
        _ask_for(site, kernel, v)
    start, stop = site.share.of(b, rows.count)
    alike = rows.blocks - (rows.last != rows.block)
    end = e.index(alike * rows.block)
    with e.loop(b, start, b.select(b.icmp_signed("<", stop, end), stop, end), rows.block) as i:
        block(i, rows.block)
    if rows.last != rows.block:
        with b.if_then(b.icmp_signed("==", stop, e.index(rows.count))):
            block(end, rows.last)


_REPEATED = 6  # operations that may be written out for every register of a tile


def _long(site: Site, kernel: Kernel) -> bool:
    """Whether what goes on from the elements is much code."""
    count, seen = 0, set(site.stored - set(kernel.roots))
    stack = [v for v in kernel.roots if v is not kernel.main]
    while stack:
        v = stack.pop()
        if v not in seen and v is not kernel.main:
            seen.add(v)
            count += 8 if v.op in ("function", "power") else v.elementwise
            stack.extend(v.operands)
    return count > _REPEATED


@dataclass
class _Epilogue:
    """What happens to finished elements."""

    site: Site
    kernel: Kernel
    sides: Sides
    out: str
    batch: dict[str, Position]
    part: Part | None = None

    def store(self, b: ir.IRBuilder, row: Any, column: Any, x: ir.Value, mask: Any) -> None:
        value = self.kernel.main
        assert value is not None
        lanes = e.lanes_of(x.type)
        if self.part is not None and self.part.columns:
            column = plus(b, column, self.part.first)
        elif self.part is not None:
            row = plus(b, row, self.part.first)
        elsewhere = {v: p for v, p in self.site.memory.items() if v not in self.kernel.roots}
        reader = Reader(b, elsewhere, lanes, self.site.status)
        along = Position(column, 0 if lanes is None else 1)
        place = self._place({**self.batch}, Position(row), along)
        with reader.scope(mask):
            reader.know(value, place, x)
            reader.make(self.kernel.roots, place, self.site.memory)

    def _place(
        self, found: dict[str, Position], row: Position, column: Position
    ) -> tuple[Position, ...]:
        """Rows and columns count on through their labels, which the last long one can say."""
        value = self.kernel.main
        assert value is not None
        sizes = dict(zip(self.out, value.shape, strict=True))
        for labels, position in ((self.sides.rows, row), (self.sides.columns, column)):
            long = [c for c in labels if sizes[c] > 1] or list(labels[-1:])
            if long:
                found[long[-1]] = position
        return tuple([found.get(c, ZERO) for c in self.out])
