"""What of NumPy and SciPy traced arrays cover, computed from the tables that cover it."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from catenary.tracing import methods, namespace, numpy_api
from catenary.tracing.table import FUNCTIONS, NOT_APPLICABLE, NOT_YET, SPECIAL, UFUNCS, VALUES

_LOADED = (methods, numpy_api)  # imported so that the tables are full

COVERED = "covered"
VALUES_AT_HAND = "values at hand only"
OPEN = "not yet"
NEVER = "not applicable"


@dataclass(frozen=True)
class Entry:
    """One public callable: whether it takes traced arrays, and why not."""

    namespace: str  # "numpy", "scipy.special", …
    name: str
    kind: str
    reason: str  # never empty unless it is simply covered

    @property
    def covered(self) -> bool:
        """Whether a call with traced arrays works, under jit or with values at hand."""
        return self.kind in {COVERED, VALUES_AT_HAND}


@dataclass(frozen=True)
class Coverage:
    """Every public callable of NumPy and scipy.special, namespace by namespace."""

    entries: tuple[Entry, ...]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def count(self, space: str) -> dict[str, int]:
        """How many callables of a namespace are of each kind."""
        return dict(Counter(entry.kind for entry in self.entries if entry.namespace == space))

    def __repr__(self) -> str:
        spaces = dict.fromkeys(entry.namespace for entry in self.entries)
        lines = []
        for space in spaces:
            counted = ", ".join(f"{n} {kind}" for kind, n in sorted(self.count(space).items()))
            lines.append(f"{space}: {counted}")
        return "\n".join(lines)


def report() -> Coverage:
    """The coverage of numpy, numpy.linalg, numpy.fft and scipy.special.

    >>> found = {entry.name: entry for entry in report() if entry.namespace == "numpy"}
    >>> found["einsum"].kind, found["nonzero"].kind, found["i0"].kind
    ('covered', 'values at hand only', 'not yet')
    """
    import scipy.special

    modules = (np, np.linalg, np.fft, scipy.special)
    return Coverage(tuple(_entry(module, name) for module in modules for name in _names(module)))


def _names(module: ModuleType) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names on their way out warn when they are looked at
        return [n for n in sorted(dir(module)) if n[0] != "_" and callable(getattr(module, n))]


def _entry(module: ModuleType, name: str) -> Entry:
    found = getattr(module, name)
    kind, reason = _status(module.__name__, name, found)
    return Entry(module.__name__, name, kind, reason)


def _status(space: str, name: str, found: Any) -> tuple[str, str]:
    if isinstance(found, type):
        return NEVER, "a class, not a function"
    if space == "scipy.special" and name in namespace.SPECIAL_FUNCTIONS:
        return COVERED, "with SCIPY_ARRAY_API=1 in the environment"
    if found in VALUES:
        return VALUES_AT_HAND, "the result's shape depends on values, which jit does not know"
    if found in UFUNCS or found in FUNCTIONS or (space == "scipy.special" and name in SPECIAL):
        return COVERED, ""
    full = f"{space}.{name}"
    if full in NOT_YET:
        return OPEN, NOT_YET[full]
    return NEVER, NOT_APPLICABLE.get(full, "")
