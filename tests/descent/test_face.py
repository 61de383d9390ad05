"""``cat.optim``: every name is found where it is said to live, and loaded only when it is used."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys

import pytest

import catenary as cat


def test_every_name_is_there_and_known_to_type_checkers() -> None:
    tree = ast.parse(inspect.getsource(cat.optim))
    typed = next(node for node in tree.body if isinstance(node, ast.If))
    names = {
        alias.asname for node in typed.body if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }  # fmt: skip
    assert names | {"SGD"} == set(cat.optim.__all__)
    for name in cat.optim.__all__:
        assert callable(getattr(cat.optim, name))


def test_files_are_no_names() -> None:
    assert cat.optim.get("adam").__class__ is cat.optim.Adam  # their files are loaded now
    with pytest.raises(AttributeError, match="write Adam"):
        _ = cat.optim.adam
    assert inspect.isfunction(cat.optim.minimize)


def test_adam_does_not_wait_for_newton() -> None:
    code = (
        "import sys, catenary as cat; cat.optim.Adam;"
        "print([m for m in sys.modules if 'newton' in m or 'catenary.linear' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
