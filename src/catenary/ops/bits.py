"""Bits: logic, shifts, the same bits read as another type, and random bits from a counter."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.derivative import Zero
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import BOOL, FLOAT64, INT64, UINT32, UINT64, ArrayType, Shape
from catenary.ops.elementwise import elementwise, samples
from catenary.ops.structural import vanishes

WHOLE = (INT64, np.dtype(np.int32), np.dtype(np.uint8), UINT64)
RANGE = ((0.0, 100.0),)


def _logic(name: str, numpy: Any, verb: str, arity: int = 2) -> Primitive:
    return elementwise(
        name,
        numpy=numpy,
        kinds="iub",
        derivative=Zero(),
        lower=lambda t, *operands: getattr(t, verb)(*operands),
        algebra=Algebra(commutative=arity == 2, involution=arity == 1),
        interior=RANGE * arity,
        dtypes=(*WHOLE, BOOL),
    )


bit_and: Primitive = _logic("bit_and", np.bitwise_and, "bit_and")
bit_or: Primitive = _logic("bit_or", np.bitwise_or, "bit_or")
bit_xor: Primitive = _logic("bit_xor", np.bitwise_xor, "bit_xor")
bit_not: Primitive = _logic("bit_not", np.invert, "bit_not", arity=1)


def _shifts(dtype: Any) -> list[tuple[Any, ...]]:
    low, bits = 0 if dtype.kind == "u" else -5, 8 * dtype.itemsize
    return [(1, 3), (low, 1), (100, 2), (0, 7), (1, bits - 1), (1, bits), (low, bits)]


shift_left: Primitive = elementwise(
    "shift_left",
    numpy=np.left_shift,
    kinds="iu",
    derivative=Zero(),
    lower=lambda t, x, y: t.shift_left(x, y),
    interior=((0.0, 100.0), (0.0, 5.0)),
    edge=_shifts,
    dtypes=WHOLE,
)

shift_right: Primitive = elementwise(
    "shift_right",
    numpy=np.right_shift,
    kinds="iu",
    derivative=Zero(),
    lower=lambda t, x, y: t.shift_right(x, y),
    interior=((0.0, 100.0), (0.0, 5.0)),
    edge=_shifts,
    dtypes=WHOLE,
)


def _cast_dtype(name: str, given: Any, *, dtype: Any) -> Any:
    if given.itemsize != np.dtype(dtype).itemsize:
        raise errors.operand_dtype(name, f"a dtype as wide as {dtype}", str(given))
    return dtype


bitcast: Primitive = elementwise(
    "bitcast",
    evaluate=lambda x, *, dtype: np.ascontiguousarray(x).view(dtype).reshape(np.shape(x)),
    kinds="fiu",
    result=_cast_dtype,
    derivative=Zero(),
    lower=lambda t, x, *, dtype: t.bitcast(x, dtype),
    interior=((1.0, 4.0),),
    params=[{"dtype": INT64}, {"dtype": UINT64}, {"dtype": FLOAT64}],
    dtypes=(FLOAT64, INT64, UINT64),
)


# ---- Philox 4×32, ten rounds (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, 2011) -

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10


def _philox(key: Any, counters: Any) -> Any:
    """Four words of 32 random bits for each key and counter, in 64-bit arithmetic."""
    mask, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    zero = np.zeros_like(counters)
    c = [counters & mask, counters >> half, zero, zero]
    k = [key[..., :1].astype(np.uint64), key[..., 1:].astype(np.uint64)]
    for _ in range(ROUNDS):
        low, high = c[0] * np.uint64(MULTIPLIERS[0]), c[2] * np.uint64(MULTIPLIERS[1])
        c = [(high >> half) ^ c[1] ^ k[0], high & mask, (low >> half) ^ c[3] ^ k[1], low & mask]
        k = [(k[0] + np.uint64(WEYL[0])) & mask, (k[1] + np.uint64(WEYL[1])) & mask]
    return np.stack(c, -1)


def _random_bits(key: Any, *, shape: Shape) -> Any:
    n, lanes = math.prod(shape), np.shape(key)[:-1]
    words = _philox(np.asarray(key), np.arange(-(-n // 4), dtype=np.uint64))
    first = words.reshape((*lanes, -1))[..., :n]
    return first.astype(np.uint32).reshape((*lanes, *shape))


def _random_shape(key: ArrayType, *, shape: Shape) -> ArrayType:
    if key.dtype != UINT32 or key.shape[-1:] != (2,):
        raise errors.operand_shapes("random_bits", "a key uint32[2] (cat.random.key)", str(key))
    return ArrayType(key.shape[:-1] + shape, UINT32)


def _random_lower(t: Any, key: Any, *, shape: Shape) -> Any:
    """The rounds in verbs: a product of two 32-bit words is 64 bits wide."""
    n, lanes = math.prod(shape), t.shape(key)[:-1]
    grid = (*lanes, -(-n // 4))
    axes = tuple(range(len(lanes)))

    def number(value: int) -> Any:
        return t.constant(value, grid, UINT64)

    def word(i: int) -> Any:
        start, stop = (0,) * len(lanes), lanes
        one = t.slice(key, (*start, i), (*stop, i + 1), (1,) * len(grid))
        return t.broadcast(t.convert(t.reshape(one, lanes), UINT64), grid, axes)

    mask, half = number(0xFFFFFFFF), number(32)
    counter = t.convert(t.iota(grid, len(lanes), INT64), UINT64)
    c0, c1 = t.bit_and(counter, mask), t.shift_right(counter, half)
    c2 = c3 = number(0)
    k0, k1 = word(0), word(1)
    for _ in range(ROUNDS):
        low, high = t.mul(c0, number(MULTIPLIERS[0])), t.mul(c2, number(MULTIPLIERS[1]))
        c0 = t.bit_xor(t.bit_xor(t.shift_right(high, half), c1), k0)
        c2 = t.bit_xor(t.bit_xor(t.shift_right(low, half), c3), k1)
        c1, c3 = t.bit_and(high, mask), t.bit_and(low, mask)
        k0, k1 = (t.bit_and(t.add(k, number(w)), mask) for k, w in ((k0, WEYL[0]), (k1, WEYL[1])))
    columns = [t.reshape(t.convert(c, UINT32), (*grid, 1)) for c in (c0, c1, c2, c3)]
    flat = t.reshape(t.concatenate(columns, len(grid)), (*lanes, 4 * grid[-1]))
    first = t.slice(flat, (0,) * len(grid), (*lanes, n), (1,) * len(grid))
    return t.reshape(first, (*lanes, *shape))


def _random_samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape in [(), (5,), (2,), (2, 3), (0,)]:
        for lanes in [(), (3,)]:
            key = rng.integers(0, 2**32, (*lanes, 2), dtype=np.uint32)
            yield Sample((key,), {"shape": shape})


random_bits: Primitive = declare(
    Primitive(
        name="random_bits",
        numpy=(),
        shape=_random_shape,
        evaluate=_random_bits,
        derivative=Zero(),
        structure=vanishes,
        algebra=Algebra(),
        batch=lambda size, operands, batched, *, shape: random_bits(operands[0], shape=shape),
        lower=_random_lower,
        samples=samples(_random_samples, dtypes=(UINT32,)),
    )
)
