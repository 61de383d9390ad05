"""How good a net is on the parts of its data, as values and as text."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TextIO

import numpy as np

from catenary.app.recipe import Recipe, predictions, targets_for
from catenary.app.terminal import plain_table, table, width
from catenary.data.confusion import confusion
from catenary.data.encoding import ClassTarget, Encoding
from catenary.data.prepare import Dataset, Examples
from catenary.nn import LOSSES, Chain
from catenary.train.evaluate import predict
from catenary.train.metrics import accuracy, r_squared, rmse

PARTS = ("train", "validation", "test")
MOST_MISTAKES = 10

Metrics = dict[str, Any]


def judge(net: Chain, dataset: Dataset, recipe: Recipe) -> dict[str, Metrics]:
    """The metrics of each part that has rows: "train", "validation", "test".

    Each has the number of rows and the cost; classes have accuracy and the confusion matrix
    (actual class by predicted class), numbers have rmse (in their own unit) and r2.
    """
    parts = dict(zip(PARTS, (dataset.train, dataset.validation, dataset.test)))
    return {
        name: _metrics(net, examples, dataset.encoding, recipe.loss)
        for name, examples in parts.items()
        if len(examples[0])
    }


def _metrics(net: Chain, examples: Examples, encoding: Encoding, loss: str) -> Metrics:
    x, y = examples
    target = encoding.target
    found = predict(net, x)
    # Weights that were kept when a cost became infinite may overflow once more.
    with np.errstate(over="ignore", invalid="ignore"):
        cost = float(LOSSES[loss](found, targets_for(loss, target, y)))
        predicted = predictions(loss, target, found)
    metrics: Metrics = {"rows": len(x), "cost": cost}
    if isinstance(target, ClassTarget):
        counts = confusion(predicted, y, len(target.classes))
        return metrics | {"accuracy": accuracy(found, y), "confusion": counts.tolist()}
    actual = target.decode(y)
    return metrics | {"rmse": rmse(predicted, actual), "r2": r_squared(predicted, actual)}


def metrics_table(judged: dict[str, Metrics], stream: TextIO = sys.stdout) -> str:
    """The metrics of the parts as a table."""
    names = [name for name in COLUMNS if any(name in metrics for metrics in judged.values())]
    head = ["", *(COLUMNS[name][0] for name in names)]
    rows = [
        [part, *(COLUMNS[name][1](metrics[name]) for name in names)]
        for part, metrics in judged.items()
    ]
    return table(head, rows, stream=stream)


COLUMNS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "rows": ("rows", str),
    "cost": ("cost", lambda value: f"{value:.4g}"),
    "accuracy": ("accuracy", lambda value: f"{value:.2%}"),
    "rmse": ("RMSE", lambda value: f"{value:.4g}"),
    "r2": ("R²", lambda value: f"{value:.4f}"),
}


def confusion_text(counts: list[list[int]], classes: tuple[str, ...], stream: TextIO) -> str:
    """The confusion matrix as a table; the most frequent mistakes where it is too wide."""
    head = ["actual", *classes]
    rows = [
        [name, *(str(count) if count else "." for count in row)]
        for name, row in zip(classes, counts)
    ]
    text = plain_table(head, rows)
    if max(map(len, text.splitlines())) <= width(stream):
        return f"test rows by actual class (line) and predicted class (column):\n{text}"
    mistakes = [
        (count, actual, predicted)
        for actual, row in zip(classes, counts)
        for predicted, count in zip(classes, row)
        if count and actual != predicted
    ]
    mistakes.sort(key=lambda mistake: -mistake[0])
    if not mistakes:
        return "no mistakes on the test rows"
    lines = [[actual, predicted, str(count)] for count, actual, predicted in mistakes]
    text = plain_table(["actual", "predicted", "times"], lines[:MOST_MISTAKES], left=2)
    return f"most frequent mistakes on the test rows (all are in result.json):\n{text}"
