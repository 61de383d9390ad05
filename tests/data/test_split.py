"""The split: disjoint, complete, in proportion, repeatable."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenary.core.errors import InputError
from catenary.data.split import split


@given(
    st.lists(st.integers(0, 4), min_size=15, max_size=200),
    st.floats(0.1, 0.4),
    st.floats(0.1, 0.4),
    st.integers(0, 2**32),
)
def test_every_row_is_in_one_part_and_every_class_in_training(
    labels: list[int], validation: float, test: float, seed: int
) -> None:
    classes = np.array(labels)
    try:
        parts = split(len(labels), validation=validation, test=test, classes=classes, seed=seed)
    except InputError:
        # Many classes of one row leave nothing for the other parts.
        assert len(set(labels)) > 1
        return
    rows = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(rows) == list(range(len(labels)))
    assert set(classes[parts.train]) == set(labels)


@given(st.integers(2, 6), st.integers(20, 60), st.integers(0, 100))
def test_every_part_has_its_share_of_every_class(kinds: int, each: int, seed: int) -> None:
    classes = np.repeat(np.arange(kinds), each)
    parts = split(kinds * each, validation=0.1, test=0.2, classes=classes, seed=seed)
    for rows, share in ((parts.validation, 0.1), (parts.test, 0.2)):
        counts = np.bincount(classes[rows], minlength=kinds)
        assert np.all(np.abs(counts - share * each) <= 1)
        assert abs(len(rows) - share * kinds * each) <= 0.5


def test_a_class_of_one_row_is_for_training() -> None:
    classes = np.array([0] * 19 + [1])
    for seed in range(5):
        assert 19 in split(20, classes=classes, seed=seed).train


def test_shares_of_nothing() -> None:
    parts = split(10, validation=0.0, test=0.0)
    assert parts.train.tolist() == list(range(10))
    assert len(parts.validation) == len(parts.test) == 0


def test_a_split_is_the_same_on_every_machine() -> None:
    assert split(10, seed=1).test.tolist() == split(10, seed=1).test.tolist()
    assert len({tuple(split(100, seed=seed).test) for seed in range(10)}) == 10


@pytest.mark.parametrize(
    ("rows", "validation", "test", "words"),
    [
        (10, -0.1, 0.2, "the share for validation must be at least 0 and below 1, not -0.1"),
        (10, 0.1, float("nan"), "the share for test"),
        (10, 0.5, 0.5, "leave nothing for training"),
        (2, 0.1, 0.2, "2 rows are too few: none is left for validation"),
        (0, 0.1, 0.2, "no rows are too few"),
    ],
)
def test_impossible_splits(rows: int, validation: float, test: float, words: str) -> None:
    with pytest.raises(InputError, match=words):
        split(rows, validation=validation, test=test)
