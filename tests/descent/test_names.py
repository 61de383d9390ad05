"""Optimizers and schedules by name."""

from __future__ import annotations

import numpy as np
import pytest

from catenary import descent as optim
from catenary.core import errors


@pytest.mark.parametrize("name", optim.optimizer_names())
def test_every_name_makes_an_optimizer_with_the_learning_rate(name: str) -> None:
    optimizer = optim.get(name, 0.125)
    assert optimizer.learning_rate == 0.125  # type: ignore[attr-defined]
    w = np.ones(2)
    assert optimizer.update(w, optimizer.init(w), w)[0].shape == (2,)


@pytest.mark.parametrize("name", ["adamw", "AdamW", "ADAM-W", "adam_w", "Adam W"])
def test_spelling_that_makes_no_difference(name: str) -> None:
    assert optim.get(name, weight_decay=0.5) == optim.AdamW(weight_decay=0.5)


@pytest.mark.parametrize("steps", [1, 2, 7, 1000])
@pytest.mark.parametrize("schedule", optim.schedule_names())
def test_every_schedule_fits_runs_of_every_length(schedule: str, steps: int) -> None:
    optimizer = optim.get("momentum", 0.5, schedule=schedule, steps=steps)
    w = np.ones(1, np.float32)
    state = optimizer.init(w)
    for _ in range(min(steps, 10)):
        step, state = optimizer.update(w, state, w)
        assert np.isfinite(step[0])
        assert step.dtype == np.float32


def test_named_schedules_are_stretched_over_the_run() -> None:
    def rates(name: str) -> np.ndarray:
        return optim.get_schedule(name, 1.0, 1000)(np.array([0, 99, 333, 334, 668, 1000]))

    np.testing.assert_allclose(rates("step"), [1, 1, 1, 0.1, 0.01, 0.01])
    np.testing.assert_allclose(rates("exponential")[-1], 0.01)
    np.testing.assert_allclose(rates("polynomial")[[0, -1]], [1, 0])
    np.testing.assert_allclose(rates("warm-up")[:3], [0.01, 1, 1])
    np.testing.assert_allclose(rates("warm-up-cosine")[[1, -1]], [1, 0], atol=1e-15)
    assert optim.get_schedule("constant", 0.3)(7) == 0.3


def test_plateau_stands_behind_the_optimizer() -> None:
    expected = optim.chain(optim.Adam(0.1), optim.Plateau())
    assert optim.get("adam", 0.1, schedule="plateau") == expected


def test_a_schedule_without_a_learning_rate_takes_the_default() -> None:
    schedule = optim.get("nadam", schedule="cosine", steps=9).learning_rate  # type: ignore[attr-defined]
    assert schedule == optim.CosineDecay(0.002, 9)


def test_an_unknown_name_is_answered_with_the_near_one() -> None:
    with pytest.raises(errors.InputError, match=r"optimizer called 'addam'. Did you mean 'adam'"):
        optim.get("addam")
    with pytest.raises(errors.InputError, match=r"schedule called 'cosin'. Did you mean 'cosine'"):
        optim.get("adam", schedule="cosin", steps=3)
    with pytest.raises(errors.InputError, match=r"schedule called 'plato'[\s\S]*plateau"):
        optim.get_schedule("plato", 0.1, 3)
    with pytest.raises(errors.InputError, match=r"setting of adam called 'beta'.*'beta[12]'"):
        optim.get("adam", beta=0.3)


def test_a_schedule_that_cannot_be_says_why() -> None:
    with pytest.raises(errors.InputError, match=r"schedule 'cosine' .*\n  Give steps="):
        optim.get("adam", schedule="cosine")
    with pytest.raises(errors.InputError, match="rprop takes no schedule"):
        optim.get("rprop", schedule="cosine", steps=10)
