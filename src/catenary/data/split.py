"""Divide rows into those for training, for validation and for the test."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catenary.core import input_errors
from catenary.tracing import random

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """Indices of rows, ascending, each row in exactly one part.

    >>> parts = split(5, validation=0.2, test=0.2)
    >>> sorted([*parts.train, *parts.validation, *parts.test]) == [0, 1, 2, 3, 4]
    True
    """

    train: Rows
    validation: Rows
    test: Rows


def split(
    rows: int,
    *,
    validation: float = 0.1,
    test: float = 0.2,
    classes: NDArray[np.int64] | None = None,
    seed: int = 0,
) -> Split:
    """Divide row indices at random, the same way for the same seed on every machine.

    rows:       how many rows there are
    validation: the share of all rows for validation, 0 ≤ share < 1
    test:       the share of all rows for the test, 0 ≤ share < 1
    classes:    int64 [rows]; with it every part gets its share of every class, as nearly as whole
                rows allow, and every class has at least one row in training

    Raises `InputError` for shares that leave nothing for training, and for too few rows.

    >>> parts = split(10, validation=0.1, test=0.2)
    >>> len(parts.train), len(parts.validation), len(parts.test)
    (7, 1, 2)
    """
    for name, share in (("validation", validation), ("test", test)):
        if not 0 <= share < 1:
            raise input_errors.share_out_of_range(name, share)
    if validation + test >= 1:
        raise input_errors.shares_leave_nothing(validation, test)
    if rows < 1:
        raise input_errors.too_few_rows(rows, "training")
    groups = np.zeros(rows, np.int64) if classes is None else classes
    order = random.permutation(random.key(seed), rows)
    # Rows of one class stand together, in random order, and are dealt to the parts in turn.
    order = order[np.argsort(groups[order], kind="stable")]
    parts = _deal(groups[order], validation, test)
    found = Split(*(np.sort(order[parts == part]) for part in range(3)))
    wanted = {"training": True, "validation": validation > 0, "test": test > 0}
    for (name, needed), part in zip(wanted.items(), (found.train, found.validation, found.test)):
        if needed and not len(part):
            raise input_errors.too_few_rows(rows, name)
    return found


def _deal(groups: NDArray[np.int64], validation: float, test: float) -> NDArray[np.int8]:
    """The part of each row (0 training, 1 validation, 2 test), given rows sorted by class.

    The counts of test and validation run along the classes as ⌊share · rows so far + ½⌋, so each
    class gets its share up to one row, and the whole exactly its own.
    """
    parts = np.zeros(len(groups), np.int8)
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    stops = np.append(starts[1:], len(groups))
    for start, stop in zip(starts, stops):
        tests = _count(test, stop) - _count(test, start)
        others = _count(validation, stop) - _count(validation, start)
        # The first row of a class is for training, whatever the shares say.
        free = stop - start - 1
        tests = min(tests, free)
        others = min(others, free - tests)
        parts[stop - tests : stop] = 2
        parts[stop - tests - others : stop - tests] = 1
    return parts


def _count(share: float, rows: np.intp) -> int:
    return math.floor(share * rows + 0.5)
