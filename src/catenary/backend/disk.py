"""Machine code kept on disk, so that the next process need not make it again.

One file for each graph, compiler and processor, in a folder that belongs to the user alone, for
what is in it will be run. A file is written under another name and then renamed; whatever is not
as it should be is ignored, and replaced when the graph is compiled again.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MAGIC = b"catenary code 1\n"
_DIGEST = hashlib.sha256().digest_size
_UNFINISHED, _ABANDONED = ".part", 3600  # seconds
LIMIT = 512 << 20  # bytes; beyond it the files that were used longest ago go


@dataclass(frozen=True)
class Entry:
    """What is kept of one graph: facts, and blocks of bytes."""

    facts: dict[str, Any]
    blocks: tuple[bytes, ...]


def folder() -> Path | None:
    """Where the files are: CATENARY_CACHE_DIR, or the user's cache; None when it is turned off
    (CATENARY_CACHE=0).
    """
    if os.environ.get("CATENARY_CACHE", "1") in {"0", "off", "no"}:
        return None
    named = os.environ.get("CATENARY_CACHE_DIR")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "catenary"
    except RuntimeError:  # no home
        return None


def is_private(place: Path) -> bool:
    """Whether the folder is there, and nobody else can have written to it."""
    try:
        found = place.stat()
    except OSError:
        return False
    if not hasattr(os, "getuid"):
        return True
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _made(place: Path) -> bool:
    """The folder, if it can be made and is private."""
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return is_private(place)


def load(key: str) -> Entry | None:
    """What was kept under a key, if it is there and whole."""
    place = folder()
    if place is None or not is_private(place):
        return None
    path = place / f"{key}.code"
    try:
        content = path.read_bytes()
    except OSError:
        return None
    with suppress(OSError):  # a folder that can only be read is as good
        os.utime(path)
    return _unpacked(content)


class _Written:
    """Bytes that this process has written since it last looked at the whole folder."""

    def __init__(self) -> None:
        self._bytes = LIMIT  # the first time it looks

    def enough(self, more: int) -> bool:
        """Whether so much came together that it is time to look again."""
        self._bytes += more
        if self._bytes <= LIMIT // 16:
            return False
        self._bytes = 0
        return True


_written = _Written()


def save(key: str, entry: Entry) -> None:
    """Keep an entry; where that is not possible, the code is made again next time."""
    place = folder()
    if place is None or not _made(place):
        return
    name = None
    try:
        handle, name = tempfile.mkstemp(dir=place, suffix=_UNFINISHED)
        content = _packed(entry)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(place / f"{key}.code")
        if _written.enough(len(content)):
            _trim(place)
    except OSError:  # the disk is full, perhaps
        if name is not None:
            with suppress(OSError):
                Path(name).unlink(missing_ok=True)


def entries() -> list[tuple[Path, int]]:
    """The files and their sizes."""
    place = folder()
    return [] if place is None else [(path, facts.st_size) for path, facts in _found(place)]


def clear() -> int:
    """Remove all files; how many there were."""
    place = folder()
    if place is None:
        return 0
    found = _found(place)
    for path, _ in [*found, *_found(place, _UNFINISHED)]:
        path.unlink(missing_ok=True)
    return len(found)


def _found(place: Path, ending: str = ".code") -> list[tuple[Path, os.stat_result]]:
    """The files in a folder; another process may remove some at any moment."""
    found = []
    for path in sorted(place.glob(f"*{ending}")):
        with suppress(FileNotFoundError):
            found.append((path, path.stat()))
    return found


def _trim(place: Path) -> None:
    """Remove what was used longest ago, and what writers left behind that were killed."""
    found = _found(place)
    excess = sum(facts.st_size for _, facts in found) - LIMIT
    for path, facts in sorted(found, key=lambda pair: pair[1].st_mtime):
        if excess <= 0:
            break
        path.unlink(missing_ok=True)
        excess -= facts.st_size
    for path, facts in _found(place, _UNFINISHED):
        if time.time() - facts.st_mtime > _ABANDONED:
            path.unlink(missing_ok=True)


# ---- one file: magic, digest of the rest, length of the facts, facts, blocks --------------------


def _packed(entry: Entry) -> bytes:
    facts = {**entry.facts, "blocks": [len(block) for block in entry.blocks]}
    text = json.dumps(facts).encode()
    rest = len(text).to_bytes(8, "little") + text + b"".join(entry.blocks)
    return _MAGIC + hashlib.sha256(rest).digest() + rest


def _unpacked(content: bytes) -> Entry | None:
    head = len(_MAGIC) + _DIGEST
    rest = content[head:]
    if content[: len(_MAGIC)] != _MAGIC:
        return None
    if hashlib.sha256(rest).digest() != content[len(_MAGIC) : head]:
        return None
    size = int.from_bytes(rest[:8], "little")
    facts = json.loads(rest[8 : 8 + size])
    blocks, at = [], 8 + size
    for length in facts.pop("blocks"):
        blocks.append(rest[at : at + length])
        at += length
    return Entry(facts, tuple(blocks))


# ---- keys ---------------------------------------------------------------------------------------


def key_of(parts: Sequence[bytes]) -> str:
    """A name for what these bytes say."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:40]
