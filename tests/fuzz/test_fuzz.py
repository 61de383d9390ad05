"""A short run of the fuzzer; and that it can find something at all.

A long one: ``python -m tests.fuzz --count 10000 --seed 0``.
"""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from catenary.backend.llvm import scalar
from tests.fuzz.check import example, fault, joined
from tests.fuzz.known import Unknown
from tests.fuzz.shrink import shrunk
from tests.fuzz.steps import STEPS

pytestmark = [pytest.mark.filterwarnings("ignore::RuntimeWarning")]


@pytest.mark.parametrize("block", range(30))
def test_machine_code_does_what_the_reference_does(block: int) -> None:
    """Some graphs at once, compiled as one: a failure is drawn again alone, and made smaller."""
    numbers = range(5 * block, 5 * block + 5)
    examples = [example(seed=1, number=number) for number in numbers]
    found = fault(joined(examples))
    if found is not None:
        alone = {number: fault(one) for number, one in zip(numbers, examples, strict=True)}
        raise AssertionError(f"together: {found}; python -m tests.fuzz --seed 1 finds {alone}")


def test_every_step_can_be_taken() -> None:
    names = {node.primitive.name for n in range(300) for node in example(2, n).graph.nodes}
    assert len(names) > 60, f"never drawn: all but {sorted(names)}"
    assert len(STEPS) > 20


def test_equal_seeds_draw_equal_graphs() -> None:
    assert example(3, 4).graph == example(3, 4).graph
    assert example(3, 4).graph != example(3, 5).graph


def _first_wrong(number: int) -> Any:
    for n in range(number):
        try:
            if fault(example(4, n)) is not None:
                return example(4, n)
        except Unknown:
            continue
    raise AssertionError("nothing was found")


@pytest.mark.parametrize(
    ("op", "wrong"),
    [
        ("maximum", lambda b, dtype, x, y: y),
        ("neg", lambda b, dtype, x: x),
        ("floordiv", lambda b, dtype, x, y: x),
    ],
)
def test_an_error_in_the_compiler_is_found_and_made_small(op: str, wrong: Any) -> None:
    with mock.patch.dict(scalar.RULES, {op: wrong}):
        small = shrunk(_first_wrong(200))
        assert len(small.graph.nodes) <= 2
        assert fault(small) is not None
