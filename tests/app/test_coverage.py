"""`catenary coverage`: what is covered, what is not, and why."""

from __future__ import annotations

import json

import pytest

from catenary.app.main import main
from catenary.tracing.coverage import report

Capture = pytest.CaptureFixture[str]


def test_every_function_is_listed_once(capsys: Capture) -> None:
    assert main(["coverage", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(row["namespace"], row["name"]) for row in found] == [
        (entry.namespace, entry.name) for entry in report()
    ]


def test_the_text_counts_and_gives_reasons(capsys: Capture) -> None:
    assert main(["coverage"]) == 0
    out = capsys.readouterr().out
    for namespace in ("numpy", "scipy.special"):
        count = report().count(namespace)["covered"]
        assert f"{namespace}: {count} covered, " in out
    assert "\nnot yet (" in out
    assert "einsum, " in out
    assert max(map(len, out.splitlines())) <= 80
