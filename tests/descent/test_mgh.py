"""The problems of Moré, Garbow and Hillstrom are what they should be, and are solved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from benchmarks import mgh
from benchmarks.mgh_problems import PROBLEMS, Problem

BY_NAME = {problem.name: problem for problem in PROBLEMS}
# Values at the standard starts, as test collections print them.
AT_START = {
    "Rosenbrock": 24.2,
    "Freudenstein and Roth": 400.5,
    "Powell badly scaled": 1.13526172,
    "Brown badly scaled": 999998000003.0,
    "Beale": 14.203125,
    "Jennrich and Sampson": 4171.306162,
    "Helical valley": 2500.0,
    "Bard": 41.68169611,
    "Gaussian": 3.8881070e-06,
    "Meyer": 1.693607809e9,
    "Box, 3 dimensions": 1031.153811,
    "Powell singular": 215.0,
    "Wood": 19192.0,
    "Kowalik and Osborne": 0.00531317227,
    "Brown and Dennis": 7926693.337,
    "Osborne 1": 0.87902634,
    "Biggs EXP6": 0.77907008,
    "Watson, n = 6": 30.0,
    "Penalty I, n = 10": 148032.56535,
}
UNSOLVED = {("trust-region", "Biggs EXP6")}  # slides down a valley without end


@pytest.mark.parametrize("name", AT_START)
def test_values_at_the_start(name: str) -> None:
    problem = BY_NAME[name]
    assert float(problem(problem.start)) == pytest.approx(AT_START[name], rel=1e-6)


MINIMA: dict[str, Any] = {
    "Freudenstein and Roth": [5.0, 4.0],
    "Brown badly scaled": [1e6, 2e-6],
    "Beale": [3.0, 0.5],
    "Helical valley": [1.0, 0.0, 0.0],
    "Gulf research": [50.0, 25.0, 1.5],
    "Box, 3 dimensions": [1.0, 10.0, 1.0],
    "Wood": [1.0, 1.0, 1.0, 1.0],
    "Biggs EXP6": [1.0, 10.0, 1.0, 5.0, 4.0, 3.0],
    "Variably dimensioned, n = 10": np.ones(10),
    "Brown almost-linear, n = 10": np.ones(10),
}


@pytest.mark.parametrize("name", MINIMA)
def test_values_at_known_minima(name: str) -> None:
    assert float(BY_NAME[name](np.array(MINIMA[name]))) == pytest.approx(0, abs=1e-20)


def test_the_collection_is_complete() -> None:
    assert len(PROBLEMS) == len(BY_NAME) == 35


@pytest.mark.parametrize("method", ["bfgs", "l-bfgs", "trust-region", "levenberg-marquardt"])
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_the_known_minimum_is_reached(problem: Problem, method: str) -> None:
    if (method, problem.name) in UNSOLVED:
        return
    run = mgh.ours(mgh.PAIRS[method], problem)
    assert run.solved
    assert run.evaluations < 2000


def test_scipy_gets_the_same_problem() -> None:
    problem = BY_NAME["Beale"]
    for pair in mgh.PAIRS.values():
        run = mgh.theirs(pair, problem)
        assert run.solved
        assert run.value < 1e-10


def test_summaries_count_what_both_solved() -> None:
    a, b, c = mgh.Run(0.0, 10, True), mgh.Run(0.0, 40, True), mgh.Run(1.0, 99, False)
    told = mgh.summary([(a, b), (a, c)])
    assert told == (
        "solved: 2 and 1 of 2; evaluations on the 1 that both solved: 10 and 40, typical ratio 4.00"
    )


def test_derivatives_are_right_at_the_starts() -> None:
    for problem in PROBLEMS:
        gradient = cat.grad(problem)(problem.start)
        J = cat.jacobian(problem.residuals)(problem.start)
        by_rows = 2 * J.T @ problem.residuals(problem.start)
        error = np.linalg.norm(gradient - by_rows)
        assert error <= 1e-10 * np.linalg.norm(gradient), problem.name
