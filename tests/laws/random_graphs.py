"""Graphs drawn at random over the registry, with arrays to run them on."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

import numpy as np

from catenary.core.graph import Atom, Builder, Graph, Literal
from catenary.core.primitive import Primitive
from catenary.core.types import ArrayType
from tests import registry
from tests.laws.law import Case, cases

Choice = tuple[Primitive, Case]


@cache
def _choices() -> tuple[Choice, ...]:
    """Every operation at every interior point: what the next node can be."""
    return tuple(
        (primitive, case)
        for primitive in registry.primitives().values()
        for case in cases(primitive)
        if case.place == "interior" and sum(t.size for t in case.types) > 0
        if not _is_open(primitive, case)
    )


# At a matrix drawn at random their results have no bound against rounding: it may be singular, or
# its eigenvalues equal, and then the sign or the choice of a vector is rounding's own.
_UNBOUNDED = {
    "cholesky", "eigh", "pinv", "qr", "slogdet", "solve", "svd", "triangular_solve",
}  # fmt: skip


def _is_open(primitive: Primitive, case: Case) -> bool:
    """Whether processors differ: a number outside an integer's range, the bits of NaN."""
    if primitive.name in _UNBOUNDED:
        return True
    target = case.params.get("dtype")
    return target is not None and case.dtype.kind == "f" and target.kind in "iu"


class _Drawing:
    """A graph while it is drawn: what was computed so far, by type."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.builder = Builder()
        self.arrays: list[Any] = []
        self.pool: dict[ArrayType, list[Atom]] = defaultdict(list)
        self.made: list[Atom] = []

    def node(self) -> None:
        """One more operation, of some drawn the one that reads most of what is there."""
        choices = _choices()
        drawn = [choices[i] for i in self.rng.integers(len(choices), size=6)]
        primitive, case = max(drawn, key=lambda choice: self._known(choice[1]))
        operands = [self.operand(primitive, case, i) for i in range(len(case.operands))]
        result = self.builder.emit(primitive, operands, dict(case.params))
        for atom in result if primitive.multiple else (result,):
            self.pool[atom.type].append(atom)
            self.made.append(atom)

    def _known(self, case: Case) -> float:
        return sum(bool(self.pool[t]) for t in case.types) / len(case.types)

    def operand(self, primitive: Primitive, case: Case, i: int) -> Atom:
        """Something computed, a number, or a new input; positions are never computed."""
        type, luck = case.types[i], self.rng.random()
        free = primitive.elementwise or type.is_float
        if free and self.pool[type] and luck < 0.75:
            return self.pool[type][self.rng.integers(len(self.pool[type]))]
        if free and luck < 0.85:
            numbers = (0, 1, -1, 2) if type.is_float else (0, 1)
            return Literal(numbers[self.rng.integers(len(numbers))], type)
        atom = self.builder.input(type)
        self.arrays.append(case.operands[i])
        if free:
            self.pool[type].append(atom)
        return atom


def random_graph(seed: int, size: int = 14) -> tuple[Graph, list[Any]]:
    """A graph of some operations, its last results and some others as outputs; its operands."""
    drawing = _Drawing(seed)
    for _ in range(size):
        drawing.node()
    others = drawing.rng.integers(len(drawing.made), size=2)
    outputs = [*drawing.made[-3:], *(drawing.made[i] for i in others)]
    return drawing.builder.finish(outputs)[0], drawing.arrays
