"""`catenary cache`: compiled programs that are kept for the next process."""

from __future__ import annotations

from argparse import Namespace

from catenary.app.terminal import Terminal
from catenary.backend import disk


def run(options: Namespace) -> int:
    """Say where they are and how many, or remove them."""
    terminal = Terminal(options.quiet, options.json)
    if options.action == "clear":
        return _clear(terminal)
    place, sizes = disk.folder(), [size for _, size in disk.entries()]
    if options.json:
        told = None if place is None else str(place)
        facts = {"folder": told, "files": len(sizes), "bytes": sum(sizes), "limit": disk.LIMIT}
        terminal.object(facts)
        return 0
    if place is None:
        terminal.result("turned off (CATENARY_CACHE=0)")
        return 0
    rows = [
        ["folder", str(place)],
        ["files", f"{len(sizes):,}"],
        ["bytes", f"{sum(sizes):,} of at most {disk.LIMIT:,}"],
    ]
    terminal.result("\n".join(f"{name:<8}{value}" for name, value in rows))
    if place.exists() and not disk.is_private(place):
        terminal.note("not used, for others may write there; chmod go-w would help")
    return 0


def _clear(terminal: Terminal) -> int:
    total = sum(size for _, size in disk.entries())
    removed = disk.clear()
    if terminal.as_json:
        terminal.object({"removed": removed, "bytes": total})
    else:
        files = "file" if removed == 1 else "files"
        terminal.result(f"removed {removed:,} {files}, {total:,} bytes")
    return 0
