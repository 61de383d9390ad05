"""README's table of speeds, between two marks."""

from __future__ import annotations

from pathlib import Path

from benchmarks.table import Section, markdown
from benchmarks.timing import ROOT

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
README = ROOT / "README.md"


def rewrite(sections: list[Section], about: str, path: Path = README) -> None:
    """Put the tables between the marks, in place of what stands there."""
    text = path.read_text("utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise SystemExit(f"{path.name} has to have the lines {BEGIN} and {END} once each")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    tables = "\n\n".join(markdown(section) for section in sections)
    told = f"Measured by `python -m benchmarks` on {about}."
    path.write_text(f"{before}{BEGIN}\n{told}\n\n{tables}\n{END}{after}", "utf-8")
