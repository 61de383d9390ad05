"""`catenary coverage`: which NumPy and SciPy functions are traced, and why others are not."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from textwrap import wrap

from catenary.app.terminal import Terminal, width
from catenary.tracing.coverage import COVERED, NEVER, OPEN, VALUES_AT_HAND, Entry, report

KINDS = (COVERED, VALUES_AT_HAND, OPEN, NEVER)
WIDEST = 100


def run(options: Namespace) -> int:
    """Print them namespace by namespace: counts, then names by kind and reason."""
    terminal = Terminal(options.quiet, options.json)
    entries = report()
    if options.json:
        terminal.object([asdict(entry) for entry in entries])
        return 0
    blocks = [
        _block(namespace, list(found))
        for namespace, found in groupby(entries, lambda entry: entry.namespace)
    ]
    terminal.result("\n\n".join(blocks))
    return 0


def _block(namespace: str, entries: Sequence[Entry]) -> str:
    groups: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        groups.setdefault((entry.kind, entry.reason), []).append(entry.name)
    counts = ((sum(entry.kind == kind for entry in entries), kind) for kind in KINDS)
    lines = [f"{namespace}: {', '.join(f'{count} {kind}' for count, kind in counts if count)}"]
    columns = min(width(sys.stdout), WIDEST)
    for (kind, reason), names in sorted(groups.items(), key=_order):
        lines += ["", *wrap(f"{kind} ({len(names)}){reason and f': {reason}'}", columns)]
        lines += wrap(", ".join(names), columns, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(lines)


def _order(group: tuple[tuple[str, str], list[str]]) -> tuple[int, int]:
    (kind, _), names = group
    return KINDS.index(kind), -len(names)
