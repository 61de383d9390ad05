"""Which backend runs: as CATENARY_BACKEND says, and the reference where there is no compiler."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import catenary as cat
from catenary.backend import native, reference
from catenary.core.errors import InputError
from catenary.core.machine_errors import no_compiler, unknown_backend

WITHOUT_LLVMLITE = """
    import sys

    class Blocked:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] == "llvmlite":
                raise ImportError("No module named 'llvmlite'", name="llvmlite")

    sys.meta_path.insert(0, Blocked())
"""
UNSUPPORTED = """
    from llvmlite import binding

    def refused():
        raise RuntimeError("no target for this processor")

    binding.initialize_native_target = refused
"""
PROGRAM = """
    import warnings
    import numpy as np
    import catenary as cat

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for factor in (2, 3, 4):
            found = cat.jit(lambda x: np.sum(np.sin(x) * factor))(np.ones(3))
            assert np.isclose(found, 3 * factor * np.sin(1))
        explained = cat.explain(np.sin, np.ones(3))
    assert explained.code is None
    for warning in caught:
        print(warning.category.__name__, warning.message)
"""


def said(*parts: str, **environment: str) -> list[str]:
    """What a program prints that begins with these parts."""
    run = subprocess.run(
        [sys.executable, "-c", "".join(map(textwrap.dedent, parts))],
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
        text=True,
    )
    assert not run.stderr
    return run.stdout.splitlines()


@pytest.mark.parametrize(
    ("obstacle", "reason"),
    [
        (WITHOUT_LLVMLITE, "No module named 'llvmlite'"),
        (UNSUPPORTED, "no target for this processor"),
    ],
)
def test_without_a_compiler_the_reference_runs_with_one_warning(obstacle: str, reason: str) -> None:
    expected = f"RuntimeWarning {no_compiler(reason)}"
    assert said(obstacle, PROGRAM, CATENARY_BACKEND="native") == expected.splitlines()


def test_the_reference_that_is_asked_for_needs_no_warning() -> None:
    assert said(WITHOUT_LLVMLITE, PROGRAM, CATENARY_BACKEND="reference") == []


def test_an_unknown_backend_is_named_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CATENARY_BACKEND", "natve")
    with pytest.raises(InputError) as caught:
        cat.jit(lambda x: x + 1)(np.ones(3))
    assert str(unknown_backend("natve", native.BACKENDS)) in str(caught.value)
    assert "did you mean native" in str(caught.value)
    assert "native, reference" in str(caught.value)


@pytest.mark.parametrize(("name", "is_native"), [("native", True), ("reference", False)])
def test_the_variable_decides(name: str, is_native: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATENARY_BACKEND", name)
    program = native.compile_graph(cat.trace(np.sin, np.ones(3)))
    assert isinstance(program, type(reference.compile_graph(cat.trace(np.sin, np.ones(3))))) != (
        is_native
    )
