"""Built-in data sets and shapes are as they are described."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn import metrics as peer

from catenary.core.errors import InputError, MissingExtra
from catenary.data.builtin import BUILTIN, builtin
from catenary.data.confusion import confusion
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
    with pytest.raises(MissingExtra, match=r"(?s)digits needs .* scikit-learn.*catenary"):
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


def test_confusion_agrees_with_scikit_learn() -> None:
    actual, predicted = np.random.default_rng(0).integers(0, 4, (2, 50))
    counts = confusion(predicted, actual, 4)
    assert np.array_equal(counts, peer.confusion_matrix(actual, predicted))
