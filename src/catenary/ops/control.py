"""Operations that hold a graph: run it (again, to save memory), or with a derivative of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Differential, Nested
from catenary.core.evaluate import evaluate_graph
from catenary.core.graph import Builder, Graph
from catenary.core.operators import slots
from catenary.core.primitive import Algebra, NotYet, Primitive, Sample, declare
from catenary.core.replay import replay
from catenary.core.types import ArrayType
from catenary.ops.elementwise import samples
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


# ---- call: the graph is kept whole, so that a reverse pass recomputes it instead of storing --------


def _call_batch(
    size: int, operands: Sequence[Any], batched: Sequence[bool], *, graph: Graph, linear: Any
) -> Any:
    body = slots.batch_graph(graph, size, tuple(batched))
    return call(*operands, graph=body, linear=linear)


def _sine_graph() -> Graph:
    builder = Builder()
    x = builder.input(ArrayType((3,), np.dtype(np.float64)))
    return builder.finish([sin(x) * x])[0]


def _call_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    yield Sample((rng.uniform(-1, 1, 3),), {"graph": _sine_graph(), "linear": (False,)})


call = declare(
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


# ---- custom: a graph, and beside it the graph (inputs, tangents) → tangents to differentiate by ------


def _custom_tangent(
    primals: Sequence[Any], tangents: Sequence[Any], outputs: Any, *, graph: Graph, rule: Graph
) -> Any:
    floats = [i for i, type in enumerate(graph.input_types) if type.is_float]
    given = [
        tangents[i] if tangents[i] is not None else slots.full(0, graph.input_types[i])
        for i in floats
    ]
    return tuple(replay(rule, [*primals, *given]))


def _custom_batch(
    size: int, operands: Sequence[Any], batched: Sequence[bool], *, graph: Graph, rule: Graph
) -> Any:
    flags = tuple(batched)
    floats = tuple(b for b, type in zip(flags, graph.input_types, strict=True) if type.is_float)
    return custom(
        *operands,
        graph=slots.batch_graph(graph, size, flags),
        rule=slots.batch_graph(rule, size, flags + floats),
    )


def _cosine_rule() -> Graph:
    builder = Builder()
    type = ArrayType((3,), np.dtype(np.float64))
    x, x_dot = builder.input(type), builder.input(type)
    return builder.finish([slots.scale(sin(x) + x * cos(x), x_dot)])[0]


def _custom_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    yield Sample((rng.uniform(-1, 1, 3),), {"graph": _sine_graph(), "rule": _cosine_rule()})


custom = declare(
    Primitive(
        name="custom",
        numpy=(),
        shape=_body_shape,
        evaluate=lambda *operands, graph, rule: evaluate_graph(graph, operands),
        derivative=Differential(_custom_tangent),
        structure=_OPAQUE,
        algebra=Algebra(),
        batch=_custom_batch,
        lower=_body_lower,
        samples=samples(_custom_samples, dtypes=(np.dtype(np.float64),)),
        multiple=True,
    )
)
