"""Patterns through loops and branches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from catenary.core.graph import Graph, Node
from catenary.linear.sparsity.pattern import Array, Pattern, empty, stacked
from catenary.ops.branch import cond
from catenary.ops.scan import scan
from catenary.ops.while_loop import while_loop

Values: TypeAlias = Sequence[Array | None]
Given: TypeAlias = Sequence[Pattern | None]
# (graph, values, patterns of what moves) → patterns of the outputs
Follow: TypeAlias = Callable[[Graph, Values, Given], list[Pattern | None]]

# Operations that the rounds of a loop may come to before they are looked at together.
UNROLLED = 20_000


def through_control(
    node: Node, values: Values, given: Given, follow: Follow
) -> Sequence[Pattern | None] | None:
    """The patterns of a node's outputs; None for an operation that is not a loop or a branch."""
    if node.primitive is cond:
        return _branch(node, values, given, follow)
    if node.primitive is scan:
        rounds = node.params["length"] * (1 + len(node.params["graph"].nodes))
        return (_rounds if rounds <= UNROLLED else _any_round)(node, values, given, follow)
    if node.primitive is while_loop:
        return _while(node, values, given, follow)
    return None


def _union(first: Pattern | None, second: Pattern | None) -> Pattern | None:
    if first is None or second is None:
        return second if first is None else first
    return first | second


def _branch(node: Node, values: Values, given: Given, follow: Follow) -> list[Pattern | None]:
    """The branch that is taken, where that is known; otherwise whatever any of them does."""
    branches, index = node.params["branches"], values[0]
    if index is not None:
        branches = (branches[min(max(int(index), 0), len(branches) - 1)],)
    found: list[Pattern | None] = [None] * len(node.outputs)
    for branch in branches:
        arriving = follow(branch, values[1:], given[1:])
        found = [_union(a, b) for a, b in zip(found, arriving, strict=True)]
    return found


def _rounds(node: Node, values: Values, given: Given, follow: Follow) -> list[Pattern | None]:
    """A scan, round by round."""
    params = node.params
    graph, held, carried, length = (params[k] for k in ("graph", "held", "carried", "length"))
    first = held + carried
    row_types = graph.output_types[carried:]
    carries = list(zip(values[held:first], given[held:first], strict=True))
    rows: list[list[Pattern | None]] = [[None] * length for _ in row_types]
    for t in range(length)[:: -1 if params["reverse"] else 1]:
        row_values = [None if x is None else x[t, ...] for x in values[first:]]
        row_given = [None if p is None else _row(p, t, length) for p in given[first:]]
        results = follow(
            graph,
            [*values[:held], *(value for value, _ in carries), *row_values],
            [*given[:held], *(pattern for _, pattern in carries), *row_given],
        )
        carries = [(None, pattern) for pattern in results[:carried]]
        for row, pattern in zip(rows, results[carried:], strict=True):
            row[t] = pattern
    stacks = [_stack(row, type.size) for row, type in zip(rows, row_types, strict=True)]
    return [*(pattern for _, pattern in carries), *stacks]


def _row(pattern: Pattern, t: int, length: int) -> Pattern:
    size = pattern.shape[0] // length
    begin, end = pattern.starts[t * size], pattern.starts[(t + 1) * size]
    columns = pattern.shape[1]
    return Pattern((size, columns), pattern.keys[begin:end] - t * size * columns)


def _stack(rows: Sequence[Pattern | None], size: int) -> Pattern | None:
    columns = next((p.shape[1] for p in rows if p is not None), None)
    if columns is None:
        return None
    return stacked([p or empty((size, columns)) for p in rows], columns)


def _any_round(node: Node, values: Values, given: Given, follow: Follow) -> list[Pattern | None]:
    """A long scan: what some round does, every round is taken to do."""
    params = node.params
    graph, held, carried, length = (params[k] for k in ("graph", "held", "carried", "length"))
    first = held + carried
    rows: list[Pattern | None] = []
    for pattern in given[first:]:
        parts = [] if pattern is None else [_row(pattern, t, length) for t in range(length)]
        union = parts[0] if parts else None
        for part in parts[1:]:
            union = _union(union, part)
        rows.append(union)
    constants = [*values[:held], *[None] * (carried + len(rows))]
    carries, results = _settled(
        given[held:first],
        lambda carries: follow(graph, constants, [*given[:held], *carries, *rows]),
    )
    return [*carries, *(None if p is None else stacked([p] * length, p.shape[1])
                        for p in results[carried:])]  # fmt: skip


def _while(node: Node, values: Values, given: Given, follow: Follow) -> list[Pattern | None]:
    held, body = node.params["held"], node.params["body"]
    constants = [*values[:held], *[None] * len(node.outputs)]
    carries, _ = _settled(
        given[held:], lambda carries: follow(body, constants, [*given[:held], *carries])
    )
    return carries


def _settled(
    start: Given, round: Callable[[Given], list[Pattern | None]]
) -> tuple[list[Pattern | None], list[Pattern | None]]:
    """Carries that contain where they start and all that a round makes of them; and one round."""
    carries = list(start)
    while True:
        results = round(carries)
        grown = [_union(old, new) for old, new in zip(carries, results, strict=False)]
        if all(_size(old) == _size(new) for old, new in zip(carries, grown, strict=True)):
            return carries, results
        carries = grown


def _size(pattern: Pattern | None) -> int:
    return 0 if pattern is None else pattern.nonzeros
