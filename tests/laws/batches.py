"""The law of batches: many examples at once are the examples one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from catenary.core.primitive import NotYet, Primitive
from catenary.transform.batch import batch
from tests.laws.closeness import all_near, results, rounding
from tests.laws.graphs import checked, operation, run
from tests.laws.law import LANES, Case, law

# What an operand can be: one for each example, one for all, or a number that fills it.
ROLES = ("each", "all", "number")


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


def _roles(case: Case) -> Iterator[tuple[str, ...]]:
    """Every distribution of roles in which something differs between the examples."""
    for roles in itertools.product(ROLES, repeat=len(case.operands)):
        if "each" in roles:
            yield roles


@law("batch", applies=_has_batch)
def batch_is_a_loop(primitive: Primitive, case: Case) -> None:
    """For every choice of operands that have the new axis, and of those that are numbers."""
    lanes = _lanes(case)
    for roles in _roles(case):
        literals = {i: 0 for i, role in enumerate(roles) if role == "number"}
        chosen = [
            [_operand(role, lane[i], case.operands[i]) for i, role in enumerate(roles)]
            for lane in lanes
        ]
        separate = [results(primitive, operands, case.params) for operands in chosen]
        expected = [np.stack(values) for values in zip(*separate, strict=True)]
        given = [
            np.stack([lane[i] for lane in chosen]) if role == "each" else case.operands[i]
            for i, role in enumerate(roles)
            if role != "number"
        ]
        flags = [role == "each" for role in roles if role != "number"]
        graph = checked(batch(operation(primitive, case, literals), LANES, flags))
        slack = [LANES * (np.max(s) if np.size(s) else 0.0) for s in rounding(primitive, case)]
        try:
            all_near(run(graph, given), expected, ulp=primitive.ulp, slack=slack)
        except AssertionError as error:
            raise AssertionError(f"operands are {roles}: {error}") from error


def _operand(role: str, own: Any, shared: Any) -> Any:
    """One example's operand."""
    if role == "each":
        return own
    return shared if role == "all" else np.zeros_like(shared)
