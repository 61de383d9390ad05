"""A folder to work in, and a small table that can be learned quickly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from catenary.app.main import main

ROWS = 60


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def houses(here: Path) -> Path:
    """houses.csv in the working folder."""
    return write_houses(here / "houses.csv")


def write_houses(file: Path) -> Path:
    """A table of houses: an identifier, area, kind, a class (dear), a number (price)."""
    generator = np.random.default_rng(0)
    lines = ["id,area,kind,dear,price"]
    for number in range(ROWS):
        area, kind = generator.uniform(30, 200), ("flat", "house")[number % 2]
        price = 1000 * (area + 50 * (kind == "house"))
        lines.append(f"H{number},{area:.1f},{kind},{'yes' if area > 100 else 'no'},{price:.0f}")
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture(scope="session")
def kept_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two runs on houses.csv: "classes" learned dear, "numbers" the price."""
    folder = tmp_path_factory.mktemp("kept")
    file = str(write_houses(folder / "houses.csv"))
    for name, target, other in (("classes", "dear", "price"), ("numbers", "price", "dear")):
        words = ["--target", target, "--ignore", f"id,{other}", "--epochs", "40", "--quiet"]
        assert main(["train", file, *words, "--json", "--out", str(folder / name)]) == 0
    return folder
