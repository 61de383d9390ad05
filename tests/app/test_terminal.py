"""Tables and colours, on a terminal, in a pipe, with and without rich."""

from __future__ import annotations

import io
import json
import sys

import pytest

from catenary.app.report import confusion_text
from catenary.app.terminal import Terminal, paint, plain_table, table

HEAD = ["link", "weights"]
ROWS = [["dense [64]", "8"], ["total", "12"]]


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


def test_a_pipe_gets_aligned_columns() -> None:
    text = table(HEAD, ROWS, stream=io.StringIO())
    assert text == "link        weights\ndense [64]        8\ntotal            12"


def test_a_terminal_gets_rules_and_no_markup_is_read_into_cells() -> None:
    text = table(HEAD, ROWS, stream=Screen())
    assert "─" in text
    assert "dense [64]" in text


def test_without_rich_a_terminal_gets_aligned_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    assert table(HEAD, ROWS, stream=Screen()) == plain_table(HEAD, ROWS)


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_where_none_is_wanted(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert paint("note", "33", Screen()) == "\033[33mnote\033[0m"
    assert paint("note", "33", io.StringIO()) == "note"
    monkeypatch.setenv(name, value)
    assert paint("note", "33", Screen()) == "note"
    assert "\033" not in table(HEAD, ROWS, stream=Screen())


def test_quiet_says_nothing_but_results(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(quiet=True)
    terminal.say("hello")
    terminal.note("careful")
    terminal.result("42")
    assert capsys.readouterr() == ("42\n", "")


def test_json_knows_no_nan(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().object({"cost": float("nan"), "rates": [float("inf"), 0.5], "name": "ä"})
    text = capsys.readouterr().out
    assert json.loads(text) == {"cost": None, "rates": [None, 0.5], "name": "ä"}
    assert text.count("\n") == 1


def test_a_wide_confusion_matrix_becomes_a_list_of_mistakes() -> None:
    classes = tuple(f"a rather long name {number}" for number in range(5))
    counts = [[9 if i == j else 0 for j in range(5)] for i in range(5)]
    assert confusion_text(counts, classes, io.StringIO()) == "no mistakes on the test rows"
    counts[1][2], counts[3][0] = 2, 4
    lines = confusion_text(counts, classes, io.StringIO()).splitlines()
    assert lines[1].split() == ["actual", "predicted", "times"]
    assert lines[2].split() == [*classes[3].split(), *classes[0].split(), "4"]
    assert lines[3].split() == [*classes[1].split(), *classes[2].split(), "2"]
