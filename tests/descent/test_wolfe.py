"""The line search: every step that it gives satisfies the strong Wolfe conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from catenary.descent.oracle import FunctionOracle
from catenary.descent.wolfe import SUFFICIENT, search


def _yanai(near: float, far: float) -> Callable[[Any], Any]:
    """The family of functions that Moré and Thuente take from Yanai, Ozawa and Kaneko."""
    a, b = (np.sqrt(1 + c * c) - c for c in (near, far))
    return lambda x: np.sum(
        a * np.sqrt((1 - x) ** 2 + far**2) + b * np.sqrt(x**2 + near**2), dtype=x.dtype
    )


# The test functions of Moré and Thuente (1994), and a few more that are nasty.
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "rational": lambda x: np.sum(-x / (x**2 + 2)),
    "quintic": lambda x: np.sum((x + 0.004) ** 5 - 2 * (x + 0.004) ** 4),
    "yanai": _yanai(1e-3, 1e-3),
    "yanai, near": _yanai(1e-2, 1e-3),
    "yanai, far": _yanai(1e-3, 1e-2),
    "exponential": lambda x: np.sum(np.exp(x) - 3 * x),
    "barrier": lambda x: np.sum(x - np.log(1 + x) - 0.9 * x),
    "wall": lambda x: np.sum(-x - 0.01 * np.log(1 - x)),
    "waves": lambda x: np.sum(np.cos(3 * x) + 0.1 * x**2 - 0.5 * x),
}


@pytest.mark.parametrize("curvature", [0.9, 0.1, 1e-3])
@pytest.mark.parametrize("first", [1e-3, 0.1, 1.0, 10.0, 1e3])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_conditions_hold(name: str, first: float, curvature: float) -> None:
    oracle = FunctionOracle(FUNCTIONS[name], 1.0, [0.0])
    start = oracle.start()
    direction = -np.sign(start.gradient)
    slope = float(start.gradient @ direction)
    with np.errstate(all="ignore"):
        trial = search(oracle, start, direction, first, curvature)
    assert trial is not None
    assert trial.point.value <= start.value + SUFFICIENT * trial.t * slope + 1e-15
    assert abs(float(trial.point.gradient @ direction)) <= curvature * abs(slope) + 1e-15
    assert oracle.values <= 40


def test_the_exact_step_of_a_parabola_takes_two_looks() -> None:
    oracle = FunctionOracle(lambda x: np.sum((x - 3) ** 2), 1.0, [0.0])
    start = oracle.start()
    trial = search(oracle, start, -start.gradient, 0.1, 1e-8)
    assert trial is not None
    assert trial.point.x == pytest.approx(3)
    assert oracle.values == 3


def test_no_step_against_the_slope() -> None:
    oracle = FunctionOracle(lambda x: np.sum(x**2), 1.0, [1.0])
    start = oracle.start()
    assert search(oracle, start, start.gradient) is None
    assert search(oracle, start, 0 * start.gradient) is None


def test_values_equal_but_for_rounding_are_compared_by_their_slopes() -> None:
    oracle = FunctionOracle(lambda x: 1e10 + np.sum(x**2), 1.0, [1e-4])
    start = oracle.start()
    trial = search(oracle, start, -start.gradient, 0.4)
    assert trial is not None
    assert abs(trial.point.x[0]) < 1e-4


def test_a_way_without_end_is_left_in_one_step() -> None:
    """Where values fall for ever, one search goes so far that the descent is called lost."""
    oracle = FunctionOracle(np.sum, 1.0, [0.0, 0.0])
    start = oracle.start()
    trial = search(oracle, start, -start.gradient)
    assert trial is not None
    assert trial.t > np.finfo(np.float64).eps ** -2


def test_the_edge_of_a_domain_is_not_searched_for_ever() -> None:
    def falling(x: Any) -> Any:
        return np.sum(np.sqrt(1 - x))  # its slope at 1 is −∞, beyond there is nothing

    oracle = FunctionOracle(falling, 1.0, [0.0])
    start = oracle.start()
    with np.errstate(all="ignore"):
        trial = search(oracle, start, -start.gradient)
    assert trial is not None
    assert oracle.values <= 41
