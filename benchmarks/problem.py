"""The numbers of a case: examples, their order, weights to begin with; the same for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.case import Case

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Problem:
    """``x`` and ``y``; ``order``: the rows of each step; ``last``: those of the short one.

    ``weights``: a matrix (inputs, outputs) and a bias for each link.
    """

    x: Array
    y: Array
    order: Array
    last: Array
    weights: list[tuple[Array, Array]]


def problem(case: Case) -> Problem:
    """Made from a fixed seed; nobody sends arrays from process to process."""
    rng = np.random.default_rng(20)
    x = rng.normal(size=(case.rows, case.widths[0])).astype(case.dtype)
    scale = 2.0 if case.activation in {"relu", "leaky_relu", "gelu"} else 1.0
    weights = [
        (
            (rng.normal(size=(m, n)) * np.sqrt(scale / m)).astype(case.dtype),
            (0.1 * rng.normal(size=n)).astype(case.dtype),
        )
        for m, n in case.layers
    ]
    rows = rng.permutation(case.rows).astype(np.int32)
    cut = 0 if case.full else case.steps * case.batch
    order = rows[:cut].reshape(case.steps, -1)
    return Problem(x, _targets(case, x, rng), order, rows[cut:], weights)


def _targets(case: Case, x: Array, rng: np.random.Generator) -> Array:
    """What a random linear map says of each row: something that can be learned."""
    seen = x @ rng.normal(size=(x.shape[1], case.widths[-1])) / np.sqrt(x.shape[1])
    if case.classes:
        return np.asarray(seen.argmax(1), np.int32)
    return np.asarray((np.tanh(seen) + 1) / 2, case.dtype)
