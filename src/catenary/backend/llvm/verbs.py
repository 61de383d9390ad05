"""The verbs of ``core.target`` as an expression: what every ``lower`` is said to."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from catenary.backend.llvm.graph_verbs import GraphVerbs
from catenary.backend.llvm.layout import layout_of, merged
from catenary.backend.llvm.matrix_verbs import MatrixVerbs
from catenary.backend.llvm.value import FREE, Value
from catenary.core.types import BOOL, INT64, ArrayType

_SCALAR = (
    "add", "sub", "mul", "div", "floordiv", "remainder", "neg", "fma", "maximum",
    "minimum", "bit_and", "bit_xor", "bit_not", "shift_left", "shift_right",
    "arctan2", "power",
)  # fmt: skip


class Verbs(GraphVerbs, MatrixVerbs):
    """The protocol ``Target``; handles are values of an expression."""

    # ---- scalar verbs -----------------------------------------------------------------------

    def abs(self, x: Value) -> Value:
        # the size of −x is that of x: σ(x) and σ(−x) share their exponential
        turned = x.op == "neg" and x.dtype.kind != "u"
        return self.abs(x.operands[0]) if turned else self.scalar("abs", x)

    def compare(self, relation: str, x: Value, y: Value) -> Value:
        a, b = number_of(x), number_of(y)
        if a is not None and b is not None:
            with np.errstate(all="ignore"):
                return self.constant(getattr(operator, relation)(a, b), x.shape, BOOL)
        return self.scalar("compare", x, y, dtype=BOOL, relation=relation)

    def bit_or(self, x: Value, y: Value) -> Value:
        if x.dtype == BOOL:
            for value, other in ((x, y), (y, x)):
                known = number_of(value)
                if known is not None:
                    return value if known else other
        return self.scalar("bit_or", x, y)

    def select(self, condition: Value, x: Value, y: Value) -> Value:
        known = number_of(condition)
        if known is not None:
            return x if known else y
        if number_of(x) == 0 and _zero_anyway(condition, y):
            return y
        return self.expression.new("select", (condition, x, y), x.type)

    def convert(self, x: Value, dtype: Any) -> Value:
        return x if x.dtype == dtype else self.scalar("convert", x, dtype=dtype)

    def bitcast(self, x: Value, dtype: Any) -> Value:
        return x if x.dtype == dtype else self.scalar("bitcast", x, dtype=dtype)

    def function(self, name: str, x: Value) -> Value:
        return self.scalar("function", x, name=name)

    def polygamma(self, n: int, x: Value) -> Value:
        return self.scalar("polygamma", x, n=n)

    # ---- arrangements -----------------------------------------------------------------------

    def _arranged(self, op: str, x: Value, shape: Sequence[int], **params: Any) -> Value:
        type = x.type.with_shape(tuple(shape))
        if x.op == "constant":
            return self.expression.new("constant", (), type, **x.params)
        return self.expression.new(op, (x,), type, **params)

    def broadcast(self, x: Value, shape: Sequence[int], dims: Sequence[int]) -> Value:
        if tuple(shape) == x.shape:
            return x
        if x.op == "broadcast":
            inner = x.params["dims"]
            return self.broadcast(x.operands[0], shape, [dims[i] for i in inner])
        return self._arranged("broadcast", x, shape, dims=tuple(dims))

    def reshape(self, x: Value, shape: Sequence[int]) -> Value:
        if tuple(shape) == x.shape:
            return x
        if x.op == "reshape":
            return self.reshape(x.operands[0], shape)
        return self._arranged("reshape", x, shape)

    def permute(self, x: Value, order: Sequence[int]) -> Value:
        order = tuple(order)
        if order == tuple(range(len(order))):
            return x
        if x.op == "permute":
            inner = x.params["order"]
            return self.permute(x.operands[0], [inner[i] for i in order])
        return self._arranged("permute", x, [x.shape[i] for i in order], order=order)

    def reverse(self, x: Value, axes: Sequence[int]) -> Value:
        axes = tuple(a for a in axes if x.shape[a] > 1)
        return self._arranged("reverse", x, x.shape, axes=axes) if axes else x

    def slice(
        self, x: Value, start: Sequence[int], stop: Sequence[int], step: Sequence[int]
    ) -> Value:
        shape = tuple(len(range(a, b, s)) for a, b, s in zip(start, stop, step, strict=True))
        if shape == x.shape:
            return x
        step = [s if n > 1 else 1 for n, s in zip(shape, step, strict=True)]
        return self._arranged("slice", x, shape, start=tuple(start), step=tuple(step))

    def pad(
        self, x: Value, low: Sequence[int], high: Sequence[int], interior: Sequence[int]
    ) -> Value:
        shape = tuple(
            a + b + n + max(n - 1, 0) * i
            for n, a, b, i in zip(x.shape, low, high, interior, strict=True)
        )
        if shape == x.shape:
            return x
        if 0 in x.shape:
            return self.constant(0, shape, x.dtype)
        type = x.type.with_shape(shape)
        return self.expression.new("pad", (x,), type, low=tuple(low), interior=tuple(interior))

    def concatenate(self, xs: Sequence[Value], axis: int) -> Value:
        xs = [x for x in xs if x.shape[axis]] or list(xs[:1])
        if len(xs) == 1:
            return xs[0]
        shape = list(xs[0].shape)
        shape[axis] = sum(x.shape[axis] for x in xs)
        type = xs[0].type.with_shape(tuple(shape))
        return self.expression.new("concatenate", xs, type, axis=axis)

    def _is_row_number(self, indices: Sequence[Value]) -> bool:
        """Whether the first index array gives each row its own number."""
        first = indices[0]
        return first.op == "iota" and first.params["axis"] == 0

    def gather(self, x: Value, indices: Sequence[Value]) -> Value:
        type = x.type.with_shape(indices[0].shape + x.shape[len(indices) :])
        return self.expression.new("gather", (x, *indices), type)

    # ---- wholes -----------------------------------------------------------------------------

    def scatter_add(self, updates: Value, indices: Sequence[Value], shape: Sequence[int]) -> Value:
        type = updates.type.with_shape(tuple(shape))
        if len(indices) == len(shape) == 2 and self._one_each(indices, shape):
            return self._chosen(updates, indices[1], shape)
        return self.expression.new("scatter_add", (updates, *indices), type)

    def _one_each(self, indices: Sequence[Value], shape: Sequence[int]) -> bool:
        """Whether exactly one update goes to each row."""
        given = indices[0].shape
        return self._is_row_number(indices) and given[0] == shape[0] == indices[0].type.size

    def _chosen(self, updates: Value, columns: Value, shape: Sequence[int]) -> Value:
        """In each row the update where it belongs, and 0 elsewhere: no writing at positions."""
        rows, type = (shape[0],), updates.type.with_shape(tuple(shape))
        within = self.scalar("within", columns, size=shape[1])
        place = self.broadcast(self.reshape(within, rows), shape, (0,))
        spread = self.broadcast(self.reshape(updates, rows), shape, (0,))
        here = self.compare("eq", place, self.iota(shape, 1, INT64))
        return self.select(here, spread, self.constant(0, type.shape, type.dtype))

    def scatter_last(self, indices: Sequence[Value], shape: Sequence[int]) -> Value:
        return self.expression.new("scatter_last", indices, ArrayType(tuple(shape), INT64))

    def reduce(self, op: str, x: Value, axes: Sequence[int]) -> Value:
        axes = tuple(axes)
        kept = tuple(n for i, n in enumerate(x.shape) if i not in axes)
        if all(x.shape[a] == 1 for a in axes):
            return self.reshape(x, kept)
        if 0 in x.shape:
            return self.constant(1 if op == "mul" else 0, kept, x.dtype)
        return self.expression.new("reduce", (x,), x.type.with_shape(kept), reducer=op, axes=axes)

    def reduce_index(self, op: str, x: Value, axis: int) -> Value:
        kept = x.shape[:axis] + x.shape[axis + 1 :]
        type = ArrayType(kept, INT64)
        return self.expression.new("reduce_index", (x,), type, reducer=op, axis=axis)

    def prefix(self, op: str, x: Value, axis: int, reverse: bool) -> Value:
        if x.shape[axis] <= 1:
            return x
        return self.expression.new("prefix", (x,), x.type, reducer=op, axis=axis, reverse=reverse)

    def argsort(self, x: Value, axis: int) -> Value:
        return self.expression.new("argsort", (x,), x.type.with_dtype(INT64), axis=axis)

    def contract(self, x: Value, y: Value, spec: str) -> Value:
        labels, out = spec.split("->")
        first, second = labels.split(",")
        sizes = dict(zip(first + second, x.shape + y.shape, strict=True))
        type = x.type.with_shape(tuple(sizes[c] for c in out))
        summed = [c for c in sizes if c not in out]
        if x.dtype.kind == "f" and x.type.size and y.type.size and _pays(first, second, out):
            x, first = self._as_matrices(x, first, second, out, first)
            y, second = self._as_matrices(y, second, first, out, first)
            laid = _as_product(first, second, out, sizes)
            type = type.with_shape(tuple(sizes[c] for c in laid))
            value = self.expression.new("contract", (x, y), type, spec=f"{first},{second}->{laid}")
            return self.permute(value, [laid.index(c) for c in out])
        order = [*out, *summed]
        shape = [sizes[c] for c in order]
        spread = []
        for labels, operand in ((first, x), (second, y)):
            present = [c for c in order if c in labels]
            aligned = self.permute(operand, [labels.index(c) for c in present])
            spread.append(self.broadcast(aligned, shape, [order.index(c) for c in present]))
        terms = self.scalar("bit_and" if x.dtype == BOOL else "mul", *spread)
        return self.reduce("add", terms, tuple(range(len(out), len(order))))

    def _as_matrices(
        self, x: Value, labels: str, other: str, out: str, summed: str
    ) -> tuple[Value, str]:
        """An operand whose axes follow each other as a product of matrices needs them, those that
        are summed in their order in ``summed``: as it is, or copied, with labels in a new order.
        """
        batch = [c for c in out if c in labels and c in other]
        own = [c for c in out if c in labels and c not in other]
        terms = [c for c in summed if c in labels and c in other and c not in out]
        layout = layout_of(x)
        if layout is not None and layout.base.op not in FREE:
            groups = ([labels.index(c) for c in group] for group in (own, terms))
            if all(merged(x.shape, layout.strides, axes) is not None for axes in groups):
                return x, labels
        order = [*batch, *own, *terms]
        moved = self.permute(x, [labels.index(c) for c in order])
        return self.scalar("copy", moved), "".join(order)

    def checked(self, x: Value, bad: Value) -> Value:
        if number_of(bad) is not None and not number_of(bad):
            return x
        return self.scalar("checked", x, bad)


def number_of(x: Value) -> Any:
    """The number that fills an array, if it is one that is filled."""
    return x.params["value"].number if x.op == "constant" else None


def _zero_anyway(condition: Value, y: Value) -> bool:
    """Whether y is v·c, with c a finite number, and the condition says that v is 0."""
    if y.op != "mul" or condition.op != "compare" or condition.params["relation"] != "eq":
        return False
    v, zero = condition.operands
    factors = [o for o in y.operands if o is not v]
    if number_of(zero) != 0 or len(factors) != 1:
        return False
    factor = number_of(factors[0])
    return factor is not None and bool(np.isfinite(factor))


def _pays(first: str, second: str, out: str) -> bool:
    """Whether a product is more than a product of elements."""
    return any(c not in out for c in first + second)


def _as_product(first: str, second: str, out: str, sizes: Mapping[str, int]) -> str:
    """The labels of a result as products of matrices give it: those that count rows side by side,
    and those that count columns.
    """
    batch = [c for c in out if c in first and c in second]
    own = [[c for c in out if c in labels and c not in batch] for labels in (first, second)]
    long = [c for c in out if sizes[c] > 1]
    if all(_side_by_side([long.index(c) for c in group if c in long]) for group in own):
        return out
    own.sort(key=lambda group: long[-1] in group)  # neighbours stay neighbours
    return "".join([*batch, *own[0], *own[1]])


def _side_by_side(places: Sequence[int]) -> bool:
    return all(b == a + 1 for a, b in pairwise(places))


def _scalar_verb(name: str) -> Any:
    def verb(self: Verbs, *operands: Value) -> Value:
        return self.scalar(name, *operands)

    verb.__name__ = name
    return verb


for _name in _SCALAR:
    setattr(Verbs, _name, _scalar_verb(_name))
