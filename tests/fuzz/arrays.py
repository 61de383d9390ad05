"""Numbers, shapes, and the ways in which an array may lie in memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from catenary.core.types import Shape

Array = np.ndarray[Any, Any]
Rng = np.random.Generator

# float32 and float64 are drawn as often as all the others together.
DTYPES = tuple(np.dtype(c) for c in ("f4", "f8", "f4", "f8", "i8", "i4", "u1", "?"))
SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 31, 33, 64, 65, 101)
LONG: tuple[Shape, ...] = (
    (10007,), (20011,), (103, 101), (3, 4099), (4099, 3), (2, 3, 1709), (16384,), (128, 96),
    (1, 12007), (12007, 1), (7, 11, 13, 17),
)  # fmt: skip
SPECIAL = (np.nan, np.inf, -np.inf, -0.0, 0.0, -0.0)


def pick(rng: Rng, choices: Sequence[Any]) -> Any:
    return choices[int(rng.integers(len(choices)))]


def shape(rng: Rng) -> Shape:
    """Mostly small; now and then long enough for several threads, or empty."""
    if rng.random() < 0.12:
        return pick(rng, LONG)  # type: ignore[no-any-return]
    axes = int(rng.choice(5, p=(0.08, 0.3, 0.37, 0.2, 0.05)))
    most = (1, 400, 60, 17, 8)[axes]
    sizes = [n for n in SIZES if n <= most]
    found = [int(pick(rng, sizes)) for _ in range(axes)]
    if axes and rng.random() < 0.04:
        found[int(rng.integers(axes))] = 0
    return tuple(found)


def numbers(rng: Rng, dtype: Any, of: Shape) -> Array:
    """Whole numbers and halves, mostly; sometimes any numbers, sometimes the odd ones."""
    if dtype.kind == "b":
        return rng.random(of) < 0.5
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        if rng.random() < 0.1:
            return rng.integers(info.min, info.max, of, dtype, endpoint=True)
        return rng.integers(-4 if dtype.kind == "i" else 0, 5, of).astype(dtype)
    kind = rng.random()
    if kind < 0.2:
        return rng.normal(size=of).astype(dtype)
    x = (rng.integers(-6, 7, of) / 2).astype(dtype)
    if kind < 0.4:
        x = np.where(rng.random(of) < 0.15, rng.choice(SPECIAL, of), x).astype(dtype)
    return x


def positions(rng: Rng, n: int, of: Shape) -> Array:
    return rng.integers(0, n, of)


# ---- how they lie -------------------------------------------------------------------------------


def _sliced(rng: Rng, x: Array) -> Array:
    """Every other element of something larger."""
    steps = [int(rng.integers(1, 4)) for _ in x.shape]
    large = np.zeros([n * s + 3 for n, s in zip(x.shape, steps, strict=True)], x.dtype)
    view = large[..., *(slice(1, 1 + n * s, s) for n, s in zip(x.shape, steps, strict=True))]
    view[...] = x
    return view


def _turned(rng: Rng, x: Array) -> Array:
    """Negative strides."""
    backwards = tuple(slice(None, None, -1 if rng.random() < 0.7 else 1) for _ in x.shape)
    return np.array(x[backwards])[backwards] if x.ndim else np.array(x)


def _transposed(rng: Rng, x: Array) -> Array:
    order = rng.permutation(x.ndim)
    return np.array(x.transpose(order), order="C").transpose(np.argsort(order))


def _misaligned(rng: Rng, x: Array) -> Array:
    """Not even at a multiple of the dtype's own size."""
    memory = np.zeros(x.nbytes + 64, np.uint8)
    start = int(rng.integers(1, 64))
    view = memory[start : start + x.nbytes].view(x.dtype).reshape(x.shape)
    view[...] = x
    return view


def _swapped(rng: Rng, x: Array) -> Array:
    """The other order of bytes."""
    return x.astype(x.dtype.newbyteorder())


_LIE: tuple[Callable[[Rng, Array], Array], ...] = (
    _sliced, _turned, _transposed, _misaligned, _swapped,
    lambda rng, x: np.array(x, order="F"),
)  # fmt: skip


def laid(rng: Rng, x: Array, plain: float = 0.4) -> Array:
    """An equal array that lies in memory in some way; no one may write to it."""
    view = np.asarray(np.array(x) if rng.random() < plain else pick(rng, _LIE)(rng, x))
    assert math.prod(view.shape) == x.size
    view.flags.writeable = False
    return view  # type: ignore[no-any-return]
