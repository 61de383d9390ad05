"""From a table to examples: what each column becomes, and what cannot be learned."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from catenary.core.errors import InputError
from catenary.data.builtin import builtin
from catenary.data.encoding import (
    CategoryColumn,
    ClassTarget,
    NumberColumn,
    NumberTarget,
)
from catenary.data.prepare import Dataset, prepare
from catenary.data.table import Table


def table(**columns: Any) -> Table:
    """A table of 20 rows; lists are repeated to fill them, texts are as a text file has them."""
    rows = 20
    plain = {}
    for name, cells in columns.items():
        array = np.asarray(cells)
        repeated = np.resize(array, rows)
        plain[name] = repeated.astype(object) if array.dtype.kind == "U" else repeated
    return Table("f.csv", plain)


def texts(*cells: str) -> np.ndarray[Any, np.dtype[np.object_]]:
    return np.array(cells, object)


X = np.arange(20.0) ** 2
LABELS = ["a", "b"]


def test_inputs_are_standardised_by_the_training_rows_alone() -> None:
    dataset = prepare(table(x=X, y=LABELS), target="y")
    rows = dataset.split.train
    mean, deviation = X[rows].mean(), X[rows].std()
    column = dataset.encoding.columns[0]
    assert column == NumberColumn("x", pytest.approx(mean), pytest.approx(deviation))
    np.testing.assert_allclose(dataset.train[0][:, 0], (X[rows] - mean) / deviation, rtol=1e-6)
    np.testing.assert_allclose(
        dataset.test[0][:, 0], (X[dataset.split.test] - mean) / deviation, rtol=1e-6
    )
    assert dataset.train[0].dtype == np.float32


def test_a_target_of_numbers_is_standardised_and_decoded() -> None:
    dataset = prepare(table(x=X, y=3 * X), target="y")
    target = dataset.encoding.target
    assert isinstance(target, NumberTarget)
    assert dataset.train[1].shape == (14, 1)
    assert dataset.train[1].dtype == np.float32
    assert abs(dataset.train[1].mean()) < 1e-6
    np.testing.assert_allclose(target.decode(dataset.test[1]), 3 * X[dataset.split.test], rtol=1e-5)


def test_texts_become_one_coordinate_for_each_category_in_stable_order() -> None:
    dataset = prepare(table(hue=["red", "blue", "green"], y=np.arange(20.0)), target="y")
    assert dataset.encoding.columns == (CategoryColumn("hue", ("blue", "green", "red")),)
    assert dataset.encoding.names == ("hue=blue", "hue=green", "hue=red")
    first = dataset.split.train[0]
    hue = dataset.table.columns["hue"][first]
    assert dataset.train[0][0].tolist() == [float(hue == name) for name in ("blue", "green", "red")]


def test_numbers_as_categories_when_asked() -> None:
    dataset = prepare(table(code=["10", "9"], y=LABELS), target="y", categorical=["code"])
    assert dataset.encoding.columns == (CategoryColumn("code", ("9", "10")),)


def test_a_constant_column_is_encoded_as_nothing_and_noted() -> None:
    dataset = prepare(table(x=X, c=[0.1], y=LABELS), target="y")
    assert dataset.encoding.columns[1] == NumberColumn("c", 0.1, 0.0)
    assert not dataset.train[0][:, 1].any()
    other = Table("new.csv", {"x": X[:1], "c": np.array([99.0])})
    assert dataset.encoding.inputs(other)[0, 1] == 0
    assert dataset.notes == ("constant in the training rows, so of no use: c",)


def test_huge_numbers_do_not_overflow() -> None:
    dataset = prepare(table(x=X * 1e300, y=LABELS), target="y")
    assert np.isfinite(dataset.train[0]).all()
    assert dataset.train[0].std() == pytest.approx(1)


@pytest.mark.parametrize(
    ("target", "task", "names"),
    [
        (["a", "b"], "classify", ("a", "b")),
        ([0, 1, 2], "classify", ("0", "1", "2")),
        (["10", "9"], "classify", ("9", "10")),
        (["1.0", "2"], "classify", ("1", "2")),
        ([True, False], "classify", ("False", "True")),
        (["007", "011"], "classify", ("007", "011")),
        (["12345678901234567890", "12345678901234567891"], "classify", None),
        (np.arange(20), "regress", None),
        ([0.5, 1.5], "regress", None),
        (np.arange(20) % 11, "regress", None),
    ],
)
def test_the_target_decides_the_task(target: Any, task: str, names: tuple[str, ...] | None) -> None:
    data = table(x=X)
    cells = np.resize(np.asarray(target), 20)
    cells = cells.astype(str).astype(object) if cells.dtype.kind in "bU" else cells
    dataset = prepare(Table("f.csv", data.columns | {"y": cells}), target="y")
    assert dataset.task == task
    if names:
        assert isinstance(dataset.encoding.target, ClassTarget)
        assert dataset.encoding.target.classes == names


def test_the_task_can_be_said() -> None:
    assert prepare(table(x=X, y=[0, 1]), target="y", task="regress").task == "regress"
    assert prepare(table(x=X, y=[0.5, 1.5]), target="y", task="classify").task == "classify"


def test_incomplete_rows_are_dropped_when_asked() -> None:
    y = texts("a", "b", "").repeat(7)[:20]
    data = Table("f.csv", {"x": np.where(X == 4, np.inf, X), "y": y})
    dataset = prepare(data, target="y", drop_missing=True)
    assert len(dataset.table) == 13
    assert dataset.notes == ("left out 7 of 20 rows with missing values",)


def test_every_part_has_its_share_of_the_classes() -> None:
    for seed in range(5):
        dataset = prepare(builtin("iris"), seed=seed)
        for part, count in ((dataset.train, 35), (dataset.validation, 5), (dataset.test, 10)):
            assert np.bincount(part[1]).tolist() == [count] * 3


def test_texts_with_underscores_are_no_numbers() -> None:
    dataset = prepare(table(month=["2020_01", "2020_02"], y=X), target="y")
    assert dataset.encoding.names == ("month=2020_01", "month=2020_02")


def test_seeds_change_the_split_and_nothing_else() -> None:
    def rows(seed: int) -> list[int]:
        return prepare(table(x=X, y=LABELS), target="y", seed=seed).split.test.tolist()

    assert rows(0) == rows(0)
    assert rows(0) != rows(1)


GAP = np.where(X == 9, np.nan, X)
INFINITE = np.where(X >= 324, -np.inf, X)
MOSTLY_NUMBERS = ["1", "2", "3", "4", "x"]


@pytest.mark.parametrize(
    ("columns", "options", "words"),
    [
        ({"x": X, "y": LABELS}, {}, "to be learned? Name the target, one of 'x'"),
        ({"x": X, "y": LABELS}, {"target": "Y2"}, "no column 'Y2'; did you mean y?"),
        ({"x": X, "y": LABELS}, {"target": "w"}, "no column 'w'; it has 'x', 'y'"),
        ({"y": LABELS}, {"target": "y"}, "no column but 'y'"),
        ({"x": X, "y": ["a"]}, {"target": "y"}, "the target 'y' has one class only, 'a'"),
        ({"x": X, "y": [7.5]}, {"target": "y"}, "the target 'y' is 7.5 in every row"),
        ({"x": X, "y": [7]}, {"target": "y", "task": "regress"}, "is 7 in every row"),
        ({"x": MOSTLY_NUMBERS, "y": LABELS}, {"target": "y"},
         "row 5: 'x' in column 'x' is no number (4 such cells)"),
        ({"x": X, "y": MOSTLY_NUMBERS}, {"target": "y"}, "'x' in column 'y' is no number"),
        ({"x": GAP, "y": LABELS}, {"target": "y"},
         "missing, NaN or infinite values in 'x' (1), first in row 4"),
        ({"x": INFINITE, "y": LABELS, "z": GAP}, {"target": "y"},
         "in 'x' (2), 'z' (1), first in row 4"),
        ({"x": X, "y": GAP}, {"target": "y"}, "in 'y' (1)"),
        ({"x": ["1", "NA", "3", "4"], "y": LABELS}, {"target": "y"}, "in 'x' (5), first in row 2"),
        ({"hue": ["red", ""], "y": X}, {"target": "y"}, "in 'hue' (10), first in row 2"),
        ({"x": ["", "NA"], "y": LABELS}, {"target": "y"}, "column 'x' is empty; leave it out"),
        ({"x": ["1,5", "2"], "y": LABELS}, {"target": "y"}, "'1,5' in column 'x' has a comma"),
        ({"x": ["1,5", "2,5"], "y": LABELS}, {"target": "y"}, "or say that it is the decimal sign"),
        ({"x": X, "y": [0.5, 1.5]}, {"target": "y", "categorical": ["z"]}, "no column 'z'"),
        ({"x": [3.0], "y": LABELS}, {"target": "y"}, "every input is constant"),
        ({"x": X, "y": LABELS}, {"target": "y", "task": "regress"}, "holds texts ('a', 'b')"),
        ({"x": X, "y": np.arange(20)}, {"target": "y", "task": "classify"},
         "20 classes in 20 rows"),
        ({"x": X, "y": LABELS}, {"target": "y", "test": 0.7, "validation": 0.3}, "leave nothing"),
        ({"x": X, "y": LABELS}, {"target": "y", "test": 1.0}, "at least 0 and below 1, not 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_learned(
    columns: dict[str, Any], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        prepare(table(**columns), **options)
    assert "\n" not in str(caught.value)
    assert "--" not in str(caught.value)


def test_a_column_of_names_is_no_category() -> None:
    names = texts(*(f"person {row}" for row in range(30)))
    data = Table("f.csv", {"name": names, "x": np.arange(30.0) ** 2, "y": np.arange(30) % 2})
    with pytest.raises(InputError, match=r"texts to learn from in 'name' \(30\), of 30 rows"):
        prepare(data, target="y")
    assert len(prepare(data, target="y", categorical=["name"]).encoding.names) == 22


def test_all_columns_of_names_are_told_at_once() -> None:
    names = texts(*(f"person {row}" for row in range(30)))
    data = Table("f.csv", {"first, last": names, "b": names, "y": np.arange(30) % 2})
    with pytest.raises(InputError, match=r"in 'first, last' \(30\), 'b' \(30\)") as caught:
        prepare(data, target="y")
    assert caught.value.options == (
        "--ignore 'first,, last,b'",
        "--categorical 'first,, last,b'",
    )


def test_a_column_that_numbers_the_rows_is_noted() -> None:
    dataset = prepare(table(id=np.arange(5, 25), x=X, y=LABELS), target="y")
    assert dataset.notes == ("'id' only numbers the rows; perhaps leave it out",)


@pytest.mark.parametrize("found", ["t.csv", (X, LABELS), None])
def test_what_is_no_table(found: Any) -> None:
    with pytest.raises(InputError, match=f"is expected, not a {type(found).__name__}; catenary.da"):
        prepare(found, target="y")


@pytest.mark.parametrize(
    ("rows", "words"), [(0, "no rows"), (1, "one row"), (3, "3 rows are too few")]
)
def test_too_few_rows(rows: int, words: str) -> None:
    data = Table("f.csv", {"x": np.arange(float(rows)), "y": np.arange(float(rows))})
    with pytest.raises(InputError, match=words):
        prepare(data, target="y")


def test_dropping_every_row_is_told() -> None:
    data = Table("f.csv", {"x": np.full(4, np.nan), "y": np.arange(4)})
    with pytest.raises(InputError, match="no rows"):
        prepare(data, target="y", drop_missing=True)


# ---- new rows -----------------------------------------------------------------------------------


@pytest.fixture
def dataset() -> Dataset:
    return prepare(table(x=X, hue=["red", "blue"], y=LABELS), target="y")


def test_new_rows_may_have_other_columns_in_any_order(dataset: Dataset) -> None:
    new = Table("new.csv", {"more": texts("?"), "hue": texts("red"), "x": texts("4")})
    column = dataset.encoding.columns[0]
    assert isinstance(column, NumberColumn)
    expected = (4 - column.mean) / column.deviation
    np.testing.assert_allclose(dataset.encoding.inputs(new), [[expected, 0, 1]], rtol=1e-6)
    assert not dataset.encoding.notes(new)


def test_an_unknown_category_is_encoded_as_none_and_told(dataset: Dataset) -> None:
    new = Table("new.csv", {"hue": texts("grey", "red", "grey"), "x": texts("1", "2", "3")})
    assert dataset.encoding.inputs(new)[:, 1:].tolist() == [[0, 0], [0, 1], [0, 0]]
    assert dataset.encoding.notes(new) == (
        "new.csv: 'hue' has 'grey' in 2 rows, unknown to training: encoded as none of the 2 known",
    )


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"x": ["1"]}, "lacks one column that the run was trained on: 'hue'"),
        ({"x": ["1"], "Hue": ["red"]}, "'hue'; did you mean Hue?"),
        ({"x": ["1", "big"], "hue": ["red", "red"]}, "row 2: 'big' in column 'x' is no number"),
        ({"x": ["1", ""], "hue": ["red", "red"]}, "values in 'x' (1), first in row 2"),
        ({"x": ["1", "inf"], "hue": ["red", "red"]}, "values in 'x' (1), first in row 2"),
        ({"x": ["1", "2"], "hue": ["red", ""]}, "values in 'hue' (1), first in row 2"),
    ],
)
def test_new_rows_that_cannot_be_encoded(
    dataset: Dataset, columns: dict[str, list[str]], words: str
) -> None:
    new = Table("new.csv", {name: texts(*cells) for name, cells in columns.items()})
    with pytest.raises(InputError, match=re.escape(words)):
        dataset.encoding.inputs(new)


def test_built_in_sets_need_no_target() -> None:
    assert prepare(builtin("moons")).task == "classify"
    assert prepare(builtin("diabetes")).task == "regress"
