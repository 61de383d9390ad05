"""A run in words: its data in a line, its chain as a table, its descent."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, TextIO

from catenary.app.recipe import Recipe
from catenary.app.terminal import table
from catenary.data.encoding import CategoryColumn, ClassTarget, Encoding
from catenary.data.prepare import Dataset


def data_of(dataset: Dataset) -> dict[str, Any]:
    """What is kept of the data itself: its name and how many rows each part has."""
    return {
        "source": dataset.table.source,
        "rows": len(dataset.table),
        "train": len(dataset.split.train),
        "validation": len(dataset.split.validation),
        "test": len(dataset.split.test),
    }


def data_line(data: Mapping[str, Any], encoding: Encoding) -> str:
    """The data in a line: rows, inputs, target; and in another how the rows are divided."""
    categories = sum(isinstance(column, CategoryColumn) for column in encoding.columns)
    numbers = len(encoding.columns) - categories
    inputs = " and ".join(
        part
        for part in (
            many(numbers, "number") if numbers else "",
            f"{many(categories, 'category', 'categories')}" if categories else "",
        )
        if part
    )
    if categories:
        inputs += f" (as {many(len(encoding.names), 'input')})"
    target = encoding.target
    goal = (
        f"{len(target.classes)} classes of {target.name!r}"
        if isinstance(target, ClassTarget)
        else f"{target.name!r}"
    )
    parts = ", ".join(
        f"{data[part]} {name}"
        for part, name in (("train", "training"), ("validation", "validation"), ("test", "test"))
        if data[part]
    )
    return f"{data['source']}: {data['rows']} rows of {inputs} → {goal}\n{parts}"


def chain_table(recipe: Recipe, stream: TextIO) -> str:
    """The chain as a table: each link with its widths, activation and number of weights."""
    rows = []
    ends = list(pairwise(recipe.layers))
    for number, (before, after) in enumerate(ends):
        activation = recipe.activation if number + 1 < len(ends) else "identity"
        count = f"{(before + 1) * after:,}"
        rows.append([str(number), "dense", activation, str(before), str(after), count])
    rows.append(["", "total", "", "", "", f"{recipe.weights:,}"])
    head = ["", "link", "activation", "inputs", "outputs", "weights"]
    return table(head, rows, left=3, stream=stream)


def descent_line(recipe: Recipe) -> str:
    """The descent: what is minimised and how, in two lines."""
    decay = f", weight decay {recipe.weight_decay:.3g}" if recipe.weight_decay else ""
    rows = f"batches of {recipe.batch_size}" if recipe.batch_size else "full batch"
    return (
        f"{recipe.loss} by {recipe.optimizer}, "
        f"rate {recipe.learning_rate:g} ({recipe.schedule}){decay}\n"
        f"{rows}, {many(recipe.epochs, 'epoch')}, seed {recipe.seed}"
    )


def many(count: int, noun: str, nouns: str = "") -> str:
    """A number of things: 1 epoch, 2 epochs."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
