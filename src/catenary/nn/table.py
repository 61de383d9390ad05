"""Tables as plain text: names to the left, numbers to the right, a line under the header."""

from __future__ import annotations

from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Align columns; the first ``left`` of them to the left, the others to the right.

    >>> print(table(["link", "size"], [["Dense", "12"], ["tanh", "0"]]))
    link   size
    -----  ----
    Dense    12
    tanh      0
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
