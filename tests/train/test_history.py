"""The history as columns, rows and text."""

from __future__ import annotations

import numpy as np

from catenary.train import Epoch, History

ROWS = [Epoch(3.0 - i, np.nan, {"accuracy": i / 4}, 0.5) for i in range(3)]


def test_columns_and_rows() -> None:
    history = History.of(ROWS)
    assert len(history) == 3
    assert history.cost.tolist() == [3, 2, 1]
    assert history.metrics["accuracy"].tolist() == [0, 0.25, 0.5]
    assert all(
        column.dtype == np.float64
        for column in (history.cost, history.validation_cost, history.seconds)
    )
    assert str(history.rows()) == str(ROWS)


def test_a_metric_that_came_later_is_nan_before() -> None:
    later = Epoch(0.0, 1.0, {"rmse": 2.0}, 0.5)
    metrics = History.of([*ROWS, later]).metrics
    np.testing.assert_array_equal(metrics["rmse"], [np.nan, np.nan, np.nan, 2])
    np.testing.assert_array_equal(metrics["accuracy"], [0, 0.25, 0.5, np.nan])


def test_nothing_happened_yet() -> None:
    history = History.of([])
    assert len(history) == 0
    assert repr(history) == "epoch  cost  seconds\n-----  ----  -------"


def test_text_without_validation() -> None:
    assert repr(History.of(ROWS)).splitlines() == [
        "epoch  cost  accuracy  seconds",
        "-----  ----  --------  -------",
        "    1     3         0      0.5",
        "    2     2      0.25      0.5",
        "    3     1       0.5      0.5",
    ]


def test_long_histories_are_cut() -> None:
    lines = repr(History.of(ROWS * 10)).splitlines()
    assert len(lines) == 2 + 5 + 1 + 5
    assert lines[7].split() == ["..."] * 4
    assert [line.split()[0] for line in lines[2:7]] == ["1", "2", "3", "4", "5"]
    assert [line.split()[0] for line in lines[8:]] == ["26", "27", "28", "29", "30"]
