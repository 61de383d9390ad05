"""The confusion matrix: which classes are taken for which."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


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
