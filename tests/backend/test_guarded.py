"""No program reads or writes outside its arrays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="pages are guarded by mprotect")]

# A last, partial vector is taken as if it were whole.
_BROKEN = """
from catenary.backend.llvm.pull import Reader
from tests.backend import guarded
Reader.mask = lambda self, guard: guard
guarded.main()
"""


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        env={**os.environ, "PYTHONPATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_odd_sizes_stay_between_their_pages() -> None:
    ran = _run("-m", "tests.backend.guarded")
    assert ran.returncode == 0, f"ended in {ran.stdout.splitlines()[-1:]}:\n{ran.stderr}"


def test_the_pages_are_guarded() -> None:
    ran = _run("-c", _BROKEN)
    assert ran.returncode < 0, "nobody noticed that a vector was read beyond the end"
    assert "Segmentation fault" in ran.stderr or "Bus error" in ran.stderr
