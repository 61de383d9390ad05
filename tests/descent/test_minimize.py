"""Minima of textbook functions, honest ends, and what cannot be minimized."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from catenary import descent as optim
from catenary.core import errors
from tests.descent.problems import NAMES, rosenbrock


def bowl(x: Any) -> Any:
    return np.sum(np.array([1.0, 4.0]) * (x - np.array([1.0, -2.0])) ** 2)


def beale(x: Any) -> Any:
    a, b = x
    return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2


def himmelblau(x: Any) -> Any:
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


def booth(x: Any) -> Any:
    return (x[0] + 2 * x[1] - 7) ** 2 + (2 * x[0] + x[1] - 5) ** 2


def powell(x: Any) -> Any:
    """Its Hessian is singular at the minimum."""
    return (
        (x[0] + 10 * x[1]) ** 2
        + 5 * (x[2] - x[3]) ** 2
        + (x[1] - 2 * x[2]) ** 4
        + 10 * (x[0] - x[3]) ** 4
    )


TEXTBOOK: dict[str, tuple[Callable[[Any], Any], list[float], list[float], float]] = {
    "bowl": (bowl, [0.0, 0.0], [1, -2], 1e-7),
    "rosenbrock": (rosenbrock, [-1.2, 1.0], [1, 1], 1e-6),
    "rosenbrock of ten": (rosenbrock, [-1.2, 1.0] * 5, [1] * 10, 1e-6),
    "beale": (beale, [1.0, 1.0], [3, 0.5], 1e-6),
    "himmelblau": (himmelblau, [1.0, 1.0], [3, 2], 1e-7),
    "booth": (booth, [0.0, 0.0], [1, 3], 1e-7),
    "powell": (powell, [3.0, -1.0, 0.0, 1.0], [0] * 4, 1e-2),
}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_the_line_search_finds_textbook_minima(name: str) -> None:
    f, start, minimum, within = TEXTBOOK[name]
    result = optim.minimize(f, start)
    assert result.end == "converged"
    assert result.gradient_norm <= 2**-26
    np.testing.assert_allclose(result.x, minimum, atol=within)
    assert np.all(np.diff(result.log.value) <= 1e-15 * result.log.value[:-1])


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"lion", "adadelta", "rmsprop", "adamw"}))
def test_optimizers_find_the_minimum_of_the_bowl(name: str) -> None:
    result = optim.minimize(bowl, np.zeros(2), optimizer=name, learning_rate=0.1, tolerance=1e-4)
    assert result.end == "converged"
    np.testing.assert_allclose(result.x, [1, -2], atol=1e-3)


def test_maximize_is_told_in_terms_of_the_function() -> None:
    result = optim.maximize(lambda x: 5 - bowl(x), np.zeros(2))
    assert result.end == "converged"
    assert result.value == pytest.approx(5)
    assert result.log.value[0] == pytest.approx(5 - 17)
    assert np.all(np.diff(result.log.value) >= -1e-14)
    up = optim.maximize(lambda x: 3 * x, 1.0, learning_rate=0.1, max_steps=1)
    assert (up.gradient, up.x) == (3, pytest.approx(1.3))


def test_from_too_small_through_good_to_divergent() -> None:
    """On ½ (x² + 10 y²) plain descent converges for 0 < η < 0.2, fastest at 2/11."""

    def f(x: Any) -> Any:
        return 0.5 * (x[0] ** 2 + 10 * x[1] ** 2)

    results = {
        rate: optim.minimize(f, [1.0, 1.0], learning_rate=rate, max_steps=500)
        for rate in (1e-4, 0.05, 2 / 11, 0.199, 0.201, 0.5)
    }
    ends = [result.end for result in results.values()]
    assert ends == [
        "out of steps",
        "converged",
        "converged",
        "out of steps",
        "diverged",
        "diverged",
    ]
    assert results[2 / 11].steps < results[0.05].steps


def test_different_starts_end_in_different_minima() -> None:
    ends = {
        tuple(optim.minimize(himmelblau, start).x.round(3))
        for start in ([3.0, 3.0], [-3.0, 3.0], [-3.0, -3.0], [3.0, -3.0])
    }
    assert ends == {(3.0, 2.0), (-2.805, 3.131), (-3.779, -3.283), (3.584, -1.848)}


def test_a_start_on_the_stable_manifold_of_a_saddle_stays_on_it() -> None:
    result = optim.minimize(lambda x: x[0] ** 2 - x[1] ** 2, [1.0, 0.0])
    assert result.end == "converged"
    np.testing.assert_allclose(result.x, [0, 0], atol=1e-8)


ENDS: dict[str, tuple[Callable[[Any], Any], Any, dict[str, Any], str]] = {
    "already there": (bowl, [1.0, -2.0], {}, "converged"),
    "exactly there": (bowl, [1.0, -2.0], {"tolerance": 0.0}, "converged"),
    "unbounded, small values": (lambda x: 1e-40 * x, 1.0, {"tolerance": 0.0}, "diverged"),
    "no step left": (rosenbrock, [-1.2, 1.0], {"max_steps": 3}, "out of steps"),
    "no step allowed": (bowl, [0.0, 0.0], {"max_steps": 0}, "out of steps"),
    "unbounded, line search": (lambda x: x, 1.0, {}, "diverged"),
    "unbounded, cubic": (lambda x: x**3, -1.0, {}, "diverged"),
    "unbounded, exponential": (lambda x: -np.exp(x), 1.0, {}, "diverged"),
    "to infinity": (lambda x: x**4, 3.0, {"learning_rate": 1.0}, "diverged"),
    "into the undefined": (lambda x: x - np.sqrt(x), 1.0, {"learning_rate": 3.0}, "diverged"),
    "slowly growing": (lambda x: x**2, 1.0, {"learning_rate": 1.001, "max_steps": 50}, "diverged"),
    "below rounding": (lambda x: 1 + 1e-9 * x, 1.0, {"tolerance": 0.0}, "flat"),
    "below rounding, fixed step": (
        lambda x: 1 + 1e-9 * x,
        1.0,
        {"tolerance": 0.0, "learning_rate": 0.1},
        "flat",
    ),
    "steps too small to move": (lambda x: (x - 3) ** 2, 1.0, {"learning_rate": 1e-20}, "flat"),
    "a kink": (lambda x: np.abs(x - 1) + 1, 0.0, {"learning_rate": 0.3}, "out of steps"),
}


@pytest.mark.parametrize("name", ENDS)
def test_the_end_is_honest(name: str) -> None:
    f, start, settings, end = ENDS[name]
    result = optim.minimize(f, start, **{"max_steps": 2000, **settings})
    assert (result.end, bool(result.reason)) == (end, True)
    assert np.all(np.isfinite(result.x))
    assert np.isfinite(result.value)


def test_a_point_that_runs_away_is_seen_before_it_overflows() -> None:
    result = optim.minimize(lambda x: 1e-40 * x, 1.0, tolerance=0.0)
    assert "the point ran away" in result.reason
    assert abs(result.x) < 1e35


def test_after_divergence_x_is_the_best_point_seen() -> None:
    result = optim.minimize(lambda x: x**2, 1.0, learning_rate=1.5)
    assert (result.end, result.x, result.value) == ("diverged", 1.0, 1.0)
    assert result.log.value[-1] > 1e30


def test_values_around_a_large_number_still_converge_by_their_gradients() -> None:
    """Near the minimum all values are equal: there the gradient decides what a good step is."""
    result = optim.minimize(lambda x: 1e8 + x[0] ** 2 + 30 * x[1] ** 2, [1.0, 1.0])
    assert result.end == "converged"
    np.testing.assert_allclose(result.x, [0, 0], atol=1e-7)


def test_the_log_tells_every_step() -> None:
    result = optim.minimize(bowl, np.zeros(2), learning_rate=0.05, points=True)
    log, points = result.log, result.log.points
    assert len(log.value) == len(log.gradient_norm) == len(points) == result.steps + 1
    assert len(log.step_length) == result.steps
    np.testing.assert_array_equal(points[-1], result.x)
    np.testing.assert_allclose(log.value, [bowl(x) for x in points])
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    np.testing.assert_allclose(log.step_length, lengths)
    np.testing.assert_allclose(log.step_length, 0.05 * log.gradient_norm[:-1])
    assert optim.minimize(bowl, np.zeros(2)).log.points is None


@dataclasses.dataclass(frozen=True)
class Line:
    slope: Any
    offset: Any
    name: str = "line"


def test_trees_of_arrays_are_points_too() -> None:
    inputs = np.array([0.0, 1.0, 2.0])

    def cost(line: Line) -> Any:
        return np.mean((line.slope * inputs + line.offset - np.array([1.0, 3.0, 5.0])) ** 2)

    result = optim.minimize(cost, Line(0.0, 0.0), points=True)
    assert result.end == "converged"
    assert (float(result.x.slope), float(result.x.offset)) == pytest.approx((2, 1))
    assert result.x.name == "line"
    assert result.log.points.slope.shape == (result.steps + 1,)


@pytest.mark.parametrize("optimizer", [None, "adam", "nesterov"])
def test_float32_stays_float32(optimizer: str | None) -> None:
    result = optim.minimize(
        lambda x: np.sum((x - 1) ** 2), np.zeros(3, np.float32), optimizer=optimizer, max_steps=9
    )
    assert result.x.dtype == result.gradient.dtype == np.float32


def test_start_and_result_do_not_share_memory() -> None:
    start = np.array([1.0, -2.0])
    result = optim.minimize(bowl, start)
    assert result.steps == 0
    assert not np.shares_memory(result.x, start)


def test_a_function_may_branch_on_its_values() -> None:
    def f(x: Any) -> Any:
        return (x - 2) ** 2 if x > 0 else 4 - x

    assert optim.minimize(f, -3.0).x == pytest.approx(2)


def test_a_plateau_sees_the_values() -> None:
    """On |x| a fixed step ends in a cycle; a falling one goes on."""
    fixed = optim.minimize(np.abs, 1.05, learning_rate=0.1, max_steps=200)
    falling = optim.chain(optim.GradientDescent(0.1), optim.Plateau(factor=0.5, patience=2))
    assert optim.minimize(np.abs, 1.05, optimizer=falling, max_steps=200).value < 1e-6
    assert fixed.value > 0.01


def test_lists_and_tuples_of_numbers_are_arrays() -> None:
    assert optim.minimize(bowl, (0.0, 0)).x.shape == (2,)
    assert optim.minimize(lambda x: x[0] ** 2 + x[1] ** 2, [1, 2.0]).x.shape == (2,)


WRONG: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: optim.minimize(lambda x: x, np.ones(3)), errors.ShapeError, r"array of shape \(3,\)"),
    (lambda: optim.minimize(lambda x: None, 1.0), errors.ShapeError, "NoneType None"),
    (lambda: optim.minimize(lambda x: "a", 1.0), errors.ShapeError, "str 'a'"),
    (lambda: optim.minimize(lambda x: 1j, 1.0), errors.ShapeError, "one real number"),
    (lambda: optim.minimize(bowl, [1, 2]), errors.InputError, r"write 1.0 instead of 1"),
    (lambda: optim.minimize(bowl, np.arange(2)), errors.InputError, r"x0.astype\(float\)"),
    (lambda: optim.minimize(bowl, []), errors.InputError, "nothing to move"),
    (lambda: optim.minimize(bowl, [np.nan, 1.0]), errors.InputError, "x0 is not finite"),
    (
        lambda: optim.minimize(np.log, 0.0),
        errors.InputError,
        r"f\(x0\) is not finite.\n  got: .*inf",
    ),
    (lambda: optim.minimize(np.sqrt, 0.0), errors.InputError, "gradient at x0 is not finite"),
    (lambda: optim.minimize(bowl, [0.0, 0.0], optimizer="adm"), errors.InputError, "'adam'"),
    (
        lambda: optim.minimize(bowl, [0.0, 0.0], optimizer=optim.Adam(), learning_rate=0.1),
        errors.InputError,
        r"beside an optimizer that has its own: Adam\(",
    ),
    (
        lambda: optim.minimize(bowl, [0.0, 0.0], optimizer=optim.Adam),  # type: ignore[arg-type]
        errors.InputError,
        r"the class Adam itself.\n  Write its settings: Adam\(",
    ),
    (lambda: optim.minimize(bowl, [0.0, 0.0], max_steps=-1), errors.InputError, "max_steps=-1"),
    (lambda: optim.minimize(bowl, [0.0, 0.0], tolerance=-1.0), errors.InputError, "tolerance=-1"),
    (lambda: optim.minimize(bowl, [0.0, 0.0], learning_rate=-1.0), errors.InputError, "rate=-1.0"),
]


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize(("call", "kind", "message"), WRONG, ids=[w[2] for w in WRONG])
def test_what_cannot_be_minimized_is_refused(
    call: Callable[[], Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        call()


def test_the_result_reads_well() -> None:
    result = optim.minimize(lambda x: np.sum((x - 3) ** 2), np.zeros(30), learning_rate=0.5)
    assert repr(result).splitlines() == [
        "DescentResult: converged after 1 step: gradient norm 0 is within 1.5e-08",
        "  value          0  (270 at the start)",
        "  gradient norm  0",
        "  x              30 numbers in 1 array",
        "  evaluations    2 values, 2 gradients",
    ]
    assert repr(result.log) == "StepLog(1 steps)"
