"""How many steps one call of native code takes: few enough that Ctrl-C is heard."""

from __future__ import annotations

CALL_SECONDS = 0.05
GROWTH = 16


class Pace:
    """The number of steps for a call of about a twentieth of a second, from those before it.

    >>> pace = Pace()
    >>> pace.steps
    1
    >>> pace.took(1, 2.0)  # the first call compiles, and says nothing of the others
    >>> pace.took(16, 16e-3)
    >>> pace.steps
    50
    """

    def __init__(self) -> None:
        self.steps = 1
        self._compiled = False

    def took(self, steps: int, seconds: float) -> None:
        """So many steps took so long."""
        most = GROWTH * max(steps, self.steps)
        if self._compiled:
            most = min(most, int(steps * CALL_SECONDS / max(seconds, 1e-9)))
        self.steps = max(most, 1)
        self._compiled = True
