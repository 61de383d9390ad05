"""Arguments of a user's function, taken apart into what is traced and what is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.graph import Literal, Var
from catenary.core.types import ArrayType
from catenary.tracing import tree
from catenary.tracing.array import TracedArray, wrap
from catenary.tracing.elementwise import to_dtype
from catenary.tracing.recorder import Recorder, user_line
from catenary.tracing.trace import Operand, Recording, operand, record


@dataclass(frozen=True)
class Split:
    """The arguments of one call: some leaves are operands, the others stay as they are."""

    leaves: list[Any]
    structure: tree.Structure
    positions: list[int]
    operands: list[Operand]

    def fill(self, arrays: Sequence[Any]) -> Any:
        """The arguments with other arrays in place of the operands."""
        filled = list(self.leaves)
        for i, array in zip(self.positions, arrays, strict=True):
            filled[i] = array
        return tree.unflatten(self.structure, filled)

    def record(self, call: Callable[..., Any], *, concrete: bool, purpose: str) -> Recording:
        return record(
            lambda arrays: call(self.fill(arrays)),
            self.operands,
            concrete=concrete,
            purpose=purpose,
        )

    @property
    def values(self) -> list[Any]:
        return [o.value for o in self.operands]


def split(argument: Any, name: str) -> Split:
    """The coordinates of one argument as operands; without any, there is nothing to derive by."""
    leaves, structure = tree.flatten(argument)
    positions = tree.coordinate_positions(leaves, structure)
    if not positions:
        raise errors.nothing_to_differentiate(name, _describe(leaves), user_line())
    return Split(leaves, structure, positions, [operand(leaves[i]) for i in positions])


def split_arrays(arguments: Any) -> Split:
    """Every array among the arguments as an operand."""
    leaves, structure = tree.flatten(arguments)
    positions = [i for i, leaf in enumerate(leaves) if tree.is_array(leaf)]
    return Split(leaves, structure, positions, [operand(leaves[i]) for i in positions])


def _describe(leaves: Sequence[Any]) -> str:
    kinds = [str(leaf.dtype) if hasattr(leaf, "dtype") else type(leaf).__name__ for leaf in leaves]
    return ", ".join(dict.fromkeys(kinds)) or "nothing"


def chosen_numbers(
    arguments: tuple[Any, ...], argnums: int | Sequence[int], name: str
) -> tuple[int, ...]:
    """The positions of the arguments to differentiate by, each of which the call must have."""
    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for n in numbers:
        if not -len(arguments) <= n < len(arguments):
            raise errors.argnums_out_of_range(name, n, len(arguments), user_line())
    numbers = tuple(n % len(arguments) for n in numbers)
    if len(set(numbers)) != len(numbers):
        raise errors.argnums_twice(name, argnums, user_line())
    return numbers


def check_callable(f: Any, name: str, call: str) -> None:
    """Refuse what is not a function, and show the ``call`` that was meant."""
    if not callable(f):
        raise errors.function_expected(name, type(f).__name__, user_line(), call)


def check_transform(f: Any, argnums: Any, name: str) -> None:
    """Refuse at once what could only fail, or mislead, when the result is called."""
    if not callable(f):
        raise errors.function_expected(name, type(f).__name__, user_line())
    numbers = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in numbers):
        raise errors.argnums_expected(name, type(argnums).__name__, user_line())


def split_arguments(arguments: tuple[Any, ...], argnums: int | Sequence[int], name: str) -> Split:
    """The coordinates of the chosen arguments."""
    return split(tuple(arguments[n] for n in chosen_numbers(arguments, argnums, name)), name)


def with_arguments(
    arguments: tuple[Any, ...], argnums: int | Sequence[int], chosen: Sequence[Any]
) -> tuple[Any, ...]:
    """All arguments, the chosen ones replaced."""
    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    changed = list(arguments)
    for n, value in zip(numbers, chosen, strict=True):
        changed[n] = value
    return tuple(changed)


def beside(
    vector: Any, structure: tree.Structure, positions: Sequence[int], name: str
) -> list[Any]:
    """The leaves of a tree that stand where another tree of its structure has its coordinates."""
    leaves, own = tree.flatten(vector)
    if own.num_leaves != structure.num_leaves:
        raise errors.located(
            errors.tree_mismatch(f"{name} of {len(positions)} arrays: {structure}", str(own)),
            user_line(),
        )
    return [leaves[i] for i in positions]


def result(value: Any) -> Any:
    """A value as the caller sees it: traced in an outer recording, a NumPy number, an array."""
    if isinstance(value, Var):
        assert isinstance(value.builder, Recorder)
        return wrap(value, value.builder)
    if isinstance(value, Literal):
        return value.value if value.type.shape == () else np.array(value.array)
    array = np.asarray(value)
    if array.ndim == 0:
        return array[()]
    return array if array.flags.owndata and array.flags.writeable else np.array(array)


def operand_like(leaf: Any, type: ArrayType, name: str) -> Any:
    """A tangent or cotangent of the shape and dtype of a value."""
    if np.iscomplexobj(leaf):
        raise errors.located(errors.unsupported_dtype(leaf.dtype), user_line())
    if isinstance(leaf, TracedArray):
        given = operand(
            leaf if leaf.dtype == type.dtype else wrap(to_dtype(leaf, type.dtype), leaf.recorder)
        )
    else:
        given = operand(np.asarray(leaf, type.dtype))
    if given.type.shape != type.shape:
        wrong = errors.operand_shapes(name, f"the shape {type.shape}", given.type.shape)
        raise errors.located(wrong, user_line())
    return given.value
