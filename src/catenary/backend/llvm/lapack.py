"""The code of factorizations: for each matrix of a stack, a copy and a call of LAPACK.

The library runs on the calling thread alone. A matrix that is not finite is not given to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from llvmlite import ir

from catenary.backend.llvm import emit as e
from catenary.backend.llvm import factors, library
from catenary.backend.llvm.index import Position, flat
from catenary.backend.llvm.kernels import Site
from catenary.backend.llvm.layout import row_strides
from catenary.backend.llvm.library_threads import ENTER, LEAVE
from catenary.backend.llvm.nest import Share, scalar_loops
from catenary.backend.llvm.schedule import Kernel
from catenary.backend.llvm.value import Value

_NAN = float("nan")
_INT = np.dtype(np.int32)


class Matrix:
    """One matrix being factored: where its numbers, its results and the workspaces lie."""

    def __init__(self, site: Site, value: Value, place: Sequence[Position]) -> None:
        self.site, self.b, self.value, self.place = site, site.b, value, tuple(place)
        self.dtype = value.dtype
        self.type = e.register_type(self.dtype)
        self.letter = "s" if self.dtype.itemsize == 4 else "d"
        self.name, self.m, self.n = factors.of(value)
        need = factors.needs(self.name, self.m, self.n)
        self.need, width = need, self.dtype.itemsize
        self.work = self._scratch(need.copy * width)
        self.integers = self._scratch(-(-(need.copy + need.work) * width // 8) * 8)
        self.copy = site.scratch
        stack = len(value.operands[0].shape) - 2
        strides = row_strides(value.shape)[:stack]
        self.result = self.at(site.memory[value], flat(self.b, self.place, strides).base)

    def _scratch(self, offset: int) -> ir.Value:
        return self.b.gep(self.site.scratch, [e.index(offset)], source_etype=e.I8)

    # ---- numbers ----------------------------------------------------------------------------

    def at(self, base: ir.Value, offset: Any, dtype: Any = None) -> ir.Value:
        return e.address(self.b, base, offset, dtype or self.dtype)

    def part(self, number: int) -> ir.Value:
        """Where a factor lies."""
        before = factors.parts(self.name, self.m, self.n)[:number]
        return self.at(self.result, sum(part.size for part in before))

    def put(self, x: Any, base: ir.Value, offset: Any) -> None:
        x = e.number(self.type, x) if isinstance(x, (int, float)) else x
        e.store(self.b, x, self.at(base, offset), self.dtype)

    def get(self, base: ir.Value, offset: Any) -> ir.Value:
        return e.load(self.b, self.at(base, offset), self.dtype)

    def fill(self, base: ir.Value, count: int, number: float) -> None:
        with e.loop(self.b, 0, count) as i:
            self.put(number, base, i)

    def scan(self, rows: int, columns: int) -> Any:
        """Loops over rows and columns."""
        return scalar_loops(self.b, [rows, columns], Share())

    def taken(self, operand: Value, to: ir.Value, *, by_columns: bool) -> ir.Value:
        """Copy a matrix, and tell whether all of it is finite."""
        b, (m, n) = self.b, operand.shape[-2:]
        reader, sum_cell = self.site.reader(None), self.cell(self.type)
        b.store(e.number(self.type, 0), sum_cell)
        with self.scan(m, n) as (i, j), reader.scope():
            x = reader.pull(operand, (*self.place, i, j))
            row, column = i.base, j.base
            first, second, length = (column, row, m) if by_columns else (row, column, n)
            self.put(x, to, b.add(b.mul(first, e.index(length)), second))
            nothing = b.fmul(x, e.number(self.type, 0))  # NaN for NaN and infinities
            b.store(b.fadd(b.load(sum_cell, typ=self.type), nothing), sum_cell)
        total = b.load(sum_cell, typ=self.type)
        return b.fcmp_ordered("==", total, e.number(self.type, 0))

    # ---- calls ------------------------------------------------------------------------------

    def cell(self, type: Any) -> ir.Value:
        with self.b.goto_entry_block():
            return self.b.alloca(type)

    def integer(self, value: Any) -> ir.Value:
        """A 32-bit integer in memory, as Fortran takes its arguments."""
        cell = self.cell(e.I32)
        self.b.store(e.I32(value) if isinstance(value, int) else value, cell)
        return cell

    def letters(self, text: str) -> list[ir.Value]:
        cells = [self.cell(e.I8) for _ in text]
        for letter, cell in zip(text, cells, strict=True):
            self.b.store(e.I8(ord(letter)), cell)
        return cells

    def call(self, routine: str, operands: Sequence[ir.Value]) -> None:
        name = library.PREFIX + self.letter + routine
        kinds = [e.POINTER] * len(operands)
        self.b.call(e.declared(self.b.module, name, e.VOID, kinds), operands)

    def asked(self, routine: str, operands: Sequence[ir.Value]) -> ir.Value:
        """A call whose last argument tells how it went: whether it went well."""
        info = self.integer(0)
        self.call(routine, [*operands, info])
        return self.b.icmp_signed("==", self.b.load(info, typ=e.I32), e.I32(0))


# ---- one rule for each factorization -------------------------------------------------------------


def _cholesky(x: Matrix) -> ir.Value:
    """L by rows is Lᵀ by columns, of which LAPACK makes the upper triangle."""
    n, b = x.n, x.b
    size = x.integer(n)
    fine = x.asked("potrf", [*x.letters("U"), size, x.result, size])
    with x.scan(n, n) as (i, j):
        above = b.icmp_signed(">", j.base, i.base)
        with b.if_then(above):
            x.put(0, x.result, b.add(b.mul(i.base, e.index(n)), j.base))
    return fine


def _lu(x: Matrix) -> ir.Value:
    """Rows that were exchanged one after the other, as one order of rows and its sign."""
    n, b = x.n, x.b
    size = x.integer(n)
    x.asked("getrf", [size, size, x.result, size, x.integers])  # a pivot 0 is no fault
    order, sign = x.part(1), x.part(2)
    _untouched(x)
    with e.loop(b, 0, n) as i:
        pivot = b.sext(b.load(x.at(x.integers, i, _INT), typ=e.I32), e.I64)
        other = b.sub(pivot, e.index(1))
        mine, its = x.get(order, i), x.get(order, other)
        x.put(its, order, i)
        x.put(mine, order, other)
        same = b.icmp_signed("==", other, i)
        known = x.get(sign, 0)
        x.put(b.select(same, known, b.fneg(known)), sign, 0)
    return e.I1(1)


def _untouched(x: Matrix) -> None:
    """Rows in their own order."""
    with e.loop(x.b, 0, x.n) as i:
        x.put(x.b.sitofp(i, x.type), x.part(1), i)
    x.put(1, x.part(2), 0)


def _qr(x: Matrix) -> ir.Value:
    """Reflections and R share the place of Q, until R is copied away."""
    m, n, b = x.m, x.n, x.b
    rows, columns = x.integer(m), x.integer(n)
    tau, work = x.work, x.at(x.work, n)
    length = x.integer(x.need.work - n)
    first = x.asked("geqrf", [rows, columns, x.result, rows, tau, work, length])
    r = x.part(1)
    with x.scan(n, n) as (j, i):
        kept = b.icmp_signed("<=", i.base, j.base)
        element = x.get(x.result, b.add(b.mul(j.base, e.index(m)), i.base))
        place = b.add(b.mul(j.base, e.index(n)), i.base)
        x.put(b.select(kept, element, e.number(x.type, 0)), r, place)
    second = x.asked("orgqr", [rows, columns, columns, x.result, rows, tau, work, length])
    return b.and_(first, second)


def _eigen(x: Matrix, job: str, matrix: ir.Value, values: ir.Value) -> ir.Value:
    size = x.integer(x.n)
    lengths = [x.integer(x.need.work), x.integers, x.integer(x.need.integers)]
    return x.asked("syevd", [*x.letters(job + "L"), size, matrix, size, values, x.work, *lengths])


def _singular(x: Matrix, job: str, u: ir.Value, s: ir.Value, vt: ir.Value) -> ir.Value:
    rows, columns, least = x.integer(x.m), x.integer(x.n), x.integer(min(x.m, x.n))
    return x.asked("gesdd", [
        *x.letters(job), rows, columns, x.copy, rows, s, u, rows, vt, least, x.work,
        x.integer(x.need.work), x.integers,
    ])  # fmt: skip


_FACTOR: dict[str, Callable[[Matrix], ir.Value]] = {
    "cholesky": _cholesky,
    "lu": _lu,
    "qr": _qr,
    "eigh": lambda x: _eigen(x, "V", x.part(1), x.part(0)),
    "eigvalsh": lambda x: _eigen(x, "N", x.copy, x.part(0)),
    "svd": lambda x: _singular(x, "S", x.part(0), x.part(1), x.part(2)),
    "svdvals": lambda x: _singular(x, "N", x.copy, x.part(0), x.copy),
}
# Where LAPACK finds the matrix: in the place of a factor, or in a copy.
_IN_PLACE = {"cholesky": 0, "lu": 0, "qr": 0, "eigh": 1}


# ---- kernels -------------------------------------------------------------------------------------


@contextmanager
def _alone(site: Site) -> Iterator[None]:
    """Let the library use this thread only, and afterwards what it used before."""
    b = site.b
    b.call(e.declared(b.module, library.PREFIX + ENTER, e.VOID, []), [])
    yield
    b.call(e.declared(b.module, library.PREFIX + LEAVE, e.VOID, []), [])


def emit_factor(site: Site, kernel: Kernel) -> None:
    """The factors of each matrix, or NaN."""
    value = kernel.roots[0]
    (operand,) = value.operands
    if 0 in operand.shape:
        _emit_nothing(site, value)
        return
    b = site.b
    with _alone(site), scalar_loops(b, operand.shape[:-2], site.share) as place:
        x = Matrix(site, value, place)
        number = _IN_PLACE.get(x.name)
        matrix = x.copy if number is None else x.part(number)
        finite = x.taken(operand, matrix, by_columns=x.name != "cholesky")
        fine = x.cell(e.I1)
        b.store(e.I1(0), fine)
        with b.if_then(finite):
            b.store(_FACTOR[x.name](x), fine)
        with b.if_then(b.not_(b.load(fine, typ=e.I1))):
            x.fill(x.result, int(value.shape[-1]), _NAN)
            if x.name == "lu":
                _untouched(x)


def _emit_nothing(site: Site, value: Value) -> None:
    """Of empty matrices there is at most the sign of no exchange."""
    with e.loop(site.b, 0, value.type.size) as i:
        one = e.number(e.register_type(value.dtype), 1)
        e.store(site.b, one, e.address(site.b, site.memory[value], i, value.dtype), value.dtype)


def emit_triangular_solve(site: Site, kernel: Kernel) -> None:
    """X by rows is Xᵀ by columns, and A by rows is Aᵀ: Xᵀ Aᵀ = Bᵀ, solved in the place of X."""
    value = kernel.roots[0]
    a, b_value = value.operands
    if 0 in value.shape:
        return
    lower, transpose, unit = (value.params[name] for name in ("lower", "transpose", "unit"))
    with _alone(site), scalar_loops(site.b, a.shape[:-2], site.share) as place:
        x = Matrix(site, value, place)
        x.taken(a, x.copy, by_columns=False)
        x.taken(b_value, x.result, by_columns=False)
        columns, size = x.integer(int(value.shape[-1])), x.integer(x.n)
        one = x.cell(x.type)
        site.b.store(e.number(x.type, 1), one)
        how = "R" + ("U" if lower else "L") + ("T" if transpose else "N") + ("U" if unit else "N")
        operands = [columns, size, one, x.copy, size, x.result, columns]
        x.call("trsm", [*x.letters(how), *operands])
