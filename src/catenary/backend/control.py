"""Loops and branches on the reference backend: the graphs within are compiled once.

Tuned paths of the operations that hold graphs, tested equal to ``evaluate``. Each takes how to
compile a graph, and the operation's parameters, and gives what to run on its operands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from catenary.core.graph import Graph
from catenary.ops.branch import cond
from catenary.ops.control import call
from catenary.ops.scan import scan
from catenary.ops.while_loop import while_loop

Program: TypeAlias = Callable[[Sequence[Any]], list[Any]]
Compile: TypeAlias = Callable[[Graph], Program]
Run: TypeAlias = Callable[..., Sequence[Any]]


def _scan(
    compile: Compile, *, graph: Graph, held: int, carried: int, length: int, reverse: bool
) -> Run:
    body, first = compile(graph), held + carried
    types, order = graph.output_types[carried:], range(length)[:: -1 if reverse else 1]

    def run(*operands: Any) -> Sequence[Any]:
        constants, carries, xs = operands[:held], operands[held:first], operands[first:]
        ys = [np.empty((length, *type.shape), type.dtype) for type in types]
        for i in order:
            results = body([*constants, *carries, *[x[i, ...] for x in xs]])
            carries = tuple(results[:carried])
            for y, row in zip(ys, results[carried:], strict=True):
                y[i] = row
        return (*carries, *ys)

    return run


def _while_loop(
    compile: Compile, *, condition: Graph, body: Graph, held: int, bound: int | None
) -> Run:
    goes_on, round_ = compile(condition), compile(body)

    def run(*operands: Any) -> Sequence[Any]:
        constants, carries, rounds = operands[:held], operands[held:], 0
        while rounds != bound and goes_on([*constants, *carries])[0]:
            carries = tuple(round_([*constants, *carries]))
            rounds += 1
        return carries

    return run


def _cond(compile: Compile, *, branches: tuple[Graph, ...]) -> Run:
    programs = [compile(branch) for branch in branches]
    return lambda index, *operands: programs[int(index)](operands)


def _call(compile: Compile, *, graph: Graph, **_: Any) -> Run:
    program = compile(graph)
    return lambda *operands: program(operands)


PREPARED: dict[str, Callable[..., Run]] = {
    scan.name: _scan,
    while_loop.name: _while_loop,
    cond.name: _cond,
    call.name: _call,
}
