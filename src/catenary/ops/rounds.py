"""What is true of all rounds of a loop: found from one, until nothing is added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catenary.core.graph import Graph, dependent, live_nodes
from catenary.core.operators import slots
from catenary.ops.bodies import read, vanishes


def place_of(i: int, held: int, carried: int) -> str:
    """As what a round takes its input i."""
    return "constant" if i < held else "carry" if i < held + carried else "row"


def moving_parts(
    graph: Graph, tangents: Sequence[Any], held: int, carried: int
) -> tuple[list[int], Any]:
    """The inputs of a round that move, and the round linearized by them.

    A carry that stands still at first moves if a round makes it: so until nothing is added.
    """
    moving = [tangent is not None for tangent in tangents]
    while True:
        wrt = [i for i, moves in enumerate(moving) if moves]
        parts = slots.linearize_graph(graph, wrt)
        answers = parts.linear.outputs
        more = [i for i in range(carried) if not moving[held + i] and not vanishes(answers[i])]
        if not more:
            return wrt, parts
        for i in more:
            moving[held + i] = True


def moving_cotangents(
    graph: Graph, arriving: Sequence[Any], linear: Sequence[int], held: int, carried: int
) -> tuple[list[int], Graph]:
    """The outputs of a round whose cotangents are not zero, and the round transposed from them."""
    active = [y_bar is not None for y_bar in arriving]
    while True:
        chosen = [k for k, moves in enumerate(active) if moves]
        outputs = [graph.outputs[k] for k in chosen]
        backward = slots.transpose_graph(Graph(graph.inputs, graph.nodes, outputs), linear)
        pulled = dict(zip(linear, backward.outputs, strict=True))
        more = [i for i in range(carried) if not active[i] and not vanishes(pulled[held + i])]
        if not more:
            return chosen, backward
        for i in more:
            active[i] = True


def live_carries(graph: Graph, outputs: Sequence[int], held: int, carried: int) -> list[int]:
    """The outputs of a round that some of them depend on, through any number of rounds."""
    live = sorted(outputs)
    while True:
        atoms = [graph.outputs[k] for k in live]
        needed = read(Graph(graph.inputs, live_nodes(graph.nodes, atoms), atoms))
        more = [i for i in range(carried) if i not in live and graph.inputs[held + i] in needed]
        if not more:
            return live
        live = sorted([*live, *more])


def with_batched(
    graph: Graph, batched: Sequence[bool], held: int, carried: int
) -> tuple[list[bool], list[bool]]:
    """Which inputs and outputs of a round differ between examples: as soon as one round makes it
    so, a carry differs in all.
    """
    flags = list(batched)
    while True:
        reached = dependent(graph, flags)
        more = [i for i in range(carried) if reached[i] and not flags[held + i]]
        if not more:
            return flags, [*flags[held : held + carried], *reached[carried:]]
        for i in more:
            flags[held + i] = True
