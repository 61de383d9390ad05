"""The data sets that need no file: real ones shipped with scikit-learn, and shapes in the plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from catenary.core import errors, input_errors
from catenary.data.shapes import SHAPES
from catenary.data.table import Cells, Table


@dataclass(frozen=True)
class Description:
    """A built-in data set in words, known without loading it.

    source: the name of its loader in `sklearn.datasets`, or "" for a shape
    target: the name of the column to be learned

    >>> BUILTIN["iris"].about, BUILTIN["iris"].classes
    ('lengths and widths of iris flowers', 3)
    """

    name: str
    about: str
    rows: int
    inputs: int
    task: Literal["classify", "regress"]
    target: str
    classes: int = 0
    source: str = ""


def _shape(name: str, about: str, rows: int) -> Description:
    return Description(name, about, rows, 2, "classify", "class", 2)


BUILTIN: Mapping[str, Description] = MappingProxyType(
    {
        description.name: description
        for description in (
            Description(
                "digits", "handwritten digits, 8 × 8 grey values", 1797, 64, "classify",
                "digit", 10, "load_digits",
            ),
            Description(
                "iris", "lengths and widths of iris flowers", 150, 4, "classify",
                "species", 3, "load_iris",
            ),
            Description(
                "wine", "chemistry of wines from three growers", 178, 13, "classify",
                "grower", 3, "load_wine",
            ),
            Description(
                "breast-cancer", "cell nuclei, benign or malignant", 569, 30,
                "classify", "diagnosis", 2, "load_breast_cancer",
            ),
            Description(
                "diabetes", "progression of diabetes after one year", 442, 10, "regress",
                "progression", 0, "load_diabetes",
            ),
            _shape("moons", "two half circles hooked together", 500),
            _shape("circles", "a circle in a circle", 500),
            _shape("xor", "a square in unlike quarters", 500),
            _shape("spirals", "two arms that wind around each other", 1000),
        )
    }
)  # fmt: skip


def builtin(name: str, *, seed: int = 0) -> Table:
    """The table of a built-in data set; the seed is that of the shapes' random points.

    Raises `InputError` for an unknown name, and `MissingExtra` where scikit-learn is needed.

    >>> table = builtin("moons")
    >>> len(table), table.target, list(table.columns)
    (500, 'class', ['x', 'y', 'class'])
    """
    if name not in BUILTIN:
        raise input_errors.no_such_dataset(name, list(BUILTIN))
    description = BUILTIN[name]
    if not description.source:
        points, classes = SHAPES[name](description.rows, seed=seed)
        columns: dict[str, Cells] = {"x": points[:, 0], "y": points[:, 1], "class": classes}
        return Table(name, columns, "class", "classify")
    return _from_scikit_learn(description)


def _from_scikit_learn(description: Description) -> Table:
    try:
        from sklearn import datasets
    except ImportError as error:
        raise errors.missing_extra(
            "scikit-learn", "app", f"the data set {description.name}"
        ) from error
    bunch: Any = getattr(datasets, description.source)()
    names = [str(name) for name in bunch.feature_names]
    columns: dict[str, Cells] = {
        name: np.asarray(bunch.data[:, place], np.float64) for place, name in enumerate(names)
    }
    target = np.asarray(bunch.target)
    if description.task == "classify":
        target = np.array([str(name) for name in bunch.target_names], object)[target]
    return Table(
        description.name, columns | {description.target: target}, description.target,
        description.task,
    )  # fmt: skip
