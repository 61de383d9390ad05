"""Seconds of a call, many times over: what a worker does between two lines of its pipe."""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import repeat
from time import perf_counter
from typing import Any

# Long against the clock's own 50 ns, short against the turns that workers take.
SHORTEST = 200e-6
MOST = 2000


def loop(call: Callable[[], Any], times: int) -> float:
    """Seconds for that many calls."""
    begin = perf_counter()
    for _ in repeat(None, times):
        call()
    return perf_counter() - begin


def samples(call: Callable[[], Any], budget: float) -> list[float]:
    """Seconds per call, measured again and again for about ``budget`` seconds, at least once.

    Begins with calls that do not count: caches and thread pools have gone cold meanwhile.
    """
    warm = loop(call, 1)
    if warm < budget / 10:
        warm = min(loop(call, 1) for _ in range(3))
    times = max(1, round(SHORTEST / max(warm, 1e-9)))
    if times > 1:
        times = max(1, round(SHORTEST * times / loop(call, times)))
    found: list[float] = []
    collecting = gc.isenabled()
    gc.disable()
    try:
        end = perf_counter() + budget
        while not found or (perf_counter() < end and len(found) < MOST):
            found.append(loop(call, times) / times)
    finally:
        if collecting:
            gc.enable()
    return found
