"""Trees taken apart and put together by written code: just as the library of trees does it."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np
import pytest

import catenary as cat
from catenary.tracing import tree
from catenary.tracing.tree_code import putting, taking


@dataclasses.dataclass(frozen=True)
class Link:
    weight: Any
    name: str
    mean: Any = tree.field(passive=True, default=0.5)


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    weight: Any


class Pair(NamedTuple):
    first: Any
    second: Any


TREES = {
    "tuple": (1.5, 2.5),
    "list": [1.5, [2.5], []],
    "dict in an order of its own": {"z": 1.5, "a": (2.5, 3.5), "none": None, "m": {}},
    "named tuple": Pair(1.5, Pair(2.5, ())),
    "dataclass": (Link(np.ones(2), "relu", 3.5), Link({"b": 2.5, "a": 1.5}, "tanh")),
    "slots": Slotted((1.5, Slotted("relu"))),
    "leaf": 1.5,
    "nothing": (),
}


def parts(value: Any) -> tuple[list[Any], Any, dict[int, Any]]:
    """Leaves that are data, the structure, the other leaves."""
    leaves, structure = tree.flatten(value)
    fixed = {i: leaf for i, leaf in enumerate(leaves) if not tree.is_array(leaf)}
    return [leaf for leaf in leaves if tree.is_array(leaf)], structure, fixed


@pytest.mark.parametrize("name", TREES)
def test_like_the_library_of_trees(name: str) -> None:
    value = TREES[name]
    data, structure, fixed = parts(value)
    take, put = taking(structure, fixed), putting(structure, fixed)
    assert take is not None
    assert put is not None
    assert [id(x) for x in take(value) or []] == [id(x) for x in data]
    made = put(data)
    again, same, _ = parts(made)
    assert repr(made) == repr(value)  # the order of a dict included
    assert same == structure
    assert [id(x) for x in again] == [id(x) for x in data]


@pytest.mark.parametrize(
    ("value", "other"),
    [
        ((1.5, 2.5), (1.5,)),
        ((1.5, 2.5), [1.5, 2.5]),
        ([1.5], (1.5,)),
        ({"a": 1.5}, {"b": 1.5}),
        ({"a": 1.5}, {"a": 1.5, "b": 2.5}),
        ((None, 1.5), (2.5, 1.5)),
        (Link(1.5, "relu"), Link(1.5, "tanh")),
        ((1.5, 1), (1.5, True)),
        ((1.5, (1, 2)), (1.5, (1, 3))),
        (Pair(1.5, 2.5), (1.5, 2.5)),
    ],
)
def test_another_kind_is_none(value: Any, other: Any) -> None:
    _, structure, fixed = parts(value)
    take = taking(structure, fixed)
    assert take is not None
    assert take(value) is not None
    assert take(other) is None


def test_equal_values_that_stay_what_they_were() -> None:
    _, structure, fixed = parts((1.5, "re" + "lu"))
    take = taking(structure, fixed)
    assert take is not None
    assert take((2.5, "".join(["re", "lu"]))) == [2.5]


def test_what_it_cannot_read_is_left_to_the_library() -> None:
    both = OrderedDict(weight=np.array(1.5))
    _, structure, fixed = parts(both)
    assert taking(structure, fixed) is None
    assert putting(structure, fixed) is None
    step = cat.jit(lambda t: OrderedDict(weight=2 * t["weight"]))
    for _ in range(3):
        assert step(both) == OrderedDict(weight=3.0)


def test_a_jitted_function_tells_kinds_of_trees_apart() -> None:
    f = cat.jit(lambda t, n=2.0: {"out": t["x"] * n, "like": t.get("y")})
    x = np.ones(2)
    for _ in range(2):
        assert f({"x": x})["out"].tolist() == [2, 2]
        assert f({"x": x, "y": x})["like"].tolist() == [1, 1]
        assert f({"x": x}, n=3.0)["out"].tolist() == [3, 3]
        assert f({"x": x}, 4.0)["out"].tolist() == [4, 4]
        assert f({"x": x[:1]})["out"].tolist() == [2]


def test_static_arguments_choose_the_program() -> None:
    f = cat.jit(lambda t, n: (t[0] ** n,), static="n")
    for n in (2, 3, 2, 3, 3):
        assert f([np.array([2.0])], n)[0].tolist() == [2.0**n]
        assert f([np.array([2.0])], n=n)[0].tolist() == [2.0**n]
