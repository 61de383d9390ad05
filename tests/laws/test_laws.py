"""Every law, for every operation of the registry that it speaks of."""

from __future__ import annotations

import numpy as np
import pytest

from catenary.core.graph import subgraphs
from catenary.core.primitive import Primitive
from tests import registry
from tests.laws import LAWS
from tests.laws.closeness import results
from tests.laws.graphs import operation
from tests.laws.law import Law, cases

PRIMITIVES = list(registry.primitives().values())
PAIRS = [
    pytest.param(law, primitive, id=f"{law.name}-{primitive.name}")
    for law in LAWS.values()
    for primitive in PRIMITIVES
    if law.covers(primitive)
]


@pytest.mark.parametrize(("law", "primitive"), PAIRS)
def test_the_law_holds(law: Law, primitive: Primitive) -> None:
    law(primitive)


@pytest.mark.parametrize("law", LAWS.values(), ids=str)
def test_a_law_speaks_of_something(law: Law) -> None:
    spoken_of = [primitive for primitive in PRIMITIVES if law.covers(primitive)]
    assert len(spoken_of) >= 5, f"{law} covers {spoken_of} only"


@pytest.mark.parametrize("law", LAWS.values(), ids=str)
def test_an_exemption_is_of_an_operation_and_has_a_reason(law: Law) -> None:
    for name, reason in law.exempt.items():
        assert name in registry.primitives()
        assert len(reason.split()) > 3


@pytest.mark.parametrize("primitive", PRIMITIVES, ids=lambda p: p.name)
def test_samples_reach_where_things_go_wrong(primitive: Primitive) -> None:
    """Arrays that hold nothing, arrays that hold one number, and numbers that are odd."""
    if any(list(subgraphs(operation(primitive, case).nodes[0])) for case in cases(primitive)):
        return  # what is in a graph has samples of its own
    tried = cases(primitive)
    arrays = [x for case in tried for x in case.operands]
    with np.errstate(all="ignore"):
        arrays += [r for case in tried for r in results(primitive, case.operands, case.params)]
    assert {0, 1} <= {array.size for array in arrays}
    if any(case.floats for case in tried):
        assert any(np.isnan(x).any() for x in arrays if x.dtype.kind == "f")
