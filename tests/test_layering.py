"""The layers of the house, read from the imports: a lower floor never imports a higher one.

Each rule is a function from modules to complaints. One test runs all of them over the package,
and every rule is shown a small wrong package that it must refuse.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import source
from tests.source import Import, Module

FLOORS = {
    "core": 0,
    "ops": 1,
    "tracing": 2,
    "transform": 3,
    "backend": 4,
    "function": 5,
    "linear": 5,
    "nn": 5,
    "geometry": 6,
    "descent": 7,
    "train": 8,
    "analysis": 9,
    "data": 9,
    "plot": 10,
    "estimators": 10,
    "": 11,  # the public face, catenary/__init__.py
    "app": 12,
    "__main__": 13,
}

# What a room may import from outside at module level, beside the standard library. Everything
# else is imported where it is used, so that `import catenary` stays quick.
OUTSIDE = {"numpy", "optree"}
# The compiler is loaded as a whole, by its door, when something is to be compiled.
COMPILER = "catenary.backend.llvm"
OUTSIDE_OF_ROOM = {"core": {"numpy"}, "estimators": {"numpy", "sklearn"}}

# Modules that may load parts of the package itself when asked for them: the face offers rooms
# that need an extra, the command line answers --help before any array library is loaded, and
# what was compiled before needs no generator of code.
DOORS = {"catenary", "catenary.app.main", "catenary.backend.native", f"{COMPILER}.compiled"}

Modules = dict[str, Module]
Rule = Callable[[Modules], list[str]]


def _inside(modules: Modules) -> list[Import]:
    """The imports of the package's own modules."""
    return [found for found in source.imports(modules) if found.top == source.PACKAGE]


def _room(target: str, modules: Modules) -> str:
    """The room that a dotted name leads to; names of the face itself lead to ``""``."""
    room = target.partition(".")[2].partition(".")[0]
    return room if any(module.room == room for module in modules.values()) else ""


def unknown_rooms(modules: Modules) -> list[str]:
    return [
        f"{module.path}: the room '{module.room}' has no floor. Put it into FLOORS in {__file__}."
        for module in modules.values()
        if module.room not in FLOORS
    ]


def upward_imports(modules: Modules) -> list[str]:
    complaints = []
    for found in _inside(modules):
        here, there = found.module.room, _room(found.target, modules)
        if FLOORS.get(there, -1) > FLOORS.get(here, 99):
            complaints.append(
                f"{found.module.at(found.node)}: {found.module.name} (floor {FLOORS[here]}) "
                f"imports {found.target} (floor {FLOORS[there]}). "
                "Move what is needed down, or pass it in."
            )
    return complaints


def cycles(modules: Modules) -> list[str]:
    """Cycles between modules, and between rooms (which may share a floor, not need each other).

    Within a room, an import for the type checker alone closes no cycle: nothing runs.
    """
    between_modules: dict[str, set[str]] = {name: set() for name in modules}
    between_rooms: dict[str, set[str]] = {module.room: set() for module in modules.values()}
    for found in _inside(modules):
        here, there = found.module.room, _room(found.target, modules)
        if found.hidden and found.module.name in DOORS:
            continue
        if here != there or not found.typing:
            between_modules[found.module.name].add(found.target)
        if here != there:
            between_rooms[here].add(there)
    return [
        f"import cycle between {kind}: {' -> '.join(cycle)}. "
        "Cut it: what both need wants a room below them."
        for kind, edges in (("modules", between_modules), ("rooms", between_rooms))
        if (cycle := _find_cycle(edges))
    ]


def _find_cycle(edges: dict[str, set[str]]) -> list[str]:
    """Peel off what nobody waits for; whatever cannot be peeled holds a cycle."""
    left = {name: set(targets) for name, targets in edges.items()}
    while free := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in free:
            del left[name]
    if not left:
        return []
    path = [min(left)]
    while path[-1] not in path[:-1]:
        path.append(min(left[path[-1]] & left.keys()))
    return path[path.index(path[-1]) :]


