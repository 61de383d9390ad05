"""`catenary datasets`: the data sets that need no file."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import asdict

from catenary.app.terminal import Terminal, table
from catenary.data.builtin import BUILTIN


def run(options: Namespace) -> int:
    """List them."""
    terminal = Terminal(options.quiet, options.json)
    if options.json:
        terminal.object([asdict(description) for description in BUILTIN.values()])
        return 0
    rows = [
        [
            found.name,
            f"{found.classes} classes" if found.classes else "a number",
            found.about,
            str(found.rows),
            str(found.inputs),
        ]
        for found in BUILTIN.values()
    ]
    head = ["name", "target", "what it is", "rows", "inputs"]
    terminal.result(table(head, rows, left=3, stream=sys.stdout))
    return 0
