"""Prediction in blocks of rows, and evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catenary import nn
from catenary.core.errors import InputError
from catenary.train import accuracy, evaluate, predict
from tests.train.problems import CLASSES, X, Y, line, net_with_everything


@pytest.mark.parametrize("rows", [1, 3, 16, 22, 1024])
def test_blocks_are_the_whole(rows: int) -> None:
    for net in (line(), net_with_everything(np.float64)):
        np.testing.assert_allclose(predict(net, X, rows=rows), net(X), rtol=1e-12)


def test_no_rows() -> None:
    assert predict(line(), X[:0]).shape == (0, 2)


def test_lengths_share_compiled_functions() -> None:
    traced = []

    def spy(x: Any) -> Any:
        traced.append(x.shape[0])
        return 2 * x

    net = nn.Chain([spy])
    for n in range(17, 80):
        x = np.arange(float(n))
        np.testing.assert_array_equal(predict(net, x, rows=16), 2 * x)
    assert sorted(traced) == [1, 2, 4, 8, 16]


def test_trees_in_and_out() -> None:
    def both(x: Any) -> Any:
        return {"sum": x[0] + x[1], "first": x[0]}

    found = predict(both, (X, X), rows=4)
    np.testing.assert_array_equal(found["sum"], 2 * X)
    np.testing.assert_array_equal(found["first"], X)


def test_evaluation() -> None:
    cost, metrics = evaluate(line(), "mse", (X, Y), {"first": lambda a, y: a[0, 0]})
    assert cost == pytest.approx(nn.mse(line()(X), Y))
    assert metrics == {"first": pytest.approx(line()(X)[0, 0])}
    weights = np.linspace(0, 1, 22)
    weighted, _ = evaluate(line(), "mse", (X, Y, weights))
    assert weighted == pytest.approx(nn.mse(line()(X), Y, weights))
    _, metrics = evaluate(line(), "cross_entropy", (X, CLASSES), [accuracy])
    assert metrics == {"accuracy": accuracy(line()(X), CLASSES)}


def test_dropout_is_off() -> None:
    net = net_with_everything(np.float64)
    assert evaluate(net, "mse", (X, Y)) == evaluate(net, "mse", (X, Y))


def test_two_metrics_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="two metrics are called '<lambda>'"):
        evaluate(line(), "mse", (X, Y), [lambda a, y: 0, lambda a, y: 1])
