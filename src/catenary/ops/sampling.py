"""Points at which operations are tried: interior ones, drawn; edge ones, listed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core.primitive import Sample

_WORDS = {"f": "floating-point", "i": "signed integer", "u": "unsigned integer", "b": "boolean"}


Box = Sequence[tuple[float, float]]


def kinds_in_words(kinds: str) -> str:
    return "a " + " or ".join(_WORDS[k] for k in kinds) + " dtype"


def draw(rng: np.random.Generator, dtype: Any, low: float, high: float, shape: Any) -> Any:
    """Numbers of any dtype between two bounds."""
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    if dtype.kind in "iu":
        first = math.ceil(max(low, 0) if dtype.kind == "u" else low)
        return rng.integers(first, max(first, math.floor(high)) + 1, shape).astype(dtype)
    return rng.uniform(low, high, shape).astype(dtype)


def interior(
    rng: np.random.Generator,
    dtype: Any,
    boxes: Sequence[Box],
    params: Sequence[dict[str, Any]],
) -> Iterable[Sample]:
    """Points of each box, in several shapes; a box has an interval for each operand."""
    for box, shape, options in itertools.product(boxes, [(), (5,), (2, 3)], params):
        yield Sample(tuple(draw(rng, dtype, low, high, shape) for low, high in box), options)


def edge_numbers(dtype: Any) -> list[Any]:
    """The numbers where things go wrong."""
    if dtype.kind == "f":
        info = np.finfo(dtype)
        huge, tiny = float(info.max), float(info.smallest_subnormal)
        numbers = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.5, -3.5, 1e-5, -1e-5, 30.0, -30.0]
        return [*numbers, 1e4, -1e4, huge, -huge, tiny, -tiny, np.inf, -np.inf, np.nan]
    if dtype.kind == "b":
        return [False, True]
    info_i = np.iinfo(dtype)
    low = [] if dtype.kind == "u" else [-1, -7]
    return [0, 1, 2, 5, *low, info_i.max, info_i.min]


def edges(
    dtype: Any,
    arity: int,
    rows: Callable[..., Iterable[tuple[Any, ...]]] | None,
    params: Sequence[dict[str, Any]],
) -> Iterable[Sample]:
    """Every combination of edge numbers (or the rows given), and arrays that hold nothing."""
    for options in params:
        numbers = edge_numbers(dtype)
        table = rows(dtype, **options) if rows else itertools.product(numbers, repeat=arity)
        columns = zip(*table, strict=True)
        yield Sample(tuple(np.array(column, dtype=dtype) for column in columns), options)
        yield Sample(tuple(np.zeros((0,), dtype) for _ in range(arity)), options)
        yield Sample(tuple(np.ones((1, 1), dtype) for _ in range(arity)), options)


def unusual(interior: Callable[..., Iterable[Sample]]) -> Callable[[Any], Iterable[Sample]]:
    """The same shapes and parameters, holding the numbers where things go wrong."""

    def edge(dtype: Any) -> Iterable[Sample]:
        numbers = np.array(edge_numbers(dtype)[::-1], dtype)
        for sample in interior(np.random.default_rng(0), dtype):
            operands = (
                np.resize(numbers, np.shape(x)) if np.asarray(x).dtype.kind == "f" else x
                for x in sample.operands
            )
            yield Sample(tuple(operands), sample.params)

    return edge
