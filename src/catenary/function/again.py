"""The short way of a jitted function: for arguments like those of the call before."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from catenary.backend.compile import Compiled
from catenary.core.graph import Var
from catenary.function.arguments import Split
from catenary.tracing.trace import Recording
from catenary.tracing.tree_code import putting, taking


@dataclass(frozen=True, eq=False)
class Again:
    """A program bound to a kind of arguments; the native code itself checks the arrays.

    ``held``: the static arguments; ``take``: the arrays of the others, or None where their trees
    are of another kind; ``put``: the tree of the results.
    """

    held: Hashable
    take: Callable[[Any], list[Any] | None]
    call: Callable[..., Any]
    put: Callable[[Sequence[Any]], Any]

    def __call__(self, held: Hashable, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """The results, or NotImplemented for arguments of another kind."""
        arrays = self.take((args, options)) if held == self.held else None
        if arrays is None:
            return NotImplemented
        values = self.call(*arrays)
        return NotImplemented if values is NotImplemented else self.put(values)


Ways: TypeAlias = tuple[Callable[..., Any] | None, Again | None]


@dataclass
class Traced:
    """A program, what it took from around it, and the short ways to it once they are made."""

    compiled: Compiled
    captured: list[Any]
    recording: Recording
    ways: Ways | None = None


def short_ways(traced: Traced, held: Hashable, arguments: Split, *, bare: bool) -> Ways:
    """The machine code as a native function of the ``bare`` arguments themselves, where these are
    arrays and numbers and so are the results; otherwise as one of the arrays in their trees.
    """
    captured, recording = traced.captured, traced.recording
    if any(isinstance(value, Var) for value in captured):
        return None, None
    leaves, positions = arguments.leaves, arguments.positions
    weak = [*(False for _ in captured), *(type(leaves[i]) is float for i in positions)]
    how = how_returned(recording)

    def native(*, single: bool) -> Callable[..., Any]:
        function: Callable[..., Any] = traced.compiled.program.function(weak, how, single=single)
        return partial(function, *captured) if captured else function

    structure, outputs = recording.structure, len(recording.outputs)
    alone = structure.is_leaf()
    row = structure.type is tuple and structure.num_leaves == outputs
    row = row and structure.num_nodes == 1 + outputs
    if bare and (alone or row) and outputs == len(recording.leaves) and outputs > 0:
        return native(single=alone), None
    fixed = {i: leaf for i, leaf in enumerate(leaves) if i not in positions}
    given = {i: x.content for i, x in enumerate(recording.leaves) if x is not None}
    take, put = taking(arguments.structure, fixed), putting(structure, given)
    if take is None or put is None:
        return None, None
    return None, Again(held, take, native(single=False), put)


def how_returned(recording: Recording) -> list[str]:
    """What each result becomes: an array, a NumPy number, or the Python float that it was."""
    return [
        "array" if atom.type.shape else "float" if weak else "number"
        for atom, weak in zip(recording.outputs, recording.weak, strict=True)
    ]
