"""Arithmetic on trees of parameters in which every coordinate keeps its own dtype."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from catenary.tracing import tree

Tree: TypeAlias = Any


def like(value: Any, leaf: Any) -> Any:
    """A scalar or array in the dtype of a leaf, so that their product is not wider than the leaf.

    Python floats need no cast (NumPy promotes them weakly); float64 scalars, which is what
    schedules and bias corrections come out as, would turn float32 parameters into float64.
    """
    if hasattr(value, "dtype") and hasattr(leaf, "dtype") and value.dtype != leaf.dtype:
        return value.astype(leaf.dtype)
    return value


def scale(factor: Any, vector: Tree) -> Tree:
    """A multiple of a tree, each coordinate in its own dtype."""
    return tree.map(lambda leaf: like(factor, leaf) * leaf, vector)


def blend(share: Any, old: Tree, new: Tree) -> Tree:
    """``old + share (new − old)``: one step of an exponential moving average."""
    return tree.map(lambda a, b: a + like(share, a) * (b - a), old, new)


def select(condition: Any, yes: Tree, no: Tree) -> Tree:
    """One of two trees, chosen by a boolean that may be traced."""
    return tree.map_arrays(lambda a, b: np.where(condition, a, b), yes, no)


def counter() -> Any:
    """The step count before the first step: an integer array, so that ``jit`` traces it once."""
    return np.zeros((), np.int64)


def over_root(above: Tree, square: Tree, epsilon: float) -> Tree:
    """``above / (√square + ε)``, each coordinate in its own dtype."""

    def divide(a: Any, s: Any) -> Any:
        return a / (np.sqrt(s) + like(epsilon, s))

    return tree.map(divide, above, square)
