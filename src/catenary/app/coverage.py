"""`catenary coverage`: which NumPy and SciPy functions are traced, and why others are not."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from itertools import groupby
from textwrap import wrap

from catenary.app.terminal import Terminal, width
from catenary.tracing.coverage import Entry, report


def run(options: Namespace) -> int:
    """Print them, namespace by namespace: what is covered, then what is not, by reason."""
    terminal = Terminal(options.quiet, options.json)
    entries = report()
    if options.json:
        terminal.object(
            [
                {
                    "namespace": entry.namespace,
                    "name": entry.name,
                    "covered": entry.covered,
                    "reason": entry.reason,
                }
                for entry in entries
            ]
        )
        return 0
    blocks = [
        _block(namespace, list(found))
        for namespace, found in groupby(entries, lambda entry: entry.namespace)
    ]
    terminal.result("\n\n".join(blocks))
    return 0


def _block(namespace: str, entries: Sequence[Entry]) -> str:
    covered = [entry.name for entry in entries if entry.covered]
    reasons: dict[str, list[str]] = {}
    for entry in entries:
        if not entry.covered:
            reasons.setdefault(entry.reason, []).append(entry.name)
    lines = [f"{namespace}: {len(covered)} of {len(entries)} covered", *_names(covered)]
    for reason, names in sorted(reasons.items(), key=lambda item: -len(item[1])):
        lines += ["", f"not covered ({len(names)}): {reason}", *_names(names)]
    return "\n".join(lines)


def _names(names: Sequence[str]) -> list[str]:
    columns = min(width(sys.stdout), 100)
    return wrap(", ".join(sorted(names)), columns, initial_indent="  ", subsequent_indent="  ")
