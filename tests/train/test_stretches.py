"""Stretches of steps in one call: however a training is cut into them, no bit changes."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest

from catenary import nn
from catenary.descent import Adam, GradientDescent, Plateau, chain
from catenary.train import Callback, FitResult, Training, evaluate, fit, pace, runner, training
from catenary.train.evaluate import ROWS, measure_again
from catenary.train.examples import Examples
from catenary.train.pace import Pace
from tests.train.problems import X, Y, line, net_with_everything, same

OPTIONS: dict[str, Any] = {"optimizer": Adam(0.02), "epochs": 7, "verbose": False}


def lengths(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of steps of each call from now on."""
    found: list[int] = []
    stretch = runner.stretch

    def counted(*arguments: Any) -> Any:
        course = stretch(*arguments)
        found.append(int(course.state.steps) - int(arguments[0].state.steps))
        return course

    monkeypatch.setattr(runner, "stretch", counted)
    return found


def take(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Let each call take so many steps."""
    monkeypatch.setattr(Pace, "took", lambda self, *_: setattr(self, "steps", steps))


def assert_same(a: FitResult[Any], b: FitResult[Any]) -> None:
    assert same(a.state, b.state)
    for name in ("best_cost", "best_epoch", "epochs", "steps", "batches", "total"):
        assert getattr(a.state, name) == getattr(b.state, name)
        assert type(getattr(a.state, name)) is type(getattr(b.state, name))
    np.testing.assert_array_equal(a.history.cost, b.history.cost)


@pytest.mark.parametrize("size", [None, 8, 11, 22])
def test_results_do_not_depend_on_how_steps_are_cut(
    monkeypatch: pytest.MonkeyPatch, size: int | None
) -> None:
    results = []
    for steps in (1, 2, 5, 1000):
        with monkeypatch.context() as patch:
            take(patch, steps)
            found = lengths(patch)
            results.append(fit(net_with_everything(), "mse", (X, Y), batch_size=size, **OPTIONS))
            assert sum(found) == results[-1].state.steps
            assert max(found) <= max(steps, 1)
    for result in results[1:]:
        assert_same(result, results[0])


@pytest.mark.parametrize("steps", [1, 2, 5, 1000])
def test_epochs_share_the_seconds_of_their_calls(
    monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    ticks = count()
    monkeypatch.setattr(training, "perf_counter", lambda: next(ticks))
    take(monkeypatch, steps)
    found = lengths(monkeypatch)
    result = fit(line(), "mse", (X, Y), batch_size=8, **OPTIONS)
    assert result.history.seconds.sum() == pytest.approx(len(found))
    assert (result.history.seconds > 0).all()


def test_many_epochs_take_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "CALL_SECONDS", 1e9)
    monkeypatch.setattr(pace, "GROWTH", 10**9)
    found = lengths(monkeypatch)
    result = fit(line(), "mse", (X, Y), **{**OPTIONS, "batch_size": None, "epochs": 3000})
    assert found == [1, 1024, 1024, 951]
    assert len(result.history) == 3000
    assert (np.diff(result.history.cost[:50]) < 0).all()
    assert (result.history.seconds > 0).all()


def test_callbacks_that_want_each_epoch_get_each(monkeypatch: pytest.MonkeyPatch) -> None:
    take(monkeypatch, 1000)
    seen: list[float] = []
    told = fit(line(), "mse", (X, Y), callbacks=lambda t: seen.append(t.cost), **OPTIONS)
    assert seen == told.history.cost.tolist()
    assert_same(fit(line(), "mse", (X, Y), **OPTIONS), told)


def test_callbacks_may_want_some_epochs_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Third(Callback):
        def __init__(self) -> None:
            self.seen: list[int] = []

        def next_epoch(self, training: Training[Any]) -> float:
            return training.epochs + 3 - training.epochs % 3

        def after_epoch(self, training: Training[Any]) -> None:
            self.seen.append(training.epochs)
            assert len(training.history) == training.epochs

    take(monkeypatch, 1000)
    third = Third()
    fit(line(), "mse", (X, Y), callbacks=third, **OPTIONS)
    assert third.seen == [1, 3, 6, 7]  # after the first step, which is an epoch, nothing is known


def test_patience_ends_within_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"optimizer": GradientDescent(0.9), "patience": 5, "verbose": False}
    results = []
    for steps in (1, 1000):
        take(monkeypatch, steps)
        results.append(fit(line(), "mse", (X, Y), epochs=500, batch_size=4, **options))
    assert results[0].stopped == results[1].stopped == "early"
    assert_same(*results)
    assert len(results[0].history) == results[0].best_epoch + 5
    assert same(results[0].net, results[0].state.best)


def test_an_optimizer_that_observes_sees_each_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    take(monkeypatch, 1000)
    seen: list[float] = []

    class Watching(Plateau):
        def observe(self, state: Any, cost: Any) -> Any:
            seen.append(float(cost))
            return super().observe(state, cost)

    watching = chain(GradientDescent(0.1), Watching())
    result = fit(line(), "mse", (X, Y), **{**OPTIONS, "optimizer": watching})
    assert seen == result.history.cost.tolist()


def test_a_state_between_last_step_and_measurement_goes_on() -> None:
    options = {**OPTIONS, "validation": (X, Y), "batch_size": 8}
    whole = fit(line(), "mse", (X, Y), **options)
    caught: list[Any] = []

    def keep(training: Training[Any]) -> None:
        if training.epochs == 3:
            caught.append(training.state)

    reached = fit(line(), "mse", (X, Y), **{**options, "epochs": 3}, callbacks=keep)
    unfinished = fit(line(), "mse", (X, Y), **{**options, "epochs": 2})
    # As if Ctrl-C had come while the third epoch was measured.
    total = float(reached.history.cost[-1]) * len(X)
    state = replace(caught[0], epochs=2, batches=3, total=total)
    state = replace(state, best=unfinished.state.best, best_cost=unfinished.state.best_cost)
    state = replace(state, best_epoch=unfinished.state.best_epoch)
    resumed = fit(replace(unfinished, state=state), "mse", (X, Y), **options)
    assert same(resumed.net, whole.net)
    np.testing.assert_allclose(resumed.history.cost, whole.history.cost, rtol=1e-14)


@pytest.mark.parametrize("order", ["F", "strided", "readonly", "swapped"])
def test_examples_of_any_layout(order: str) -> None:
    made = {
        "F": np.asfortranarray(X),
        "strided": np.repeat(X, 2, axis=0)[::2],
        "readonly": X.copy(),
        "swapped": X.astype(X.dtype.newbyteorder()),
    }[order]
    made.flags.writeable = order != "readonly"
    assert_same(fit(line(), "mse", (made, Y), **OPTIONS), fit(line(), "mse", (X, Y), **OPTIONS))


def test_the_data_are_not_copied_for_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    stretch = runner.stretch

    def looked_at(course: Any, around: Any, *rest: Any) -> Any:
        given.append(around.examples.inputs)
        return stretch(course, around, *rest)

    monkeypatch.setattr(runner, "stretch", looked_at)
    fit(line(), "mse", (X, Y), **OPTIONS)
    assert given
    assert all(np.shares_memory(inputs, X) for inputs in given)


# ---- numbers that are not finite ----------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 3, 1000])
@pytest.mark.parametrize("size", [None, 8])
def test_a_divergence_is_found_in_any_cut(
    monkeypatch: pytest.MonkeyPatch, steps: int, size: int | None
) -> None:
    take(monkeypatch, steps)
    with pytest.warns(RuntimeWarning, match="training stopped: a cost of inf at step") as caught:
        result = fit(
            line(np.float32),
            "mse",
            (X, Y),
            optimizer=GradientDescent(20.0),
            batch_size=size,
            epochs=99,
            verbose=False,
        )
    with monkeypatch.context() as patch:
        take(patch, 1)
        with pytest.warns(RuntimeWarning) as expected:
            straight = fit(
                line(np.float32),
                "mse",
                (X, Y),
                optimizer=GradientDescent(20.0),
                batch_size=size,
                epochs=99,
                verbose=False,
            )
    assert str(caught[0].message) == str(expected[0].message)
    assert_same(result, straight)
    assert result.state.steps > 5
    assert np.isfinite(nn.mse(result.net(X), Y))


@pytest.mark.parametrize("steps", [1, 1000])
def test_weights_that_break_between_epochs_end_the_epoch(
    monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    take(monkeypatch, steps)
    rate = lambda count: np.where(count < 4, 0.1, np.inf)  # noqa: E731
    with pytest.warns(RuntimeWarning, match=r"weights that are not finite.* at step 5 \(epoch 5\)"):
        result = fit(
            line(),
            "mse",
            (X, Y),
            optimizer=GradientDescent(rate),
            batch_size=None,
            epochs=9,
            verbose=False,
        )
    assert (result.state.steps, len(result.history)) == (4, 4)


def test_the_line_at_fault_is_told() -> None:
    def root(x: Any) -> Any:
        return np.sqrt(x - 1e3)  # here

    net = nn.Chain([*nn.mlp([3, 4]), root, *nn.mlp([4, 2])])
    with pytest.warns(RuntimeWarning, match=r"link 1.*; sqrt gives nan\n.*stretches.py:\d+"):
        fit(net, "mse", (X, Y), nan_check=True, verbose=False)


# ---- what is measured ---------------------------------------------------------------------------


@pytest.mark.parametrize("n", [5, ROWS, 2 * ROWS + 3])
def test_measuring_in_compiled_code_is_measuring(n: int) -> None:
    rng = np.random.default_rng(0)
    data = Examples(rng.normal(size=(n, 3)), rng.normal(size=(n, 2)))
    metrics = {"first": lambda a, y: a[0, 0], "last": lambda a, y: a[-1, 1]}
    cost, found = measure_again(line(), nn.mse, data, metrics)
    expected, same_found = evaluate(line(), "mse", (data.inputs, data.targets), metrics)
    assert cost == pytest.approx(expected, rel=1e-12)
    assert found == pytest.approx(same_found, rel=1e-12)
    assert measure_again(line(), nn.mse, data, {})[0] == pytest.approx(cost, rel=1e-12)
