"""What is decided about a product before any code is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catenary.backend.llvm.contract.matrices import Direction, Matrix, transposed
from catenary.backend.llvm.contract.tiles import Cut, cut, width
from catenary.backend.llvm.machine import Machine

# Cycles for one element, measured: copied along vectors, turned in registers, read one by one.
_COPY, _TURN, _SINGLE = 0.15, 0.45, 2.0


@dataclass(frozen=True)
class Product:
    """left (m × k) times right (k × n).

    ``store_along``: the direction of the vectors that the result is handed over in.
    """

    m: int
    n: int
    k: int
    dtype: Any
    left: Matrix
    right: Matrix
    store_along: Direction = "column"

    @property
    def turned(self) -> Product:
        """The transposed product: the same numbers with rows for columns."""
        along: Direction = "row" if self.store_along == "column" else "column"
        left, right = transposed(self.right), transposed(self.left)
        return Product(self.n, self.m, self.k, self.dtype, left, right, along)


@dataclass(frozen=True)
class Plan:
    """How a product is computed.

    ``swapped``: as the transposed product. ``cut``: its tiles. ``k_block``: steps of the summed
    dimension between visits of a tile. ``block_tiles``: row tiles that share a packed panel.
    ``pack_left``, ``pack_right``: which operands are copied first.
    """

    m: int
    n: int
    k: int
    itemsize: int
    swapped: bool
    cut: Cut
    k_block: int
    block_tiles: int
    pack_left: bool
    pack_right: bool
    across: bool
    cycles: float

    @property
    def k_blocks(self) -> int:
        """How often a tile is visited."""
        return max(1, -(-self.k // self.k_block))

    @property
    def flops(self) -> int:
        """Multiplications and additions."""
        return 2 * self.m * self.n * self.k

    def __str__(self) -> str:
        cut = self.cut
        tiles = f"{cut.rows} × {width(cut.full) if cut.panels else width(cut.rest)}"
        packed = [s for s, is_ in (("left", self.pack_left), ("right", self.pack_right)) if is_]
        return (
            f"{self.m}×{self.k} @ {self.k}×{self.n}{' transposed' if self.swapped else ''}: "
            f"tiles {tiles} ({cut.row_tiles} × {cut.all_panels}), k by {self.k_block}, "
            f"packed: {' and '.join(packed) or 'nothing'}, {self.flops:,} flops"
        )


def plan(product: Product, machine: Machine) -> Plan:
    """The cheaper of the product and its transpose."""
    here = _oriented(product, machine, False)
    there = _oriented(product.turned, machine, True)
    return there if there.cycles < here.cycles else here


def _oriented(product: Product, machine: Machine, swapped: bool) -> Plan:
    m, n, k, itemsize = product.m, product.n, product.k, product.dtype.itemsize
    across = product.store_along == "row"
    lanes = machine.lanes(product.dtype)
    tiles = cut(m, n, itemsize, machine, lanes // 2 if across else 1)
    left, right = product.left, product.right
    pack_right = not right.cheap or right.contiguous != "column"
    if right.contiguous == "column" and tiles.row_tiles > 3:
        pack_right = pack_right or k * n * itemsize > 1 << 18
    pack_left = not left.cheap or (m * k * itemsize > 1 << 18 and n >= 512)
    k_block = k if k <= 1024 else -(-k // -(-k // 512))
    k_block = max(16, -(-k_block // 16) * 16)
    block_tiles = max(1, tiles.row_tiles)
    if pack_right and right.cheap:
        rows = max(240, (1 << 19) // (k_block * itemsize))
        block_tiles = min(block_tiles, max(1, rows // tiles.rows))
    cycles = tiles.cycles * k + across * _TURN * m * n
    cycles += pack_right * _cost(right, "column") * k * n
    cycles += pack_left * _cost(left, "row") * m * k
    return Plan(
        m, n, k, itemsize, swapped, tiles, k_block, block_tiles, pack_left, pack_right, across,
        cycles,
    )  # fmt: skip


def _cost(matrix: Matrix, along: Direction) -> float:
    if matrix.contiguous is None:
        return _SINGLE
    return _COPY if matrix.contiguous == along else _TURN
