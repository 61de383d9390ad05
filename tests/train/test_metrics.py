"""Metrics against scikit-learn's definitions."""

from __future__ import annotations

import numpy as np
import pytest

from catenary.core.errors import DTypeError
from catenary.train import accuracy, r_squared, rmse

SCORES = np.array([[0.1, 0.9, 0.0], [2.0, 1.0, 1.5], [0.0, 0.0, 0.5], [1.0, -1.0, 0.0]])
CLASSES = np.array([1, 0, 1, 0])
ACTUAL = np.array([1.0, 2.0, 4.0, 7.0])
PREDICTED = np.array([[1.5], [1.0], [4.0], [9.0]])


def test_accuracy_of_classes_and_one_hot_rows() -> None:
    assert accuracy(SCORES, CLASSES) == 0.75
    assert accuracy(SCORES, np.eye(3)[CLASSES]) == 0.75


@pytest.mark.parametrize("targets", [[0, 1, 1, 1], [-1, 1, 1, 1]])
def test_accuracy_of_one_score(targets: list[int]) -> None:
    score = np.array([-0.5, 2.0, 3.0, -0.25])
    assert accuracy(score, np.array(targets)) == 0.75
    assert accuracy(score[:, None], np.array(targets)) == 0.75
    assert accuracy(score[:, None], np.array(targets)[:, None]) == 0.75


def test_errors_of_numbers_as_scikit_learn_has_them() -> None:
    sklearn = pytest.importorskip("sklearn.metrics", reason="needs the estimators extra")
    assert rmse(PREDICTED, ACTUAL) == pytest.approx(
        sklearn.root_mean_squared_error(ACTUAL, PREDICTED[:, 0])
    )
    assert r_squared(PREDICTED, ACTUAL) == pytest.approx(sklearn.r2_score(ACTUAL, PREDICTED[:, 0]))


def test_r_squared_of_a_constant_target_does_not_exist() -> None:
    assert np.isnan(r_squared(PREDICTED, np.ones(4)))


def test_names_of_classes_are_refused() -> None:
    with pytest.raises(DTypeError, match=r"np\.unique\(y, return_inverse=True\)"):
        accuracy(np.eye(2), np.array(["0", "1"]))
