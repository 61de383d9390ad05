"""What a graph says in verbs: an expression whose values are whole arrays.

Equal expressions are one value. Views of filled arrays are filled arrays; views that change
nothing are not made.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from catenary.core.graph import Node
from catenary.core.types import ArrayType
from catenary.ops.product import labels_of

# Values that cannot be computed element by element from where they are asked for: they are made
# as a whole, in memory, before anyone reads them.
WHOLE = frozenset((
    "reduce", "reduce_part", "reduce_index", "prefix", "argsort", "scatter_add", "scatter_last",
    "contract", "factor", "triangular_solve", "scan", "while_loop", "cond", "part",
))  # fmt: skip
# Values that LAPACK makes.
MATRICES = frozenset(("factor", "triangular_solve"))
# Values that run expressions of their own, as often as it takes; their results are parts.
LOOPS = frozenset(("scan", "while_loop", "cond"))
# Values that are read where they lie.
LEAVES = frozenset(("input", "array", "slot"))
# Values that are another arrangement of their operand.
VIEWS = frozenset(("broadcast", "reshape", "permute", "reverse", "slice"))
# Values that pick elements from several places.
PIECES = frozenset(("pad", "concatenate", "gather"))
# Values that need no memory at all.
FREE = frozenset(("constant", "iota"))


class Value:
    """One array of an expression; ``number`` counts in an order of evaluation."""

    __slots__ = ("number", "op", "operands", "origin", "params", "type")

    def __init__(
        self, op: str, operands: tuple[Value, ...], params: dict[str, Any], type: ArrayType
    ) -> None:
        self.op = op
        self.operands = operands
        self.params = params
        self.type = type
        self.number = -1
        self.origin: Node | None = None  # the operation of the graph that first asked for it

    @property
    def shape(self) -> tuple[int, ...]:
        return self.type.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.type.dtype

    @property
    def bytes(self) -> int:
        """How much memory it takes."""
        return self.type.size * int(self.dtype.itemsize)

    @property
    def labels(self) -> tuple[str, str, str]:
        """The labels of both operands and of the result of a contraction."""
        return labels_of(self.params["spec"])

    @property
    def elementwise(self) -> bool:
        """Whether each element needs the operands' elements at the same place, and no others."""
        op = self.op
        return not (op in WHOLE or op in LEAVES or op in VIEWS or op in PIECES or op in FREE)

    def __repr__(self) -> str:
        operands = ", ".join(f"%{v.number}" for v in self.operands)
        return f"%{self.number} = {self.op}({operands}): {self.type}"


class Expression:
    """Values under construction."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self.origin: Node | None = None  # of what is made now
        self._known: dict[Hashable, Value] = {}

    def new(self, op: str, operands: Sequence[Value], type: ArrayType, **params: Any) -> Value:
        """A value, or the equal one that is there already."""
        key = (op, tuple([v.number for v in operands]), type, tuple(params.items()))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self.fresh(op, operands, type, **params)
        return known

    def fresh(self, op: str, operands: Sequence[Value], type: ArrayType, **params: Any) -> Value:
        """A value that is equal to no other."""
        value = Value(op, tuple(operands), params, type)
        value.number = len(self.values)
        value.origin = self.origin
        self.values.append(value)
        return value


def reachable(outputs: Sequence[Value]) -> list[Value]:
    """What the outputs are made of, operands before what is made of them."""
    found: set[Value] = set(outputs)
    stack = list(found)
    while stack:
        for operand in stack.pop().operands:
            if operand not in found:
                found.add(operand)
                stack.append(operand)
    return sorted(found, key=lambda v: v.number)
