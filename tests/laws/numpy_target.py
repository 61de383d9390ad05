"""The verbs of ``core/target.py`` in plain NumPy: proof that they say every operation.

Written apart from every ``evaluate``, so that the two check each other. Handles are opaque and
every verb insists on its types: what passes here, a compiler can be given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core.graph import Atom, Graph, Literal
from tests.laws.numpy_control import ControlVerbs
from tests.laws.numpy_handle import Array, Handle
from tests.laws.numpy_matrices import MatrixVerbs
from tests.laws.numpy_scalar import ScalarVerbs
from tests.laws.numpy_structural import StructuralVerbs


class NumpyTarget(ScalarVerbs, StructuralVerbs, MatrixVerbs, ControlVerbs):
    """The protocol ``Target``, whole arrays at a time."""

    def inline(self, graph: Graph, operands: Sequence[Handle]) -> tuple[Handle, ...]:
        values: dict[Atom, Handle] = dict(zip(graph.inputs, operands, strict=True))

        def read(atom: Atom) -> Handle:
            if isinstance(atom, Literal):
                return self.constant(atom.value, atom.type.shape, atom.type.dtype)
            return values[atom]

        for node in graph.nodes:
            lower: Any = node.primitive.lower
            result = lower(self, *map(read, node.operands), **node.params)
            outputs = result if node.primitive.multiple else (result,)
            values.update(zip(node.outputs, outputs, strict=True))
        return tuple(read(atom) for atom in graph.outputs)


def run_lowered(graph: Graph, arrays: Sequence[Any]) -> list[Array]:
    """A graph said in verbs, and done by NumPy."""
    with np.errstate(all="ignore"):
        handles = NumpyTarget().inline(graph, [Handle(a) for a in arrays])
    return [handle.array for handle in handles]
