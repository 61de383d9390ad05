"""Every code cell of the documentation runs, and every experiment asserts what it states."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from tests import pages
from tests.pages import Page

PAGES = pages.read()
EXPERIMENTS = [page for page in PAGES if page.name.startswith("experiments/")]

HEADER = "---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\n---\n"


def faults(page: Page) -> list[str]:
    """What keeps a page from being executed by the build as it is by this test."""
    found = []
    if "file_format: mystnb" not in page.front_matter or "kernelspec:" not in page.front_matter:
        found.append(f"{page.name} has code cells and no front matter of a notebook.")
    if page.text.count("{code-cell}") != len(page.cells):
        found.append(f"{page.name} has a code cell that does not end.")
    if "plt.show()" in page.text:
        found.append(f"{page.name} calls plt.show(): a figure shows itself at the end of a cell.")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_runs(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert faults(page) == []
    pages.execute(page)


@pytest.mark.parametrize("page", EXPERIMENTS, ids=lambda page: page.name)
def test_an_experiment_asserts_the_claims_that_it_names(page: Page) -> None:
    assert page.claims, f"{page.name} names no claims in its front matter."
    code = "".join(cell.code for cell in page.cells)
    asserted = code.count("assert ") + code.count("np.testing.assert_")
    assert asserted, f"{page.name} asserts nothing."


def test_an_error_is_seen_at_its_line() -> None:
    page = Page(
        "guide/page.md", HEADER + "\n```{code-cell}\n:tags: [hide-input]\na = 1\na / 0\n```\n"
    )
    with pytest.raises(ZeroDivisionError) as caught:
        pages.execute(page)
    frame = traceback.extract_tb(caught.tb)[-1]
    assert (Path(frame.filename).name, frame.lineno) == ("page.md", 9)


def test_cells_share_one_program_and_may_be_meant_to_raise() -> None:
    text = "```{code-cell}\na = 1\n```\n\n```{code-cell}\n:tags: [raises-exception]\n%s\n```\n"
    pages.execute(Page("page.md", text % "a / 0"))
    with pytest.raises(AssertionError, match="meant to raise"):
        pages.execute(Page("page.md", text % "a / 1"))


def test_a_fault_is_seen() -> None:
    body = "\n```{code-cell}\nplt.show()\n```\n"
    assert len(faults(Page("page.md", HEADER + body))) == 1
    assert len(faults(Page("page.md", body + "\n```{code-cell}\n1\n"))) == 3


def test_front_matter_names_claims() -> None:
    assert Page("page.md", HEADER.replace("file", "claims: [N1, G3]\nfile", 1)).claims == [
        "N1",
        "G3",
    ]
