"""Transforms know the kinds of derivatives and the algebra of structures, never an operation.

Nothing in ``transform/`` may import from ``ops/``, look into the registry, or compare anything
with the name of a registered operation. A new operation then never touches a transform.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from tests import registry, source
from tests.source import Module


def namings(module: Module, names: Collection[str]) -> Iterator[str]:
    """Where a module names an operation: as text, by import, or through the registry."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Constant(value=str(text)) if text in names:
                yield f"{module.at(node)}: the text '{text}' is the name of an operation."
            case ast.Name(id="REGISTRY" | "registry") | ast.Attribute(attr="REGISTRY"):
                yield f"{module.at(node)}: looks into the registry of operations."


def transforms(modules: dict[str, Module], names: Collection[str]) -> list[str]:
    complaints = [
        f"{found.module.at(found.node)}: imports {found.target}."
        for found in source.imports(modules)
        if found.module.room == "transform" and found.target.startswith("catenary.ops")
    ]
    for module in modules.values():
        if module.room == "transform":
            complaints += namings(module, names)
    return complaints


def test_no_transform_names_an_operation() -> None:
    complaints = transforms(source.read(), registry.primitives())
    advice = "\nSay it through the kind of derivative, the structure or the algebra instead."
    assert not complaints, "\n".join(complaints) + advice


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("if node.primitive.name == 'exp': pass", "the text 'exp'"),
        ("RULES = {'exp': 1}", "the text 'exp'"),
        ("from catenary.ops import transcendental", "imports catenary.ops"),
        ("from catenary.ops.product import contract", "imports catenary.ops"),
        ("from catenary.core import primitive\nx = primitive.REGISTRY[k]", "looks into the"),
        ("x = REGISTRY.values()", "looks into the registry"),
    ],
)
def test_a_naming_is_seen(text: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "transform").mkdir()
    (tmp_path / "transform" / "walk.py").write_text(text)
    complaints = transforms(source.read(tmp_path), {"exp"})
    assert len(complaints) == 1
    assert complaint in complaints[0]


def test_words_in_a_docstring_name_nothing(tmp_path: Path) -> None:
    (tmp_path / "transform").mkdir()
    (tmp_path / "transform" / "walk.py").write_text('"""exp is linearised here."""\nexp = np.exp')
    assert transforms(source.read(tmp_path), {"exp"}) == []
