"""Leaves that must be of one type in every round or branch; Python numbers give way."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.types import ArrayType, type_of
from catenary.tracing import tree
from catenary.tracing.array import TracedArray, wrap
from catenary.tracing.elementwise import to_dtype

_RANK = {"b": 0, "u": 1, "i": 1, "f": 2}


def is_number(leaf: Any) -> bool:
    """Whether a leaf is a Python number."""
    return type(leaf) in (bool, int, float)


def is_weak(leaf: Any) -> bool:
    """Whether a leaf takes the dtype of the array that it meets, as NumPy's rules have it."""
    return leaf.weak if isinstance(leaf, TracedArray) else is_number(leaf)


def type_of_leaf(leaf: Any) -> ArrayType | None:
    """The type of a leaf as data; None for what cannot be data (text, functions)."""
    if isinstance(leaf, TracedArray):
        return ArrayType(leaf.shape, leaf.dtype)
    if is_number(leaf) or tree.is_array(leaf):
        return type_of(np.asarray(leaf))
    return None


def same_static(a: Any, b: Any) -> bool:
    """Whether two leaves are the same part of the program; arrays never are."""
    if tree.is_array(a) or tree.is_array(b) or type(a) is not type(b):
        return False
    return a is b or bool(a == b)


def gives_way(leaf: Any, dtype: Any) -> bool:
    """Whether a leaf is a number that can be of this dtype."""
    found = type_of_leaf(leaf)
    return found is not None and is_weak(leaf) and _RANK[found.dtype.kind] <= _RANK[dtype.kind]


def as_data(leaf: Any, dtype: Any) -> Any:
    """A leaf as an array, of this dtype if it gives way to it."""
    if isinstance(leaf, TracedArray):
        if leaf.dtype != dtype and gives_way(leaf, dtype):
            return wrap(to_dtype(leaf, dtype), leaf.recorder)
        return leaf
    return np.asarray(leaf, dtype) if gives_way(leaf, dtype) else leaf


def described(leaf: Any) -> str:
    """A leaf in a message: its type if it is data, else what it is."""
    found = type_of_leaf(leaf)
    if is_number(leaf) or found is None:
        return f"{leaf!r} ({type(leaf).__name__})"
    return str(found)


def shown(structure: tree.Structure) -> str:
    """A tree in a message: a star for each leaf."""
    text = str(structure).removeprefix("PyTreeSpec(").removesuffix(")")
    text = text.removesuffix(f", namespace={tree.NAMESPACE!r}")
    return "one leaf (*)" if text == "*" else text
