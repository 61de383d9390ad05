"""The law of batches: many examples at once are the examples one by one."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from catenary.core.primitive import NotYet, Primitive
from catenary.transform.batch import batch
from tests.laws.closeness import all_near, results, rounding
from tests.laws.graphs import checked, operation, run
from tests.laws.law import LANES, Case, law


def _has_batch(primitive: Primitive, case: Case) -> bool:
    return not isinstance(primitive.batch, NotYet)


def _lanes(case: Case) -> list[tuple[Any, ...]]:
    """The operands of each example: like points, or one point with its elements exchanged."""
    if case.likes:
        return list(case.likes)
    rng = case.rng()
    shuffled = [
        tuple(x.reshape(-1)[rng.permutation(x.size)].reshape(x.shape) for x in case.operands)
        for _ in range(LANES - 1)
    ]
    return [case.operands, *shuffled]


@law("batch", applies=_has_batch)
def batch_is_a_loop(primitive: Primitive, case: Case) -> None:
    """For every choice of operands that have the new axis."""
    lanes = _lanes(case)
    graph = operation(primitive, case)
    for flags in itertools.product((True, False), repeat=len(case.operands)):
        if not any(flags):
            continue
        chosen = [
            tuple(x if has else first for x, first, has in zip(lane, case.operands, flags, strict=True))
            for lane in lanes
        ]
        separate = [results(primitive, operands, case.params) for operands in chosen]
        expected = [np.stack(values) for values in zip(*separate, strict=True)]
        given = [
            np.stack([lane[i] for lane in chosen]) if has else case.operands[i]
            for i, has in enumerate(flags)
        ]
        together = run(checked(batch(graph, LANES, flags)), given)
        slack = [np.max(s) if np.size(s) else 0.0 for s in rounding(primitive, case)]
        try:
            all_near(together, expected, ulp=primitive.ulp, slack=[LANES * s for s in slack])
        except AssertionError as error:
            raise AssertionError(f"batched {flags}: {error}") from error
