"""How an arrangement of an array lies in memory: where it begins, the distance along each axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from catenary.backend.llvm.value import VIEWS, Value

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """Element i of ``base`` lies at ``offset + Σ i·strides`` of its memory, in elements."""

    base: Value
    offset: int
    strides: tuple[int, ...]


def row_strides(shape: Shape) -> tuple[int, ...]:
    """Distances between neighbours of an array that lies in row order."""
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


def groups(inner: Shape, outer: Shape) -> list[tuple[list[int], list[int]]]:
    """The axes of two shapes of equal size, in groups of equal size, as small as can be.

    Axes of length 1 are in no group.
    """
    found = []
    i = o = 0
    while i < len(inner) or o < len(outer):
        here, there = [], []
        n = m = 1
        while n != m or n == 1:
            if n <= m and i < len(inner):
                if inner[i] != 1:
                    here.append(i)
                    n *= inner[i]
                i += 1
            elif o < len(outer):
                if outer[o] != 1:
                    there.append(o)
                    m *= outer[o]
                o += 1
            else:
                break
        if here or there:
            found.append((here, there))
    return found


def layout_of(value: Value) -> Layout | None:
    """The value as an arrangement of what it is a view of; None if no strides say it."""
    chain = []
    while value.op in VIEWS:
        chain.append(value)
        value = value.operands[0]
    result = Layout(value, 0, row_strides(value.shape))
    for view in reversed(chain):
        step = _step(view, result)
        if step is None:
            return None
        result = step
    return result


def _step(view: Value, under: Layout) -> Layout | None:
    params, strides = view.params, under.strides
    inner = view.operands[0].shape
    if view.op == "broadcast":
        laid = [0] * len(view.shape)
        for axis, d in enumerate(params["dims"]):
            laid[d] = strides[axis]
        return Layout(under.base, under.offset, tuple(laid))
    if view.op == "permute":
        return Layout(under.base, under.offset, tuple(strides[i] for i in params["order"]))
    if view.op == "reverse":
        turned = params["axes"]
        offset = under.offset + sum((inner[a] - 1) * strides[a] for a in turned)
        laid = [-s if a in turned else s for a, s in enumerate(strides)]
        return Layout(under.base, offset, tuple(laid))
    if view.op == "slice":
        offset = under.offset + sum(a * s for a, s in zip(params["start"], strides, strict=True))
        stepped = tuple(a * s for a, s in zip(params["step"], strides, strict=True))
        return Layout(under.base, offset, stepped)
    return _reshaped(view, under)


def _reshaped(view: Value, under: Layout) -> Layout | None:
    inner = view.operands[0].shape
    if 0 in inner:
        return None
    laid = [0] * len(view.shape)
    for here, there in groups(inner, view.shape):
        for a, b in pairwise(here):
            if under.strides[a] != inner[b] * under.strides[b]:
                return None
        distance = under.strides[here[-1]]
        for axis in reversed(there):
            laid[axis] = distance
            distance *= view.shape[axis]
    return Layout(under.base, under.offset, tuple(laid))


def merged(shape: Shape, strides: tuple[int, ...], axes: list[int]) -> tuple[int, int] | None:
    """Several axes as one, in this order: its length and stride; None if they do not follow."""
    length, stride = 1, 0
    for axis in reversed(axes):
        n, s = shape[axis], strides[axis]
        if n == 1:
            continue
        if length == 1:
            length, stride = n, s
        elif s == length * stride:
            length *= n
        else:
            return None
    return length, stride
