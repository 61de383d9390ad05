"""`catenary predict`: a kept net applied to new rows."""

from __future__ import annotations

import csv
import sys
from argparse import Namespace
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from catenary.app.recipe import predictions, probabilities
from catenary.app.run_folder import Run, load
from catenary.app.tables import table_of
from catenary.app.terminal import Terminal
from catenary.core.errors import InputError
from catenary.data.encoding import ClassTarget
from catenary.data.table import Table
from catenary.data.text_file import TextFormat
from catenary.train.evaluate import predict
from catenary.train.metrics import accuracy, r_squared, rmse


def run(options: Namespace) -> int:
    """Print a prediction for each row, in the order of the rows."""
    terminal = Terminal(options.quiet, options.json)
    kept = load(options.run)
    needed = [column.name for column in kept.encoding.columns]
    table = _named(table_of(options.file, _form(kept, options), needed=needed), kept)
    whole = kept.encoding.whole(table)
    rows = table.take(np.flatnonzero(whole))
    found = predict(kept.net, kept.encoding.inputs(rows))
    for note in (*table.notes, *kept.encoding.notes(rows)):
        terminal.note(note)
    if gaps := len(table) - len(rows):
        first = table.where(int(np.argmin(whole)))
        terminal.note(
            f"{table.source}: {gaps} of {len(table)} rows have missing, NaN or infinite values, "
            f"first in {first}; their predictions are empty"
        )
    if judgement := _judgement(kept, rows, found):
        terminal.say(judgement)
    if options.json:
        terminal.object(_objects(kept, found, whole))
    else:
        _print_lines(kept, found, whole)
    return 0


def _form(kept: Run, options: Namespace) -> TextFormat:
    """How the file is written: as the options say, else as that of the training was."""
    delimiter = kept.form.delimiter
    if options.file.endswith((".tsv", ".tab")):
        delimiter = None
    return replace(
        kept.form,
        delimiter=options.delimiter or delimiter,
        decimal=options.decimal or kept.form.decimal,
        charset=options.charset or kept.form.charset,
    )


def _named(table: Table, kept: Run) -> Table:
    """Columns of a file without header, when the target is not among them, in their order."""
    names = [column.name for column in kept.encoding.columns]
    if kept.form.header or len(table.columns) != len(names):
        return table
    return replace(table, columns=dict(zip(names, table.columns.values())))


def _texts(kept: Run, found: NDArray[np.float32]) -> list[str]:
    predicted = predictions(kept.recipe.loss, kept.encoding.target, found)
    if isinstance(kept.encoding.target, ClassTarget):
        return [kept.encoding.target.classes[index] for index in predicted]
    # float32 knows seven digits.
    return [f"{value:.7g}" for value in predicted]


def _print_lines(kept: Run, found: NDArray[np.float32], whole: NDArray[np.bool_]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    columns = {"prediction": _texts(kept, found)}
    chances = probabilities(kept.recipe.loss, found)
    if chances is not None and isinstance(kept.encoding.target, ClassTarget):
        columns["probability"] = [f"{chance:.4f}" for chance in chances.max(axis=1)]
    writer.writerow(columns)
    lines = zip(*columns.values())
    writer.writerows(next(lines) if row else [""] * len(columns) for row in whole)


def _objects(
    kept: Run, found: NDArray[np.float32], whole: NDArray[np.bool_]
) -> list[dict[str, object]]:
    objects = iter(_objects_of(kept, found))
    return [next(objects) if row else {"prediction": None} for row in whole]


def _objects_of(kept: Run, found: NDArray[np.float32]) -> list[dict[str, object]]:
    target, chances = kept.encoding.target, probabilities(kept.recipe.loss, found)
    texts = _texts(kept, found)
    if not isinstance(target, ClassTarget):
        return [{"prediction": float(text)} for text in texts]
    if chances is None:
        return [{"prediction": text} for text in texts]
    return [
        {"prediction": text, "probabilities": dict(zip(target.classes, map(float, row)))}
        for text, row in zip(texts, chances.round(6))
    ]


def _judgement(kept: Run, table: Table, found: NDArray[np.float32]) -> str | None:
    """How good the predictions are, where the table has the target too."""
    target = kept.encoding.target
    if target.name not in table.columns or not len(table):
        return None
    try:
        actual = kept.encoding.targets(table)
    except InputError:
        # The column of the answers is empty, or has gaps: there is nothing to compare with.
        return None
    predicted = predictions(kept.recipe.loss, target, found)
    if isinstance(target, ClassTarget):
        return f"{table.source} has {target.name!r}: accuracy {accuracy(found, actual):.2%}"
    numbers = target.decode(actual)
    return (
        f"{table.source} has {target.name!r}: RMSE {rmse(predicted, numbers):.4g}, "
        f"R² {r_squared(predicted, numbers):.4f}"
    )
