"""Batch normalisation: a link with state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from catenary.core import network_errors
from catenary.nn.arrays import Array, Key, as_array
from catenary.nn.chain import Affine, StatefulLink
from catenary.tracing import tree


@dataclass(frozen=True, eq=False, repr=False)
class BatchNorm(StatefulLink):
    """y = scale · (x − μ) / √(v + ε) + shift, for each feature on the last axis.

    While training, μ and v are mean and variance (by 1/n) of the batch, over all axes but the
    last; the link that comes back from ``forward`` has running statistics moved towards them,
    ``new = (1 − momentum) · old + momentum · batch``, with the variance by 1/(n − 1). Otherwise
    μ and v are the running statistics. ``scale`` and ``shift`` of shape (features,) are
    parameters; ``mean``, ``variance`` of that shape, ``momentum`` and ``epsilon`` are not.
    Make one with :func:`batch_norm`.

    Source: Ioffe & Szegedy, "Batch normalization", ICML 2015.

    >>> link = batch_norm(1, dtype=np.float64)
    >>> y, after = link.forward(np.array([[1.0], [3.0]]), train=True)
    >>> y.ravel(), after.mean, after.variance
    (array([-0.999995,  0.999995]), array([0.2]), array([1.1]))
    """

    scale: Array
    shift: Array
    mean: Array = tree.field(passive=True)
    variance: Array = tree.field(passive=True)
    momentum: float = tree.field(passive=True, default=0.1)
    epsilon: float = tree.field(passive=True, default=1e-5)

    def forward(self, x: Array, *, key: Key = None, train: bool = False) -> tuple[Array, Self]:
        """x normalised, and the link with the statistics after it."""
        del key
        x = as_array(x)
        if x.ndim == 0 or x.shape[-1] != self.scale.shape[0]:
            raise network_errors.link_input(repr(self), self.scale.shape[0], x.shape)
        if not train:
            return self._normalise(x, self.mean, self.variance), self
        rows = tuple(range(x.ndim - 1))
        mean, variance = np.mean(x, axis=rows), np.var(x, axis=rows)
        return self._normalise(x, mean, variance), self._seen(x, mean, variance)

    def _normalise(self, x: Array, mean: Array, variance: Array) -> Array:
        return self.scale * ((x - mean) / np.sqrt(variance + self.epsilon)) + self.shift

    def _seen(self, x: Array, mean: Array, variance: Array) -> Self:
        """The link after a batch."""
        n = x.size // x.shape[-1]
        unbiased = variance * (n / max(n - 1, 1))
        return replace(
            self,
            mean=(1 - self.momentum) * self.mean + self.momentum * mean,
            variance=(1 - self.momentum) * self.variance + self.momentum * unbiased,
        )

    def after_affine(self, weight: Array, bias: Array) -> Affine | None:
        """Affine outside training: each feature is scaled and shifted."""
        slope = self.scale / np.sqrt(self.variance + self.epsilon)
        return weight * slope, (bias - self.mean) * slope + self.shift

    @property
    def inputs(self) -> int | None:
        """How many features the link takes; unknown where several links are stacked."""
        shape = np.shape(self.scale)
        return shape[0] if len(shape) == 1 else None

    def width_after(self, width: int | None) -> int | None:
        """As many as it takes."""
        return width if self.inputs is None else self.inputs

    def __repr__(self) -> str:
        return f"BatchNorm({', '.join(map(str, np.shape(self.scale)))})"


def batch_norm(
    features: int, *, momentum: float = 0.1, epsilon: float = 1e-5, dtype: Any = np.float32
) -> BatchNorm:
    """A :class:`BatchNorm` that starts as the identity up to ε: scale 1, shift 0, mean 0,
    variance 1.

    >>> batch_norm(3)
    BatchNorm(3)
    """
    ones, zeros = np.ones(features, dtype), np.zeros(features, dtype)
    return BatchNorm(ones, zeros, zeros, ones, momentum, epsilon)
