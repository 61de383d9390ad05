"""Machine code on disk: found again, never trusted, never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from catenary.backend import disk
from catenary.backend.llvm import compiled, translation
from catenary.backend.native import compile_graph
from catenary.tracing.trace import trace

ENTRY = disk.Entry({"arena_bytes": 64, "names": ["body"]}, (b"first", b"", b"\0" * 100))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, not made yet."""
    monkeypatch.setenv("CATENARY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("CATENARY_CACHE", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The modules that LLVM had to work on."""
    seen: list[str] = []
    original = translation.improved

    def improved(text: str, target: object) -> object:
        seen.append(text)
        return original(text, target)

    monkeypatch.setattr(translation, "improved", improved)
    return seen


def run() -> None:
    """Compile a graph that no other test compiles, and see that it is right."""
    program = compile_graph(trace(lambda x: np.sin(x) * x - np.cos(x), np.ones(11)))
    x = np.linspace(0, 1, 11)
    np.testing.assert_allclose(program([x])[0], np.sin(x) * x - np.cos(x), rtol=1e-13)


def only(place: Path) -> Path:
    (path,) = place.glob("*.code")
    return path


def test_what_is_saved_is_found(place: Path) -> None:
    assert disk.load("a") is None
    disk.save("a", ENTRY)
    assert disk.load("a") == ENTRY
    assert disk.load("b") is None
    assert [path.name for path, _ in disk.entries()] == ["a.code"]
    assert not list(place.glob("*.part"))


def test_the_folder_is_the_users_alone(place: Path) -> None:
    disk.save("a", ENTRY)
    assert place.stat().st_mode & 0o777 == 0o700


def test_a_program_is_translated_once(place: Path, passes: list[str]) -> None:
    run()
    assert passes
    passes.clear()
    run()
    assert not passes


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-1],
        lambda content: content[:20],
        lambda content: b"",
        lambda content: content + b"x",
        lambda content: content[:-40] + bytes([content[-40] ^ 1]) + content[-39:],
        lambda content: b"something else\n" + content,
        lambda content: content[:16] + bytes(32) + content[48:],
    ],
)
def test_a_spoiled_file_is_ignored_and_replaced(
    place: Path, passes: list[str], spoil: object
) -> None:
    run()
    good = only(place).read_bytes()
    only(place).write_bytes(spoil(good))  # type: ignore[operator]
    passes.clear()
    run()
    assert passes
    assert disk.load(only(place).stem) is not None
    passes.clear()
    run()
    assert not passes


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_may_write_to_is_not_used(
    place: Path, passes: list[str], mode: int
) -> None:
    run()
    place.chmod(mode)
    passes.clear()
    run()
    assert passes
    assert not disk.is_private(place)
    place.chmod(0o755)  # others may read
    passes.clear()
    run()
    assert not passes


def test_a_folder_of_somebody_else_is_not_used(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.save("a", ENTRY)
    monkeypatch.setattr(os, "getuid", lambda: place.stat().st_uid + 1)
    assert disk.load("a") is None
    disk.save("b", ENTRY)
    assert [path.name for path in place.glob("*.code")] == ["a.code"]


@pytest.mark.parametrize("word", ["0", "off", "no"])
def test_it_can_be_turned_off(place: Path, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("CATENARY_CACHE", word)
    run()
    assert disk.folder() is None
    assert disk.entries() == []
    assert disk.clear() == 0
    assert not place.exists()


def test_a_folder_that_cannot_be_made_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CATENARY_CACHE_DIR", str(tmp_path / "file" / "cache"))
    run()
    assert disk.entries() == []


def test_a_full_disk_leaves_nothing_behind(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    run()
    assert list(place.iterdir()) == []


def test_a_folder_that_can_only_be_read_is_read(
    place: Path, passes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> None:
        raise OSError(30, "Read-only file system")

    run()
    passes.clear()
    monkeypatch.setattr(os, "utime", refused)
    run()
    assert not passes


def test_the_oldest_go_first(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for age, name in enumerate("dcba"):
        disk.save(name, ENTRY)
        os.utime(place / f"{name}.code", (1000 - age, 1000 - age))
    (size, *_) = {size for _, size in disk.entries()}
    monkeypatch.setattr(disk, "LIMIT", 3 * size)
    assert disk.load("a") is not None  # used now, so no longer the oldest
    disk.save("e", ENTRY)
    assert [path.stem for path, _ in disk.entries()] == ["a", "d", "e"]


def test_what_killed_writers_left_goes_in_time(place: Path) -> None:
    disk.save("a", ENTRY)
    for name, age in (("old", 0), ("young", None)):
        path = place / f"{name}.part"
        path.write_bytes(b"half")
        if age is not None:
            os.utime(path, (age, age))
    disk._trim(place)
    disk.save("b", ENTRY)
    assert [path.name for path in place.glob("*.part")] == ["young.part"]
    assert disk.clear() == 2
    assert list(place.iterdir()) == []


def test_files_that_vanish_meanwhile_do_not_matter(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.save("a", ENTRY)
    ghosts = [*place.glob("*"), place / "ghost.code"]
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter(ghosts))
    assert [path.stem for path, _ in disk.entries()] == ["a"]


def test_threads_processors_and_graphs_have_files_of_their_own() -> None:
    one, other = (trace(f, np.ones(3)) for f in (np.sin, np.cos))
    keys = {compiled.key_of(graph, n) for graph in (one, other) for n in (1, 2)}
    assert len(keys) == 4


PROGRAM = """
    import sys
    import numpy as np
    import catenary as cat
    from catenary.backend.llvm import translation

    passes = []
    original = translation.improved
    translation.improved = lambda *given: passes.append(1) or original(*given)

    def f(x):
        return np.sum(np.tanh(x @ x.T) ** 2, axis=0)

    x = np.linspace(-1, 1, 35).reshape(7, 5)
    found = cat.jit(f)(x)
    assert np.allclose(found, f(x), rtol=1e-13)
    print(len(passes), found.tobytes().hex())
"""


def started() -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    passes, bits = out.split()
    return int(passes), bits


def test_a_second_process_calls_none_of_the_passes(place: Path) -> None:
    first, bits = ended(started())
    second, again = ended(started())
    assert first > 0
    assert second == 0
    assert again == bits


def test_several_processes_may_write_at_once(place: Path) -> None:
    found = [ended(process) for process in [started() for _ in range(4)]]
    assert len({bits for _, bits in found}) == 1
    assert len(disk.entries()) == len(list(place.iterdir()))
    assert all(disk.load(path.stem) is not None for path, _ in disk.entries())
    assert ended(started()) == (0, found[0][1])


def test_this_suite_does_not_touch_the_users_own() -> None:
    place = disk.folder()
    assert place is not None
    assert place.name.startswith("catenary-tests-")
