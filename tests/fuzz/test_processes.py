"""The same bits in every process, and right results on other processors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from llvmlite import binding

from catenary.backend.llvm import machine, translation
from catenary.backend.llvm.program import generate
from catenary.core.graph import Graph
from tests.fuzz.check import example, joined

ROOT = Path(__file__).resolve().parent.parent.parent


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", *arguments],
        env={**os.environ, "PYTHONPATH": path, "CATENARY_CACHE": "0", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_bits_depend_neither_on_the_process_nor_on_threads_nor_on_where_arrays_lie() -> None:
    said = [
        _run("tests.fuzz.digest", "60", shift, CATENARY_NUM_THREADS=count)
        for shift, count in (("0", "1"), ("8", "2"), ("56", "2"))
    ]
    assert all(ran.returncode == 0 for ran in said), said[0].stderr
    first, *others = (ran.stdout.splitlines() for ran in said)
    assert len(first) == 60
    assert others == [first, first]


@pytest.mark.skipif(
    "86" not in binding.get_process_triple(), reason="these are processors of the x86 kind"
)
@pytest.mark.parametrize("cpu", ["haswell", "x86-64"])
def test_code_for_lesser_processors_is_right(cpu: str) -> None:
    ran = _run("tests.fuzz", "--count", "60", "--seed", "6", CATENARY_CPU=cpu)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _graph() -> Graph:
    return joined([example(7, number) for number in range(20)]).graph


@pytest.mark.parametrize(
    ("cpu", "triple"),
    [
        ("cortex-a76", "aarch64-unknown-linux-gnu"),
        ("apple-m1", "arm64-apple-darwin"),
        ("x86-64", "x86_64-pc-windows-msvc"),
    ],
)
def test_other_processors_have_code(cpu: str, triple: str) -> None:
    """The code is made, not run: there is none of these processors here."""
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    other = machine.of(cpu, triple)
    with (
        mock.patch.object(machine, "host", return_value=other),
        translation.Translator(other) as translator,
    ):
        generate(_graph(), 2, full=translator.take)
        made = translator.objects()
    assert all(len(one) > 1000 for one in made)
