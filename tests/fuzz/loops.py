"""Operations that hold graphs: bodies are drawn like the graph around them, only smaller."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catenary.core.graph import Atom, Builder, Graph, Var
from catenary.core.primitive import Primitive
from catenary.core.types import INT64, ArrayType
from tests.fuzz import arrays
from tests.fuzz.drawing import PRIMITIVES, Drawing
from tests.fuzz.known import Unknown
from tests.fuzz.steps import step

_ELEMENTWISE = ("add", "sub", "mul", "maximum", "minimum", "neg", "abs")


class Body:
    """A graph of a few operations that keep shapes, on values of any types."""

    def __init__(self, d: Drawing, types: Sequence[ArrayType]) -> None:
        self.d = d
        self.builder = Builder()
        self.inputs: list[Var] = [self.builder.input(type) for type in types]
        self.atoms: list[Atom] = list(self.inputs)

    def emit(self, name: str, operands: Sequence[Atom], **params: object) -> Atom:
        primitive: Primitive = PRIMITIVES[name]
        atom: Atom = self.builder.emit(primitive, operands, dict(params))
        self.atoms.append(atom)
        return atom

    def of_type(self, type: ArrayType, count: int) -> Atom:
        """Something of a type, made by some operations from what is there."""
        d = self.d
        result = self._start(type)
        for _ in range(count):
            name = arrays.pick(d.rng, _ELEMENTWISE)
            if type.dtype.kind in "bu" and name in ("neg", "sub", "abs"):
                continue
            if type.dtype.kind == "b":
                name = "bit_xor"
            alone = name in ("neg", "abs")
            result = self.emit(name, [result] if alone else [result, self._start(type)])
            if type.ndim and d.chance(0.3):
                result = self._moved(result)
        return result

    def _start(self, type: ArrayType) -> Atom:
        """What is there of a type; or something spread or added up to it."""
        d = self.d
        same = [a for a in self.atoms if a.type == type]
        if same and d.chance(0.8):
            return arrays.pick(d.rng, same)  # type: ignore[no-any-return]
        alike = [a for a in self.atoms if a.type.dtype == type.dtype and type.dtype.kind != "b"]
        if not alike:
            raise Unknown("nothing to make it of")
        other = arrays.pick(d.rng, alike)
        number = self.emit("sum", [other], axes=tuple(range(other.type.ndim)))
        return self.emit("broadcast", [number], shape=type.shape, dims=())

    def _moved(self, x: Atom) -> Atom:
        if self.d.chance(0.5):
            return self.emit("reverse", [x], axes=(0,))
        return self.emit("cumsum", [x], axis=0, reverse=False) if x.type.dtype != bool else x

    def close(self, outputs: Sequence[Atom]) -> Graph:
        return self.builder.close(outputs)


def _few(d: Drawing, most: int) -> list[Atom]:
    return [d.some(lambda k: k.value.size < 3000, "fiu") for _ in range(d.whole(1, most))]


@step(0.8)
def scan(d: Drawing) -> None:
    constants, carries = _few(d, 2)[: d.whole(0, 2)], _few(d, 2)
    length = d.whole(0, 7)
    xs = [_stack(d, length) for _ in range(d.whole(0, 2))]
    rows = [ArrayType(x.type.shape[1:], x.type.dtype) for x in xs]
    body = Body(d, [*(a.type for a in constants + carries), *rows])
    ends = [body.of_type(carry.type, d.whole(0, 2)) for carry in carries]
    ys = [arrays.pick(d.rng, body.atoms) for _ in range(d.whole(0, 2))]
    d.emit(
        "scan",
        [*constants, *carries, *xs],
        graph=body.close([*ends, *ys]),
        held=len(constants),
        carried=len(carries),
        length=length,
        reverse=d.chance(0.4),
    )


def _stack(d: Drawing, length: int) -> Atom:
    """Rows to run through."""
    found = [a for a, k in d.known.items() if k.value.shape[:1] == (length,)]
    if found and d.chance(0.5):
        return arrays.pick(d.rng, found)  # type: ignore[no-any-return]
    shape = arrays.pick(d.rng, ((), (3,), (17,), (2, 5)))
    return d.new(np.dtype(np.float64 if d.chance(0.5) else np.float32), (length, *shape))


@step(0.5)
def cond(d: Drawing) -> None:
    operands = _few(d, 3)
    types = [a.type for a in operands]
    results = [arrays.pick(d.rng, types) for _ in range(d.whole(1, 2))]
    branches = []
    for _ in range(d.whole(1, 3)):
        body = Body(d, types)
        branches.append(body.close([body.of_type(t, d.whole(0, 2)) for t in results]))
    index = d.input(np.array(d.whole(0, len(branches) - 1)))
    d.emit("cond", [index, *operands], branches=tuple(branches))


@step(0.5)
def while_loop(d: Drawing) -> None:
    """Rounds that are counted by the first carry."""
    constants, carries = _few(d, 2)[: d.whole(0, 2)], _few(d, 2)
    counter, limit = d.input(np.array(0)), d.input(np.array(d.whole(0, 6)))
    operands = [limit, *constants, counter, *carries]
    types = [a.type for a in operands]
    held = 1 + len(constants)
    test = Body(d, types)
    condition = test.close([test.emit("lt", [test.inputs[held], test.inputs[0]])])
    body = Body(d, types)
    one = body.emit("add", [body.inputs[held], _one(body)])
    ends = [body.of_type(carry.type, d.whole(0, 2)) for carry in carries]
    bound = d.whole(0, 8) if d.chance(0.5) else None
    d.emit(
        "while_loop",
        operands,
        condition=condition,
        body=body.close([one, *ends]),
        held=held,
        bound=bound,
    )


def _one(body: Body) -> Atom:
    from catenary.core.graph import Literal

    return Literal(1, ArrayType((), INT64))
