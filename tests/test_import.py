"""What an import costs: nothing but NumPy, optree and the standard library is loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests import source

LATER = {
    "jax",
    "llvmlite",
    "matplotlib",
    "pandas",
    "polars",
    "pyarrow",
    "rich",
    "safetensors",
    "scipy",
    "sklearn",
    "torch",
}


def loaded_by(statement: str) -> set[str]:
    """The top-level packages that a fresh process holds after a statement."""
    program = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": str(source.ROOT / "src")}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
    )
    return {name.partition(".")[0] for name in json.loads(run.stdout)}


@pytest.mark.parametrize("statement", ["import catenary", "from catenary import *"])
def test_importing_catenary_loads_no_optional_or_slow_package(statement: str) -> None:
    loaded = loaded_by(statement)
    assert "catenary" in loaded
    assert not loaded & LATER


def test_a_loaded_package_would_be_seen() -> None:
    assert loaded_by("import scipy") & LATER == {"scipy"}
