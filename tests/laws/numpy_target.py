"""The verbs of ``core/target.py`` in plain NumPy: proof that they say every operation.

Written apart from every ``evaluate``, in loops where NumPy has the very function, so that the two
check each other. Handles are opaque and every verb insists on its types: what passes here, a
compiler can be given.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special

from catenary.core.graph import Atom, Graph, Literal

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Handle:
    """An array that only verbs can read."""

    array: Array


def _plain(name: str) -> Callable[[Array], Array]:
    return getattr(np, name)  # type: ignore[no-any-return]


FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    name: _plain(name)
    for name in (
        "exp",
        "exp2",
        "expm1",
        "log",
        "log2",
        "log10",
        "log1p",
        "sqrt",
        "cbrt",
        "sin",
        "cos",
        "tan",
        "arcsin",
        "arccos",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
        "arcsinh",
        "arccosh",
        "arctanh",
        "floor",
        "ceil",
        "trunc",
        "rint",
    )  # fmt: skip
} | {
    "erf": scipy.special.erf,
    "erfc": scipy.special.erfc,
    "lgamma": scipy.special.gammaln,
    "digamma": scipy.special.digamma,
}

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}

Pair = Callable[[Any, Any], Any]


def _same(verb: str, *handles: Handle) -> list[Array]:
    """The arrays of operands that must be of one type."""
    first = handles[0].array
    for handle in handles:
        other = handle.array
        assert (other.shape, other.dtype) == (first.shape, first.dtype), (
            f"{verb} of {first.dtype}{first.shape} and {other.dtype}{other.shape}"
        )
    return [handle.array for handle in handles]


def _wide(*arrays: Array) -> list[Array]:
    """Single precision is computed in double and rounded once."""
    return [a.astype(np.float64) if a.dtype == np.float32 else a for a in arrays]


def _kind(verb: str, kinds: str, *arrays: Array) -> None:
    for array in arrays:
        assert array.dtype.kind in kinds, f"{verb} of {array.dtype}"


class NumpyTarget:
    """The protocol ``Target``, whole arrays at a time."""

    # ---- scalar verbs ------------------------------------------------------------------------

    def constant(self, value: Any, shape: Sequence[int], dtype: Any) -> Handle:
        result = np.empty(tuple(shape), dtype)
        result[...] = value
        return Handle(result)

    def array(self, value: Any) -> Handle:
        return Handle(np.array(value))

    def dtype(self, x: Handle) -> Any:
        return x.array.dtype

    def shape(self, x: Handle) -> tuple[int, ...]:
        return x.array.shape

    def _binary(self, verb: str, kinds: str, function: Pair, x: Handle, y: Handle) -> Handle:
        a, b = _same(verb, x, y)
        _kind(verb, kinds, a, b)
        return Handle(np.asarray(function(*_wide(a, b))).astype(a.dtype))

    def add(self, x: Handle, y: Handle) -> Handle:
        return self._binary("add", "fiu", operator.add, x, y)

    def sub(self, x: Handle, y: Handle) -> Handle:
        return self._binary("sub", "fiu", operator.sub, x, y)

    def mul(self, x: Handle, y: Handle) -> Handle:
        return self._binary("mul", "fiu", operator.mul, x, y)

    def div(self, x: Handle, y: Handle) -> Handle:
        return self._binary("div", "f", operator.truediv, x, y)

    def floordiv(self, x: Handle, y: Handle) -> Handle:
        return self._binary("floordiv", "fiu", lambda a, b: _divmod(a, b)[0], x, y)

    def remainder(self, x: Handle, y: Handle) -> Handle:
        return self._binary("remainder", "fiu", lambda a, b: _divmod(a, b)[1], x, y)

    def neg(self, x: Handle) -> Handle:
        _kind("neg", "fiu", x.array)
        return Handle(np.asarray(-x.array))

    def abs(self, x: Handle) -> Handle:
        _kind("abs", "fiu", x.array)
        if x.array.dtype.kind == "f":
            return Handle(np.copysign(x.array, x.array.dtype.type(1)))
        return Handle(np.where(x.array < 0, -x.array, x.array))

    def fma(self, x: Handle, y: Handle, z: Handle) -> Handle:
        a, b, c = _same("fma", x, y, z)
        _kind("fma", "f", a)
        a, b, c = (v.astype(np.longdouble) for v in (a, b, c))
        return Handle(np.asarray(a * b + c).astype(z.array.dtype))

    def maximum(self, x: Handle, y: Handle) -> Handle:
        return self._binary("maximum", "fiu", lambda a, b: _extreme(a > b, a, b), x, y)

    def minimum(self, x: Handle, y: Handle) -> Handle:
        return self._binary("minimum", "fiu", lambda a, b: _extreme(a < b, a, b), x, y)

    def compare(self, relation: str, x: Handle, y: Handle) -> Handle:
        a, b = _same(relation, x, y)
        return Handle(np.asarray(COMPARISONS[relation](a, b)))

    def select(self, condition: Handle, x: Handle, y: Handle) -> Handle:
        a, b = _same("select", x, y)
        _kind("the condition of select", "b", condition.array)
        assert condition.array.shape == a.shape, "select: the condition has another shape"
        result = b.copy()
        result[condition.array] = a[condition.array]
        return Handle(result)

    def convert(self, x: Handle, dtype: Any) -> Handle:
        return Handle(x.array.astype(dtype))

    def bitcast(self, x: Handle, dtype: Any) -> Handle:
        assert x.array.dtype.itemsize == np.dtype(dtype).itemsize, "bitcast to another width"
        return Handle(np.frombuffer(x.array.tobytes(), dtype).reshape(x.array.shape))

    def bit_and(self, x: Handle, y: Handle) -> Handle:
        return self._binary("bit_and", "iub", operator.and_, x, y)

    def bit_or(self, x: Handle, y: Handle) -> Handle:
        return self._binary("bit_or", "iub", operator.or_, x, y)

    def bit_xor(self, x: Handle, y: Handle) -> Handle:
        return self._binary("bit_xor", "iub", operator.xor, x, y)

    def bit_not(self, x: Handle) -> Handle:
        _kind("bit_not", "iub", x.array)
        return Handle(np.asarray(~x.array))

    def shift_left(self, x: Handle, y: Handle) -> Handle:
        return self._binary("shift_left", "iu", operator.lshift, x, y)

    def shift_right(self, x: Handle, y: Handle) -> Handle:
        return self._binary("shift_right", "iu", operator.rshift, x, y)

    def function(self, name: str, x: Handle) -> Handle:
        _kind(name, "f", x.array)
        return Handle(np.asarray(FUNCTIONS[name](*_wide(x.array))).astype(x.array.dtype))

    def arctan2(self, y: Handle, x: Handle) -> Handle:
        return self._binary("arctan2", "f", np.arctan2, y, x)

    def power(self, x: Handle, y: Handle) -> Handle:
        return self._binary("power", "f", np.power, x, y)

    def polygamma(self, n: int, x: Handle) -> Handle:
        _kind("polygamma", "f", x.array)
        sign = (-1) ** (n + 1) * math.factorial(n)
        (wide,) = _wide(x.array)
        return Handle(np.asarray(sign * scipy.special.zeta(n + 1, wide)).astype(x.array.dtype))

    # ---- structural verbs --------------------------------------------------------------------

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
        places = _same("gather", *indices)
        result = np.empty(places[0].shape + x.array.shape[len(places) :], x.array.dtype)
        for at in np.ndindex(places[0].shape):
            result[at] = x.array[_place(places, at, x.array.shape)]
        return Handle(result)

    def scatter_add(
        self, updates: Handle, indices: Sequence[Handle], shape: Sequence[int]
    ) -> Handle:
        places = _same("scatter_add", *indices)
        result = np.zeros(tuple(shape), updates.array.dtype)
        for at in np.ndindex(places[0].shape):
            result[_place(places, at, shape)] += updates.array[at]
        return Handle(result)

    def scatter_last(self, indices: Sequence[Handle], shape: Sequence[int]) -> Handle:
        places = _same("scatter_last", *indices)
        result = np.full(tuple(shape), -1, np.int64)
        for number, at in enumerate(np.ndindex(places[0].shape)):
            result[_place(places, at, shape)] = number
        return Handle(result)

    def reduce(self, op: str, x: Handle, axes: Sequence[int]) -> Handle:
        _kind(f"reduce {op}", "fiu", x.array)
        front = np.moveaxis(x.array, axes, range(len(axes)))
        kept = front.shape[len(axes) :]
        rows = front.reshape(math.prod(front.shape[: len(axes)]), *kept)
        if op in ("max", "min"):
            return Handle(np.asarray(functools.reduce(_pair(op), rows)))
        start = np.full(kept, 0 if op == "add" else 1, x.array.dtype)
        return Handle(np.asarray(functools.reduce(_pair(op), rows, start)))

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

    def inline(self, graph: Graph, operands: Sequence[Handle]) -> tuple[Handle, ...]:
        values: dict[Atom, Handle] = dict(zip(graph.inputs, operands, strict=True))

        def read(atom: Atom) -> Handle:
            if isinstance(atom, Literal):
                return self.constant(atom.value, atom.type.shape, atom.type.dtype)
            return values[atom]

        for node in graph.nodes:
            lower: Any = node.primitive.lower
            result = lower(self, *map(read, node.operands), **node.params)
            outputs = result if node.primitive.multiple else (result,)
            values.update(zip(node.outputs, outputs, strict=True))
        return tuple(read(atom) for atom in graph.outputs)


def _divmod(a: Array, b: Array) -> tuple[Array, Array]:
    """Quotient rounded down and the rest; of an integer by zero, both are 0."""
    if a.dtype.kind != "f":
        safe = np.where(b == 0, 1, b)
        quotient = np.empty(a.shape, a.dtype)
        for at in np.ndindex(a.shape):
            quotient[at] = np.array(int(a[at]) // int(safe[at])).astype(a.dtype)
        return np.where(b == 0, 0, quotient), np.where(b == 0, 0, a - quotient * safe)
    rest = np.fmod(a, b)
    rest = np.where((rest != 0) & ((b < 0) != (rest < 0)), rest + b, rest)
    exact = (a - rest) / b
    below = np.floor(exact)
    quotient = np.where(exact - below > 0.5, below + 1, below)
    return np.where(b == 0, a / b, quotient), rest


def _extreme(chosen: Array, a: Array, b: Array) -> Array:
    """a where it is chosen or NaN, else b."""
    return np.where(chosen | (a != a), a, b)  # noqa: PLR0124 - NaN


def _pair(op: str) -> Pair:
    """How two numbers are combined."""
    return {
        "add": operator.add,
        "mul": operator.mul,
        "max": lambda a, b: _extreme(a > b, a, b),
        "min": lambda a, b: _extreme(a < b, a, b),
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


def run_lowered(graph: Graph, arrays: Sequence[Any]) -> list[Array]:
    """A graph said in verbs, and done by NumPy."""
    with np.errstate(all="ignore"):
        handles = NumpyTarget().inline(graph, [Handle(np.asarray(a)) for a in arrays])
    return [handle.array for handle in handles]
