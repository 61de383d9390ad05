"""Factors of matrices: how LAPACK's results lie in one array, what it needs, what it costs.

The factors of one matrix lie one after the other in one row of numbers: a value of one type, of
which each factor is an arrangement. Matrices lie by columns, as LAPACK writes them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from catenary.backend.llvm.value import Value

_BLOCK = 64  # columns that LAPACK would like to treat at once


@dataclass(frozen=True)
class Part:
    """One factor of a matrix: its shape, and whether it lies by columns."""

    shape: tuple[int, ...]
    by_columns: bool = False

    @property
    def size(self) -> int:
        return math.prod(self.shape)


def parts(name: str, m: int, n: int) -> tuple[Part, ...]:
    """The factors of a matrix of m rows and n columns, in the order in which they lie."""
    k = min(m, n)
    return {
        "cholesky": (Part((n, n)),),
        "lu": (Part((n, n), True), Part((n,)), Part(())),
        "qr": (Part((m, n), True), Part((n, n), True)),
        "eigh": (Part((n,)), Part((n, n), True)),
        "eigvalsh": (Part((n,)),),
        "svd": (Part((m, k), True), Part((k,)), Part((k, n), True)),
        "svdvals": (Part((k,)),),
    }[name]


@dataclass(frozen=True)
class Needs:
    """Memory beside the result, in numbers and in 32-bit integers: a copy of the matrix, LAPACK's
    workspaces.
    """

    copy: int
    work: int
    integers: int

    def bytes(self, itemsize: int) -> int:
        return (self.copy + self.work) * itemsize + 8 + 4 * self.integers


def needs(name: str, m: int, n: int) -> Needs:
    """As the documentation of the routines asks for, and room for blocks of columns."""
    least, most = min(m, n), max(m, n)
    blocks = _BLOCK * (least + most)
    rules: dict[str, Callable[[], Needs]] = {
        "cholesky": lambda: Needs(0, 0, 0),
        "lu": lambda: Needs(0, 0, n),
        "qr": lambda: Needs(0, n + blocks, 0),
        "eigh": lambda: Needs(0, 1 + 6 * n + 2 * n * n + blocks, 3 + 5 * n),
        "eigvalsh": lambda: Needs(n * n, 1 + 2 * n + blocks, 1),
        "svd": lambda: Needs(m * n, 5 * least * least + 10 * least + most + blocks, 8 * least),
        "svdvals": lambda: Needs(m * n, 10 * least + most + blocks, 8 * least),
        "triangular_solve": lambda: Needs(n * n, 0, 0),
    }
    return rules[name]()


def of(value: Value) -> tuple[str, int, int]:
    """The routine of a value, and the rows and columns of each matrix that it is given."""
    name = value.params.get("name", value.op)
    m, n = value.operands[0].shape[-2:]
    return name, m, n


def scratch_bytes(value: Value) -> int:
    """What one thread needs while it makes a value."""
    return needs(*of(value)).bytes(value.dtype.itemsize)


_COST = {
    "cholesky": 1 / 3, "lu": 2 / 3, "qr": 4, "eigh": 9, "eigvalsh": 4 / 3, "svd": 20,
    "svdvals": 8 / 3,
}  # fmt: skip


def flops(value: Value) -> int:
    """About how many a value takes (Golub and Van Loan, Matrix Computations)."""
    name, m, n = of(value)
    count = math.prod(value.operands[0].shape[:-2])
    if name == "triangular_solve":
        return count * n * n * int(value.shape[-1])
    least, most = min(m, n), max(m, n)
    return int(count * _COST[name] * least * least * most)
