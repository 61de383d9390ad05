"""`catenary train`: what it prints, what it keeps, how it ends."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catenary.app import train
from catenary.app.main import main
from catenary.app.run_folder import load
from catenary.function import modes

Capture = pytest.CaptureFixture[str]

FILES = {"config.json", "encoding.json", "weights.safetensors", "history.csv", "result.json",
         "cost.png"}  # fmt: skip
QUICK = ["--epochs", "3", "--layers", "8"]


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_classes(houses: Path, capsys: Capture) -> None:
    assert main(["train", "houses.csv", "--target", "dear", "--ignore", "id,price", *QUICK]) == 0
    out, err = capsys.readouterr()
    for part in (
        "houses.csv: 60 rows of 1 number and 1 category (as 3 inputs) → 2 classes of 'dear'\n",
        "42 training, 6 validation, 12 test\n",
        "0  dense  relu             3        8       32",
        "   total                                    50",
        "cross_entropy by adamw, rate 0.003 (cosine), weight decay 2\n",
        "batches of 32, 3 epochs, seed 0\n",
        "epoch 3/3  cost",
    ):
        assert part in err
    assert max(map(len, err.splitlines())) <= 84
    lines = out.splitlines()
    assert lines[0].split() == ["rows", "cost", "accuracy"]
    assert [line.split()[0] for line in lines[1:4]] == ["train", "validation", "test"]
    assert lines[5] == "test rows by actual class (line) and predicted class (column):"
    assert lines[6].split() == ["actual", "no", "yes"]
    assert lines[-1].startswith(f"kept in {Path('runs', 'houses-1')} (weights of epoch ")
    assert files(Path("runs/houses-1")) == FILES


def test_numbers_as_json(houses: Path, capsys: Capture) -> None:
    words = ["--target", "price", "--ignore", "id,dear", "--epochs", "300", "--json", "--quiet"]
    assert main(["train", "houses.csv", *words]) == 0
    out, err = capsys.readouterr()
    assert not err
    assert out.count("\n") == 1
    found = json.loads(out)
    assert found["run"] == str(Path("runs", "houses-1"))
    assert found["end"] == "done"
    assert found["epochs"] == 300
    assert found["seconds"] > 0
    assert set(found["test"]) == {"rows", "cost", "rmse", "r2"}
    assert found["test"]["r2"] > 0.9
    assert json.loads(Path("runs/houses-1/result.json").read_text()) == found


def test_the_run_that_is_kept_is_the_run_that_was_measured(houses: Path, capsys: Capture) -> None:
    # Random classes: the longer the training, the worse the validation.
    generator = np.random.default_rng(0)
    np.savez("noise.npz", x=generator.normal(size=(60, 5)), y=generator.integers(0, 2, 60))
    words = ["--target", "y", "--epochs", "30", "--learning-rate", "0.02", "--out", "mine"]
    assert main(["train", "noise.npz", *words, "--json", "--quiet"]) == 0
    found = json.loads(capsys.readouterr().out)
    with Path("mine/history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == [str(epoch) for epoch in range(1, 31)]
    costs = [float(row["validation_cost"]) for row in rows]
    assert found["best_epoch"] == 1 + int(np.argmin(costs)) < 30
    assert found["validation"]["cost"] == pytest.approx(min(costs))
    assert Path("mine/cost.png").read_bytes().startswith(b"\x89PNG")
    assert load("mine").recipe.layers == (5, 64, 64, 2)
    assert main(["predict", "mine", "noise.npz", "--quiet"]) == 0


def test_a_seed_decides_everything(here: Path, capsys: Capture) -> None:
    def result(seed: int) -> dict[str, Any]:
        main(["train", "moons", *QUICK, "--json", "--quiet", "--seed", str(seed)])
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return {part: found[part] for part in ("train", "validation", "test")}

    first = result(1)
    assert result(1) == first
    assert result(2) != first


def test_runs_are_numbered_and_never_overwritten(here: Path, capsys: Capture) -> None:
    for _ in range(2):
        assert main(["train", "moons", *QUICK, "--quiet"]) == 0
    assert main(["train", "moons", *QUICK, "--quiet", "--out", "runs/moons-1"]) == 2
    assert "runs/moons-1 exists and is not empty" in capsys.readouterr().err
    assert files(Path("runs")) == {"moons-1", "moons-2"}


def test_an_empty_folder_is_welcome(here: Path) -> None:
    Path("empty").mkdir()
    assert main(["train", "moons", *QUICK, "--quiet", "--out", "empty"]) == 0
    assert files(Path("empty")) == FILES


@pytest.mark.parametrize(
    "words",
    [
        ["--optimizer", "sgd", "--schedule", "one-cycle", "--batch-size", "1"],
        ["--optimiser", "rprop"],
        ["--optimizer", "momentum", "--weight-decay", "1e-4", "--batch-size", "full"],
        ["--optimizer", "lion", "--weight-decay", "0.1"],
        ["--schedule", "plateau", "--validation", "0"],
        ["--schedule", "constant", "--learning-rate", "0.01", "--test", "0"],
        ["--loss", "hinge", "--activation", "tanh"],
        ["--lr", "0.01"],
        ["--loss", "quadratic-cost", "--layers", "none"],
        ["--loss", "binary_cross_entropy", "--layers", "2-5-2"],
        ["--task", "regress", "--loss", "huber"],
        ["--target", "x", "--loss", "mae"],
    ],
)
def test_options(words: list[str], here: Path, capsys: Capture) -> None:
    assert main(["train", "moons", "--epochs", "2", *words]) == 0
    assert "kept in" in capsys.readouterr().out


def test_counts_are_learned_as_counts(here: Path, capsys: Capture) -> None:
    x = np.linspace(0, 2, 60)
    y = np.random.default_rng(0).poisson(np.exp(1 + x))
    np.savez("visits.npz", x=x, visits=y)
    words = ["--target", "visits", "--task", "regress", "--loss", "poisson", "--epochs", "200"]
    assert main(["train", "visits.npz", *words, "--quiet", "--json", "--out", "run"]) == 0
    assert json.loads(capsys.readouterr().out)["train"]["r2"] > 0.6
    np.savez("new.npz", x=np.array([2.0]))
    assert main(["predict", "run", "new.npz", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["prediction"] == pytest.approx(np.exp(3), rel=0.3)


def test_a_file_in_another_hand(here: Path, capsys: Capture) -> None:
    lines = [f"{row};{row / 7:.3f};ä".replace(".", ",") for row in range(40)]
    Path("maße.csv").write_bytes("\r\n".join(["Länge;Preis;Art", *lines]).encode("latin-1"))
    words = ["--target", "Preis", "--decimal", ",", "--charset", "latin-1", "--ignore", "Art"]
    assert main(["train", "maße.csv", *words, *QUICK, "--out", "run"]) == 0
    Path("neu.csv").write_bytes("Länge\r\n1,5\r\n".encode("latin-1"))
    capsys.readouterr()
    assert main(["predict", "run", "neu.csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_thousands_taken_for_a_decimal_comma_do_not_break_the_quotes(here: Path) -> None:
    lines = "".join(f'"{row},000",{row % 2}\n' for row in range(1, 40))
    Path("data.csv").write_text(f"x,y\n{lines}")
    assert main(["train", "data.csv", "--target", "y", "--decimal", ",", *QUICK]) == 0


# ---- mistakes -----------------------------------------------------------------------------------

TABLE = "x,y,z\n" + "".join(f"{row},{row % 2},{'ab'[row % 2]}\n" for row in range(20))


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        (None, [], "there is no file data.csv"),
        ("", [], "data.csv is empty"),
        ("x,y\n1,2\n", [], "data.csv has one row"),
        (TABLE, ["--target", "Y"], "no column 'Y'; did you mean y?"),
        (TABLE, ["--target", "price"], "no column 'price'; it has 'x', 'y', 'z'"),
        (TABLE.replace(",a", ",b"), ["--target", "z"], "the target 'z' has one class only, 'b'"),
        ("x,y\n" + "1,2\n2,2\n" * 9, [], "the target 'y' has one class only, '2'"),
        ("x,y\n" + "1,2.5\n2,2.5\n" * 9, [], "the target 'y' is 2.5 in every row"),
        (TABLE.replace("\n7,1", "\nseven,1"), [], "line 9: 'seven' in column 'x' is no number"),
        (TABLE.replace("\n7,1", "\nseven,1"), [], "holds categories (--categorical x)"),
        (
            "x,y\n" + "".join(f"{row}%,{row % 2}\n" for row in range(40)),
            [],
            "line 2: '0%' in column 'x' is no number (40 such cells)",
        ),
        (
            "x,y\n" + "".join(f'"{row},000",{row % 2}\n' for row in range(1, 40)),
            [],
            "thousands out of the file, or say that it is the decimal sign (--decimal ,)",
        ),
        (TABLE.replace("\n7,1", "\nnan,1"), [], "or leave such rows out (--drop-missing)"),
        (TABLE.replace("\n7,1", "\nnan,1"), [], "infinite values in 'x' (1), first in line 9"),
        (TABLE.replace("\n7,1", "\ninf,1"), [], "infinite values in 'x' (1), first in line 9"),
        (TABLE.replace("\n7,1", "\n7"), [], "line 9: 2 cells where the first line has 3"),
        (
            TABLE,
            ["--layers", "3-4-4-3"],
            "--layers 3-4-4-3 do not fit: data.csv has 3 inputs and 2",
        ),
        (TABLE, ["--layers", "5-4-2"], "write 3-4-2, or only the hidden widths"),
        (TABLE, ["--layers", "1000000,1000000"], "more than 100,000,000; make them narrower"),
        (TABLE, ["--loss", "poisson"], "--loss poisson does not fit: 'y' is classes; choose from"),
        (TABLE, ["--target", "x", "--loss", "hinge"], "does not fit: 'x' is a number; choose from"),
        (TABLE, ["--optimizer", "rprop", "--schedule", "step"], "--schedule step does not fit"),
        (TABLE, ["--test", "0.6", "--validation", "0.4"], "leave nothing for training"),
        (TABLE, ["--ignore", "w"], "no column 'w'"),
        (TABLE, ["--categorical", "w"], "no column 'w'"),
        (TABLE, ["--charset", "utf-9"], "did you mean utf-8?"),
        (TABLE, ["--out", "data.csv"], "data.csv exists and is not empty"),
        (TABLE, ["--out", "data.csv/run"], "cannot write to data.csv/run: Not a directory"),
        (TABLE, ["--out", "/proc/run"], "cannot write to /proc/run"),
    ],
)
def test_a_mistake_gets_one_line_and_leaves_nothing(
    text: str | None, words: list[str], message: str, here: Path, capsys: Capture
) -> None:
    if text is not None:
        Path("data.csv").write_text(text)
    target = [] if "--target" in words else ["--target", "y"]
    assert main(["train", "data.csv", *target, *words]) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert err.startswith("catenary train: ")
    assert err.count("\n") == 1
    assert not out
    assert files(here) <= {"data.csv"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("digts", "no data set and no file 'digts'; did you mean digits?"),
        ("xyzzy", "no data set and no file 'xyzzy'; see: catenary datasets"),
        ("digits.csv", "no file digits.csv; the built-in data set is called digits"),
        ("house.csv", "there is no file house.csv; did you mean houses.csv?"),
        ("houses", "did you mean houses.csv?"),
        (".", ". is a folder; name a file in it"),
        ("sheet.xlsx", "save the sheet as CSV"),
    ],
)
def test_data_that_is_not_there(name: str, message: str, houses: Path, capsys: Capture) -> None:
    Path("sheet.xlsx").write_bytes(b"PK")
    assert main(["train", name]) == 2
    assert message in capsys.readouterr().err


def test_without_a_target(houses: Path, capsys: Capture) -> None:
    assert main(["train", "houses.csv"]) == 2
    err = capsys.readouterr().err
    assert "one of 'id', 'area', 'kind', 'dear', 'price' (--target COLUMN)" in err


def test_the_columns_of_an_array_do_not_hide_the_others(here: Path, capsys: Capture) -> None:
    np.savez("d.npz", X=np.ones((9, 12)), y=np.arange(9))
    assert main(["train", "d.npz"]) == 2
    assert "one of 'X[0]' … 'X[11]', 'y' (--target COLUMN)" in capsys.readouterr().err


# ---- ends ---------------------------------------------------------------------------------------


def test_a_cost_that_is_no_number_ends_the_run_and_keeps_it(here: Path, capsys: Capture) -> None:
    words = ["--optimizer", "sgd", "--learning-rate", "1e30", "--epochs", "5", "--loss", "mse"]
    assert main(["train", "moons", *words, "--out", "run", "--target", "x"]) == 1
    out, err = capsys.readouterr()
    last = err.splitlines()[-1]
    assert last.startswith("catenary train: ")
    assert "step" in last
    assert "link" in last
    assert "kept in run" in out
    assert json.loads(Path("run/result.json").read_text())["end"] == "failed"
    assert all(np.isfinite(link.weight).all() for link in load("run").net)
    assert main(["show", "run"]) == 0
    assert "failed after" in capsys.readouterr().out


def test_ctrl_c_keeps_what_was_reached(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = train.fit

    def stop(training: Any) -> None:
        if training.epochs == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(train, "fit", lambda *a, **k: fit(*a, **k, callbacks=[stop]))
    assert main(["train", "moons", *QUICK, "--out", "run"]) == 130
    out, err = capsys.readouterr()
    assert "kept in run" in out
    assert (
        "catenary train: stopped after 2 epochs; to go on, give the same command with --out" in err
    )
    assert json.loads(Path("run/result.json").read_text())["end"] == "stopped"
    assert main(["predict", "run", "moons"]) == 0


def test_a_stopped_training_goes_on_as_if_it_never_had_been(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = train.fit

    def stop(training: Any) -> None:
        if training.epochs == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(train, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    modes._CACHE.clear()  # as in a new process, which runs a gradient on NumPy a few times first
    assert main(["train", "moons", *QUICK, "--quiet", "--out", "whole"]) == 0
    monkeypatch.setattr(train, "fit", lambda *a, **k: fit(*a, **k, callbacks=[stop]))
    assert main(["train", "moons", *QUICK, "--quiet", "--out", "run", "--resume"]) == 130
    monkeypatch.setattr(train, "fit", fit)
    words = ["train", "moons", *QUICK, "--out", "run", "--resume"]
    for other, message in (
        (["--learning-rate", "1"], "run cannot go on: it had learning_rate 0.003, not 1.0"),
        (["--ignore", "y"], "it had layers [2, 8, 2], not [1, 8, 2]"),
        (["--validation", "0.3"], "cannot go on"),
    ):
        assert main([*words, *other]) == 2
        assert message in capsys.readouterr().err
    modes._CACHE.clear()
    assert main(words) == 0
    assert "epoch 2/3" in (err := capsys.readouterr().err)
    assert "epoch 1/3" not in err
    assert files(Path("run")) == FILES
    for name in ("weights.safetensors", "encoding.json", "config.json"):
        assert Path("run", name).read_bytes() == Path("whole", name).read_bytes()
    ends = [json.loads(Path(run, "result.json").read_text()) for run in ("run", "whole")]
    assert ends[0] == ends[1] | {"run": "run", "seconds": ends[0]["seconds"]}
    assert main(words) == 2
    assert "run came to its end; there is nothing to resume" in capsys.readouterr().err
    assert main(["train", "moons", "--resume"]) == 2
    assert "name the folder of the run with --out" in capsys.readouterr().err


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_training_that_is_killed_leaves_what_was_reached(
    how: signal.Signals, here: Path, capsys: Capture
) -> None:
    command = [sys.executable, "-m", "catenary", "train", "moons", "--epochs", "4000"]
    with subprocess.Popen([*command, "--out", "run"], stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        while not run.stderr.readline().startswith("epoch 200/"):
            pass
        run.send_signal(how)
        run.stderr.read()
    if how == signal.SIGTERM:
        assert run.returncode == 130
        assert main(["show", "run"]) == 0
        assert "stopped after" in capsys.readouterr().out
    else:
        assert main(["predict", "run", "moons"]) == 2
        assert "was cut off; go on with it: give the same comm" in capsys.readouterr().err
    assert Path("run/training.safetensors").exists()


def test_a_failure_while_training_leaves_no_folder(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(train, "fit", fail)
    assert main(["train", "moons", "--quiet", "--out", "run"]) == 1
    assert "out of memory" in capsys.readouterr().err
    assert not Path("run").exists()


def test_without_matplotlib_there_is_a_note_and_no_picture(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    assert main(["train", "moons", *QUICK, "--out", "run"]) == 0
    assert "note: no picture: " in capsys.readouterr().err
    assert files(Path("run")) == FILES - {"cost.png"}


def test_without_safetensors_nothing_begins(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "find_spec", lambda name: None)
    assert main(["train", "moons"]) == 1
    assert "needs the package safetensors" in capsys.readouterr().err
    assert not files(here)
