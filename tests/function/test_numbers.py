"""Python numbers in functions: part of a jitted program, and exponents that are products."""

from __future__ import annotations

from typing import Any

import numpy as np

import catenary as cat
from catenary.core.graph import Literal


def f(x: Any) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0)


def test_numbers_of_inner_functions_are_literals_of_the_program() -> None:
    """An array filled with 100 would have to be read at each of its places."""
    twice = cat.jit(cat.grad(lambda x: np.sum(cat.grad(f)(x) ** 2)))
    x = np.linspace(-1, 1, 5)
    twice(x)
    _, recording = twice.recorded((x,), {})
    assert [np.shape(thing) for thing in recording.captured] == [()]
    (program,) = twice._programs._entries.values()
    atoms = [a for node in program.compiled.graph.nodes for a in node.operands]
    assert 100.0 in [float(a.value) for a in atoms if isinstance(a, Literal)]
    assert program.captured == []


def test_whole_exponents_written_as_floats_are_products() -> None:
    def square(x: Any) -> Any:
        return x**2.0

    assert "power(" not in str(cat.trace(square, np.ones(2))).replace("integer_power", "")
    assert "integer_power" in str(cat.trace(square, np.ones(2)))
    assert cat.grad(square)(0.0) == 0
    assert cat.grad(cat.grad(square))(-3.0) == 2
    assert cat.grad(lambda x: x**-2.0)(-2.0) == 0.25
    assert "integer_power" not in str(cat.trace(lambda x: x**1.5, np.ones(2)))
    assert "integer_power" not in str(cat.trace(lambda x: x**99.0, np.ones(2)))
    x = np.array([-2.0, 0.0, 3.0], np.float32)
    assert cat.jit(square)(x).dtype == np.float32
    assert np.array_equal(
        cat.jit(lambda x: x**-1.0)(x), np.array([-0.5, np.inf, np.float32(1) / 3], np.float32)
    )
