"""Rows as a table: for the terminal, and in Markdown for README."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.row import Row, describe, labels, quantity

NONE = "—"


@dataclass(frozen=True)
class Section:
    """A table with its title; ``remarks`` stand below it.

    ``failures``: broken promises about several rows together.
    """

    name: str
    title: str
    rows: list[Row]
    remarks: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()

    @property
    def missed(self) -> list[str]:
        """What is promised and not kept."""
        return [*(told for row in self.rows for told in row.missed), *self.failures]

    def told(self) -> dict[str, Any]:
        """For the JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "rows": [row.told() for row in self.rows],
            "remarks": list(self.remarks),
            "missed": self.missed,
        }


def cells(rows: Sequence[Row]) -> list[list[str]]:
    """The head and the lines; columns that say nothing in any line are left out."""
    columns = labels(rows)
    head = ["", "", *columns, "ratio", "of minima", "goal", "reached", "of peak", "bound", "differ"]
    table = [head, *([row.name, row.detail, *_values(row, columns)] for row in rows)]
    kept = [
        k
        for k in range(len(head))
        if k == 0 or any(line[k] not in {NONE, ""} for line in table[1:]) or head[k] in columns
    ]
    return [[line[k] for k in kept] for line in table]


def _values(row: Row, columns: list[str]) -> list[str]:
    by_label = {m.label: m for m in row.measured}
    times = [quantity(by_label[c].median if c in by_label else None, row.unit) for c in columns]
    ratios = [row.ratio(row.against), row.ratio(row.against, least=True)]
    verdicts = {row.reached(goal) for goal in row.goals}
    reached = "no" if False in verdicts else "yes" if True in verdicts else NONE
    share, difference = row.share_of_peak, row.difference
    return [
        *times,
        *(NONE if ratio is None else f"{ratio:.2f}×" for ratio in ratios),
        " ".join(describe(goal, row.unit) for goal in row.goals) or NONE,
        reached,
        NONE if share is None else f"{100 * share:.0f} %",
        quantity(row.bound, "s"),
        NONE if difference is None else f"{difference:.0e}",
    ]


def terminal(section: Section) -> str:
    """Aligned columns, the first two to the left."""
    lines = cells(section.rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [
        "  ".join(
            cell.ljust(width) if k < 2 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    text[1:1] = ["  ".join("─" * width for width in widths)]
    return "\n".join([section.title, "", *text, *below(section)])


def markdown(section: Section) -> str:
    """A table of Markdown, with what stands below it as a list."""
    head, *lines = cells(section.rows)
    rule = ["---" if k < 2 else "---:" for k in range(len(head))]
    text = ["| " + " | ".join(line) + " |" for line in [head, rule, *lines]]
    notes = [f"- {line}" for line in below(section) if line]
    return "\n".join([f"**{section.title}**", "", *text, *(["", *notes] if notes else [])])


def below(section: Section) -> list[str]:
    """Remarks, and why a place is empty, each reason once."""
    empty: dict[str, list[str]] = {}
    for row in section.rows:
        for m in row.measured:
            if m.error:
                empty.setdefault(f"{m.label}: {m.error}", []).append(row.name)
    why = [f"{reason} ({', '.join(dict.fromkeys(names))})" for reason, names in empty.items()]
    notes = [f"{row.name}: {note}" for row in section.rows for note in row.notes]
    told = [*section.remarks, *notes, *why]
    return ["", *told] if told else []
