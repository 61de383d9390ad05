"""Progress goes to standard error: lines, or a bar on a terminal."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from catenary.descent import GradientDescent
from catenary.train import fit
from catenary.train.progress import Bar, Lines, progress
from tests.train.problems import X, Y, line


def run(**options: Any) -> None:
    fit(line(), "mse", (X, Y), optimizer=GradientDescent(0.01), **options)


def test_a_line_for_each_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    run(epochs=3, validation=(X, Y), metrics={"zero": lambda a, y: 0})
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("epoch 1/3  cost ")
    assert "  validation " in lines[0]
    assert "  zero 0  " in lines[0]
    assert lines[0].endswith("/s")


def test_long_trainings_say_less(capsys: pytest.CaptureFixture[str]) -> None:
    run(epochs=105)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) <= 22
    assert lines[-1].startswith("epoch 105/105")


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    run(epochs=2, verbose=False)
    assert capsys.readouterr() == ("", "")


def test_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    run(epochs=2, verbose=False, callbacks=[Bar()])
    out, err = capsys.readouterr()
    assert out == ""
    assert "epoch 2/2" in err


def test_the_bar_moves_within_an_epoch(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from catenary.train import pace, training

    monkeypatch.setattr(training, "_ADVANCE_SECONDS", -1.0)
    monkeypatch.setattr(pace, "CALL_SECONDS", 0.0)
    monkeypatch.setattr(pace, "GROWTH", 1)
    seen = []

    class Watching(Bar):
        def advance(self, training: Any) -> None:
            super().advance(training)
            seen.append(self.bar.tasks[0].completed)

    run(epochs=2, batch_size=8, verbose=False, callbacks=[Watching()])
    assert seen == [1, 2, 3, 4, 5, 6]
    capsys.readouterr()


def test_who_watches_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(progress(), Lines)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert isinstance(progress(), Bar)
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    assert isinstance(progress(), Lines)
