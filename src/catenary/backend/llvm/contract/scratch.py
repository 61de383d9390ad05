"""Where the parts of the scratch memory of a product lie."""

from __future__ import annotations

from dataclasses import dataclass

from catenary.backend.llvm.contract.plan import Plan
from catenary.backend.llvm.contract.tiles import width

_LINE = 128  # bytes; two lines, for they are fetched in pairs


@dataclass(frozen=True)
class Layout:
    """Offsets and sizes, in elements.

    The packed left operand lies at 0, tile by tile for each block of the summed dimension; then
    sums between two visits of a tile; then one panel of the right operand for each thread.
    """

    left_tile: int
    sums: int
    sums_tile: int
    panel: int
    panel_size: int

    def size(self, threads: int) -> int:
        """Elements in all."""
        return self.panel + self.panel_size * threads


def layout(plan: Plan, lanes: int) -> Layout:
    """Places for what a plan keeps in memory."""
    cut, line = plan.cut, _LINE // plan.itemsize
    columns = max(width(cut.full) if cut.panels else 0, width(cut.rest))
    rows = max(cut.rows, 1)
    # Packing writes up to a vector, and turned blocks up to a vector of rows, past the end.
    tile = _round(plan.k_block * rows + lanes * rows + lanes, line) if plan.pack_left else 0
    left = tile * cut.row_tiles * plan.k_blocks
    sums_tile = _round(rows * columns, line) if plan.k_blocks > 1 else 0
    sums = sums_tile * cut.row_tiles * cut.all_panels
    panel = _round((plan.k_block + lanes) * columns + lanes, line) if plan.pack_right else 0
    return Layout(tile, left, sums_tile, left + sums, panel)


def _round(size: int, multiple: int) -> int:
    return -(-size // multiple) * multiple
