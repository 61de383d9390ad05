"""What schedules promise beyond the reference values: ends, shapes, dtypes, composition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catenary import descent as optim

SCHEDULES: dict[str, Any] = {
    "constant": optim.Constant(0.1),
    "step": optim.StepDecay(0.1, every=30),
    "exponential": optim.ExponentialDecay(0.1, factor=0.95),
    "polynomial": optim.PolynomialDecay(0.1, steps=100),
    "cosine": optim.CosineDecay(0.1, steps=100),
    "restarts": optim.CosineRestarts(0.1, steps=15, growth=2),
    "equal restarts": optim.CosineRestarts(0.1, steps=10),
    "one cycle": optim.OneCycle(0.1, steps=100),
    "piecewise": optim.Piecewise((0.1, 0.01), boundaries=(50,)),
    "warm-up": optim.WarmUp(0.1, steps=10),
    "warm-up, cosine": optim.WarmUp(optim.CosineDecay(0.1, steps=90), steps=10),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_counts_one_by_one_and_in_arrays_of_any_shape_agree(name: str) -> None:
    schedule = SCHEDULES[name]
    together = schedule(np.arange(120).reshape(3, 40))
    assert together.shape == (3, 40)
    assert together.dtype == np.float64
    for step, rate in enumerate(together.ravel()):
        for count in (step, np.int64(step), np.array(step), float(step)):
            assert np.shape(schedule(count)) == ()
            assert schedule(count) == pytest.approx(rate, rel=1e-14)


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_stay_between_zero_and_the_largest_which_is_reached(name: str) -> None:
    rates = SCHEDULES[name](np.arange(10_000))
    assert np.all(rates >= 0)
    assert rates.max() == pytest.approx(0.1, rel=2e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", SCHEDULES)
def test_no_schedule_widens_a_step(name: str, dtype: Any) -> None:
    w = np.ones(2, dtype)
    descent = optim.GradientDescent(SCHEDULES[name])
    step, _ = descent.update(w, descent.init(w), w)
    assert step.dtype == dtype


def test_a_float64_scalar_as_learning_rate_does_not_widen_either() -> None:
    w = np.ones(2, np.float32)
    for optimizer in (optim.Adam(np.float64(0.1)), optim.Rprop(np.float64(0.1))):
        assert optimizer.update(w, optimizer.init(w), w)[0].dtype == np.float32


def test_warm_up_reaches_its_goal_and_hands_over_there() -> None:
    after = optim.CosineDecay(1.0, steps=20)
    rates = optim.WarmUp(after, steps=5)(np.arange(30))
    np.testing.assert_allclose(rates[:5], [0.2, 0.4, 0.6, 0.8, 1.0])
    np.testing.assert_array_equal(rates[5:], after(np.arange(25)))


def test_restarts_follow_at_growing_distances() -> None:
    rates = optim.CosineRestarts(1.0, steps=3, growth=3)(np.arange(50))
    assert np.flatnonzero(rates == 1.0).tolist() == [0, 3, 12, 39]


def test_one_cycle_has_its_peak_where_it_says() -> None:
    rates = optim.OneCycle(1.0, steps=101, rise=0.2)(np.arange(101))
    assert int(np.argmax(rates)) in {19, 20}
    assert np.all(np.diff(rates[:20]) > 0)
    assert np.all(np.diff(rates[20:]) < 0)
    assert rates[-1] == pytest.approx(1 / 25 / 1e4)


@pytest.mark.parametrize("rise", [0.0, 0.3, 0.99])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_one_cycle_of_a_very_short_run_is_finite(steps: int, rise: float) -> None:
    assert np.all(np.isfinite(optim.OneCycle(1.0, steps, rise=rise)(np.arange(5))))
