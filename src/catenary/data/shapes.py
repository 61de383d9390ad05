"""Points in the plane whose classes no straight line parts: moons, circles, xor, spirals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from catenary.tracing import random

Floats: TypeAlias = NDArray[np.float64]
Points: TypeAlias = tuple[Floats, NDArray[np.int64]]

TURNS = 1.5


def moons(count: int = 500, *, noise: float = 0.15, seed: int = 0) -> Points:
    """Two half circles that reach into each other: points [count, 2] and classes [count].

    Class 0: (cos t, sin t); class 1: (1 − cos t, ½ − sin t); 0 ≤ t ≤ π; plus noise · N(0, 1).

    >>> x, y = moons(6, noise=0.0)
    >>> x.shape, np.bincount(y)
    ((6, 2), array([3, 3]))
    """
    (where, noises), y = random.split(random.key(seed)), _classes(count, 2)
    t = np.pi * random.uniform(where, count)
    x = np.where(y == 0, (np.cos(t), np.sin(t)), (1 - np.cos(t), 0.5 - np.sin(t))).T
    return x + noise * random.normal(noises, x.shape), y


def circles(count: int = 500, *, noise: float = 0.1, seed: int = 0) -> Points:
    """A circle of radius ½ (class 1) in one of radius 1 (class 0), plus noise · N(0, 1).

    >>> x, y = circles(6, noise=0.0)
    >>> np.linalg.norm(x, axis=1)
    array([1. , 0.5, 1. , 0.5, 1. , 0.5])
    """
    (where, noises), y = random.split(random.key(seed)), _classes(count, 2)
    t = 2 * np.pi * random.uniform(where, count)
    x = ((1 - 0.5 * y) * (np.cos(t), np.sin(t))).T
    return x + noise * random.normal(noises, x.shape), y


def xor(count: int = 500, *, noise: float = 0.05, seed: int = 0) -> Points:
    """The square [−1, 1]²: class 1 where the coordinates have unlike signs, else 0.

    The noise · N(0, 1) is added to the points after they have got their class.

    >>> x, y = xor(100, noise=0.0)
    >>> bool(np.all(y == (x[:, 0] * x[:, 1] < 0)))
    True
    """
    (where, noises), y = random.split(random.key(seed)), _classes(count, 2)
    x = random.uniform(where, (count, 2), -1, 1)
    x[:, 1] = np.where(y == 1, -1, 1) * np.sign(x[:, 0]) * np.abs(x[:, 1])
    return x + noise * random.normal(noises, x.shape), y


def spirals(count: int = 1000, *, noise: float = 0.03, seed: int = 0, arms: int = 2) -> Points:
    """Arms that wind 1½ times around the origin: r = √u, angle 3π r + 2π · class / arms.

    u is uniform on [0, 1], so the points lie about evenly in the disc; plus noise · N(0, 1).

    >>> x, y = spirals(9, arms=3)
    >>> np.bincount(y)
    array([3, 3, 3])
    """
    (where, noises), y = random.split(random.key(seed)), _classes(count, arms)
    radius = np.sqrt(random.uniform(where, count))
    angle = 2 * np.pi * (TURNS * radius + y / arms)
    x = (radius * (np.cos(angle), np.sin(angle))).T
    return x + noise * random.normal(noises, x.shape), y


SHAPES: Mapping[str, Callable[..., Points]] = MappingProxyType(
    {"moons": moons, "circles": circles, "xor": xor, "spirals": spirals}
)


def _classes(count: int, classes: int) -> NDArray[np.int64]:
    return np.arange(count, dtype=np.int64) % classes
