"""Trees of one known structure, taken apart and put together by code that is written for it.

The library of trees asks every dataclass for its fields by a call of Python, about 2 µs each, and
compares the structure afterwards. Where a structure is known beforehand, its nodes can be checked
and read in one function: a network and Adam's memory in some 10 µs instead of 54.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from catenary.tracing import tree


class _Place:
    """Stands for a leaf. No dataclass: that would be a node."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


class _Code:
    """The lines of a function, and the values that they name."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.known: dict[str, Any] = {"new": object.__new__, "put": object.__setattr__}
        self.known["key"] = tree.static_key
        self._names = 0

    def name(self) -> str:
        """A name that nothing has yet."""
        self._names += 1
        return f"v{self._names}"

    def hold(self, value: Any) -> str:
        """The name of a value that is made beforehand."""
        name = self.name()
        self.known[name] = value
        return name

    def instance(self, cls: type, fields: Sequence[tuple[str, Any]]) -> str:
        """The name of an instance of a dataclass, made without calling ``__init__``."""
        name = self.name()
        self.lines.append(f"{name} = new({self.hold(cls)})")
        if tree.has_dict(cls):
            given = ", ".join(f"{field}={part}" for field, part in fields)
            self.lines.append(f"{name}.__dict__.update({given})")
        else:
            self.lines.extend(f"put({name}, {field!r}, {part})" for field, part in fields)
        return name

    def function(self, argument: str) -> Callable[[Any], Any]:
        """The lines as a function."""
        body = "\n    ".join(self.lines)
        space = dict(self.known)
        exec(f"def written({argument}):\n    {body}\n", space)
        written: Callable[[Any], Any] = space["written"]
        return written


def taking(
    structure: tree.Structure, fixed: Mapping[int, Any]
) -> Callable[[Any], list[Any] | None] | None:
    """What takes a tree of this structure apart: into its leaves but for the ``fixed`` ones, or
    into None where the nodes or the fixed leaves are others. None for nodes that it cannot read.

    >>> structure = tree.flatten(({"a": 1.5, "b": (2.5, "relu")},))[1]
    >>> take = taking(structure, {2: "relu"})
    >>> take(({"a": 3.5, "b": (4.5, "relu")},))
    [3.5, 4.5]
    >>> take(({"a": 3.5, "b": (4.5, "tanh")},)), take(({"a": 3.5},))
    (None, None)
    """
    code, leaves = _Code(), list[str]()

    def read(node: Any, at: str) -> bool:
        """Lines that check the node of this name and read what is in it; whether they exist."""
        if isinstance(node, _Place):
            if node.number in fixed:
                value = code.hold(fixed[node.number])
                known = code.hold(tree.static_key(fixed[node.number]))
                code.lines.append(f"if {at} is not {value} and key({at}) != {known}: return None")
            else:
                leaves.append(at)
            return True
        if node is None:
            code.lines.append(f"if {at} is not None: return None")
            return True
        children = _children(node)
        if children is None:
            return False
        size = "" if dataclasses.is_dataclass(node) else f" or len({at}) != {len(children)}"
        kind = code.hold(type(node))
        code.lines.append(f"if type({at}) is not {kind}{size}: return None")
        for key, child in children:
            inner = code.name()
            if dataclasses.is_dataclass(node):
                code.lines.append(f"{inner} = {at}.{key}")
            elif isinstance(node, dict):
                held = code.hold(key)
                code.lines.append(f"if {held} not in {at}: return None")
                code.lines.append(f"{inner} = {at}[{held}]")
            else:
                code.lines.append(f"{inner} = {at}[{key}]")
            if not read(child, inner):
                return False
        return True

    if not read(_template(structure), "root"):
        return None
    code.lines.append(f"return [{', '.join(leaves)}]")
    return code.function("root")


def putting(
    structure: tree.Structure, fixed: Mapping[int, Any]
) -> Callable[[Sequence[Any]], Any] | None:
    """What puts a tree of this structure together from its leaves but for the ``fixed`` ones; None
    where there are nodes that it cannot make.

    >>> structure = tree.flatten({"a": 1.5, "b": (2.5, "relu")})[1]
    >>> putting(structure, {2: "relu"})([3.5, 4.5])
    {'a': 3.5, 'b': (4.5, 'relu')}
    """
    code, leaves = _Code(), list[str]()

    def make(node: Any) -> str | None:
        """The expression for a node, after lines for the instances in it."""
        if isinstance(node, _Place):
            if node.number in fixed:
                return code.hold(fixed[node.number])
            leaves.append(code.name())
            return leaves[-1]
        if node is None:
            return "None"
        children = _children(node)
        if children is None:
            return None
        made = [(key, make(child)) for key, child in children]
        parts = [expression for _, expression in made if expression is not None]
        if len(parts) < len(made):
            return None
        if isinstance(node, list):
            return f"[{', '.join(parts)}]"
        if isinstance(node, dict):
            named = zip(node, [code.hold(key) for key in node], strict=True)
            values = dict(made)
            return f"{{{', '.join(f'{held}: {values[key]}' for key, held in named)}}}"
        if isinstance(node, tuple):
            whole = f"({''.join(f'{part}, ' for part in parts)})"
            kind = type(node)
            return whole if kind is tuple else f"{code.hold(kind)}._make({whole})"
        return code.instance(type(node), made)

    whole = make(_template(structure))
    if whole is None:
        return None
    if leaves:
        code.lines.insert(0, f"{''.join(f'{leaf}, ' for leaf in leaves)}= values")
    code.lines.append(f"return {whole}")
    return code.function("values")


def _template(structure: tree.Structure) -> Any:
    """A tree of this structure with numbered places for leaves."""
    return tree.unflatten(structure, [_Place(i) for i in range(structure.num_leaves)])


def _children(node: Any) -> list[tuple[Any, Any]] | None:
    """Key and content of each child, in the order of leaves; None for a node of another kind."""
    if type(node) in {tuple, list} or (isinstance(node, tuple) and hasattr(node, "_make")):
        return list(enumerate(node))
    if type(node) is dict:
        return _in_order(node.items())
    if tree.is_known(type(node)):
        return [(f.name, getattr(node, f.name)) for f in dataclasses.fields(node)]
    return None


def _in_order(items: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """The children of a dict as their leaves are numbered."""
    return sorted(items, key=lambda item: _first(item[1]))


def _first(node: Any) -> int:
    """The number of the first leaf in a node."""
    leaves = tree.flatten(node)[0]
    return leaves[0].number if leaves else -1


__all__ = ["putting", "taking"]
