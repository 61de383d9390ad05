"""A graph as machine code, held against what is known of its results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from catenary.core.graph import Builder, Graph, inline
from tests.fuzz import arrays, loops, steps, threads
from tests.fuzz.drawing import Drawing
from tests.fuzz.known import Array, Known, Unknown, of_graph

Program = Callable[[Sequence[Array]], list[Array]]


@dataclass(frozen=True, eq=False)
class Example:
    """A graph and arrays to run it on; ``seed`` says how they lie in memory (None: plainly)."""

    graph: Graph
    arrays: tuple[Array, ...]
    seed: int | None

    def laid(self) -> list[Array]:
        rng = np.random.default_rng(self.seed)
        plain = 1.0 if self.seed is None else 0.4
        return [arrays.laid(rng, x, plain) for x in self.arrays]


def example(seed: int, number: int) -> Example:
    """A graph at random: a seed and a number always give the same."""
    assert loops.scan is not None  # its steps are entered
    rng = np.random.default_rng([seed, number])
    drawing = Drawing(rng)
    weights = np.array([weight for weight, _ in steps.STEPS])
    wanted = int(rng.integers(1, 12))
    for _ in range(4 * wanted):
        _, grow = steps.STEPS[int(rng.choice(len(weights), p=weights / weights.sum()))]
        try:
            grow(drawing)
        except Unknown:
            continue
        if len(drawing.builder.nodes) >= wanted:
            break
    if not drawing.made:
        return example(seed, number + 1_000_000)
    graph, inputs = drawing.finish()
    return Example(graph, tuple(inputs), int(rng.integers(2**32)))


def joined(examples: Sequence[Example]) -> Example:
    """Several examples as one, which is compiled faster."""
    builder = Builder()
    outputs = []
    for one in examples:
        inputs = [builder.input(type) for type in one.graph.input_types]
        outputs += inline(builder, one.graph, inputs)
    values = tuple(x for one in examples for x in one.arrays)
    return Example(builder.finish(outputs)[0], values, examples[0].seed)


def fault(one: Example) -> str | None:
    """What is wrong with the machine code of a graph; None if nothing is found."""
    known = of_graph(one.graph, [Known(x) for x in one.arrays])
    inputs = one.laid()
    try:
        return _fault(one, known, inputs)
    except Exception as error:  # noqa: BLE001 - whatever the compiler runs into is a finding
        return f"{type(error).__name__}: {error}"


def _fault(one: Example, known: Sequence[Known], inputs: Sequence[Array]) -> str | None:
    program = threads.plain(one.graph)
    results = program(inputs)
    for i, (expected, got) in enumerate(zip(known, results, strict=True)):
        found = expected.disagreement(got)
        if found:
            return f"result {i}: {found}"
    for x, before in zip(inputs, one.arrays, strict=True):
        if np.array(x, before.dtype).tobytes() != before.tobytes():
            return "an operand was written to"
    return _owned(results, inputs) or _repeatable(one, program, results)


def _owned(results: Sequence[Array], inputs: Sequence[Array]) -> str | None:
    """Whether whoever has a result may do with it what he likes."""
    for i, x in enumerate(results):
        if not (x.flags.owndata and x.flags.writeable and x.flags.c_contiguous):
            return f"result {i} has flags {x.flags}"
        if any(np.may_share_memory(x, y) for y in (*inputs, *results[:i])):
            return f"result {i} shares memory"
    return None


def _repeatable(one: Example, program: Program, results: Sequence[Array]) -> str | None:
    """The same bits again: called twice, on arrays that lie elsewhere, and by two threads."""
    before = [bits(x) for x in results]
    for x in results:
        x[...] = 1
    if [bits(x) for x in program(one.arrays)] != before:
        return "a second call makes other bits"
    count = 2 if one.seed is None or one.seed % 5 else 3
    several = threads.compile_graph(one.graph, count)
    if several.code.threads > 1:
        shared = [bits(x) for x in several(one.arrays)]
        if shared != before and shared != [bits(x) for x in threads.alone(one.graph)(one.arrays)]:
            return f"{count} threads make other bits than one"
        for _ in range(3):
            if [bits(x) for x in several(one.arrays)] != shared:
                return f"{count} threads make other bits"
    return None


def bits(x: Array) -> bytes:
    """All bits of an array; those of NaN, which IEEE 754 leaves open, are always the same."""
    if x.dtype.kind != "f":
        return x.tobytes()
    return np.where(np.isnan(x), x.dtype.type(np.nan), x).tobytes()
