"""The short way of a jitted function: for arguments like those of the call before."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from catenary.backend.compile import Compiled
from catenary.core.graph import Var
from catenary.function.arguments import Split
from catenary.tracing import tree
from catenary.tracing.trace import Recording


@dataclass(frozen=True)
class Kind:
    """What arguments must have in common, beside the types of their arrays."""

    held: Hashable  # the static arguments
    structure: tree.Structure
    positions: tuple[int, ...]  # of the arrays among the leaves
    fixed: tuple[tuple[int, Hashable], ...]  # the other leaves


@dataclass(frozen=True, eq=False)
class Again:
    """A program bound to a kind of arguments; the native code itself checks the arrays."""

    kind: Kind
    call: Callable[..., Any]
    recording: Recording

    def values(self, held: Hashable, structure: Any, leaves: Sequence[Any]) -> Any:
        """The results, or NotImplemented for arguments of another kind."""
        kind = self.kind
        if held != kind.held or structure != kind.structure:
            return NotImplemented
        for i, key in kind.fixed:
            if tree.static_key(leaves[i]) != key:
                return NotImplemented
        return self.call(*[leaves[i] for i in kind.positions])


@dataclass
class Traced:
    """A program, what it took from around it, and the short ways to it once they are made."""

    compiled: Compiled
    captured: list[Any]
    recording: Recording
    ways: tuple[Callable[..., Any] | None, Again | None] | None = None


def short_ways(
    traced: Traced, held: Hashable, arguments: Split, *, bare: bool
) -> tuple[Callable[..., Any] | None, Again | None]:
    """The machine code as a native function of the ``bare`` arguments themselves, where these are
    arrays and numbers and so are the results, and as one of the arrays in their trees.
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
    plain = bare and (alone or row) and outputs == len(recording.leaves) and outputs > 0
    fixed = [(i, tree.static_key(x)) for i, x in enumerate(leaves) if i not in positions]
    kind = Kind(held, arguments.structure, tuple(positions), tuple(fixed))
    last = native(single=alone) if plain else None
    return last, Again(kind, native(single=False), recording)


def how_returned(recording: Recording) -> list[str]:
    """What each result becomes: an array, a NumPy number, or the Python float that it was."""
    return [
        "array" if atom.type.shape else "float" if weak else "number"
        for atom, weak in zip(recording.outputs, recording.weak, strict=True)
    ]
