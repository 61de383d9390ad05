"""What a loop hands from round to round: a tree whose arrays keep their types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from catenary.core import loop_errors as errors
from catenary.function.leaves import (
    as_data,
    described,
    gives_way,
    is_weak,
    same_static,
    shown,
    type_of_leaf,
)
from catenary.tracing import tree
from catenary.tracing.recorder import user_line
from catenary.tracing.trace import Operand, Recording, operand

# A Python number becomes an array, an integer becomes a float: more steps there are not.
_ATTEMPTS = 4


class Carry:
    """The carry of one loop: which leaves are data, and of which types.

    Arrays are data. A Python number starts as NumPy would have it, and takes the dtype that the
    rounds make of it; a Python integer that the rounds do not change stays part of the program.
    """

    def __init__(self, name: str, init: Any) -> None:
        self.name = name
        self.leaves, self.structure = tree.flatten(init)
        self.data: dict[int, Operand] = {
            i: operand(leaf) for i, leaf in enumerate(self.leaves) if tree.is_array(leaf)
        }

    def record(self, trace: Callable[[], Recording]) -> Recording:
        """Record a round, again where it turns out that a number is of another type."""
        for _ in range(_ATTEMPTS):
            before = self.data
            recording = trace()
            if self.data is before:
                return recording
        moved = next(i for i, o in self.data.items() if o is not before.get(i))
        path = tree.leaf_names(self.structure)[moved]
        given, returned = str(before[moved].type), str(self.data[moved].type)
        raise errors.carry_type(self.name, path, given, returned, user_line())

    @property
    def operands(self) -> list[Operand]:
        """What a round is recorded with."""
        return [Operand(o.type, None, o.weak) for o in self.data.values()]

    @property
    def values(self) -> list[Any]:
        """What the first round gets."""
        return [o.value for o in self.data.values()]

    def fill(self, arrays: Sequence[Any]) -> Any:
        """The carry with these arrays in place of its data."""
        filled = list(self.leaves)
        for i, array in zip(self.data, arrays, strict=True):
            filled[i] = array
        return tree.unflatten(self.structure, filled)

    def fitted(self, returned: Any) -> Any:
        """What a round returned, its numbers in the dtypes of the carry.

        A leaf that does not fit makes the carry adopt its type, if it started as a number.
        """
        leaves, structure = tree.flatten(returned)
        if structure != self.structure:
            given, got = shown(self.structure), shown(structure)
            raise errors.carry_structure(self.name, given, got, user_line())
        for i, leaf in enumerate(leaves):
            if i in self.data:
                leaves[i] = self._fitted(i, as_data(leaf, self.data[i].type.dtype))
            elif not same_static(leaf, self.leaves[i]):
                self._adopt(i, leaf)
        return tree.unflatten(structure, leaves)

    def _fitted(self, i: int, leaf: Any) -> Any:
        given = self.data[i]
        if type_of_leaf(leaf) != given.type or (given.weak and not is_weak(leaf)):
            self._adopt(i, leaf)
        return leaf

    def _adopt(self, i: int, leaf: Any) -> None:
        """Let leaf i be data of the type that a round returned, or refuse."""
        start, found = self.leaves[i], type_of_leaf(leaf)
        if found is None or found.shape != () or not gives_way(start, found.dtype):
            name = tree.leaf_names(self.structure)[i]
            given = str(self.data[i].type) if i in self.data else described(start)
            raise errors.carry_type(self.name, name, given, described(leaf), user_line())
        value = operand(as_data(start, found.dtype)).value
        adopted = Operand(found, value, is_weak(leaf) and found.is_float)
        self.data = dict(sorted({**self.data, i: adopted}.items()))
