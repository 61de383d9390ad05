"""What a jitted function took from around it: small arrays become part of its program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core.graph import Builder, Graph, Literal, inline
from catenary.core.types import ArrayType
from catenary.ops.control import Frozen, constant

# Numbers of an array that may be part of a program: positions, masks, coefficients. Larger ones,
# such as weights, are handed over in each call.
SMALL = 4096


def settled(graph: Graph, captured: Sequence[Any]) -> tuple[Graph, list[Any]]:
    """The graph with its small captured arrays as constants, and what it still takes from outside.

    The first inputs of the graph stand for what was captured. A program that knows positions can
    do better than look them up.
    """
    builder = Builder()
    operands: list[Any] = []
    left = []
    for var, thing in zip(graph.inputs, captured, strict=False):
        if isinstance(thing, np.generic):
            operands.append(Literal(thing, var.type))
        elif isinstance(thing, np.ndarray) and thing.size <= SMALL:
            here = Literal(0, ArrayType((), thing.dtype))
            operands.append(builder.emit(constant, [here], {"array": Frozen(thing)}))
        else:
            operands.append(builder.input(var.type))
            left.append(thing)
    operands += [builder.input(var.type) for var in graph.inputs[len(captured) :]]
    return builder.close(inline(builder, graph, operands)), left
