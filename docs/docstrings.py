"""Reads our docstrings as they are meant: |x| is a formula, and aligned ``name: text`` a table."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

LITERAL_OR_BAR = re.compile(r"``.*?``|\|")
TERM = re.compile(r"([a-z]\w*(?:, \w+)*): +(?=\S)")


def plain(paragraph: list[str]) -> list[str]:
    """Bars are absolute values, not the names of substitutions."""
    return [
        LITERAL_OR_BAR.sub(lambda found: r"\|" if found[0] == "|" else found[0], line)
        for line in paragraph
    ]


def terms(paragraph: list[str]) -> list[str]:
    """A paragraph in which each line names an argument or goes on: a definition list.

    >>> print(*terms(["rows:  how many", "share: of all rows", "       for the test"]), sep="\\n")
    ``rows``
        how many
    ``share``
        of all rows
        for the test
    >>> terms(["so: this begins like a table", "and goes on as prose."])
    ['so: this begins like a table', 'and goes on as prose.']
    """
    indent = len(paragraph[0]) - len(paragraph[0].lstrip())
    result = []
    for line in paragraph:
        head = TERM.match(line, indent)
        if not head and not line[indent].isspace():
            return paragraph
        if head:
            result.append(f"{' ' * indent}``{head[1]}``")
        result.append(" " * (indent + 4) + (line[head.end() :] if head else line.lstrip()))
    return result


def paragraphs(lines: list[str]) -> Iterator[list[str]]:
    for blank, group in itertools.groupby(lines, key=lambda line: not line.strip()):
        paragraph = list(group)
        example = paragraph[0].lstrip().startswith(">>>")
        yield paragraph if blank or example else terms(plain(paragraph))


def process(*event: Any) -> None:
    lines: list[str] = event[-1]
    lines[:] = list(itertools.chain.from_iterable(paragraphs(lines)))


def setup(app: Any) -> dict[str, bool]:
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", process)
    return {"parallel_read_safe": True}
