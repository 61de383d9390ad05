"""A folder to work in, and a small table that can be learned quickly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

ROWS = 60


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def houses(here: Path) -> Path:
    """houses.csv: area, kind, an identifier, a class (dear), a number (price)."""
    generator = np.random.default_rng(0)
    lines = ["id,area,kind,dear,price"]
    for number in range(ROWS):
        area, kind = generator.uniform(30, 200), ("flat", "house")[number % 2]
        price = 1000 * (area + 50 * (kind == "house"))
        lines.append(f"H{number},{area:.1f},{kind},{'yes' if area > 100 else 'no'},{price:.0f}")
    file = here / "houses.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def colourless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
