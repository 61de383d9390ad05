"""A line of a table: what each contestant took, and whether the goal is reached."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from benchmarks.bound import Machine, Work
from benchmarks.timing import Measurement

AGREE = 1e-4


@dataclass(frozen=True)
class Goal:
    """What is promised of our best form.

    ``faster``: the best peer takes at least ``number`` times as much. ``within``: ours is at most
    ``number``. ``against`` names the one peer that counts, by the beginning of its label.
    """

    kind: Literal["faster", "within"]
    number: float
    against: str = ""


@dataclass
class Row:
    """``unit``: "s" or "B". ``work``, ``machine``: for the bound and the share of the peak.

    ``agree``: the largest relative difference that the contestants' values may have.
    """

    name: str
    detail: str
    measured: list[Measurement]
    goals: tuple[Goal, ...] = ()
    unit: str = "s"
    work: Work | None = None
    machine: Machine | None = None
    agree: float = AGREE
    notes: list[str] = field(default_factory=list)

    def best(self, ours: bool, against: str = "", least: bool = False) -> float | None:
        """The smallest median (or minimum) of ours, or of those of the peers that count."""
        found = [
            m.minimum if least else m.median
            for m in self.measured
            if m.ours == ours and m.median is not None and m.label.startswith(against)
        ]
        return min((f for f in found if f is not None), default=None)

    def ratio(self, against: str = "", least: bool = False) -> float | None:
        """How many times as much the best peer takes as we do."""
        own, peer = self.best(True, least=least), self.best(False, against, least)
        return None if own is None or peer is None else peer / own

    def reached(self, goal: Goal) -> bool | None:
        """None where it cannot be told: nothing measured."""
        if goal.kind == "within":
            own = self.best(True)
            return None if own is None else own <= goal.number
        ratio = self.ratio(goal.against)
        return None if ratio is None else ratio >= goal.number

    @property
    def against(self) -> str:
        """Which peer the ratio in the table is against: the one the goal names, if any."""
        return next((goal.against for goal in self.goals if goal.kind == "faster"), "")

    @property
    def difference(self) -> float | None:
        """The largest relative difference of any two contestants' values; None for fewer."""
        values: list[list[float]] = [m.value for m in self.measured if m.value]
        if len(values) < 2:
            return None
        return max(spread(place) for place in zip(*values, strict=True))

    @property
    def missed(self) -> list[str]:
        """What is promised and not kept, as sentences; a goal that cannot be told is no miss."""
        told = [
            f"{self.name}, {self.detail}: {describe(goal, self.unit)}, {self._got(goal)}"
            for goal in self.goals
            if self.reached(goal) is False
        ]
        difference = self.difference
        if difference is not None and not difference <= self.agree:
            told.append(f"{self.name}, {self.detail}: values differ by {difference:.1e} relative")
        return told

    def _got(self, goal: Goal) -> str:
        if goal.kind == "within":
            return f"got {quantity(self.best(True), self.unit)}"
        return f"got {self.ratio(goal.against) or 0:.2f}×"

    @property
    def share_of_peak(self) -> float | None:
        """Operations of products in our best time, as a part of the machine's FMA peak."""
        own = self.best(True)
        if own is None or self.work is None or self.machine is None:
            return None
        peak: float = self.machine.peak[self.work.dtype]
        return self.work.products / own / peak

    @property
    def bound(self) -> float | None:
        """The arithmetic bound in seconds."""
        return self.work.seconds(self.machine) if self.work and self.machine else None

    def told(self) -> dict[str, Any]:
        """For the JSON."""
        return {
            "name": self.name,
            "detail": self.detail,
            "unit": self.unit,
            "measured": [{**asdict(m), "median": m.median} for m in self.measured],
            "ratio": self.ratio(self.against),
            "ratio_of_minima": self.ratio(self.against, least=True),
            "goals": [{**asdict(goal), "reached": self.reached(goal)} for goal in self.goals],
            "difference": self.difference,
            "share_of_peak": self.share_of_peak,
            "bound": self.bound,
            "work": self.work.told() if self.work else None,
            "peak": self.machine.peak if self.machine else None,
            "notes": self.notes,
        }


def spread(values: Sequence[float]) -> float:
    """The largest difference, relative to the largest number; NaN where there is one.

    >>> spread([2.0, 4.0]), spread([0.0, 0.0])
    (0.5, 0.0)
    """
    if any(math.isnan(value) for value in values):
        return math.nan
    return (max(values) - min(values)) / (max(map(abs, values)) or 1.0)


def describe(goal: Goal, unit: str) -> str:
    """A goal in a few characters."""
    if goal.kind == "within":
        return f"≤ {quantity(goal.number, unit)}"
    return f"≥ {goal.number:.3g}×{f' {goal.against}' if goal.against else ''}"


def quantity(value: float | None, unit: str) -> str:
    """Three digits and a unit that suits them.

    >>> quantity(3.14159e-5, "s"), quantity(0.25, "s"), quantity(2.5e8, "B"), quantity(None, "s")
    ('31.4 µs', '250 ms', '250 MB', '—')
    """
    if value is None:
        return "—"
    names = {"s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")), "B": ((1e6, "MB"),)}
    for size, name in names.get(unit, ((1.0, unit),)):
        if value >= size or size == names.get(unit, ((1.0, unit),))[-1][0]:
            scaled = value / size
            digits = 0 if scaled >= 99.95 else 1 if scaled >= 9.995 else 2
            return f"{scaled:,.{digits}f} {name}"
    return f"{value:g}"


def labels(rows: Iterable[Row]) -> list[str]:
    """The labels of all contestants, in the order in which they first appear; ours before all."""
    seen = {m.label: m.ours for row in rows for m in row.measured}
    return sorted(seen, key=lambda label: not seen[label])
