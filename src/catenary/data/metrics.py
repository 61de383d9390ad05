"""How good predictions are: for classes and for numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def accuracy(predicted: ArrayLike, actual: ArrayLike) -> float:
    """The share of rows whose predicted class is the actual one.

    >>> accuracy([0, 1, 1, 0], [0, 1, 0, 0])
    0.75
    """
    return float(np.mean(np.asarray(predicted) == np.asarray(actual)))


def confusion(
    predicted: NDArray[np.int64], actual: NDArray[np.int64], classes: int
) -> NDArray[np.int64]:
    """How often class i (row) was predicted to be class j (column): [classes, classes].

    >>> confusion(np.array([0, 1, 1]), np.array([0, 1, 0]), 2)
    array([[1, 1],
           [0, 1]])
    """
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (actual, predicted), 1)
    return counts


def rmse(predicted: ArrayLike, actual: ArrayLike) -> float:
    """The root of the mean squared error, in the unit of the target.

    >>> rmse([1.0, 5.0], [1.0, 2.0])
    2.1213
    """
    error = np.asarray(predicted, np.float64) - np.asarray(actual, np.float64)
    return float(np.sqrt(np.mean(error**2)))


def r_squared(predicted: ArrayLike, actual: ArrayLike) -> float:
    """R² = 1 − Σ(y − a)² / Σ(y − ȳ)²: 1 is perfect, 0 is as good as the mean; NaN if y is constant.

    >>> r_squared([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    0.5
    """
    y, a = np.asarray(actual, np.float64), np.asarray(predicted, np.float64)
    spread = float(np.sum((y - y.mean()) ** 2))
    return 1.0 - float(np.sum((y - a) ** 2)) / spread if spread else float("nan")
