"""How much may be written out: batches of bounded size, and what the machine has free."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from catenary.core import linear_map_errors
from catenary.tracing.recorder import user_line

MEMORY = 2**28  # bytes that one batch of columns may take


def memory_available() -> int | None:
    """Free memory in bytes, where the system tells it."""
    listing = Path("/proc/meminfo")
    if not listing.exists():
        return None
    found = re.search(r"MemAvailable:\s+(\d+) kB", listing.read_text())
    return int(found[1]) * 1024 if found else None


def check_matrix_fits(shape: tuple[int, int], dtype: np.dtype[Any]) -> None:
    """Refuse a matrix that cannot fit before anything of it is allocated."""
    check_fits(shape, shape[0] * shape[1] * dtype.itemsize)


def check_fits(shape: tuple[int, int], needed: int) -> None:
    """Refuse to write out a matrix for which so many bytes are needed and not free."""
    available = too_few(needed)
    if available is not None:
        raise linear_map_errors.matrix_too_large(shape, needed, available, user_line())


def too_few(needed: int) -> int | None:
    """The bytes that are free, where so many are needed and not free; else None."""
    available = memory_available() if needed >= MEMORY else None
    return available if available is not None and needed > available else None
