"""The operations that a drawing can be grown by, each with operands and parameters at random."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core.graph import Atom
from catenary.core.types import SUPPORTED
from tests.fuzz import arrays, elementwise
from tests.fuzz.drawing import Drawing
from tests.fuzz.known import Unknown

Step = Callable[[Drawing], None]
STEPS: list[tuple[float, Step]] = []


def step(weight: float) -> Callable[[Step], Step]:
    """Enter a step, drawn as often as its weight says."""

    def enter(function: Step) -> Step:
        STEPS.append((weight, function))
        return function

    return enter


# ---- elementwise --------------------------------------------------------------------------------

_BINARY = (
    "add", "sub", "mul", "maximum", "minimum", "add", "mul", "sub", "div", "floor_divide",
    "remainder", "scale", "eq", "ne", "lt", "le", "gt", "ge", "bit_and", "bit_or", "bit_xor",
    "shift_left", "shift_right",
)  # fmt: skip
_UNARY = ("neg", "abs", "sign", "floor", "ceil", "trunc", "rint", "sqrt", "bit_not")
_SMOOTH_PAIRS = frozenset(("hypot", "logaddexp", "power", "arctan2"))


@step(8)
def two(d: Drawing) -> None:
    x = d.some()
    pair = [x, d.like(x)]
    d.emit(arrays.pick(d.rng, _BINARY), d.shuffled(pair))


@step(4)
def one(d: Drawing) -> None:
    d.emit(arrays.pick(d.rng, _UNARY), [d.some()])


@step(1.2)
def smooth(d: Drawing) -> None:
    name = arrays.pick(d.rng, elementwise.SMOOTH)
    x = d.some(lambda k: k.error is None, "f")
    operands = [x, d.like(x)] if name in _SMOOTH_PAIRS else [x]
    params = {"exponent": d.whole(-3, 5)} if name == "integer_power" else {}
    d.emit(name, operands, **params)


@step(2)
def select(d: Drawing) -> None:
    x = d.some()
    found = [a for a in d.known if a.type.shape == x.type.shape and a.type.dtype == np.bool_]
    condition = arrays.pick(d.rng, found) if found else d.new(np.dtype(bool), x.type.shape)
    d.emit("select", [condition, x, d.like(x)])


@step(2)
def convert(d: Drawing) -> None:
    d.emit("convert", [d.some()], dtype=arrays.pick(d.rng, sorted(SUPPORTED, key=str)))


@step(0.3)
def bitcast(d: Drawing) -> None:
    x = d.some(lambda k: k.error is None, "fiu")
    same = [t for t in SUPPORTED if t.itemsize == x.type.dtype.itemsize and t.kind != "b"]
    d.emit("bitcast", [x], dtype=arrays.pick(d.rng, sorted(same, key=str)))


# ---- arrangements -------------------------------------------------------------------------------


@step(4)
def broadcast(d: Drawing) -> None:
    x = d.some(lambda k: k.value.size < 3000)
    added, shape = d.whole(0, 2), list(x.type.shape)
    dims = sorted(d.rng.permutation(len(shape) + added)[: len(shape)].tolist())
    out = [int(arrays.pick(d.rng, (1, 2, 3, 5, 7, 17))) for _ in range(len(shape) + added)]
    for axis, where in enumerate(dims):
        out[where] = shape[axis]
    d.emit("broadcast", [x], shape=tuple(out), dims=tuple(dims))


def _divisors(n: int) -> list[int]:
    return [k for k in range(1, min(n, 200) + 1) if n % k == 0]


@step(3)
def reshape(d: Drawing) -> None:
    x = d.some()
    n, shape = x.type.size, []
    if n == 0 or d.chance(0.3):
        shape = [n]
    else:
        for _ in range(d.whole(0, 3)):
            shape.append(arrays.pick(d.rng, _divisors(n)))
            n //= shape[-1]
        shape = d.shuffled([*shape, n])
    if d.chance(0.2):
        shape.insert(d.whole(0, len(shape)), 1)
    d.emit("reshape", [x], shape=tuple(map(int, shape)))


@step(3)
def permute(d: Drawing) -> None:
    x = d.some(lambda k: k.value.ndim > 1)
    d.emit("permute", [x], order=tuple(d.rng.permutation(x.type.ndim).tolist()))


@step(2)
def reverse(d: Drawing) -> None:
    x = d.some(lambda k: k.value.ndim > 0)
    d.emit("reverse", [x], axes=d.some_axes(x.type.ndim))


@step(4)
def window(d: Drawing) -> None:
    x = d.some(lambda k: k.value.ndim > 0)
    start, stop, steps = [], [], []
    for n in x.type.shape:
        whole = d.chance(0.4)
        start.append(0 if whole else d.whole(0, min(n, 9)))
        stop.append(n if whole else d.whole(max(start[-1], n - 9), n))
        steps.append(1 if whole else arrays.pick(d.rng, (1, 1, 2, 3)))
    d.emit("slice", [x], start=tuple(start), stop=tuple(stop), step=tuple(steps))


@step(3)
def pad(d: Drawing) -> None:
    x = d.some(lambda k: k.value.ndim > 0 and k.value.size < 20000)
    few = [[0 if d.chance(0.5) else d.whole(0, 4) for _ in x.type.shape] for _ in range(3)]
    low, high, interior = map(tuple, few)
    d.emit("pad", [x], low=low, high=high, interior=tuple(min(i, 2) for i in interior))


@step(1.5)
def overwrite(d: Drawing) -> None:
    x = d.some(lambda k: k.value.ndim > 0)
    start, steps, shape = [], [], []
    for n in x.type.shape:
        start.append(d.whole(0, min(n, 4)))
        steps.append(d.whole(1, 3))
        room = (n - start[-1] + steps[-1] - 1) // steps[-1]
        shape.append(d.whole(0, room) if d.chance(0.5) else room)
    v = d.new(x.type.dtype, tuple(shape))
    d.emit("overwrite", [x, v], start=tuple(start), step=tuple(steps))


@step(3)
def concatenate(d: Drawing) -> None:
    x = d.some(lambda k: k.value.ndim > 0)
    axis = d.whole(0, x.type.ndim - 1)
    pieces: list[Atom] = [x]
    for _ in range(d.whole(0, 3)):
        shape = list(x.type.shape)
        shape[axis] = arrays.pick(d.rng, (0, 1, 2, 3, shape[axis], 17))
        alike = [a for a in d.known if _differ_along(a, x, axis)]
        new = d.chance(0.4) or not alike
        pieces.append(d.new(x.type.dtype, tuple(shape)) if new else arrays.pick(d.rng, alike))
    d.emit("concatenate", d.shuffled(pieces), axis=axis)


def _differ_along(a: Atom, x: Atom, axis: int) -> bool:
    """Whether two arrays differ in the length of one axis at most."""
    if a.type.dtype != x.type.dtype or a.type.ndim != x.type.ndim:
        return False
    pairs = enumerate(zip(a.type.shape, x.type.shape, strict=True))
    return all(n == m for i, (n, m) in pairs if i != axis)


# ---- positions ----------------------------------------------------------------------------------


def _indices(d: Drawing, lengths: tuple[int, ...], shape: tuple[int, ...]) -> list[Atom]:
    """Positions within axes: known ones, or what was computed and is clipped to them."""
    found: list[Atom] = []
    for n in lengths:
        whole = np.dtype(np.int64)
        fitting = [
            a
            for a, k in d.known.items()
            if a.type == (shape, whole) and k.value.size and 0 <= k.value.min() <= k.value.max() < n
        ]
        reuse = fitting and d.chance(0.5)
        new = None if reuse else arrays.positions(d.rng, n, shape)
        found.append(arrays.pick(d.rng, fitting) if new is None else d.input(new))
    return found


@step(3)
def gather(d: Drawing) -> None:
    x = d.some(lambda k: k.value.ndim > 0 and k.value.size > 0)
    count = d.whole(1, x.type.ndim)
    rest = math.prod(x.type.shape[count:])
    shape = arrays.shape(d.rng)
    if math.prod(shape) * rest > 40_000:
        raise Unknown("too large")
    d.emit("gather", [x, *_indices(d, x.type.shape[:count], shape)])


@step(1.5)
def scatter_add(d: Drawing) -> None:
    updates = d.some(lambda k: 0 < k.value.size < 20000, "fiu")
    rank = d.whole(0, updates.type.ndim)
    lengths = tuple(int(arrays.pick(d.rng, (1, 2, 5, 17, 101))) for _ in range(d.whole(1, 2)))
    indices = _indices(d, lengths, updates.type.shape[:rank])
    d.emit("scatter_add", [updates, *indices], shape=lengths + updates.type.shape[rank:])


@step(0.7)
def last_write(d: Drawing) -> None:
    lengths = tuple(int(arrays.pick(d.rng, (1, 3, 17))) for _ in range(d.whole(1, 2)))
    d.emit("last_write", _indices(d, lengths, arrays.shape(d.rng)), shape=lengths)


@step(0.7)
def position(d: Drawing) -> None:
    x = d.some(lambda k: k.value.ndim > 0)
    d.emit("position", [x], axis=d.whole(0, x.type.ndim - 1))


# ---- folding and sorting ------------------------------------------------------------------------


@step(6)
def fold(d: Drawing) -> None:
    name = arrays.pick(d.rng, ("sum", "sum", "sum", "reduce_max", "reduce_min", "prod"))
    x = d.some()
    d.emit(name, [x], axes=d.some_axes(x.type.ndim, 0.6))


@step(2.5)
def along(d: Drawing) -> None:
    name = arrays.pick(d.rng, ("argmax", "argmin", "sort", "argsort", "cumsum", "cumprod"))
    x = d.some(lambda k: k.value.ndim > 0)
    params: dict[str, Any] = {"axis": d.whole(0, x.type.ndim - 1)}
    if name.startswith("cum"):
        params["reverse"] = d.chance(0.4)
    d.emit(name, [x], **params)


# ---- products -----------------------------------------------------------------------------------


@step(5)
def contract(d: Drawing) -> None:
    """Labels of the first operand are shared, kept or summed at random."""
    x = d.some(lambda k: k.value.ndim > 0 and k.value.size < 20000, "fiu")
    labels = "abcdefghijklmnop"[: x.type.ndim]
    shared = [c for c in labels if d.chance(0.6)]
    fresh = ["uvw"[i] for i in range(d.whole(0, 2))]
    second = d.shuffled([*shared, *fresh])
    sizes = dict(zip(labels, x.type.shape, strict=True))
    sizes |= {c: int(arrays.pick(d.rng, (1, 2, 3, 7, 8, 16, 17, 33))) for c in fresh}
    if math.prod(sizes.values()) > 400_000:
        raise Unknown("too large")
    shape = tuple(sizes[c] for c in second)
    y = next((a for a in d.known if a.type == (shape, x.type.dtype) and a is not x), None)
    y = d.new(x.type.dtype, shape) if y is None or d.chance(0.5) else y
    out = "".join(d.shuffled([c for c in labels if c not in shared or d.chance(0.3)] + fresh))
    pair = [(labels, x), ("".join(second), y)]
    (first, a), (other, b) = d.shuffled(pair)
    d.emit("contract", [a, b], spec=f"{first},{other}->{out}")


@step(0.2)
def random_bits(d: Drawing) -> None:
    key = d.input(d.rng.integers(0, 2**32, 2, dtype=np.uint32))
    d.emit("random_bits", [key], shape=arrays.shape(d.rng))
