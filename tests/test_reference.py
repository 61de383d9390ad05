"""The reference names every public name, once, under the name by which users reach it."""

from __future__ import annotations

import re
from collections import Counter
from types import ModuleType

import pytest

from tests.pages import DOCS
from tests.test_docs_coverage import NAMESPACES, namespace

ENTRY = re.compile(r"^\.\. auto(?:function|class|exception|data):: (\S+)$", re.MULTILINE)

# Names that stand for another entry: the same object, or the module of a page.
ELSEWHERE = {
    "catenary.optim.SGD": "catenary.optim.GradientDescent",
    "catenary.optim.maximize": "catenary.maximize",
    "catenary.optim.minimize": "catenary.minimize",
    "catenary.train.fit": "catenary.fit",
}


def entries() -> list[str]:
    """What the pages of the reference describe."""
    pages = sorted((DOCS / "reference").glob("*.md"))
    return [name for page in pages for name in ENTRY.findall(page.read_text("utf-8"))]


@pytest.mark.parametrize("path", NAMESPACES)
def test_every_public_name_has_an_entry(path: str) -> None:
    space = namespace(path)
    described = set(entries())
    names = {
        f"{path}.{name}"
        for name in space.__all__
        if not isinstance(getattr(space, name), ModuleType)
    }
    missing = {name for name in names if ELSEWHERE.get(name, name) not in described}
    assert not missing, f"not in docs/reference: {sorted(missing)}"


def test_every_entry_exists_and_stands_once() -> None:
    found = entries()
    twice = [name for name, count in Counter(found).items() if count > 1]
    assert not twice, f"twice in docs/reference: {twice}"
    for name in found:
        assert namespace(name) is not None


def test_the_reference_is_found() -> None:
    assert {"catenary.grad", "catenary.nn.Chain", "catenary.optim.Adam"} <= set(entries())
