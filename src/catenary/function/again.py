"""The short way of a jitted function: for arguments like those of the call before."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from catenary.backend.compile import Compiled
from catenary.core.graph import Var
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
    captured: Sequence[Any]
    recording: Recording

    def values(self, held: Hashable, structure: Any, leaves: Sequence[Any]) -> Any:
        """The results, or NotImplemented for arguments of another kind."""
        kind = self.kind
        if held != kind.held or structure != kind.structure:
            return NotImplemented
        for i, key in kind.fixed:
            if tree.static_key(leaves[i]) != key:
                return NotImplemented
        return self.call(*self.captured, *[leaves[i] for i in kind.positions])


def how_returned(recording: Recording) -> list[str]:
    """What each result becomes: an array, a NumPy number, or the Python float that it was."""
    return [
        "array" if atom.type.shape else "float" if weak else "number"
        for atom, weak in zip(recording.outputs, recording.weak, strict=True)
    ]


def again(
    compiled: Compiled,
    captured: Sequence[Any],
    recording: Recording,
    weak: Sequence[bool],
    kind: Kind,
) -> Again | None:
    """The short way, if there is machine code and nothing is traced from outside."""
    function = getattr(compiled.program, "function", None)
    if function is None or any(isinstance(value, Var) for value in captured):
        return None
    flags = [*(False for _ in captured), *weak]
    call = function(flags, how_returned(recording), single=False)
    return Again(kind, call, captured, recording)
