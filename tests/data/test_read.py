"""Files of every kind, and those that cannot be read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from catenary.core.errors import InputError
from catenary.data.read import read
from catenary.data.table import from_frame


def test_parquet(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    frame = {"x": [1, 2], "y": [0.5, None], "name": ["a", None], "sure": [True, False]}
    pyarrow.parquet.write_table(pyarrow.table(frame), file)
    table = read(file)
    assert table.columns["x"].tolist() == [1, 2]
    assert np.isnan(table.columns["y"][1])
    assert table.columns["name"].tolist() == ["a", None]
    assert table.columns["sure"].tolist() == ["True", "False"]


def test_parquet_of_categories_and_decimals_and_an_index(tmp_path: Path) -> None:
    frame = pyarrow.table(
        {
            "hue": pyarrow.array(["red", "blue"]).dictionary_encode(),
            "price": pyarrow.array([1, 2]).cast(pyarrow.decimal128(21, 2)),
            "__index_level_0__": [5, 6],
        }
    )
    pyarrow.parquet.write_table(frame, tmp_path / "t.parquet")
    table = read(tmp_path / "t.parquet")
    assert {name: cells.tolist() for name, cells in table.columns.items()} == {
        "hue": ["red", "blue"],
        "price": [1.0, 2.0],
    }


def test_parquet_with_times_says_which_column(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    frame = pyarrow.table({"when": pyarrow.array([0], pyarrow.timestamp("s")), "x": [1.0]})
    pyarrow.parquet.write_table(frame, file)
    with pytest.raises(InputError, match=r"'when' holds datetime64.*or leave it out$") as caught:
        read(file)
    assert caught.value.options == ("--ignore when",)
    assert list(read(file, ignore=["when"]).columns) == ["x"]
    assert list(read(file, needed=["x"]).columns) == ["x"]
    with pytest.raises(InputError, match="'when' holds datetime64"):
        read(file, needed=["when"])


def test_npz(tmp_path: Path) -> None:
    file = tmp_path / "t.npz"
    np.savez(
        file, x=np.ones((3, 2)), image=np.zeros((3, 2, 2), np.uint8), y=np.array(["a", "b", "c"])
    )
    assert list(read(file).columns) == [
        "x[0]", "x[1]", "image[0,0]", "image[0,1]", "image[1,0]", "image[1,1]", "y",
    ]  # fmt: skip


def test_npz_of_two_parts_needs_one_of_them_left_out(tmp_path: Path) -> None:
    file = tmp_path / "t.npz"
    np.savez(file, x_train=np.ones((3, 1)), y_train=np.ones(3), x_test=np.ones((2, 1)))
    with pytest.raises(InputError, match=r"x_train 3, y_train 3, x_test 2.*leave out"):
        read(file)
    assert list(read(file, ignore=["x_test"]).columns) == ["x_train[0]", "y_train"]
    assert list(read(file, needed=["x_train[0]"]).columns) == ["x_train[0]", "y_train"]
    assert list(read(file, needed=["x_test[0]"]).columns) == ["x_test[0]"]


def test_npz_never_loads_objects(tmp_path: Path) -> None:
    file = tmp_path / "t.npz"
    np.savez(file, x=np.array([{"a": 1}], object))
    with pytest.raises(InputError, match="never loaded"):
        read(file)
    np.savez(file, x=np.array([{"a": 1}], object), y=np.ones(1))
    assert list(read(file, needed=["y"]).columns) == ["y"]
    with pytest.raises(InputError, match="never loaded"):
        read(file, needed=["x"])


def test_npz_of_complex_numbers(tmp_path: Path) -> None:
    file = tmp_path / "t.npz"
    np.savez(file, z=np.array([1j]))
    with pytest.raises(InputError, match=r"'z' holds complex128"):
        read(file)


@pytest.mark.parametrize("ending", ["parquet", "npz"])
def test_a_broken_file(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"t.{ending}"
    file.write_bytes(b"PK\x03\x04 this is no such file")
    with pytest.raises(InputError, match=r"t.*is not a whole|is no NPZ file"):
        read(file)


@pytest.mark.parametrize("name", ["t.csv", "t.npz", "t.parquet"])
def test_an_empty_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(InputError, match=f"{name} is empty"):
        read(tmp_path / name)


def test_a_missing_file_and_the_one_that_may_be_meant(tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text("a\n1\n")
    with pytest.raises(InputError, match=r"no file .*house.csv; did you mean .*houses.csv\?"):
        read(tmp_path / "house.csv")
    with pytest.raises(InputError, match="there is no file"):
        read(tmp_path / "nowhere" / "house.csv")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("t.xlsx", "as CSV"),
        ("t.csv.gz", "unpack"),
        ("t", "the name t has no ending that tells how"),
        ("t.json", "'.json'"),
    ],
)
def test_other_endings(tmp_path: Path, name: str, advice: str) -> None:
    (tmp_path / name).write_text("x")
    with pytest.raises(InputError, match=advice):
        read(tmp_path / name)


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a\n1\n")

    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    # Root may read every file, so no mode of the file would do.
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"cannot read .*Permission denied"):
        read(file)


def test_an_ignored_column_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("age,id\n1,2\n")
    with pytest.raises(InputError, match=r"no column 'ags'; did you mean age\?"):
        read(tmp_path / "t.csv", ignore=["ags"])


class Frame:
    """What pandas and polars frames have in common."""

    columns = ("x", "hue")

    def __getitem__(self, name: str) -> list[object]:
        return {"x": [1, 2], "hue": ["red", None]}[name]


@pytest.mark.parametrize("frame", [Frame(), pyarrow.table({"x": [1, 2], "hue": ["red", None]})])
def test_data_frames(frame: object) -> None:
    table = from_frame(frame, target="hue")
    assert table.columns["x"].tolist() == [1, 2]
    assert table.columns["hue"].tolist() == ["red", None]
    assert table.target == "hue"


@pytest.mark.parametrize("frame", ["t.csv", Path("t.csv"), (np.ones(3), np.ones(3)), np.ones(3)])
def test_what_is_no_data_frame(frame: object) -> None:
    with pytest.raises(InputError, match=f"is expected, not a {type(frame).__name__}; name arrays"):
        from_frame(frame)


def test_how_data_frames_mark_what_is_missing() -> None:
    class NAType:
        """As pandas calls it."""

    columns = {"x": np.array([1, NAType()], object), "hue": np.array(["red", np.nan], object)}
    table = from_frame(columns)
    assert np.isnan(table.columns["x"][1])
    assert table.columns["hue"].tolist() == ["red", None]


def test_a_column_of_lists_is_refused() -> None:
    with pytest.raises(InputError, match="'x' holds list"):
        from_frame({"x": np.array([[1], [1, 2]], object)})
    with pytest.raises(InputError, match=r"'x' has shape \(2, 2\)"):
        from_frame({"x": np.ones((2, 2))})
