"""Examples: inputs with their targets, checked, split, shuffled and cut into batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from catenary.core import network_errors
from catenary.tracing import random, tree

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Examples:
    """n inputs with their n targets, and n weights where examples count differently.

    Inputs and targets are arrays, or dicts and tuples of arrays, whose first axis counts the
    examples. Weights are scaled to mean 1, and examples of weight 0 are left out.

    >>> whole = Examples(np.arange(6.0).reshape(3, 2), np.array([0, 1, 1]))
    >>> len(whole), whole.take(np.array([2])).inputs
    (3, array([[4., 5.]]))
    """

    inputs: Any
    targets: Any
    weights: Any = None

    def __len__(self) -> int:
        return len(tree.flatten(self.inputs)[0][0])

    def take(self, rows: Rows | NDArray[np.bool_]) -> Self:
        """The examples of these rows, in their order."""
        return tree.map_arrays(lambda array: array[rows], self)

    def split(self, share: float, key: Any) -> tuple[Examples, Examples]:
        """Two parts, drawn at random; the second holds this share of the examples."""
        n = len(self)
        held = round(share * n)
        if not 0 < held < n:
            raise network_errors.bad_share(share, n)
        order = random.permutation(key, n)
        return self.take(np.sort(order[held:])), self.take(np.sort(order[:held]))

    def batches(self, size: int | None, key: Any) -> Iterator[Examples]:
        """All examples in batches of this size, shuffled by the key; the last may be short.

        None, or a size that holds all examples, gives them as they are.
        """
        if size is None or size >= len(self):
            yield self
            return
        order = random.permutation(key, len(self))
        for start in range(0, len(self), size):
            yield self.take(order[start : start + size])


def examples(data: Any, dtype: Any = None) -> Examples:
    """Examples from ``(inputs, targets)`` or ``(inputs, targets, weights)``, checked.

    Floating-point arrays are converted to ``dtype``, that of the network, so that they do not
    widen what is computed from them.
    """
    parts = (data.inputs, data.targets, data.weights) if isinstance(data, Examples) else data
    if not isinstance(parts, tuple | list) or len(parts) not in {2, 3}:
        raise network_errors.not_examples(data)
    inputs, targets = (_arrays(part, dtype) for part in parts[:2])
    counts = [len(array) for array in tree.flatten((inputs, targets))[0]]
    if len(set(counts)) != 1 or counts[0] == 0:
        raise network_errors.example_counts(counts)
    made = Examples(inputs, targets)
    return made if len(parts) < 3 or parts[2] is None else _weighted(made, parts[2], dtype)


def _arrays(part: Any, dtype: Any) -> Any:
    if isinstance(part, dict):
        return {name: _arrays(value, dtype) for name, value in part.items()}
    if isinstance(part, tuple):
        return tuple(_arrays(value, dtype) for value in part)
    array = np.asarray(part)
    if array.dtype.kind not in "fiub":
        raise network_errors.not_numbers(array)
    if array.ndim == 0:
        raise network_errors.example_counts([])
    return array.astype(dtype, copy=False) if dtype and array.dtype.kind == "f" else array


def _weighted(made: Examples, weights: Any, dtype: Any) -> Examples:
    weights = np.asarray(weights)
    if weights.shape != (len(made),):
        raise network_errors.weights_shape((len(made),), weights.shape)
    # Not (weights < 0).any(): a NaN is no weight either.
    if not ((weights >= 0) & np.isfinite(weights)).all() or not weights.any():
        raise network_errors.bad_weights()
    counted = weights > 0
    scaled = weights[counted] / np.mean(weights[counted], dtype=np.float64)
    return replace(made.take(counted), weights=scaled.astype(dtype or np.float64))
