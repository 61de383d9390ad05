"""What does not fit is refused before memory is taken."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary import linear
from catenary.core.errors import ShapeError
from catenary.linear import memory

FULL: dict[str, Any] = {
    "running sum": linear.RunningSum(10**7),
    "low rank": linear.LowRank(np.ones((10**7, 1))),
    "a factor": linear.RunningSum(10**7) @ linear.Diagonal(np.arange(1.0, 1e7 + 1)),
}


@pytest.mark.parametrize("name", FULL)
def test_a_sparse_matrix_that_is_full_is_refused(name: str) -> None:
    with pytest.raises(ShapeError, match="10000000 × 10000000 numbers takes"):
        FULL[name].sparse()


def test_a_matrix_that_turns_out_to_be_full_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _, D = cat.linearize(lambda x: cat.fori(0, 2, lambda i, y: y * np.sum(y), x), np.ones(9))
    assert D.sparse().nnz == 81
    monkeypatch.setattr(memory, "MEMORY", 100)
    monkeypatch.setattr(memory, "memory_available", lambda: 200)
    with pytest.raises(ShapeError, match="9 × 9 numbers takes"):
        D.sparse()


def test_a_sparse_matrix_that_is_sparse_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "memory_available", lambda: 10**6)
    assert linear.Diagonal(np.ones(10**5)).sparse().nnz == 10**5
