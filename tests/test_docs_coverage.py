"""Every public name is documented, shown in a doctest, and typed; every file holds one idea."""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from tests import source

NAMESPACES = [
    "catenary",
    "catenary.analysis",
    "catenary.curvature",
    "catenary.data",
    "catenary.linalg",
    "catenary.linear",
    "catenary.nn",
    "catenary.optim",
    "catenary.plot",
    "catenary.random",
    "catenary.train",
]
LONGEST = 500

Names = list[tuple[str, Any]]


def namespace(path: str) -> Any:
    """The object behind a dotted name that starts at the face of the package."""
    face, *rest = path.split(".")
    found: Any = importlib.import_module(face)
    for name in rest:
        found = getattr(found, name)
    return found


def public(space: Any, path: str) -> Names:
    """What a namespace re-exports: the names in its ``__all__``, with their objects."""
    return [(f"{path}.{name}", getattr(space, name)) for name in space.__all__]


def undocumented(path: str, thing: Any) -> Iterator[str]:
    """What is missing from the documentation and the types of one public name."""
    if not callable(thing) or typing.get_origin(thing):
        return
    text = inspect.getdoc(thing) or ""
    if not text:
        yield f"{path} has no docstring."
    elif ">>>" not in text and not _is_exception(thing):
        yield f"{path} has no doctest."
    if inspect.isclass(thing):
        yield from _untyped_members(path, thing)
    else:
        yield from _untyped(path, thing)


def _is_exception(thing: Any) -> bool:
    return inspect.isclass(thing) and issubclass(thing, BaseException)


def _untyped_members(path: str, cls: type) -> Iterator[str]:
    for name, member in vars(cls).items():
        function = getattr(member, "fget", getattr(member, "__func__", member))
        if not inspect.isfunction(function) or function.__module__ != cls.__module__:
            continue
        if name == "__init__" or not name.startswith("_"):
            yield from _untyped(f"{path}.{name}", function)
        if not name.startswith("_") and not inspect.getdoc(getattr(cls, name)):
            yield f"{path}.{name} has no docstring."


def _untyped(path: str, function: Callable[..., Any]) -> Iterator[str]:
    signature = inspect.signature(function)
    for name, parameter in signature.parameters.items():
        if parameter.annotation is inspect.Parameter.empty and name not in {"self", "cls"}:
            yield f"{path} has no type for its argument '{name}'."
    if signature.return_annotation is inspect.Signature.empty:
        yield f"{path} has no type for what it returns."


def oversized(files: dict[str, str]) -> list[str]:
    return [
        f"{name} has {lines} lines. Which of its ideas wants its own file?"
        for name, text in files.items()
        if (lines := text.count("\n")) > LONGEST
    ]


@pytest.mark.parametrize("path", NAMESPACES)
def test_public_names_are_documented_and_typed(path: str) -> None:
    space = namespace(path)
    assert (inspect.getdoc(space) or "").strip(), f"{path} has no docstring."
    gaps = [gap for name, thing in public(space, path) for gap in undocumented(name, thing)]
    assert not gaps, "\n".join(gaps)


@pytest.mark.parametrize("path", NAMESPACES)
def test_nothing_public_is_left_out_of_the_list(path: str) -> None:
    space = namespace(path)
    ours = {
        name
        for name, thing in vars(space).items()
        if not name.startswith("_")
        and not isinstance(thing, ModuleType)
        and getattr(thing, "__module__", "").startswith("catenary")
    }
    assert ours <= set(space.__all__), f"not in {path}.__all__: {sorted(ours - set(space.__all__))}"


def test_files_are_of_readable_length() -> None:
    paths = [*(source.ROOT / "src").rglob("*.py"), *(source.ROOT / "tests").rglob("*.py")]
    complaints = oversized({str(path): path.read_text("utf-8") for path in paths})
    assert not complaints, "\n".join(complaints)


def test_a_long_file_is_seen() -> None:
    assert oversized({"short": "x\n" * LONGEST, "long": "x\n" * (LONGEST + 1)}) == [
        "long has 501 lines. Which of its ideas wants its own file?"
    ]


def test_a_gap_is_seen() -> None:
    def bare(x, *, y: int): ...  # type: ignore[no-untyped-def]

    def told(x: int) -> int:
        """Twice a number."""
        return 2 * x

    class Shown:
        """A thing.

        >>> Shown().size(1)
        """

        def size(self, of) -> int:  # type: ignore[no-untyped-def]
            return of

    assert list(undocumented("bare", bare)) == [
        "bare has no docstring.",
        "bare has no type for its argument 'x'.",
        "bare has no type for what it returns.",
    ]
    assert list(undocumented("told", told)) == ["told has no doctest."]
    assert list(undocumented("Shown", Shown)) == [
        "Shown.size has no type for its argument 'of'.",
        "Shown.size has no docstring.",
    ]
