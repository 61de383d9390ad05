"""Operations that hold a graph: run it, again to save memory, or with its author's derivative."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Differential, Nested, Zero
from catenary.core.evaluate import evaluate_graph
from catenary.core.graph import Builder, Graph
from catenary.core.operators import slots
from catenary.core.primitive import Algebra, NotYet, Primitive, Sample, declare
from catenary.core.replay import replay
from catenary.core.types import ArrayType
from catenary.ops.elementwise import samples
from catenary.ops.structural import vanishes
from catenary.ops.transcendental import cos, sin

_OPAQUE = NotYet("its map is that of the graph inside, which a structure cannot hold")


def _body_shape(*types: ArrayType, graph: Graph, **_: Any) -> tuple[ArrayType, ...]:
    if types != graph.input_types:
        raise errors.operand_shapes(
            "call", ", ".join(map(str, graph.input_types)), ", ".join(map(str, types))
        )
    return graph.output_types


def _body_lower(t: Any, *operands: Any, graph: Graph, **_: Any) -> Any:
    return t.inline(graph, operands)


# ---- call: the graph is kept whole, so that a reverse pass recomputes it instead of storing -----


def _call_batch(
    size: int, operands: Sequence[Any], batched: Sequence[bool], *, graph: Graph, linear: Any
) -> Any:
    body = slots.batch_graph(graph, size, tuple(batched))
    return call(*operands, graph=body, linear=linear)


def _sine_graph() -> Graph:
    builder = Builder()
    x = builder.input(ArrayType((3,), np.dtype(np.float64)))
    return builder.close([sin(x) * x])


def _call_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    yield Sample((rng.uniform(-1, 1, 3),), {"graph": _sine_graph(), "linear": (False,)})


call: Primitive = declare(
    Primitive(
        name="call",
        numpy=(),
        shape=_body_shape,
        evaluate=lambda *operands, graph, linear: evaluate_graph(graph, operands),
        derivative=Nested(),
        structure=_OPAQUE,
        algebra=Algebra(),
        batch=_call_batch,
        lower=_body_lower,
        samples=samples(_call_samples, dtypes=(np.dtype(np.float64),)),
        multiple=True,
    )
)


# ---- custom: a graph, and a rule to differentiate it by -----------------------------------------


class Rule:
    """The graph (arguments, their tangents) → tangents of the results.

    It may hold the very operation that it differentiates. Two rules are equal when they have one
    name and do the same; inside itself a rule is known by its name.
    """

    def __init__(self, make: Callable[[], Graph], name: Hashable = None) -> None:
        self._make = make
        self.name = object() if name is None else name
        self._batched: dict[Any, Rule] = {}

    @cached_property
    def graph(self) -> Graph:
        return self._make()

    def batched(self, size: int, flags: tuple[bool, ...]) -> Rule:
        """The rule for many examples at once."""
        key = (size, flags)
        if key not in self._batched:
            self._batched[key] = Rule(
                lambda: slots.batch_graph(self.graph, size, flags), (self.name, key)
            )
        return self._batched[key]

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Rule) and self.name == other.name and self._does() == other._does()

    def __hash__(self) -> int:
        return hash(self.name)

    def _does(self) -> Hashable:
        return _described(self.graph, (self.name,))

    def __lt__(self, other: Rule) -> bool:  # parameters are sorted by name first: never decides
        return id(self) < id(other)

    def __repr__(self) -> str:
        return "…"


def _described(value: Any, within: tuple[Hashable, ...]) -> Hashable:
    """What a graph does, rules that are being described already by their names alone."""
    if isinstance(value, tuple):
        return tuple([_described(v, within) for v in value])
    if isinstance(value, Graph):
        return _described(value.key, within)
    if isinstance(value, Rule):
        inside = (*within, value.name)
        return value.name if value.name in within else (value.name, _described(value.graph, inside))
    return value  # type: ignore[no-any-return]


def _custom_tangent(
    primals: Sequence[Any],
    tangents: Sequence[Any],
    outputs: Any,
    *,
    graph: Graph,
    rule: Rule,
    held: int,
) -> Any:
    """The rule speaks of the operands after the first ``held``, which are constants."""
    arguments, types = primals[held:], graph.input_types[held:]
    given = [
        slots.full(0, type) if tangent is None else tangent
        for tangent, type in zip(tangents[held:], types, strict=True)
        if type.is_float
    ]
    return tuple(replay(rule.graph, [*arguments, *given]))


def _custom_batch(
    size: int,
    operands: Sequence[Any],
    batched: Sequence[bool],
    *,
    graph: Graph,
    rule: Rule,
    held: int,
) -> Any:
    flags = tuple(batched)
    types = graph.input_types
    floats = tuple(b for b, type in zip(flags[held:], types[held:], strict=True) if type.is_float)
    return custom(
        *operands,
        graph=slots.batch_graph(graph, size, flags),
        rule=rule.batched(size, flags[held:] + floats),
        held=held,
    )


def _cosine_rule() -> Graph:
    builder = Builder()
    type = ArrayType((3,), np.dtype(np.float64))
    x, x_dot = builder.input(type), builder.input(type)
    return builder.close([slots.scale(sin(x) + x * cos(x), x_dot)])


def _custom_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    params = {"graph": _sine_graph(), "rule": Rule(_cosine_rule), "held": 0}
    yield Sample((rng.uniform(-1, 1, 3),), params)


custom: Primitive = declare(
    Primitive(
        name="custom",
        numpy=(),
        shape=_body_shape,
        evaluate=lambda *operands, graph, rule, held: evaluate_graph(graph, operands),
        derivative=Differential(_custom_tangent),
        structure=_OPAQUE,
        algebra=Algebra(),
        batch=_custom_batch,
        lower=_body_lower,
        samples=samples(_custom_samples, dtypes=(np.dtype(np.float64),)),
        multiple=True,
    )
)


# ---- constant: an array that a graph carries with it --------------------------------------------


class Frozen:
    """An array as a parameter."""

    def __init__(self, array: Any) -> None:
        self.array = array
        self._bits = (array.dtype, array.shape, array.tobytes())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frozen) and self._bits == other._bits

    def __hash__(self) -> int:
        return hash(self._bits)

    def __repr__(self) -> str:
        return f"{self.array.dtype}{list(self.array.shape)}"


def _constant_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape in [(2, 3), (), (0,)]:
        yield Sample((np.zeros((), dtype),), {"array": Frozen(rng.choice([1.0, np.nan], shape))})


# The operand is not read: it says which graph the constant belongs to.
constant: Primitive = declare(
    Primitive(
        name="constant",
        numpy=(),
        shape=lambda x, *, array: ArrayType(array.array.shape, array.array.dtype),
        evaluate=lambda x, *, array: array.array,
        derivative=Zero(),
        structure=vanishes,
        algebra=Algebra(),
        batch=lambda size, operands, batched, *, array: slots.spread(
            constant(operands[0], array=array), size
        ),
        lower=lambda t, x, *, array: t.array(array.array),
        samples=samples(_constant_samples),
    )
)
