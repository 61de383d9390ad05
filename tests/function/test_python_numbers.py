"""Python floats come out of a transform as they would out of plain NumPy: still giving way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat

SINGLE = np.ones(3, np.float32)
CASES: dict[str, Any] = {
    "as it is": lambda p: p,
    "an operator": lambda p: 1 - 2 * p,
    "a constant": lambda p: 1.5,
    "a NumPy number": lambda p: p * np.float64(2),
    "an element of an array": lambda p: p * np.ones(2)[0],
    "a mean": lambda p: np.mean(np.ones(3)) * p,
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_what_comes_out_has_the_type_of_numpy(case: str) -> None:
    f = CASES[case]
    found = cat.jit(f)(0.25)
    assert type(found) is type(f(0.25))
    assert found == f(0.25)
    _, aux = cat.value_and_grad(lambda x, p: (np.sum(x), f(p)), has_aux=True)(SINGLE, 0.25)[0]
    assert type(aux) is type(f(0.25))


@pytest.mark.parametrize("case", sorted(CASES))
def test_widths_are_those_of_numpy(case: str) -> None:
    f = CASES[case]
    found = cat.jit(lambda p, x: f(p) * x)(0.25, SINGLE)
    assert found.dtype == (f(0.25) * SINGLE).dtype


def test_a_number_gives_way_after_two_calls_and_inside_another() -> None:
    same = cat.jit(lambda p: p)
    assert (same(same(0.5)) * SINGLE).dtype == np.float32
    assert cat.jit(lambda p, x: same(p) * x)(0.5, SINGLE).dtype == np.float32
