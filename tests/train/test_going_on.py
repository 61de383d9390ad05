"""Stopping changes no bit: checkpoints, resumption, Ctrl-C, results that go on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catenary import nn
from catenary.core.errors import InputError
from catenary.descent import Adam, GradientDescent, Plateau, chain
from catenary.train import Checkpoint, FitResult, Training, fit, pace, runner
from tests.train.problems import X, Y, line, net_with_everything, same

# Validation data that the untrained net predicts exactly: training leads away from it.
STAY = (X, line()(X))
OPTIMIZER = chain(Adam(0.02), Plateau(patience=1))


def run(net: Any = None, **options: Any) -> FitResult[Any]:
    settings: dict[str, Any] = {
        "optimizer": OPTIMIZER,
        "batch_size": 8,
        "epochs": 6,
        "validation": 0.3,
        "seed": 11,
        "verbose": False,
    }
    return fit(net or net_with_everything(), "mse", (X, Y), **{**settings, **options})


@pytest.fixture(scope="module")
def whole() -> FitResult[Any]:
    """The training that nothing stopped."""
    return run()


def assert_same_training(a: FitResult[Any], b: FitResult[Any]) -> None:
    assert same(a.net, b.net)
    assert same(a.state, b.state)
    assert (a.state.steps, a.state.epochs, a.best_epoch) == (
        b.state.steps,
        b.state.epochs,
        b.best_epoch,
    )
    for name in ("cost", "validation_cost"):
        np.testing.assert_array_equal(getattr(a.history, name), getattr(b.history, name))


def test_a_checkpoint_that_is_not_yet_due_is_not_written(
    tmp_path: Path, whole: FitResult[Any]
) -> None:
    rarely = Checkpoint(tmp_path / "last.safetensors", seconds=1e9)
    epochs: list[int] = []
    run(checkpoint=rarely)
    resumed = run(
        checkpoint=rarely.path, resume=True, callbacks=[lambda t: epochs.append(t.epochs)]
    )
    assert epochs == [1, 2, 3, 4, 5, 6]
    assert_same_training(resumed, whole)


@pytest.mark.parametrize("stop", [0, 1, 3, 6])
def test_resuming_from_a_checkpoint(tmp_path: Path, stop: int, whole: FitResult[Any]) -> None:
    path = tmp_path / "made" / "on the way" / "last.safetensors"
    run(epochs=stop, checkpoint=path)
    assert path.exists()
    resumed = run(checkpoint=path, resume=True)
    assert_same_training(resumed, whole)
    assert_same_training(run(checkpoint=path, resume=True), whole)


def test_a_result_goes_on(whole: FitResult[Any]) -> None:
    assert_same_training(run(run(epochs=2)), whole)
    assert_same_training(run(whole), whole)


def test_early_stopping_resumes_to_the_same_end(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "validation": STAY,
        "patience": 3,
        "epochs": 40,
        "optimizer": GradientDescent(0.05),
    }
    straight = run(line(), **options)
    assert straight.stopped == "early"
    path = tmp_path / "a"
    run(line(), **{**options, "epochs": 2}, checkpoint=path)
    assert_same_training(run(line(), **options, checkpoint=path, resume=True), straight)
    again = run(line(), **options, checkpoint=path, resume=True)
    assert again.stopped == "early"
    assert_same_training(again, straight)


def interrupt_at(monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    """Ctrl-C within the step of this number; each call of compiled code takes one step."""
    stretch, calls = runner.stretch, []

    def interrupted(*args: Any) -> Any:
        calls.append(None)
        if len(calls) == call:
            raise KeyboardInterrupt
        return stretch(*args)

    monkeypatch.setattr(runner, "stretch", interrupted)
    monkeypatch.setattr(pace, "CALL_SECONDS", 0.0)
    monkeypatch.setattr(pace, "GROWTH", 1)


@pytest.mark.parametrize("call", [1, 2, 4, 5])
def test_an_interrupted_training_returns_what_it_reached_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, call: int, whole: FitResult[Any]
) -> None:
    with monkeypatch.context() as patch:
        interrupt_at(patch, call)
        reached = run()
    assert reached.stopped == "interrupted"
    assert reached.state.steps == call - 1
    assert len(reached.history) == (call - 1) // 2
    assert_same_training(run(reached), whole)


def test_an_interrupted_training_resumes_from_its_checkpoint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, whole: FitResult[Any]
) -> None:
    with monkeypatch.context() as patch:
        interrupt_at(patch, 8)
        run(checkpoint=tmp_path / "a")
    assert_same_training(run(checkpoint=tmp_path / "a", resume=True), whole)


def test_an_interruption_between_epochs_keeps_row_and_state_together(whole: FitResult[Any]) -> None:
    def interrupt(current: Training[Any]) -> None:
        if current.epochs == 2:
            raise KeyboardInterrupt

    reached = run(callbacks=[interrupt])
    assert reached.stopped == "interrupted"
    assert len(reached.history) == reached.state.epochs == 2
    assert_same_training(run(reached), whole)


def test_a_row_without_its_state_is_hidden(whole: FitResult[Any]) -> None:
    def look(current: Training[Any]) -> None:
        if current.epochs == 2:
            after = current.state
            current.state = replace(after, epochs=1)  # as if interrupted just before it was set
            assert len(current.history) == 1
            current.state = after

    assert_same_training(run(callbacks=[look]), whole)


def test_an_interrupted_search_for_the_best_returns_the_best(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interrupt_at(monkeypatch, 8)
    reached = run(line(), validation=STAY, patience=40, optimizer=GradientDescent(0.05))
    assert reached.stopped == "interrupted"
    assert same(reached.net, reached.state.best)
    assert not same(reached.net, reached.state.net)


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    run(epochs=1, checkpoint=path)
    for options, what in [
        ({"seed": 12}, "another seed"),
        ({"batch_size": 4}, "another batch_size"),
        ({"validation": 0.5}, "another examples"),
        ({"optimizer": Adam(0.02)}, "other weights"),
        ({"net": line(np.float32)}, "other weights"),
    ]:
        with pytest.raises(InputError, match=what):
            run(**options, checkpoint=path, resume=True)


def test_weights_alone_are_no_checkpoint(tmp_path: Path, whole: FitResult[Any]) -> None:
    nn.save(whole.state, tmp_path / "a")
    with pytest.raises(InputError, match="it holds weights but no training"):
        run(checkpoint=tmp_path / "a", resume=True)


def test_without_resume_a_checkpoint_is_written_anew(tmp_path: Path) -> None:
    run(epochs=4, checkpoint=tmp_path / "a")
    assert len(run(epochs=2, checkpoint=tmp_path / "a").history) == 2
    assert len(run(epochs=2, checkpoint=tmp_path / "a", resume=True).history) == 2


def test_another_optimizer_cannot_go_on(whole: FitResult[Any]) -> None:
    with pytest.raises(InputError, match="began with another optimizer"):
        run(whole, optimizer=GradientDescent(0.1))
