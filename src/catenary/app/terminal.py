"""What is printed where: results to stdout, all else to stderr, tables as they fit."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Terminal:
    """The two streams of a command.

    quiet:   say nothing that is no result
    as_json: results are one JSON object, so that nothing else may go to stdout
    """

    quiet: bool = False
    as_json: bool = False

    def say(self, text: str) -> None:
        """Tell the person at the terminal something; not a result."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        """Tell something that may need attention."""
        self.say(paint(f"note: {text}", "33", sys.stderr))

    def result(self, text: str) -> None:
        """Print a result."""
        print(text, flush=True)

    def object(self, found: Mapping[str, Any] | Sequence[Any]) -> None:
        """Print a result as one line of JSON; NaN and infinity become null, as JSON has neither."""
        print(json.dumps(finite(found), ensure_ascii=False), flush=True)


def finite(value: Any) -> Any:
    """A tree of plain values with None for numbers that JSON cannot say.

    >>> finite({"cost": float("nan"), "epochs": 3})
    {'cost': None, 'epochs': 3}
    """
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def coloured(stream: TextIO) -> bool:
    """Whether a stream is a terminal that may be coloured: https://no-color.org."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, code: str, stream: TextIO) -> str:
    """The text in a colour (an ANSI code), where the stream may be coloured."""
    return f"\033[{code}m{text}\033[0m" if coloured(stream) else text


def width(stream: TextIO) -> int:
    """How many columns a line may have: those of the terminal, 80 elsewhere."""
    return shutil.get_terminal_size((80, 24)).columns if stream.isatty() else 80


def paragraph(text: str, stream: TextIO) -> str:
    """A text in lines as long as the stream's."""
    return textwrap.fill(text, width(stream), break_long_words=False, break_on_hyphens=False)


def table(head: Sequence[str], rows: Rows, *, left: int = 1, stream: TextIO) -> str:
    """A table as text: ruled by rich on a terminal where it is installed, else aligned columns.

    left: how many of the first columns are texts, aligned to the left; the others are numbers.
    """
    if stream.isatty():
        try:
            return _ruled(head, rows, left, stream)
        except ImportError:
            pass
    return plain_table(head, rows, left=left)


def plain_table(head: Sequence[str], rows: Rows, *, left: int = 1) -> str:
    """Aligned columns, two spaces apart.

    >>> print(plain_table(["link", "size"], [["Dense", "12"]]))
    link   size
    Dense    12
    """
    lines = [head, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(wide) if place < left else cell.rjust(wide)
            for place, (cell, wide) in enumerate(zip(line, widths))
        ).rstrip()
        for line in lines
    )


def _ruled(head: Sequence[str], rows: Rows, left: int, stream: TextIO) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    ruled = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, name in enumerate(head):
        ruled.add_column(Text(name), justify="left" if place < left else "right")
    for row in rows:
        ruled.add_row(*map(Text, row))
    colours: Any = "auto" if coloured(stream) else None
    console = Console(file=stream, color_system=colours, width=width(stream))
    with console.capture() as capture:
        console.print(ruled)
    return "\n".join(line.rstrip() for line in capture.get().rstrip("\n").splitlines())
