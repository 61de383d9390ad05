"""Cases as machine code: one program for all cases of an operation and a dtype.

The compiler takes as long for one operation as for many small ones, so what is tried at thirty
points is compiled once. What the compiler looks at is the key: an operation of which only other
fields were changed has the same program.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from catenary.core.graph import Builder, Graph
from catenary.core.primitive import Primitive
from tests.fuzz import threads
from tests.laws.law import Case, cases

Array = np.ndarray[Any, Any]
_known: dict[Hashable, dict[Case, list[Array]]] = {}


def results(primitive: Primitive, case: Case) -> list[Array]:
    """What machine code makes of a case."""
    key = (primitive.name, primitive.lower, primitive.shape, primitive.samples, case.dtype)
    if key not in _known:
        together = [c for c in cases(primitive) if c.dtype == case.dtype]
        _known[key] = _computed(primitive, together)
    return _known[key][case]


def _computed(primitive: Primitive, together: Sequence[Case]) -> dict[Case, list[Array]]:
    builder = Builder()
    outputs: list[Any] = []
    ends: list[int] = []
    for case in together:
        operands = [builder.input(type) for type in case.types]
        made = builder.emit(primitive, operands, dict(case.params))
        outputs += made if primitive.multiple else [made]
        ends.append(len(outputs))
    graph, _ = builder.finish(outputs)
    values = on_any_number_of_threads(graph, [x for case in together for x in case.operands])
    starts = [0, *ends]
    return {case: values[i:j] for case, i, j in zip(together, starts, ends, strict=False)}


def on_any_number_of_threads(graph: Graph, arrays: Sequence[Any]) -> list[Array]:
    """The results of a graph as machine code, which are the same, bit for bit, for one thread and
    for two, where two are used at all.
    """
    values = [np.asarray(value) for value in threads.plain(graph)(arrays)]
    several = threads.compile_graph(graph, 2)
    if several.code.threads > 1:
        for one, two in zip(threads.alone(graph)(arrays), several(arrays), strict=True):
            assert np.asarray(one).tobytes() == np.asarray(two).tobytes(), "two threads differ"
    return values