def hidden_imports(modules: Modules) -> list[str]:
    """Inside a function only an optional or lazily loaded third-party package may be imported."""
    prompt = OUTSIDE | {source.PACKAGE} | set(sys.stdlib_module_names)
    return [
        f"{found.module.at(found.node)}: {found.module.name} imports {found.target} inside a "
        "function. Import it at the top; if that makes a cycle, the layers are wrong."
        for found in source.imports(modules)
        if found.hidden and found.top in prompt and found.module.name not in DOORS
    ]


def eager_imports(modules: Modules) -> list[str]:
    """At module level only what is always there and loads quickly."""
    complaints = []
    for found in source.imports(modules):
        allowed = OUTSIDE_OF_ROOM.get(found.module.room, OUTSIDE) | {source.PACKAGE, "__future__"}
        if found.module.name.startswith(COMPILER):
            allowed = allowed | {"llvmlite"}
        lazy = found.hidden or found.typing
        if not lazy and found.top not in allowed | set(sys.stdlib_module_names):
            complaints.append(
                f"{found.module.at(found.node)}: {found.module.name} imports {found.target} at "
                f"module level, where only {sorted(allowed)} and the standard library may stand. "
                "Import it in the function that uses it."
            )
    return complaints


RULES: list[Rule] = [unknown_rooms, upward_imports, cycles, hidden_imports, eager_imports]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_obeys(rule: Rule) -> None:
    complaints = rule(source.read())
    assert not complaints, "\n".join(complaints)


WRONG: list[tuple[Rule, str, dict[str, str]]] = [
    (unknown_rooms, "'attic' has no floor", {"attic/box.py": ""}),
    (
        upward_imports,
        "catenary.core.graph (floor 0) imports catenary.tracing.tree (floor 2)",
        {"core/graph.py": "from catenary.tracing import tree", "tracing/tree.py": ""},
    ),
    (
        upward_imports,
        "imports catenary.nn.losses (floor 5)",
        {"tracing/tree.py": "from ..nn.losses import mse", "nn/losses.py": "mse = 0"},
    ),
    (
        upward_imports,
        "imports catenary (floor 11)",
        {"__init__.py": "", "descent/adam.py": "import catenary as cat"},
    ),
    (
        upward_imports,
        "imports catenary.nn (floor 5)",
        {"ops/a.py": "import importlib\nm = importlib.import_module('catenary.nn')", "nn/b.py": ""},
    ),
    (
        cycles,
        "between modules: catenary.core.a -> catenary.core.b -> catenary.core.a",
        {"core/a.py": "from catenary.core import b", "core/b.py": "from .a import name"},
    ),
    (
        cycles,
        "between rooms: linear -> nn -> linear",
        {
            "linear/a.py": "import catenary.nn.a",
            "linear/b.py": "",
            "nn/a.py": "",
            "nn/b.py": "import catenary.linear.b",
        },
    ),
    (
        hidden_imports,
        "imports catenary.core.b inside a function",
        {"core/a.py": "def f():\n    from catenary.core import b", "core/b.py": ""},
    ),
    (hidden_imports, "imports json inside", {"core/a.py": "def f():\n    import json"}),
    (hidden_imports, "imports numpy inside", {"core/a.py": "f = lambda: __import__('numpy')"}),
    (eager_imports, "imports scipy.special at module", {"ops/a.py": "import scipy.special"}),
    (eager_imports, "imports optree at module level", {"core/a.py": "import optree"}),
]


@pytest.mark.parametrize(("rule", "message", "files"), WRONG)
def test_a_rule_refuses(rule: Rule, message: str, files: dict[str, str], tmp_path: Path) -> None:
    complaints = rule(_write(files, tmp_path))
    assert len(complaints) == 1
    assert message in complaints[0]


def test_lazy_third_party_imports_are_welcome(tmp_path: Path) -> None:
    files = {
        "__init__.py": "def __getattr__(name):\n    import catenary.plot",
        "plot/__init__.py": "import catenary.core.a",
        "core/a.py": "import numpy as np\ndef f():\n    from scipy import special",
        "core/b.py": "import catenary.core.c\nif TYPE_CHECKING:\n    import matplotlib",
        "core/c.py": "if TYPE_CHECKING:\n    import catenary.core.b",
    }
    modules = _write(files, tmp_path)
    assert [complaint for rule in RULES for complaint in rule(modules)] == []


def _write(files: dict[str, str], folder: Path) -> Modules:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return source.read(folder)
