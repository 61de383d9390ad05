"""What is decided about a product before any code is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from math import gcd
from typing import Any

from catenary.backend.llvm.contract.matrices import Direction, Matrix, lengthwise, transposed
from catenary.backend.llvm.contract.tiles import Cut, Segment, balanced, cuts, cycles
from catenary.backend.llvm.machine import Machine

# Cycles for one element: copied along vectors, turned in registers, read one by one; and what a
# copy that leaves the near caches adds.
_COPY, _TURN, _SINGLE, _FAR = 0.15, 0.3, 2.0, 0.5
_VISIT, _WAIT, _KIND = (
    20,
    2000,
    0.005,
)  # cycles for a tile, for a barrier; share for a kind of tile, for its code
# Caches as most machines have them: what of the first two one tile's operands may fill.
_PAGE, _WAYS, _PERIOD = 4096, 7, 1 << 17
_HALF, _CROWDED = 4, 1.07  # rows on the same places of a cache, and what more of them cost
_LINE, _FETCH = 64, 1.6  # bytes of a line of a cache; cycles for one that a step waits for
NEAR, _FEW = 1 << 20, 8
_LONG, _CHUNKS, _CHUNK, _STREAMS = 2048, 16, 512, 8


@dataclass(frozen=True)
class Product:
    """left (m × k) times right (k × n).

    ``store_along``: the direction of the vectors that the result is handed over in;
    ``long_store``: what is done with them is so long that its code must not be repeated.
    """

    m: int
    n: int
    k: int
    dtype: Any
    left: Matrix
    right: Matrix
    store_along: Direction = "column"
    long_store: bool = False

    @property
    def turned(self) -> Product:
        """The transposed product: the same numbers with rows for columns."""
        along: Direction = "row" if self.store_along == "column" else "column"
        left, right = transposed(self.right), transposed(self.left)
        return replace(self, m=self.n, n=self.m, left=left, right=right, store_along=along)


@dataclass(frozen=True)
class Plan:
    """How a product is computed.

    ``swapped``: as the transposed product. ``cut``: its tiles. ``k_block``: steps of the summed
    dimension between visits of a tile; where ``chunked``, the blocks are summed apart and added
    in the end. ``block_tiles``: row tiles that share a packed panel. ``pack_left``,
    ``pack_right``: which operands are copied first. ``across``: registers are turned in the end.
    ``dots``: registers hold parts of sums along k, not neighbours of the result.
    """

    m: int
    n: int
    k: int
    itemsize: int
    swapped: bool
    cut: Cut
    k_block: int
    chunked: bool
    block_tiles: int
    pack_left: bool
    pack_right: bool
    across: bool
    cycles: float
    dots: bool = False

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
        packed = [s for s, is_ in (("left", self.pack_left), ("right", self.pack_right)) if is_]
        shared = f"{self.k_blocks} chunks of k" if self.chunked else "tiles"
        columns = cut.columns or self.n
        return (
            f"{self.m}×{self.k} @ {self.k}×{self.n}{' (transposed)' if self.swapped else ''}: "
            f"tiles {cut.rows} × {columns}{' by dots' * self.dots}, "
            f"{cut.row_tiles} × {cut.all_panels} of them, k by {self.k_block}, "
            f"packed: {' and '.join(packed) or 'nothing'}, "
            f"threads share {shared}, {self.flops:,} flops"
        )


def settled(product: Product) -> Product:
    """A product with a single column on the right as such."""
    return replace(product, right=lengthwise(product.right)) if product.n == 1 else product


@dataclass(frozen=True)
class _Seen:
    """What a plan depends on of an operand."""

    contiguous: Direction | None
    cheap: bool


def plan(product: Product, machine: Machine) -> Plan:
    """The cheapest of all plans."""
    return _cheapest(_seen(settled(product)), _seen(settled(product.turned)), machine)


def _seen(product: Product) -> Product:
    left, right = (_Seen(x.contiguous, x.cheap) for x in (product.left, product.right))
    return replace(product, left=left, right=right, long_store=False)  # type: ignore[arg-type]


@cache
def _cheapest(product: Product, turned: Product, machine: Machine) -> Plan:
    """Asked for twice for each product, once for its memory and once for its code."""
    plans = [*_plans(product, machine, False), *_plans(turned, machine, True)]
    return min(plans, key=lambda plan: plan.cycles)  # equal costs: as it stands


def _plans(product: Product, machine: Machine, swapped: bool) -> Iterator[Plan]:
    left, right = product.left, product.right
    across = product.store_along == "row"
    yield from _dots(product, machine, swapped)
    lefts = (False, True) if left.cheap else (True,)
    rights = (False, True) if right.cheap and right.contiguous == "column" else (True,)
    for cut in cuts(product.m, product.n, product.dtype.itemsize, machine, across):
        for pack_left in lefts:
            for pack_right in rights:
                yield _plan(product, machine, swapped, cut, (pack_left, pack_right))


def _dots(product: Product, machine: Machine, swapped: bool) -> Iterator[Plan]:
    """For few columns: vectors along k."""
    m, n, k, itemsize = product.m, product.n, product.k, product.dtype.itemsize
    left, right = product.left, product.right
    along = (left.contiguous, right.contiguous) == ("column", "row")
    if not 1 <= n <= 4 or not along or not (left.cheap and right.cheap):
        return
    lanes, across = machine.lanes(product.dtype), product.store_along == "row"
    most = min(lanes, (machine.registers - n - 1) // n, 8)
    cut = Cut(*balanced(max(m, 1), most), (), 0, (Segment(0, n, n),))
    parts = 1
    if cut.row_tiles < _FEW and k >= 4 * _LONG:
        parts = min(k // _LONG, -(-_CHUNKS // cut.row_tiles))
    block = max(16, -(-k // (16 * parts)) * 16)
    step = max(cut.rows * n, cut.rows + n) * cut.row_tiles
    cost = step * -(-k // lanes) + cut.row_tiles * (n * 4 * lanes + _VISIT) + (not across) * m * n
    tiles = cut.row_tiles
    yield Plan(
        m, n, k, itemsize, swapped, cut, block, parts > 1, tiles, False, False, across, cost, True
    )


def _plan(
    product: Product, machine: Machine, swapped: bool, cut: Cut, packs: tuple[bool, bool]
) -> Plan:
    m, n, k, itemsize = product.m, product.n, product.k, product.dtype.itemsize
    pack_left, pack_right = packs
    k_block, chunked = _k_block(k, cut, pack_right, n * itemsize)
    tiles = cut.row_tiles
    if pack_right and product.right.cheap:
        rows = max(240, (1 << 19) // (k_block * itemsize))
        tiles = min(tiles, max(1, rows // cut.rows))
    across = product.store_along == "row"
    made = Plan(
        m, n, k, itemsize, swapped, cut, k_block, chunked, tiles, pack_left, pack_right, across, 0
    )
    return replace(made, cycles=_cost(product, made, machine))


def _k_block(k: int, cut: Cut, packed: bool, size: int) -> tuple[int, bool]:
    """Steps between two visits of a tile, and whether the blocks are summed apart.

    ``size``: bytes of a row of the right operand.
    """
    if cut.tiles < _FEW and k >= _LONG:
        parts = max(1, min(k // _CHUNK, -(-_CHUNKS // cut.tiles)))
    elif cut.row_tiles <= 1 and not packed:
        # One look at a large operand is best in order: a few rows at a time, sums in memory.
        flowing = cut.rows * len(cut.full) <= _STREAMS * 2 and k * size > NEAR
        return (_STREAMS if flowing else -(-max(k, 1) // 16) * 16), False
    else:
        most = 384 if packed else (1 << 18) // (max(cut.columns, 1) * 4)
        parts = 1 if packed and k <= 1024 else max(1, -(-k // most))
    block = -(-k // parts)
    return max(16, -(-block // 16) * 16), parts > 1 and cut.tiles < _FEW and k >= _LONG


def _cost(product: Product, made: Plan, machine: Machine) -> float:
    """Cycles by a model; only the order of the costs of plans of one product counts."""
    cut, k, itemsize = made.cut, made.k, made.itemsize
    steps = (cycles(cut, itemsize, machine) + _fetched(product, made, machine)) * k
    factor = 1 + _KIND * len(cut.kinds) * (1 + 3 * made.across)
    factor *= _left_factor(product, made, machine) * _right_factor(made)
    # Two threads, half of the time: one may have a tile more.
    shared = max(1, cut.tiles * (made.k_blocks if made.chunked else 1))
    factor *= 1 + 0.5 * (-(-shared // 2) * 2 / shared - 1)
    # A copy of all of the left operand takes memory and makes threads wait.
    factor *= 1.03 if made.pack_left and product.left.cheap else 1.0
    kept = 2 * cut.rows * len(cut.full) if made.k_blocks > 1 else 0
    total = steps * factor + cut.tiles * made.k_blocks * (_VISIT + kept)
    total += made.across * _TURN * made.m * made.n
    if made.pack_right:
        again = -(-cut.row_tiles // made.block_tiles)
        total += again * _copy(product.right, "column", k * made.n * itemsize) * k * made.n
    if made.pack_left:
        total += _copy(product.left, "row", made.m * k * itemsize) * made.m * k + _WAIT
        total += _FAR * made.m * k * (made.m * k * itemsize > 4 * NEAR)
    return total


def _fetched(product: Product, made: Plan, machine: Machine) -> float:
    """Cycles in a step of all tiles for lines of operands that the first cache does not keep.

    A tile of 16 registers has 12 multiplications to hide a line from the second cache behind, and
    cannot; larger ones can.
    """
    if machine.registers > 16 or made.cut.row_tiles <= 1:
        return 0.0
    right = (
        0
        if made.pack_right or _kept(made, made.n)
        else -(-made.cut.columns * made.itemsize // _LINE)
    )
    along = product.left.contiguous == "row" and not made.pack_left
    left = int(along and not _kept(made, made.m))
    return _FETCH * (left + right) * made.cut.tiles


def _kept(made: Plan, length: int) -> bool:
    """Whether the first cache keeps a piece of each row of a block, rows being so long."""
    places = min(_PAGE // gcd(length * made.itemsize, _PAGE), _PAGE // _LINE)
    return made.k_block <= places * _WAYS


def _copy(matrix: Matrix, along: Direction, size: int) -> float:
    """Cycles to copy an element."""
    far = _COPY if size > NEAR else 0.0
    if matrix.contiguous is None:
        return _SINGLE
    return far + (_COPY if matrix.contiguous == along else _TURN)


def _left_factor(product: Product, made: Plan, machine: Machine) -> float:
    """How much slower tiles are for what the left operand does to the caches.

    Rows a power of two apart fall on the same few places of a cache. That rows lie as close to
    each other as they can is assumed.
    """
    few = machine.registers <= 16
    if made.pack_left or made.k < 16:
        return _CROWDED if few and made.pack_left and made.cut.rows > _HALF else 1.0
    if product.left.contiguous == "column":
        places = _PAGE // gcd(made.k * made.itemsize, _PAGE)
        crowd = -(-made.cut.rows // places)
        if crowd > _WAYS:
            return 1.6
        return _CROWDED if few and crowd > _HALF else 1.0
    if product.left.contiguous == "row":
        return 1.15 if made.k_block > _held(made.m * made.itemsize) and made.n > 64 else 1.0
    return 1.5


def _right_factor(made: Plan) -> float:
    """How much slower tiles are for what the right operand does to the caches."""
    if made.pack_right or made.cut.row_tiles <= 2:
        return 1.0
    if made.k_block * made.k_blocks * made.n * made.itemsize <= 1 << 18:
        return 1.0
    if made.k * made.n * made.itemsize <= NEAR:
        return 1.01
    return 1.3 if made.k_block > 0.75 * _held(made.n * made.itemsize) else 1.05


def _held(stride: int) -> int:
    """How many rows a stride apart the second cache holds."""
    return _PERIOD // gcd(stride, _PERIOD) * _WAYS
