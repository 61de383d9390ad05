"""The executed pages of the documentation: their front matter and their code cells."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import source

DOCS = source.ROOT / "docs"
FRONT_MATTER = re.compile(r"\A---\n(.*?)^---\n", re.MULTILINE | re.DOTALL)
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r":([\w-]+):(.*)\n")


@dataclass(frozen=True)
class Cell:
    """Code, the line of the page where it begins, and whether it is meant to raise."""

    code: str
    line: int
    raises: bool


@dataclass(frozen=True)
class Page:
    """One page as text; ``name`` is its path under ``docs/``."""

    name: str
    text: str

    @property
    def front_matter(self) -> str:
        found = FRONT_MATTER.match(self.text)
        return found[1] if found else ""

    @property
    def claims(self) -> list[str]:
        """The statements that the page shows, as its front matter names them: N1, G3."""
        found = re.search(r"^claims: \[(.*)\]$", self.front_matter, re.MULTILINE)
        return re.findall(r"\w+", found[1]) if found else []

    @property
    def cells(self) -> list[Cell]:
        return [self._cell(found) for found in CELL.finditer(self.text)]

    def _cell(self, found: re.Match[str]) -> Cell:
        start = found.start(1)
        options = {}
        while option := OPTION.match(self.text, start, found.end(1)):
            options[option[1]] = option[2]
            start = option.end()
        line = self.text.count("\n", 0, start) + 1
        return Cell(self.text[start : found.end(1)], line, "raises-" in options.get("tags", ""))


def read(folder: Path = DOCS) -> list[Page]:
    """Every page that holds a code cell, in the order of their names."""
    paths = [path for path in sorted(folder.rglob("*.md")) if "_build" not in path.parts]
    pages = [Page(path.relative_to(folder).as_posix(), path.read_text("utf-8")) for path in paths]
    return [page for page in pages if page.cells]


def execute(page: Page, folder: Path = DOCS) -> None:
    """Run a page's cells one after another as one program; errors carry the page's lines."""
    program: dict[str, Any] = {"__name__": "__main__"}
    for cell in page.cells:
        code = compile("\n" * (cell.line - 1) + cell.code, str(folder / page.name), "exec")
        try:
            exec(code, program)
        except Exception:
            if not cell.raises:
                raise
        else:
            if cell.raises:
                raise AssertionError(f"{page.name}:{cell.line}: this cell was meant to raise.")
        _close_figures()


def _close_figures() -> None:
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
