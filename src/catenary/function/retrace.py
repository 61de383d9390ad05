"""Notice when a jitted function is traced again and again, and say what keeps changing."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Hashable, Sequence
from time import monotonic

from catenary.core.errors import traced_often
from catenary.tracing import tree
from catenary.tracing.recorder import user_line

_TRACES = 16
_SECONDS = 60.0


class Retracing:
    """The latest traces of one function; warns once when there are many of them in a minute."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._times: deque[float] = deque(maxlen=_TRACES)
        self._last: Sequence[Hashable] | None = None
        self._warned = False

    def traced(self, key: Sequence[Hashable]) -> None:
        """One more trace, for arguments of this key."""
        last, self._last = self._last, key
        self._times.append(monotonic())
        many = len(self._times) == _TRACES and self._times[-1] - self._times[0] < _SECONDS
        if not many or self._warned or last is None:
            return
        self._warned = True
        message = traced_often(self.name, _TRACES, _changes(last, key), user_line())
        warnings.warn(message, RuntimeWarning, stacklevel=7)


def _changes(old: Sequence[Hashable], new: Sequence[Hashable]) -> str:
    """In words, what tells two keys apart: each is a structure, static arguments, leaves."""
    found = []
    if old[0] != new[0]:
        return "the structure of the arguments"
    if old[1] != new[1]:
        before, after = dict(old[1]), dict(new[1])  # type: ignore[call-overload]
        found += [
            f"the static argument {name} from {_static(before.get(name))} to {_static(value)}"
            for name, value in after.items()
            if before.get(name) != value
        ]
    names = tree.leaf_names(new[0])  # type: ignore[arg-type]
    for name, was, now in zip(names, old[2:], new[2:], strict=True):
        if was != now:
            found.append(f"the argument {name[3:]} from {_leaf(was)} to {_leaf(now)}")
    return "; ".join(found[:3]) + ("; …" if len(found) > 3 else "")


def _leaf(key: object) -> str:
    """A leaf of a key: an array's shape and dtype, or a static value."""
    if isinstance(key, tuple) and len(key) == 3:
        shape, dtype, weak = key
        return "a Python float" if weak else f"{dtype}{list(shape)}"
    return _static(key)


def _static(key: object) -> str:
    return repr(key[1]) if isinstance(key, tuple) and len(key) == 2 else repr(key)
