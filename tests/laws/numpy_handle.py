"""What the verbs of the NumPy target are given: opaque handles, of types that must fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Pair = Callable[[Any, Any], Any]


@dataclass(frozen=True, eq=False)
class Handle:
    """An array that only verbs can read."""

    array: Array

    def __post_init__(self) -> None:
        """NumPy gives numbers for arrays of rank 0; here they are arrays."""
        object.__setattr__(self, "array", np.asarray(self.array))


def same(verb: str, *handles: Handle) -> list[Array]:
    """The arrays of operands that must be of one type."""
    first = handles[0].array
    for handle in handles:
        other = handle.array
        assert (other.shape, other.dtype) == (first.shape, first.dtype), (
            f"{verb} of {first.dtype}{first.shape} and {other.dtype}{other.shape}"
        )
    return [handle.array for handle in handles]


def wide(*arrays: Array) -> list[Array]:
    """Single precision is computed in double and rounded once."""
    return [a.astype(np.float64) if a.dtype == np.float32 else a for a in arrays]


def must_be(verb: str, kinds: str, *arrays: Array) -> None:
    for array in arrays:
        assert array.dtype.kind in kinds, f"{verb} of {array.dtype}"


def extreme(chosen: Array, a: Array, b: Array) -> Array:
    """a where it is chosen or NaN, else b."""
    return np.where(chosen | (a != a), a, b)  # noqa: PLR0124 - NaN
