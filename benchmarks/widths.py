"""Every width from 32 to 64: time should grow with the work, without cliffs.

64-w-w-10, batch 64. Judged on our smallest times: no narrower network may take more than a
quarter longer than any wider one.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from benchmarks.bound import Machine
from benchmarks.case import Case
from benchmarks.settings import Settings, ours, peer
from benchmarks.table import Section
from benchmarks.train import raced_together

CONTESTANTS = (
    ours("step"),
    ours("scan"),
    peer("JAX scan", "jax", "scan"),
    peer("PyTorch eager", "torch", "eager"),
)
WIDTHS = range(32, 65)
FEW = (32, 33, 37, 40, 41, 45, 46, 47, 48, 49, 53, 57, 61, 63, 64)
ALLOWED = 1.25

Times = Mapping[int, float]


def case_of(width: int) -> Case:
    """Two hidden links of this width."""
    return Case(str(width), (64, width, width, 10), 64, 32)


def disorder(times: Times) -> tuple[float, int, int]:
    """The largest t(narrower) / t(wider), and these two widths.

    >>> disorder({32: 1.0, 33: 2.0, 34: 1.6})
    (1.25, 33, 34)
    """
    pairs = ((a, b) for a in times for b in times if a < b)
    return max((times[a] / times[b], a, b) for a, b in pairs)


def rise(times: Times) -> tuple[float, int, int]:
    """The largest t(next) / t(width) of neighbours, and these two widths.

    >>> rise({32: 1.0, 33: 2.0, 34: 1.6})
    (2.0, 32, 33)
    """
    return max((times[b] / times[a], a, b) for a, b in pairwise(sorted(times)))


def section(settings: Settings, machine: Machine) -> Section:
    """A line for each width; below it the largest disorder and the steepest rise of each."""
    contestants = settings.chosen(CONTESTANTS)
    widths = FEW if settings.quick or settings.ours else WIDTHS
    rows = raced_together(map(case_of, widths), contestants, settings, machine)
    remarks, failures = [], []
    for label, own in ((c.label, c.ours) for c in contestants):
        times = {
            int(row.name): m.minimum
            for row in rows
            for m in row.measured
            if m.label == label and m.minimum is not None
        }
        if len(times) < 2:
            continue
        (worst, a, b), (steepest, c, d) = disorder(times), rise(times)
        told = f"{label}: width {a} takes {worst:.2f}× of what {b} takes"
        remarks.append(f"{told}; steepest rise {steepest:.2f}× from {c} to {d}")
        if own and worst > ALLOWED:
            failures.append(f"{told}, at most {ALLOWED}× promised")
    title = "64-w-w-10, batch 64, time per training step by width w"
    return Section("sweep", title, rows, tuple(remarks), tuple(failures))
