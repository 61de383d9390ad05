"""README keeps its word: its examples run, its two commands stand where scripts look for them."""

from __future__ import annotations

import doctest
import re
import subprocess
from pathlib import Path

import pytest

from tests import readme, source

TEXT = readme.README.read_text("utf-8")
COMMANDS = readme.two_commands(TEXT)
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def failures_of(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the python blocks of a text as one session; the report of what did not come out."""
    monkeypatch.chdir(folder)
    examples = [
        example
        for block in readme.blocks(text)
        if block.language == "python"
        for example in _examples(block)
    ]
    session = doctest.DocTest(examples, {}, "README", "README.md", 0, None)
    report: list[str] = []
    doctest.DocTestRunner(optionflags=OPTIONS).run(session, out=report.append)
    return "".join(report)


def _examples(block: readme.Block) -> list[doctest.Example]:
    examples = doctest.DocTestParser().get_examples(block.text)
    for example in examples:
        example.lineno += block.line - 1
    return examples


def test_the_examples_come_out_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert failures_of(TEXT, tmp_path, monkeypatch) == ""


def test_a_wrong_result_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "# T\n\n```python\n>>> a = 2\n```\n\n```python\n>>> a + 2\n5\n```\n"
    report = failures_of(text, tmp_path, monkeypatch)
    assert "line 8" in report
    assert "Expected:\n    5\nGot:\n    4" in report


def test_every_python_block_shows_a_session() -> None:
    blocks = [block for block in readme.blocks(TEXT) if block.language == "python"]
    assert [block.line for block in blocks if not block.text.startswith(">>> ")] == []


def test_there_are_two_commands_each_alone_in_its_block() -> None:
    assert len(COMMANDS) == 2
    assert [block.language for block in readme.blocks(readme.section(TEXT, "Two commands"))] == [
        "sh",
        "sh",
    ]
    assert "catenary train digits" in COMMANDS[0]
    assert "-m pytest" in COMMANDS[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_one_line_of_shell_that_stops_at_the_first_error(command: str) -> None:
    assert re.search(r"\\\n", command.strip()) or "\n" not in command.strip()
    assert "\n" not in command.replace("\\\n", "").strip()
    assert not re.search(r";|\|\||\$|\bcd\b", command)
    subprocess.run(["sh", "-n", "-c", command], check=True)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_uses_python_pip_and_what_it_made_itself(command: str) -> None:
    made = readme.environment(command)
    programs = [step.split()[0] for step in command.replace("\\\n", "").split("&&")]
    assert programs[0] == "python3"
    assert all(program.startswith(f"{made}/bin/") for program in programs[1:])


def test_each_command_has_an_environment_of_its_own() -> None:
    assert len({readme.environment(command) for command in COMMANDS}) == 2


def test_links_lead_to_files() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", TEXT)
    local = [target for target in targets if "://" not in target]
    assert local
    assert [target for target in local if not (source.ROOT / target).exists()] == []
