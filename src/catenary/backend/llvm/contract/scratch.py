"""Where the parts of the scratch memory of a product lie."""

from __future__ import annotations

from dataclasses import dataclass

from catenary.backend.llvm.contract.plan import Plan

_LINE = 128  # bytes; two lines, for they are fetched in pairs


@dataclass(frozen=True)
class Layout:
    """Offsets and sizes, in elements.

    The packed left operand lies at 0, tile by tile for each block of the summed dimension; then
    sums between two visits of a tile, or of each chunk; then one panel of the right operand for
    each thread.
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
    # Packing writes up to a vector, and turned blocks up to a vector of rows, past the end.
    tile = _round((plan.k_block + lanes) * cut.rows + lanes, line) if plan.pack_left else 0
    left = tile * cut.row_tiles * plan.k_blocks
    kept = lanes * plan.n if plan.dots else cut.rows * cut.columns
    sums_tile = _round(kept, line) if plan.k_blocks > 1 else 0
    sums = sums_tile * cut.tiles * (plan.k_blocks if plan.chunked else 1)
    panel = _round((plan.k_block + lanes) * cut.columns + lanes, line) if plan.pack_right else 0
    return Layout(tile, left, sums_tile, left + sums, panel)


def _round(size: int, multiple: int) -> int:
    return -(-size // multiple) * multiple
