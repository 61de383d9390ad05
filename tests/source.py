"""The source of the package as data: modules, and the imports that stand in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "catenary"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Module:
    """One source file, parsed; ``name`` is dotted, ``catenary.core.graph``."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        """The folder or file directly under the package; the package's own face is ``""``."""
        return self.name.partition(".")[2].partition(".")[0]

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    def at(self, node: ast.stmt | ast.expr) -> str:
        return f"{self.path}:{node.lineno}"


@dataclass(frozen=True)
class Import:
    """One imported module.

    ``hidden``: the statement stands inside a function. ``typing``: under ``if TYPE_CHECKING``.
    """

    module: Module
    node: ast.stmt | ast.expr
    target: str
    hidden: bool
    typing: bool

    @property
    def top(self) -> str:
        return self.target.partition(".")[0]


def read(folder: Path = ROOT / "src" / PACKAGE) -> dict[str, Module]:
    """All modules under ``folder``, which holds the package, by dotted name."""
    modules = {}
    for path in sorted(folder.rglob("*.py")):
        parts = [PACKAGE, *path.relative_to(folder).with_suffix("").parts]
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules[name] = Module(name, path, ast.parse(path.read_text("utf-8"), str(path)))
    return modules


def imports(modules: dict[str, Module]) -> list[Import]:
    """Every import of every module, relative ones made absolute, in the order of the text."""
    return [found for module in modules.values() for found in _imports_of(module, modules)]


def _imports_of(module: Module, modules: dict[str, Module]) -> Iterator[Import]:
    for node, hidden, typing in _walk(module.tree, hidden=False, typing=False):
        for target in _targets(node, module, modules):
            yield Import(module, node, target, hidden, typing)


def _walk(
    node: ast.AST, *, hidden: bool, typing: bool
) -> Iterator[tuple[ast.stmt | ast.expr, bool, bool]]:
    hidden |= isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    typing |= isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.expr):
            yield child, hidden, typing
        yield from _walk(child, hidden=hidden, typing=typing)


def _targets(node: ast.AST, module: Module, modules: dict[str, Module]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _base(node, module)
        for alias in node.names:
            submodule = f"{base}.{alias.name}"
            yield submodule if submodule in modules else base
    elif isinstance(node, ast.Call):
        yield from _called(node)


def _base(node: ast.ImportFrom, module: Module) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    parts = parts[: len(parts) - node.level + module.is_package]
    return ".".join([*parts, node.module] if node.module else parts)


def _called(call: ast.Call) -> Iterator[str]:
    """``importlib.import_module("name")`` and ``__import__("name")`` are imports too."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name in {"import_module", "__import__"} and call.args:
        argument = call.args[0]
        if isinstance(argument, ast.JoinedStr) and argument.values:
            argument = argument.values[0]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value.rstrip(".")
