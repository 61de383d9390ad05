"""Random numbers from explicit keys: the same on every machine, in every order of calls.

A key is two 32-bit words. The same key gives the same numbers; ``split`` and ``fold_in`` make new
keys. Bits come from the counter-based generator Philox 4×32-10 (Salmon, Moraes, Dror and Shaw,
Parallel random numbers: as easy as 1, 2, 3, 2011), under tracing as an operation of the graph.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.types import FLOATS, UINT32
from catenary.ops import bits as generator
from catenary.tracing import array

Shape = int | tuple[int, ...]

__all__ = [
    "bernoulli", "bits", "fold_in", "integers", "key", "normal", "permutation", "split", "uniform",
]  # fmt: skip


def _shape(shape: Shape) -> tuple[int, ...]:
    return (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(int(n) for n in shape)


def key(seed: int) -> np.ndarray[Any, Any]:
    """The key of a seed: any integer from 0 to 2⁶⁴ − 1.

    >>> key(7)
    array([7, 0], dtype=uint32)
    """
    if not 0 <= int(seed) < 2**64:
        raise errors.bad_seed(seed)
    return np.array([int(seed) & 0xFFFFFFFF, int(seed) >> 32], np.uint32)


def bits(key: Any, shape: Shape = ()) -> Any:
    """Uniform 32-bit words (uint32) of a shape.

    >>> bits(np.zeros(2, np.uint32), 2)
    array([1713891541, 3781805453], dtype=uint32)
    """
    if isinstance(key, array.TracedArray):
        value = key.value()
        return array.wrap(
            generator.random_bits(key.recorder.lift(value), shape=_shape(shape)), key.recorder
        )
    given = np.asarray(key)
    if given.dtype != UINT32 or given.shape[-1:] != (2,):
        raise errors.operand_shapes("cat.random", "a key uint32[2], from cat.random.key(seed)",
                                    f"{given.dtype}{list(given.shape)}")  # fmt: skip
    return np.asarray(generator.random_bits.evaluate(given, shape=_shape(shape)))


def split(key: Any, n: int = 2) -> Any:
    """n new keys, independent of each other and of the old one: uint32[n, 2].

    >>> split(key(0), 3).shape
    (3, 2)
    """
    return np.reshape(bits(fold_in(key, 0x5EED), (n * 2,)), (n, 2))


def fold_in(key: Any, data: Any) -> Any:
    """A new key made of a key and an integer: one for each step of a loop, say.

    >>> bool((fold_in(key(0), 1) == fold_in(key(0), 2)).any())
    False
    """
    number = np.asarray(data, np.uint32) if isinstance(data, int) else data.astype(np.uint32)
    # one word of the counter's output, with the number mixed into the key: a block cipher of it
    mixed = np.bitwise_xor(
        bits(key, (2,)), np.stack([number, np.bitwise_xor(number, UINT32.type(0xA5A5A5A5))])
    )
    return bits(mixed, (2,))


def _unit(key: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Uniform in [0, 1): as many bits as the significand holds."""
    dtype = np.dtype(dtype)
    if dtype not in FLOATS:
        raise errors.operand_dtype("cat.random", "float32 or float64", str(dtype))
    if dtype == np.float32:
        return np.right_shift(bits(key, shape), UINT32.type(8)).astype(np.float32) * np.float32(
            2**-24
        )
    words = bits(key, (2, *shape))
    high = np.right_shift(words[0], UINT32.type(5)).astype(np.float64)
    low = np.right_shift(words[1], UINT32.type(6)).astype(np.float64)
    return (high * 2.0**26 + low) * 2.0**-53


def uniform(
    key: Any, shape: Shape = (), low: float = 0.0, high: float = 1.0, dtype: Any = np.float64
) -> Any:
    """Uniform numbers in [low, high).

    >>> float(uniform(key(1), dtype=np.float32)) < 1
    True
    """
    dtype = np.dtype(dtype)
    return _unit(key, _shape(shape), dtype) * dtype.type(high - low) + dtype.type(low)


def normal(key: Any, shape: Shape = (), dtype: Any = np.float64) -> Any:
    """Standard normal numbers, by the transform of Box and Muller (1958).

    >>> abs(float(normal(key(1), 10_000).mean())) < 0.05
    True
    """
    dtype = np.dtype(dtype)
    both = _unit(key, (2, *_shape(shape)), dtype)
    radius = np.sqrt(dtype.type(-2) * np.log1p(-both[0]))
    return radius * np.cos(dtype.type(2 * math.pi) * both[1])


def bernoulli(key: Any, p: Any, shape: Shape = ()) -> Any:
    """True with probability p, independently.

    >>> bool(bernoulli(key(1), 1.0))
    True
    """
    return _unit(key, _shape(shape), np.float32) < p


def integers(key: Any, shape: Shape, low: int, high: int) -> Any:
    """Uniform integers (int64) in low, …, high − 1.

    The bias is below (high − low)/2⁶⁴.

    >>> integers(key(0), 3, 5, 6)
    array([5, 5, 5])
    """
    words = bits(key, (2, *_shape(shape))).astype(np.uint64)
    wide = np.left_shift(words[0], np.uint64(32)) + words[1]
    return np.remainder(wide, np.uint64(high - low)).astype(np.int64) + np.int64(low)


def permutation(key: Any, n: int) -> Any:
    """The numbers 0, …, n − 1 in random order (int64): the order that sorts random words.

    >>> sorted(permutation(key(3), 4).tolist())
    [0, 1, 2, 3]
    """
    words = bits(key, (2, n)).astype(np.uint64)
    return np.argsort(np.left_shift(words[0], np.uint64(32)) + words[1], kind="stable")
