"""A graph while it is drawn: what was made so far, with what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from catenary.core.errors import CatenaryError
from catenary.core.graph import Atom, Builder, Graph, Literal, Node, Var
from catenary.core.primitive import Primitive
from catenary.core.types import ArrayType, Shape
from tests import registry
from tests.fuzz import arrays, whole
from tests.fuzz.known import Array, Known, Unknown, outcome

Fits = Callable[[Known], bool]
LARGEST = 60_000  # elements: the reference is slow
PRIMITIVES = registry.primitives()
assert set(whole.MOVES) <= PRIMITIVES.keys()


class Drawing:
    """A graph that grows by one operation at a time, none of which is beyond what is known."""

    def __init__(self, rng: arrays.Rng) -> None:
        self.rng = rng
        self.builder = Builder()
        self.known: dict[Atom, Known] = {}
        self.inputs: list[Array] = []
        self.made: list[Atom] = []

    def input(self, value: Array) -> Var:
        value = np.asarray(value)
        var = self.builder.input(ArrayType(value.shape, value.dtype))
        self.inputs.append(value)
        self.known[var] = Known(value)
        return var

    def new(self, dtype: Any = None, shape: Shape | None = None) -> Atom:
        """A new input; sometimes a number that fills an array."""
        dtype = arrays.pick(self.rng, arrays.DTYPES) if dtype is None else dtype
        shape = arrays.shape(self.rng) if shape is None else shape
        if self.rng.random() < 0.1:
            number = arrays.numbers(self.rng, dtype, ()).item()
            literal = Literal(number, ArrayType(shape, dtype))
            self.known[literal] = Known(literal.array)
            return literal
        return self.input(arrays.numbers(self.rng, dtype, shape))

    def some(self, fits: Fits = lambda known: True, dtypes: str = "fiub") -> Atom:
        """Something that was made, mostly lately, or something new."""
        found = [
            atom
            for atom, known in self.known.items()
            if known.value.dtype.kind in dtypes and fits(known)
        ]
        if found and self.rng.random() < 0.85:
            late = found[-6:] if self.rng.random() < 0.7 else found
            return arrays.pick(self.rng, late)  # type: ignore[no-any-return]
        for _ in range(20):
            allowed = [d for d in arrays.DTYPES if d.kind in dtypes]
            value = arrays.numbers(self.rng, arrays.pick(self.rng, allowed), arrays.shape(self.rng))
            if fits(Known(value)):
                return self.input(value)
        raise Unknown("nothing fits")

    def like(self, atom: Atom) -> Atom:
        """Something of the same type."""
        found = [a for a in self.known if a.type == atom.type]
        if found and self.rng.random() < 0.7:
            return arrays.pick(self.rng, found)  # type: ignore[no-any-return]
        return self.new(atom.type.dtype, atom.type.shape)

    def emit(self, name: str, operands: Sequence[Atom], **params: Any) -> None:
        """One more operation, if it may be applied and its results can be told."""
        primitive: Primitive = PRIMITIVES[name]
        try:
            types = primitive.output_types([a.type for a in operands], params)
        except CatenaryError as error:
            raise Unknown(str(error)) from None
        if any(type.size > LARGEST for type in types):
            raise Unknown("too large")
        node = Node(primitive, tuple(operands), params, ())
        results = outcome(node, [self.known[a] for a in operands])
        made = self.builder.emit(primitive, operands, params)
        for atom, known in zip(made if primitive.multiple else (made,), results, strict=True):
            assert ArrayType(known.value.shape, known.value.dtype) == atom.type
            self.known[atom] = known
            self.made.append(atom)

    def finish(self) -> tuple[Graph, list[Array]]:
        """The last results and some others as outputs."""
        count = int(self.rng.integers(0, 3))
        outputs = [*self.made[-2:], *(arrays.pick(self.rng, self.made) for _ in range(count))]
        if self.rng.random() < 0.05:
            outputs.append(arrays.pick(self.rng, list(self.known)))
        return self.builder.finish(outputs)[0], self.inputs

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def whole(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def shuffled(self, items: Sequence[Any]) -> list[Any]:
        return [items[i] for i in self.rng.permutation(len(items))]

    def some_axes(self, ndim: int, p: float = 0.5) -> tuple[int, ...]:
        return tuple(a for a in range(ndim) if self.chance(p))


def value_of(drawing: Drawing, atom: Atom) -> Array:
    return np.asarray(drawing.known[atom].value)
