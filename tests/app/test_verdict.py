"""What the command line says about the point that a training reached."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catenary.app import show, train
from catenary.app.main import main

Capture = pytest.CaptureFixture[str]
LOADED = (show, train)  # before any test replaces the standard output
WORDS = ["--target", "price", "--ignore", "id,dear", "--epochs", "3", "--quiet", "--out", "run"]


def test_train_says_it_in_a_sentence_and_keeps_it(houses: Path, capsys: Capture) -> None:
    assert main(["train", "houses.csv", *WORDS]) == 0
    out, _ = capsys.readouterr()
    assert max(map(len, out.splitlines())) <= 80
    (line,) = [" ".join(p.split()) for p in out.split("\n\n") if p.startswith("the point reached")]
    line = line.partition(" kept in ")[0]
    assert "largest curvature " in line
    kept = json.loads(Path("run/result.json").read_text())["verdict"]
    assert line == f"the point reached: {kept['sentence']}"
    assert kept["kind"] == "not critical"
    assert kept["gradient_norm"] > kept["tolerance"] > 0
    assert kept["largest_curvature"] >= kept["smallest_curvature"]
    assert kept["limit"] is None
    assert main(["show", "run"]) == 0
    assert kept["sentence"] in " ".join(capsys.readouterr().out.split())


def test_a_run_kept_before_there_were_verdicts_can_be_shown(houses: Path, capsys: Capture) -> None:
    assert main(["train", "houses.csv", *WORDS]) == 0
    path = Path("run/result.json")
    result = json.loads(path.read_text())
    del result["verdict"]
    path.write_text(json.dumps(result))
    assert main(["show", "run"]) == 0


def test_gradient_descent_hears_of_its_limit(houses: Path, capsys: Capture) -> None:
    words = ["--optimizer", "gradient-descent", "--schedule", "constant", "--json"]
    assert main(["train", "houses.csv", *WORDS, *words]) == 0
    verdict = json.loads(capsys.readouterr().out)["verdict"]
    assert verdict["limit"] == pytest.approx(2 / 0.1)
    assert "the most that this learning rate bears" in verdict["sentence"]
