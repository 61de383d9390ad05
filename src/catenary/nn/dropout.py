"""Dropout: a link that draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catenary.core import network_errors
from catenary.nn.arrays import Array, Key, as_array
from catenary.nn.chain import Affine, Link
from catenary.tracing import random, tree


@dataclass(frozen=True, eq=False)
class Dropout(Link):
    """While training, set each number to 0 with probability ``rate`` and divide the others by
    1 − rate, so that expectations stay; otherwise do nothing.

    Training needs a key; without one it raises :class:`~catenary.core.errors.InputError`.
    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from
    overfitting", JMLR 15, 2014.

    >>> link = Dropout(0.5)
    >>> link(np.ones(4))
    array([1., 1., 1., 1.])
    >>> sorted(set(link(np.ones(100), key=random.key(0), train=True).tolist()))
    [0.0, 2.0]
    """

    rate: float = tree.field(passive=True, default=0.5)

    def __post_init__(self) -> None:
        if not (hasattr(self.rate, "dtype") or 0 <= self.rate < 1):
            raise network_errors.bad_rate(self.rate)

    def __call__(self, x: Array, *, key: Key = None, train: bool = False) -> Array:
        """x itself, or while training x with some numbers set to 0."""
        if not train:
            return x
        if key is None:
            raise network_errors.no_key("Dropout")
        x = as_array(x)
        keep = 1.0 - self.rate
        return np.where(random.bernoulli(key, keep, x.shape), x / keep, 0)

    def after_affine(self, weight: Array, bias: Array) -> Affine | None:
        """The identity outside training."""
        return weight, bias

    def width_after(self, width: int | None) -> int | None:
        """As many as go in."""
        return width


def dropout(rate: float = 0.5) -> Dropout:
    """A :class:`Dropout` link.

    >>> dropout(0.25)
    Dropout(rate=0.25)
    """
    return Dropout(rate)
