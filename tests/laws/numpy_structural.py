"""The structural verbs in plain NumPy, in loops where NumPy has the very function."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.laws.numpy_handle import Array, Handle, Pair, extreme, must_be, same


class StructuralVerbs:
    """The second half of the protocol ``Target``."""

    def iota(self, shape: Sequence[int], axis: int, dtype: Any) -> Handle:
        result = np.empty(tuple(shape), dtype)
        for i in range(shape[axis]):
            result[_at(axis, i)] = i
        return Handle(result)

    def broadcast(self, x: Handle, shape: Sequence[int], dims: Sequence[int]) -> Handle:
        result = np.empty(tuple(shape), x.array.dtype)
        for place in np.ndindex(*shape):
            result[place] = x.array[tuple(place[d] for d in dims)]
        return Handle(result)

    def reshape(self, x: Handle, shape: Sequence[int]) -> Handle:
        return Handle(np.array(list(x.array.flat), x.array.dtype).reshape(tuple(shape)))

    def permute(self, x: Handle, order: Sequence[int]) -> Handle:
        return Handle(np.moveaxis(x.array, order, range(len(order))))

    def reverse(self, x: Handle, axes: Sequence[int]) -> Handle:
        turned = tuple(slice(None, None, -1 if i in axes else 1) for i in range(x.array.ndim))
        return Handle(x.array[turned])

    def slice(
        self, x: Handle, start: Sequence[int], stop: Sequence[int], step: Sequence[int]
    ) -> Handle:
        result = x.array
        for axis, (a, b, s) in enumerate(zip(start, stop, step, strict=True)):
            assert 0 <= a <= b <= x.array.shape[axis], "slice: out of bounds"
            result = np.take(result, np.arange(a, b, s), axis)
        return Handle(result)

    def pad(
        self, x: Handle, low: Sequence[int], high: Sequence[int], interior: Sequence[int]
    ) -> Handle:
        result = x.array
        for axis, widths in enumerate(zip(low, high, interior, strict=True)):
            result = _spaced(result, axis, *widths)
        return Handle(result)

    def concatenate(self, xs: Sequence[Handle], axis: int) -> Handle:
        arrays = [x.array for x in xs]
        assert len({a.dtype for a in arrays}) == 1, "concatenate: more than one dtype"
        rows = [row for a in arrays for row in np.moveaxis(a, axis, 0)]
        shape = (len(rows), *np.moveaxis(arrays[0], axis, 0).shape[1:])
        joined = np.array(rows, arrays[0].dtype).reshape(shape)
        return Handle(np.moveaxis(joined, 0, axis))

    def gather(self, x: Handle, indices: Sequence[Handle]) -> Handle:
        places = same("gather", *indices)
        result = np.empty(places[0].shape + x.array.shape[len(places) :], x.array.dtype)
        for at in np.ndindex(places[0].shape):
            result[at] = x.array[_place(places, at, x.array.shape)]
        return Handle(result)

    def scatter_add(
        self, updates: Handle, indices: Sequence[Handle], shape: Sequence[int]
    ) -> Handle:
        places = same("scatter_add", *indices)
        result = np.zeros(tuple(shape), updates.array.dtype)
        for at in np.ndindex(places[0].shape):
            result[_place(places, at, shape)] += updates.array[at]
        return Handle(result)

    def scatter_last(self, indices: Sequence[Handle], shape: Sequence[int]) -> Handle:
        places = same("scatter_last", *indices)
        result = np.full(tuple(shape), -1, np.int64)
        for number, at in enumerate(np.ndindex(places[0].shape)):
            result[_place(places, at, shape)] = number
        return Handle(result)

    def reduce(self, op: str, x: Handle, axes: Sequence[int]) -> Handle:
        must_be(f"reduce {op}", "fiu", x.array)
        front = np.moveaxis(x.array, axes, range(len(axes)))
        kept = front.shape[len(axes) :]
        rows = front.reshape(math.prod(front.shape[: len(axes)]), *kept)
        if op in ("max", "min"):
            return Handle(functools.reduce(_pair(op), rows))
        start = np.full(kept, 0 if op == "add" else 1, x.array.dtype)
        return Handle(functools.reduce(_pair(op), rows, start))

    def reduce_index(self, op: str, x: Handle, axis: int) -> Handle:
        """The first that attains the extreme; NaN counts as extreme."""
        rows = np.moveaxis(x.array, axis, 0)
        best, at = rows[0].copy(), np.zeros(rows.shape[1:], np.int64)
        for i, row in enumerate(rows):
            better = (row > best) if op == "max" else (row < best)
            better = (better | (row != row)) & ~(best != best)  # noqa: PLR0124 - NaN
            best, at = np.where(better, row, best), np.where(better, i, at)
        return Handle(at)

    def prefix(self, op: str, x: Handle, axis: int, reverse: bool) -> Handle:
        rows = np.moveaxis(x.array, axis, 0)[:: -1 if reverse else 1]
        running = rows.copy()
        for i in range(1, len(rows)):
            running[i] = _pair(op)(running[i - 1], rows[i])
        return Handle(np.moveaxis(running[:: -1 if reverse else 1], 0, axis))

    def argsort(self, x: Handle, axis: int) -> Handle:
        """Stable; NaN comes last."""
        rows = np.moveaxis(x.array, axis, -1)
        result = np.empty(rows.shape, np.int64)
        for at in np.ndindex(rows.shape[:-1]):
            line = rows[at].tolist()
            result[at] = sorted(range(len(line)), key=lambda i: _last_nan(line[i]))
        return Handle(np.moveaxis(result, -1, axis))

    def contract(self, x: Handle, y: Handle, spec: str) -> Handle:
        """The product over all labels, then sums over those that are not in the result."""
        assert x.array.dtype == y.array.dtype, "contract: more than one dtype"
        inputs, out = spec.split("->")
        both = inputs.split(",")
        summed = [c for c in sorted(set("".join(both))) if c not in out]
        order = [*out, *summed]
        spread = []
        for labels, array in zip(both, (x.array, y.array), strict=True):
            present = [c for c in order if c in labels]
            aligned = array.transpose([labels.index(c) for c in present])
            shape = [array.shape[labels.index(c)] if c in labels else 1 for c in order]
            spread.append(aligned.reshape(shape))
        product = spread[0] * spread[1]
        if not summed:
            return Handle(product)
        return self.reduce("add", Handle(product), range(len(out), len(order)))


def _pair(op: str) -> Pair:
    """How two numbers are combined."""
    return {
        "add": operator.add,
        "mul": operator.mul,
        "max": lambda a, b: extreme(a > b, a, b),
        "min": lambda a, b: extreme(a < b, a, b),
    }[op]


def _at(axis: int, i: Any) -> tuple[Any, ...]:
    return (*[slice(None)] * axis, i)


def _place(places: Sequence[Array], at: tuple[int, ...], shape: Sequence[int]) -> tuple[int, ...]:
    """Where the index arrays point from one of their places; never outside."""
    found = tuple(int(index[at]) for index in places)
    assert all(0 <= i < n for i, n in zip(found, shape, strict=False)), "an index out of bounds"
    return found


def _spaced(x: Array, axis: int, low: int, high: int, interior: int) -> Array:
    """Zeros before, behind and between along one axis."""
    n = x.shape[axis]
    between = max(n - 1, 0) * interior
    result = np.zeros((*x.shape[:axis], low + n + between + high, *x.shape[axis + 1 :]), x.dtype)
    for i in range(n):
        result[_at(axis, low + i * (interior + 1))] = x[_at(axis, i)]
    return result


def _last_nan(number: Any) -> tuple[bool, Any]:
    return (True, 0) if number != number else (False, number)  # noqa: PLR0124 - NaN
