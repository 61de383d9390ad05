"""What the settings of optimizers and schedules may be, checked when they are written down.

Checks look at plain numbers only. A setting that is an array or is being traced (an optimizer is
a tree like any other, so its numbers may be arguments of a jitted function) is taken as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import fields
from numbers import Real
from typing import Any, NamedTuple

from catenary.core import descent_errors, errors


class Range(NamedTuple):
    """The values that a setting may have, in words and as a test."""

    words: str
    holds: Callable[[float], bool]


FINITE = Range("a finite number", math.isfinite)
NOT_NEGATIVE = Range("a finite number, 0 or more", lambda v: 0 <= v < math.inf)
POSITIVE = Range("a finite number above 0", lambda v: 0 < v < math.inf)
FRACTION = Range("a number from 0 up to, not including, 1", lambda v: 0 <= v < 1)
RECTIFIABLE = Range("a number above 0.6 and below 1", lambda v: 0.6 < v < 1)
GROWTH = Range("a finite number, 1 or more", lambda v: 1 <= v < math.inf)
PART = Range("a number above 0, at most 1", lambda v: 0 < v <= 1)
COUNT = Range("a whole number, 1 or more", lambda v: v >= 1 and v.is_integer())
TIMES = Range("a whole number, 0 or more", lambda v: v >= 0 and v.is_integer())
RATE = Range(
    "a number, 0 or more, or a schedule: a function from the step count to such a number\n"
    "  (Plateau is none: it stands behind the optimizer, chain(optimizer, Plateau()))",
    NOT_NEGATIVE.holds,
)


def check(owner: object, **allowed: Range) -> None:
    """Refuse a setting outside its range, naming it, what was expected and what was given."""
    for name, within in allowed.items():
        check_value(name, getattr(owner, name), within)


def check_names(owner: Any, given: Iterable[str]) -> None:
    """Refuse a setting that a dataclass does not have, with the near match."""
    known = [field.name for field in fields(owner)]
    for name in given:
        if name not in known:
            raise errors.unknown_name(f"setting of {owner.__name__}", name, known)


def check_value(name: str, value: Any, within: Range) -> None:
    """Refuse one value outside its range."""
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not (within.holds(float(value)) if number else hasattr(value, "dtype")):
        raise descent_errors.bad_setting(name, within.words, value)
