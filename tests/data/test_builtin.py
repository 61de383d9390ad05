"""Built-in data sets and shapes are as they are described; metrics agree with their formulas."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from sklearn import metrics as peer

from catenary.core.errors import InputError, MissingExtra
from catenary.data import metrics
from catenary.data.builtin import BUILTIN, builtin
from catenary.data.shapes import SHAPES


@pytest.mark.parametrize("name", BUILTIN)
def test_a_set_is_as_described(name: str) -> None:
    about, table = BUILTIN[name], builtin(name)
    assert len(table) == about.rows
    assert len(table.columns) == about.inputs + 1
    assert (table.target, table.task) == (about.target, about.task)
    classes = set(table.column(about.target).tolist())
    assert about.task == "regress" or len(classes) == about.classes


def test_classes_have_names() -> None:
    assert set(builtin("iris").column("species")) == {"setosa", "versicolor", "virginica"}


def test_an_unknown_set() -> None:
    with pytest.raises(InputError, match=r"no data set and no file 'digts'; did you mean digits\?"):
        builtin("digts")


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtra, match=r"digits needs scikit-learn.*catenary\[app\]"):
        builtin("digits")


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_balanced_and_repeatable(name: str) -> None:
    x, y = SHAPES[name](101, seed=3)
    assert x.shape == (101, 2)
    assert np.bincount(y).tolist() == [51, 50]
    assert np.array_equal(x, SHAPES[name](101, seed=3)[0])
    assert not np.array_equal(x, SHAPES[name](101, seed=4)[0])


@pytest.mark.parametrize("name", SHAPES)
def test_no_straight_line_parts_a_shape(name: str) -> None:
    x, y = SHAPES[name](400, noise=0.0)
    design = np.column_stack([x, np.ones(len(x))])
    weights, *_ = np.linalg.lstsq(design, 2.0 * y - 1, rcond=None)
    assert np.mean((design @ weights > 0) == y) < 0.95


def test_metrics_agree_with_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    actual, predicted = generator.integers(0, 4, (2, 50))
    assert metrics.accuracy(predicted, actual) == peer.accuracy_score(actual, predicted)
    counts = metrics.confusion(predicted, actual, 4)
    assert np.array_equal(counts, peer.confusion_matrix(actual, predicted))
    y, a = generator.normal(size=(2, 50))
    assert math.isclose(metrics.r_squared(a, y), peer.r2_score(y, a))
    assert math.isclose(metrics.rmse(a, y), math.sqrt(peer.mean_squared_error(y, a)))


def test_r_squared_of_a_constant_is_nothing() -> None:
    assert math.isnan(metrics.r_squared([1.0, 2.0], [3.0, 3.0]))
