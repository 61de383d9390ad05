"""The graph of a whole Jacobian: the value's operations, and the accumulation in planned order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catenary.core.graph import Builder, Graph, Literal, Var, inline
from catenary.core.operators import slots
from catenary.linear.plan.emit import Emitter
from catenary.linear.plan.order import Found
from catenary.ops.additive import convert
from catenary.ops.arrange import permute, reshape
from catenary.ops.compare import eq
from catenary.ops.index import position
from catenary.ops.window import window
from catenary.transform.batch import batch
from catenary.transform.linearize import Linearized
from catenary.transform.simplify import simplify
from catenary.transform.transpose import transpose


def accumulation(
    parts: Linearized, order: str, found: Found | None, values: Sequence[int]
) -> tuple[Graph, list[Any]]:
    """constants + inputs → outputs number ``values`` + one block for each output and input.

    Blocks come output by output, in the shape of the output followed by that of the input. The
    constants, positions of entries, are returned beside the graph.
    """
    builder = Builder()
    inputs = [builder.input(v.type) for v in parts.value.inputs]
    made = inline(builder, parts.value, inputs)
    residuals = made[parts.outputs :]
    linear = parts.linear
    if found is None:
        blocks = _swept(builder, linear, residuals, forward=order == "forward")
    else:
        blocks = _accumulated(builder, linear, residuals, found)
    graph, constants = builder.finish([*(made[i] for i in values), *blocks])
    return simplify(graph), constants


def _accumulated(
    builder: Builder, linear: Graph, residuals: Sequence[Any], found: Found
) -> list[Any]:
    known = _held(builder, linear, residuals)
    given = linear.inputs[len(residuals) :]
    emitter = Emitter(builder, known, given[0].type.dtype)
    blocks = []
    for k, out in enumerate(linear.outputs):
        for i, into in enumerate(given):
            shape = out.type.shape + into.type.shape
            if (k, i) in found:
                blocks.append(reshape(emitter.matrix(found[k, i], "rows")[0], shape=shape))
            else:
                blocks.append(slots.full(0, into.type.with_shape(shape)))
    return blocks


def _held(builder: Builder, linear: Graph, residuals: Sequence[Any]) -> dict[Any, Any]:
    """The values of a linear graph that do not move."""
    known: dict[Any, Any] = dict(zip(linear.inputs, residuals))
    for node in linear.nodes:
        if all(not isinstance(a, Var) or a in known for a in node.operands):
            made = builder.emit(
                node.primitive, [known.get(a, a) for a in node.operands], dict(node.params)
            )
            known.update(zip(node.outputs, made if node.primitive.multiple else (made,)))
    return known


# ---- sweeps -------------------------------------------------------------------------------------


def _swept(
    builder: Builder, linear: Graph, residuals: Sequence[Any], *, forward: bool
) -> list[Any]:
    """The whole map on all unit vectors of its inputs, or its transpose on those of its outputs."""
    held = len(residuals)
    given, results = linear.inputs[held:], linear.outputs
    graph = linear if forward else transpose(linear, range(held, len(linear.inputs)))
    starts, ends = (given, results) if forward else (results, given)
    count = sum(a.type.size for a in starts)
    flags = (False,) * held + (True,) * len(starts)
    columns = inline(
        builder, batch(graph, count, flags), [*residuals, *_units(builder, starts, count)]
    )
    blocks = {}
    for j, (end, whole) in enumerate(zip(ends, columns, strict=True)):
        begin = 0
        for i, start in enumerate(starts):
            block = _rows_of(builder, whole, begin, start.type.size)
            begin += start.type.size
            key = (j, i) if forward else (i, j)
            whole_block = _arranged(block, start.type.shape, end.type.shape, forward)
            dtype = (start if forward else end).type.dtype  # that of the argument
            same = whole_block.type.dtype == dtype
            blocks[key] = whole_block if same else convert(whole_block, dtype=dtype)
    return [blocks[k, i] for k in range(len(results)) for i in range(len(given))]


def _units(builder: Builder, starts: Sequence[Any], count: int) -> list[Any]:
    """All unit vectors of a space of several arrays, along a leading axis."""
    units, begin = [], 0
    for start in starts:
        shape = (count, start.type.size)
        if count == 1:
            units.append(slots.full(1, start.type.with_shape((1, *start.type.shape))))
            continue
        grid = slots.variable(builder, slots.full(0, start.type.with_shape(shape)))
        column = position(grid, axis=1)
        here = eq(position(grid, axis=0), column + begin if begin else column)
        flat = convert(here, dtype=start.type.dtype)
        units.append(reshape(flat, shape=(count, *start.type.shape)))
        begin += start.type.size
    return units


def _rows_of(builder: Builder, whole: Any, begin: int, size: int) -> Any:
    shape = whole.type.shape
    if size == shape[0]:
        return whole
    rest = (0,) * (len(shape) - 1)
    whole = slots.variable(builder, whole) if isinstance(whole, Literal) else whole
    return window(
        whole, start=(begin, *rest), stop=(begin + size, *shape[1:]), step=(1,) * len(shape)
    )


def _arranged(block: Any, start: Any, end: Any, forward: bool) -> Any:
    """The unit vectors' axes behind those of the results, in forward mode; before them else."""
    whole = reshape(block, shape=(*start, *end))
    if not forward:
        return whole
    n, m = len(start), len(end)
    order = (*range(n, n + m), *range(n))
    return whole if order == tuple(range(n + m)) else permute(whole, order=order)
