"""README's code blocks and its two commands, for the tests and for ``.ci/run``.

Needs nothing but the standard library, so that a machine without any package can ask it::

    python3 tests/readme.py command      # the command that passes the tests
    python3 tests/readme.py environment  # the folder of the environment that it makes
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import NamedTuple

README = Path(__file__).resolve().parent.parent / "README.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    language: str
    text: str
    line: int


def blocks(text: str) -> list[Block]:
    """Every fenced code block, with its language and the line where its content begins."""
    return [
        Block(found[1], found[2], text.count("\n", 0, found.start(2)) + 1)
        for found in FENCE.finditer(text)
    ]


def section(text: str, heading: str) -> str:
    """The part of a text under a second-level heading, up to the next one."""
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def two_commands(text: str) -> list[str]:
    """The commands under the heading "Two commands": the main job, then the tests."""
    found = blocks(section(text, "Two commands"))
    return [block.text for block in found if block.language == "sh"]


def environment(command: str) -> str:
    """The folder of the virtual environment that a command makes."""
    words = shlex.split(command)
    following = words[words.index("venv") + 1 :]
    return next(word for word in following if not word.startswith("-"))


if __name__ == "__main__":
    test_command = two_commands(README.read_text("utf-8"))[1]
    print(test_command if sys.argv[1] == "command" else environment(test_command))
