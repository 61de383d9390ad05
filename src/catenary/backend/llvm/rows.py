"""Row by row: kernels that run through a batch, each thread through rows of its own.

Where one kernel makes a row and the next reads only that row, threads need not wait for each other
between them: a thread takes its rows through the whole network and back. Blocks of rows are fixed
by the shape, so results are the same for any number of threads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from catenary.backend.llvm.axes import Along, moved
from catenary.backend.llvm.value import LOOPS, WHOLE, Value

LEAST = 32  # rows worth dividing
_NEAR = 1 << 18  # bytes of the other operand of a product, which every thread reads as a whole
_STEP = 16  # rows in a block are a multiple of it: vectors of rows stay within a block
_LEVEL = 1.08  # how much more than its part one of two threads may get


@dataclass(frozen=True)
class Rows:
    """A batch of ``count`` rows in blocks; the last one has what is left over besides."""

    count: int
    block: int

    @property
    def blocks(self) -> int:
        return max(1, self.count // self.block)

    @property
    def last(self) -> int:
        """How many rows the last block has."""
        return self.count - (self.blocks - 1) * self.block


def divided(count: int) -> Rows:
    """Few blocks, that two threads can share evenly."""
    best = None
    for number in range(max(2, min(16, count // 64)), 33, 2):
        block = max(1, count // number // _STEP) * _STEP
        rows = Rows(count, block)
        first = rows.blocks // 2 * block
        uneven = 2 * max(first, count - first) / count
        if best is None or uneven < best[0]:
            best = uneven, rows
        if uneven <= _LEVEL:
            break
    assert best is not None
    return best[1]


def row_operand(contract: Value) -> int | None:
    """Which operand of a product has the rows of its result; None if it is not one alone."""
    first, second, out = contract.labels
    if not out or (out[0] in first) == (out[0] in second):
        return None
    if any(c in first and c in second for c in out):
        return None
    own, other = (first, second) if out[0] in first else (second, first)
    if sum(c in own and c not in other for c in out) != 1:
        return None
    return 0 if own is first else 1


def own_rows(contract: Value) -> Rows | None:
    """Blocks of rows for threads that share one product, where all of them can read the other
    operand as a whole: each writes rows of its own, and no line of the cache is written by two.
    """
    row = row_operand(contract)
    if row is None or contract.shape[0] < LEAST or contract.operands[1 - row].bytes > _NEAR:
        return None
    return divided(contract.shape[0])


def batch_of(kernels: Sequence[tuple[Value | None, int]]) -> Rows | None:
    """The batch that the products of some kernels run through: (what is whole, its work) each."""
    weights: Counter[int] = Counter()
    for main, work in kernels:
        if main is not None and main.op == "contract":
            rows = own_rows(main)
            if rows is not None:
                weights[rows.count] += work
    if not weights:
        return None
    return divided(max(weights, key=lambda count: (weights[count], count)))


def read_by_row(
    roots: Sequence[Value], main: Value | None, stored: set[Value], rows: Rows
) -> set[Value] | None:
    """The values that a kernel reads only in the row where it stands; None if it has no rows."""
    starts = _starts(roots, main, rows)
    if starts is None:
        return None
    own = set(roots)
    aside: set[Value] = set()
    found: set[Value] = set()
    seen = set(starts)
    stack = list(starts)
    while stack:
        v, along = stack.pop()
        if v in stored and v not in own:
            by_row = bool(along) and along[0] == (0, 0) and v.shape[0] == rows.count
            (found if by_row else aside).add(v)
            continue
        if v is main:
            continue
        for step in _onward(v, along):
            if step not in seen:
                seen.add(step)
                stack.append(step)
    return found - aside


def _starts(
    roots: Sequence[Value], main: Value | None, rows: Rows
) -> list[tuple[Value, Along]] | None:
    """Where reading begins, with the loop over rows as number 0."""
    first: tuple[int, int] = (0, 0)

    def whole(v: Value) -> Along:
        return (first, *(None for _ in v.shape[1:]))

    if not roots[0].shape or any(v.shape[:1] != (rows.count,) for v in roots):
        return None
    others: list[tuple[Value, Along]] = [(v, whole(v)) for v in roots if v is not main]
    if main is None:
        return others
    if main.op in LOOPS or main.op not in ("reduce", "contract"):
        return None
    if main.op == "reduce":
        operand = main.operands[0]
        return None if 0 in main.params["axes"] else [(operand, whole(operand))]
    row = row_operand(main)
    if row is None or own_rows(main) is None:
        return None
    labels = main.labels
    marks: Along = tuple([first if c == labels[2][0] else None for c in labels[row]])
    aside: Along = tuple([None for _ in labels[1 - row]])
    return [*others, (main.operands[row], marks), (main.operands[1 - row], aside)]


def _onward(v: Value, along: Along) -> list[tuple[Value, Along]]:
    if v.op in WHOLE or v.op in ("constant", "iota"):
        return []
    if v.op == "reshape":
        source = v.operands[0]
        kept = along and source.shape[:1] == v.shape[:1]
        head = along[0] if kept else None
        return [(source, (head, *(None for _ in source.shape[1:]))[: len(source.shape)])]
    if v.op == "gather":
        source, *indices = v.operands
        rank, index = len(indices[0].shape), indices[0]
        head = along[index.params["axis"]] if index.op == "iota" else None
        behind = (head, *(None for _ in source.shape[1:]))
        return [(source, behind), *((i, along[:rank]) for i in indices)]
    return moved(v, along, [[] for _ in along])
