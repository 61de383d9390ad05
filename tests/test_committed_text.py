"""What must not stand in any file of the project: where packages come from, and whose disk this is.

Which registry a machine installs from is that machine's setting. A path that begins at the root
of one disk works on no other.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests import source

# In pieces, for this file is read like every other.
REGISTRY_HOSTS = ["py" + "pi.org", "python" + "hosted.org", "ana" + "conda.", "conda" + "-forge"]
REGISTRY_HOSTS += ["download.py" + "torch.org", "py" + "pi.nvidia", "npm" + "js.", "cra" + "tes.io"]
REGISTRY_OPTIONS = [f"--{option}" for option in ("index-" + "url", "find-" + "links")]
REGISTRY_OPTIONS += [f"{kind}index" + "-url" for kind in ("", "extra-")]
HOME_FOLDERS = ["home", "root", "work", "Users", "mnt", "opt"]

FORBIDDEN = {
    "a package registry": re.compile(
        "|".join(map(re.escape, REGISTRY_HOSTS + REGISTRY_OPTIONS)), re.IGNORECASE
    ),
    "a path of one machine": re.compile(
        rf"(?<![\w.\-/}}])/(?:{'|'.join(HOME_FOLDERS)})/\w|\b[A-Z]:\\\\?Users\b"
    ),
}


def committed() -> dict[str, str]:
    """The text of every file under version control, or of the whole unpacked source."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=source.ROOT, capture_output=True, text=True, check=False
    )
    names = listing.stdout.split("\0") if listing.returncode == 0 else _unpacked()
    return {name: text for name in names if (text := _text(source.ROOT / name)) is not None}


def _unpacked() -> Iterator[str]:
    for path in source.ROOT.rglob("*"):
        name = path.relative_to(source.ROOT)
        if not any(part.startswith(".venv") or part.endswith("cache") for part in name.parts):
            yield str(name)


def _text(path: Path) -> str | None:
    if not path.is_file():
        return None
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None


def forbidden(texts: Mapping[str, str]) -> list[str]:
    return [
        f"{name}:{number}: names {what}: {line.strip()}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]


def test_no_file_names_a_registry_or_a_machine() -> None:
    texts = committed()
    assert "pyproject.toml" in texts
    complaints = forbidden(texts)
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    "line",
    [
        "see https://" + REGISTRY_HOSTS[0] + "/project/catenary",
        "pip install --index-" + "url=https://example.org x",
        "extra-index" + "-url = x",
        "data in /" + "home/ada/runs",
        "'/" + "work/main'",
        "C:" + r"\Users\ada",
    ],
)
def test_a_breach_is_seen(line: str) -> None:
    assert len(forbidden({"file": line})) == 1


def test_ordinary_paths_are_welcome() -> None:
    texts = ["docs/work/page.md", "https://example.org/home/page", "a / work / b", "x/root/y"]
    assert forbidden(dict.fromkeys(texts, "") | {"file": "\n".join(texts)}) == []
