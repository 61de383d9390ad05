"""Operands of a product as its code reads them: in memory, transposed, seen from another corner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from llvmlite import ir

from catenary.backend.llvm import emit

Direction = Literal["row", "column"]

# store(b, row, column, x, mask): x is a scalar, or a vector of elements (row, column …)
Store = Callable[[ir.IRBuilder, Any, Any, ir.Value, Any], None]


class Matrix(Protocol):
    """An operand; rows and columns are i64 values or ints.

    ``contiguous``: the direction in which neighbours lie side by side ("column": (r, c) and
    (r, c + 1); "row": (r, c) and (r + 1, c)). ``cheap``: reading is a plain load.
    """

    @property
    def contiguous(self) -> Direction | None: ...

    @property
    def cheap(self) -> bool: ...

    def scalar(self, b: ir.IRBuilder, r: Any, c: Any) -> ir.Value: ...

    def vector(self, b: ir.IRBuilder, r: Any, c: Any, lanes: int, mask: Any = None) -> ir.Value: ...


def plus(b: ir.IRBuilder, x: Any, y: Any) -> Any:
    """x + y of ints and i64 values; ints stay ints."""
    if isinstance(x, int) and isinstance(y, int):
        return x + y
    if isinstance(y, int):
        x, y = y, x
    if isinstance(x, int):
        return y if x == 0 else b.add(y, emit.index(x), flags=["nsw"])
    return b.add(x, y, flags=["nsw"])


def times(b: ir.IRBuilder, x: Any, y: Any) -> Any:
    """x·y of ints and i64 values; ints stay ints."""
    if isinstance(x, int) and isinstance(y, int):
        return x * y
    if isinstance(y, int):
        x, y = y, x
    if isinstance(x, int):
        if x in (0, 1):
            return y if x else 0
        return b.mul(y, emit.index(x), flags=["nsw"])
    return b.mul(x, y, flags=["nsw"])


@dataclass(frozen=True)
class Strided:
    """A matrix in memory: element (r, c) lies r·row_stride + c·column_stride elements on."""

    base: ir.Value
    row_stride: Any
    column_stride: Any
    dtype: Any
    along: Direction | None = None  # which contiguity counts where both strides are 1

    cheap = True

    @property
    def contiguous(self) -> Direction | None:
        if self.along is not None:
            return self.along
        if isinstance(self.column_stride, int) and self.column_stride == 1:
            return "column"
        return "row" if isinstance(self.row_stride, int) and self.row_stride == 1 else None

    def place(self, b: ir.IRBuilder, r: Any, c: Any) -> ir.Value:
        """Where an element lies."""
        offset = plus(b, times(b, r, self.row_stride), times(b, c, self.column_stride))
        if isinstance(offset, int) and offset == 0:
            return self.base
        return emit.address(b, self.base, offset, self.dtype)

    def moved(self, b: ir.IRBuilder, r: Any, c: Any) -> Strided:
        """The same matrix with element (r, c) as its corner."""
        return replace(self, base=self.place(b, r, c))

    def prefetch(self, b: ir.IRBuilder, r: Any, c: Any) -> None:
        """Bring an element near; it may lie outside of the matrix."""
        operands = [self.place(b, r, c), emit.I32(0), emit.I32(2), emit.I32(1)]
        emit.intrinsic(b, "prefetch", emit.VOID, operands, [emit.POINTER])

    def scalar(self, b: ir.IRBuilder, r: Any, c: Any) -> ir.Value:
        return emit.load(b, self.place(b, r, c), self.dtype)

    def vector(self, b: ir.IRBuilder, r: Any, c: Any, lanes: int, mask: Any = None) -> ir.Value:
        if self.contiguous:
            return emit.load(b, self.place(b, r, c), self.dtype, lanes, mask)
        first, stride = self.place(b, r, c), self.column_stride
        scalar, vector = emit.memory_type(self.dtype), emit.memory_type(self.dtype, lanes)
        step = emit.index(stride) if isinstance(stride, int) else stride
        offsets = b.mul(emit.steps(lanes), emit.splat(b, step, lanes))
        places = b.gep(emit.splat(b, first, lanes), [offsets], source_etype=scalar)
        ones = ir.Constant(ir.VectorType(emit.I1, lanes), [1] * lanes)
        width = emit.I32(self.dtype.itemsize)
        operands = [places, width, ones if mask is None else mask, emit.number(vector, 0)]
        return emit.intrinsic(b, "masked.gather", vector, operands, [vector, places.type])


_OTHER: dict[Direction, Direction] = {"row": "column", "column": "row"}


def lengthwise(matrix: Matrix) -> Matrix:
    """A single column: what counts as contiguous is that its rows lie side by side."""
    if (
        isinstance(matrix, Strided)
        and isinstance(matrix.row_stride, int)
        and matrix.row_stride == 1
    ):
        return replace(matrix, along="row")
    return matrix


@dataclass(frozen=True)
class Transposed:
    """Rows for columns."""

    matrix: Matrix

    @property
    def cheap(self) -> bool:
        return self.matrix.cheap

    @property
    def contiguous(self) -> Direction | None:
        along = self.matrix.contiguous
        return _OTHER[along] if along else None

    def scalar(self, b: ir.IRBuilder, r: Any, c: Any) -> ir.Value:
        return self.matrix.scalar(b, c, r)

    def vector(self, b: ir.IRBuilder, r: Any, c: Any, lanes: int, mask: Any = None) -> ir.Value:
        return self.matrix.vector(b, c, r, lanes, mask)


@dataclass(frozen=True)
class Moved:
    """A matrix of any kind with element (row, column) as its corner."""

    matrix: Matrix
    row: Any
    column: Any

    @property
    def cheap(self) -> bool:
        return self.matrix.cheap

    @property
    def contiguous(self) -> Direction | None:
        return self.matrix.contiguous

    def scalar(self, b: ir.IRBuilder, r: Any, c: Any) -> ir.Value:
        return self.matrix.scalar(b, plus(b, self.row, r), plus(b, self.column, c))

    def vector(self, b: ir.IRBuilder, r: Any, c: Any, lanes: int, mask: Any = None) -> ir.Value:
        row, column = plus(b, self.row, r), plus(b, self.column, c)
        return self.matrix.vector(b, row, column, lanes, mask)


def transposed(matrix: Matrix) -> Matrix:
    """Rows for columns."""
    if isinstance(matrix, Transposed):
        return matrix.matrix
    if isinstance(matrix, Strided):
        turned = Strided(matrix.base, matrix.column_stride, matrix.row_stride, matrix.dtype)
        return replace(turned, along=_OTHER[matrix.along]) if matrix.along else turned
    return Transposed(matrix)


def moved(b: ir.IRBuilder, matrix: Matrix, r: Any, c: Any) -> Matrix:
    """The matrix seen from element (r, c).

    A matrix may bring its own ``moved(b, r, c)``: then constant offsets from the new corner
    become displacements of the machine's addresses.
    """
    own = getattr(matrix, "moved", None)
    if own is not None:
        return own(b, r, c)  # type: ignore[no-any-return]
    if isinstance(matrix, Transposed):
        return Transposed(moved(b, matrix.matrix, c, r))
    return Moved(matrix, r, c)
