"""The command itself: help, mistakes, exit codes, streams."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import Namespace

import pytest

from catenary import __version__
from catenary.app import datasets
from catenary.app.main import main
from catenary.app.options import COMMANDS
from catenary.core.errors import InputError, MissingExtra

Capture = pytest.CaptureFixture[str]


def test_help_has_examples_and_exit_codes(capsys: Capture) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for part in (*COMMANDS, "examples:", "exit codes:", "130", "NO_COLOR"):
        assert part in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: Capture) -> None:
    assert main([command, "--help"]) == 0
    assert "usage: catenary" in capsys.readouterr().out


def test_version(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"catenary {__version__}\n"


def test_help_loads_no_array_library() -> None:
    program = (
        "import sys; from catenary.app.main import main; main(['train', '--help']);"
        "sys.exit('numpy' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], check=False, stdout=subprocess.DEVNULL)
    assert run.returncode == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trian"], "catenary: there is no command 'trian'; did you mean train?"),
        (["xyz"], "catenary: there is no command 'xyz'; choose from train, predict, show, data"),
        (["--jsn"], "catenary: unknown option --jsn"),
        (["train"], "catenary train: the following arguments are required: DATA"),
        (
            ["train", "iris", "--epoch", "3"],
            "train: unknown option --epoch; did you mean --epochs?",
        ),
        (["train", "iris", "--epoch=3"], "train: unknown option --epoch; did you mean --epochs?"),
        (["train", "iris", "--alpha", "1"], "--alpha; did you mean --learning-rate?"),
        (["train", "iris", "--step_size=1"], "--step_size; did you mean --learning-rate?"),
        (["predict", "a", "b", "--ignore", "c"], "catenary predict: unknown option --ignore (see"),
        (["train", "iris", "wine"], "catenary train: one word too many: wine"),
        (["train", "iris", "--epochs"], "catenary train: --epochs: expected one argument"),
        (["train", "iris", "--epochs", "x"], "catenary train: --epochs: 'x' is no whole number"),
        (["train", "iris", "--loss", "hing"], "there is no 'hing'; did you mean hinge?"),
        (["predict", "runs/a"], "the following arguments are required: FILE"),
    ],
)
def test_a_mistyped_command_gets_one_line_and_code_2(
    words: list[str], message: str, capsys: Capture
) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert err.count("\n") == 1
    assert not out


def test_no_command_prints_the_help_to_stderr(capsys: Capture) -> None:
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert "commands:" in err
    assert not out


def test_the_module_runs_like_the_command() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "catenary", "datasets"], capture_output=True, check=True, text=True
    )
    assert run.stdout.startswith("name ")
    assert not run.stderr


def test_datasets(capsys: Capture) -> None:
    assert main(["datasets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [
        "digits", "iris", "wine", "breast-cancer", "diabetes", "moons", "circles", "xor", "spirals",
    ]  # fmt: skip
    assert max(map(len, lines)) <= 80


def test_datasets_as_json(capsys: Capture) -> None:
    assert main(["datasets", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found[1]["name"] == "iris"
    assert found[1]["classes"] == 3


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let the command `datasets` fail."""

    def run(options: Namespace) -> int:
        raise error

    monkeypatch.setattr(datasets, "run", run)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (InputError("bad\n  input"), 2, "catenary datasets: bad input"),
        (MissingExtra("no rich"), 1, "catenary datasets: no rich"),
        (OSError(28, "No space left on device", "w"), 1, "datasets: w: No space left on device"),
        (MemoryError(), 1, "out of memory"),
        (KeyboardInterrupt(), 130, "catenary: stopped"),
    ],
)
def test_failures_become_one_line_and_a_code(
    error: BaseException, code: int, message: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    failing(monkeypatch, error)
    assert main(["datasets"]) == code
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_a_closed_pipe_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "catenary", "datasets"]
    run = subprocess.run(command, check=False, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert run.returncode == 141
    assert not run.stderr


def test_a_terminal_without_arrows_is_no_reason_to_fail() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "catenary", "datasets"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert "8 ? 8 grey values" in run.stdout
