"""How many threads to use, found out while running.

Results are the same bits for any number of threads, so the number may change from call to call.
What threads gain depends on what else the machine does, and on how far its cores are from each
other: on some, a line of memory that goes from one core to another takes longer than the work that
is saved.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

_TRIALS = 2  # calls of each kind before one is preferred
_AGAIN = 32  # calls after which the other kind is tried once more


class Choice:
    """One program on several threads and on one: whichever was faster of late is called."""

    __slots__ = ("_calls", "_least", "_several", "_single")

    def __init__(self, several: Callable[..., Any], single: Callable[..., Any]) -> None:
        self._several, self._single = several, single
        self._least = [float("inf"), float("inf")]  # seconds of a recent call: several, single
        self._calls = 0

    def __call__(self, *args: Any) -> Any:
        single = self._pick()
        began = perf_counter()
        result = (self._single if single else self._several)(*args)
        if result is not NotImplemented:
            took = perf_counter() - began
            # what was fast once fades, so that a change is noticed
            self._least[single] = min(took, 1.05 * self._least[single])
            self._calls += 1
        return result

    def _pick(self) -> bool:
        """Whether the next call is to be made on one thread."""
        if self._calls < 2 * _TRIALS:
            return bool(self._calls % 2)
        several, single = self._least
        if self._calls % _AGAIN == 0:
            return several <= single  # the other one
        return single < several
