"""`catenary cache`: where programs are kept, how many there are, and none after `clear`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from catenary.app.main import main
from catenary.backend import disk

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two programs."""
    monkeypatch.setenv("CATENARY_CACHE_DIR", str(tmp_path / "cache"))
    for name in "ab":
        disk.save(name, disk.Entry({}, (b"code",)))
    return tmp_path / "cache"


def test_it_says_where_and_how_many(place: Path, capsys: Capture) -> None:
    total = sum(path.stat().st_size for path in place.iterdir())
    assert main(["cache"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"folder  {place}",
        "files   2",
        f"bytes   {total:,} of at most {disk.LIMIT:,}",
    ]
    assert main(["cache", "--json"]) == 0
    facts = {"folder": str(place), "files": 2, "bytes": total, "limit": disk.LIMIT}
    assert json.loads(capsys.readouterr().out) == facts


def test_clear_removes_them_and_nothing_else(place: Path, capsys: Capture) -> None:
    (place / "note.txt").write_text("mine")
    total = sum(path.stat().st_size for path in place.glob("*.code"))
    assert main(["cache", "clear", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": 2, "bytes": total}
    assert [path.name for path in place.iterdir()] == ["note.txt"]
    assert main(["cache", "clear"]) == 0
    assert capsys.readouterr().out == "removed 0 files, 0 bytes\n"


def test_without_a_folder_there_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("CATENARY_CACHE_DIR", str(tmp_path / "none"))
    assert main(["cache", "clear"]) == main(["cache"]) == 0
    assert "files   0" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()


def test_turned_off(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("CATENARY_CACHE", "0")
    assert main(["cache"]) == 0
    assert capsys.readouterr().out == "turned off (CATENARY_CACHE=0)\n"
    assert main(["cache", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["folder"] is None


def test_a_folder_that_is_not_used_is_said(place: Path, capsys: Capture) -> None:
    place.chmod(0o770)
    assert main(["cache"]) == 0
    assert "not used, for others may write there" in capsys.readouterr().err


def test_a_mistyped_action_gets_code_2(place: Path, capsys: Capture) -> None:
    assert main(["cache", "claer"]) == 2
    assert "did you mean clear?" in capsys.readouterr().err
    assert len(disk.entries()) == 2


def test_it_loads_no_array_library() -> None:
    program = (
        "import sys; from catenary.app.main import main; main(['cache']);"
        "sys.exit('numpy' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], check=False, stdout=subprocess.DEVNULL)
    assert run.returncode == 0
