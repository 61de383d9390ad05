"""Every law, for every operation of the registry that it speaks of."""

from __future__ import annotations

import pytest

from catenary.core.primitive import Primitive
from tests import registry
from tests.laws import LAWS
from tests.laws.law import Law, cases

PRIMITIVES = list(registry.primitives().values())
PAIRS = [
    pytest.param(law, primitive, id=f"{law.name}-{primitive.name}")
    for law in LAWS.values()
    for primitive in PRIMITIVES
    if any(law.covers(primitive))
]


@pytest.mark.parametrize(("law", "primitive"), PAIRS)
def test_the_law_holds(law: Law, primitive: Primitive) -> None:
    law(primitive)


@pytest.mark.parametrize("law", LAWS.values(), ids=str)
def test_a_law_speaks_of_something(law: Law) -> None:
    spoken_of = [primitive for primitive in PRIMITIVES if any(law.covers(primitive))]
    assert len(spoken_of) >= 5, f"{law} covers {spoken_of} only"


@pytest.mark.parametrize("law", LAWS.values(), ids=str)
def test_an_exemption_is_of_an_operation_and_has_a_reason(law: Law) -> None:
    for name, reason in law.exempt.items():
        assert name in registry.primitives()
        assert len(reason.split()) > 3


@pytest.mark.parametrize("primitive", PRIMITIVES, ids=lambda p: p.name)
def test_samples_reach_where_things_go_wrong(primitive: Primitive) -> None:
    """Empty arrays, arrays of rank 0 or one element; for elementwise floats every odd number."""
    sizes = {x.size for case in cases(primitive) for x in case.operands}
    assert 1 in sizes or "graph" in cases(primitive)[0].params
    print(primitive.name, sizes)
