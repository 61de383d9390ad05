"""Vector spaces of trees: where a linear map starts and where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catenary.core.types import ArrayType
from catenary.function.arguments import beside, operand_like, result
from catenary.tracing import tree
from catenary.tracing.trace import operand


@dataclass(frozen=True, eq=False)
class Space:
    """Trees of one structure, whose coordinates are real arrays of fixed shapes."""

    leaves: tuple[Any, ...]  # an example: gives every leaf that is not a coordinate
    structure: tree.Structure
    positions: tuple[int, ...]
    types: tuple[ArrayType, ...]

    @property
    def dimension(self) -> int:
        return sum(type.size for type in self.types)

    def coordinates(self, vector: Any, name: str = "a vector") -> list[Any]:
        """The arrays of a tree of this structure, shapes checked and dtypes made equal."""
        given = beside(vector, self.structure, self.positions, name)
        return [
            operand_like(leaf, type, name) for leaf, type in zip(given, self.types, strict=True)
        ]

    def vector(self, arrays: Sequence[Any]) -> Any:
        """The tree with these coordinates."""
        filled = list(self.leaves)
        for i, array in zip(self.positions, arrays, strict=True):
            filled[i] = result(array)
        return tree.unflatten(self.structure, filled)

    def __str__(self) -> str:
        shapes = ", ".join(str(t) for t in self.types)
        return f"R^{self.dimension} ({shapes})"


def space_of(vector: Any) -> Space:
    """The space in which a tree lies."""
    leaves, structure = tree.flatten(vector)
    positions = tree.coordinate_positions(leaves, structure)
    types = tuple(operand(leaves[i]).type for i in positions)
    return Space(tuple(leaves), structure, tuple(positions), types)
