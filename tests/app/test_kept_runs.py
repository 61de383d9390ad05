"""`catenary predict` and `catenary show`: a kept run is used and read again."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from catenary.app.main import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def classes(houses: Path, kept_runs: Path) -> str:
    """A run that learned whether houses are dear, in the working folder."""
    shutil.copytree(kept_runs / "classes", "classes")
    return "classes"


@pytest.fixture
def numbers(houses: Path, kept_runs: Path) -> str:
    """A run that learned the price of houses, in the working folder."""
    shutil.copytree(kept_runs / "numbers", "numbers")
    return "numbers"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_classes_come_out_by_name_in_the_order_of_the_rows(classes: str, capsys: Capture) -> None:
    Path("new.csv").write_text("kind,area\nflat,35\nhouse,195\nflat,35\n")
    assert main(["predict", classes, "new.csv"]) == 0
    out, err = capsys.readouterr()
    found = rows_of(out)
    assert [row["prediction"] for row in found] == ["no", "yes", "no"]
    assert all(0.5 <= float(row["probability"]) <= 1 for row in found)
    assert not err


def test_probabilities_of_all_classes_as_json(classes: str, capsys: Capture) -> None:
    Path("new.csv").write_text("kind,area\nflat,35\n")
    assert main(["predict", classes, "new.csv", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["prediction"] == "no"
    assert set(found["probabilities"]) == {"no", "yes"}
    assert sum(found["probabilities"].values()) == pytest.approx(1)


def test_the_answers_in_the_file_are_compared(classes: str, numbers: str, capsys: Capture) -> None:
    assert main(["predict", classes, "houses.csv"]) == 0
    out, err = capsys.readouterr()
    assert len(rows_of(out)) == 60
    assert err.startswith("houses.csv has 'dear': accuracy ")
    assert main(["predict", numbers, "houses.csv"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("houses.csv has 'price': RMSE ")
    assert all(float(row["prediction"]) for row in rows_of(out))


def test_an_empty_column_of_answers_is_no_mistake(classes: str, capsys: Capture) -> None:
    Path("new.csv").write_text("kind,area,dear\nflat,35,\n")
    assert main(["predict", classes, "new.csv"]) == 0
    assert not capsys.readouterr().err


def test_rows_from_stdin(classes: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"kind;area\nflat;35\n"))
    monkeypatch.setattr("sys.stdin", stdin)
    assert main(["predict", classes, "-"]) == 0
    assert rows_of(capsys.readouterr().out)[0]["prediction"] == "no"


def test_an_unknown_category_is_noted(classes: str, capsys: Capture) -> None:
    Path("new.csv").write_text("kind,area\nboat,35\n")
    assert main(["predict", classes, "new.csv"]) == 0
    assert "note: new.csv: 'kind' has 'boat' in 1 row, unknown to training" in (
        capsys.readouterr().err
    )


def test_files_without_header(here: Path, capsys: Capture) -> None:
    Path("data.csv").write_text("".join(f"{row},{row % 2},{row * 2}\n" for row in range(30)))
    words = ["--no-header", "--target", "2", "--epochs", "1", "--quiet", "--out", "run"]
    assert main(["train", "data.csv", *words]) == 0
    capsys.readouterr()
    Path("with.csv").write_text("1,0,2\n2,0,4\n")
    Path("without.csv").write_text("1,2\n2,4\n")
    assert main(["predict", "run", "with.csv"]) == 0
    first = capsys.readouterr().out
    assert main(["predict", "run", "without.csv"]) == 0
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("area\n35\n", "lacks one column that the run was trained on: 'kind'"),
        ("area,Kind\n35,flat\n", "'kind'; did you mean Kind?"),
        ("kind,area\nflat,big\n", "'area' is no number (one such cell); correct the file\n"),
        ("kind,area\n", "new.csv has a header and no rows"),
        (None, "there is no file new.csv"),
    ],
)
def test_rows_that_do_not_fit(
    text: str | None, message: str, classes: str, capsys: Capture
) -> None:
    if text is not None:
        Path("new.csv").write_text(text)
    assert main(["predict", classes, "new.csv"]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("catenary predict: ")
    assert message in err
    assert err.count("\n") == 1
    assert not out


def test_rows_with_missing_values_keep_their_lines(
    classes: str, numbers: str, capsys: Capture
) -> None:
    Path("new.csv").write_text("kind,area\n,35\nflat,35\nflat,inf\n")
    assert main(["predict", classes, "new.csv"]) == 0
    out, err = capsys.readouterr()
    assert [row["prediction"] for row in rows_of(out)] == ["", "no", ""]
    assert err == (
        "note: new.csv: 2 of 3 rows have missing, NaN or infinite values, first in line 2; "
        "their predictions are empty\n"
    )
    assert main(["predict", classes, "new.csv", "--json", "--quiet"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["prediction"] for row in found] == [None, "no", None]
    Path("new.csv").write_text("kind,area,price\n,35,7\n")
    assert main(["predict", numbers, "new.csv"]) == 0
    assert capsys.readouterr().out == 'prediction\n""\n'


@pytest.mark.parametrize("ending", ["parquet", "npz"])
def test_only_the_columns_of_the_run_are_needed(ending: str, here: Path, capsys: Capture) -> None:
    times = np.arange(40).astype("datetime64[D]")
    columns = {"x": np.arange(40.0), "date": times, "y": np.arange(40.0) ** 2}
    columns["x"][3] = np.nan
    name = f"t.{ending}"

    def write(found: dict[str, Any]) -> None:
        if ending == "npz":
            np.savez(name, **found)
        else:
            pyarrow.parquet.write_table(pyarrow.table(found), name)

    write(columns)
    words = ["--target", "y", "--ignore", "date", "--drop-missing", "--epochs", "1", "--quiet"]
    assert main(["train", name, *words, "--out", "run"]) == 0
    capsys.readouterr()
    assert main(["predict", "run", name]) == 0
    out, err = capsys.readouterr()
    assert len(rows_of(out)) == 40
    assert "1 of 40 rows" in err
    assert "t.parquet has 'y': RMSE" in err or "t.npz has 'y': RMSE" in err
    write(columns | {"y": times})
    assert main(["predict", "run", name, "--quiet"]) == 0
    write({"x": times})
    assert main(["predict", "run", name]) == 2
    assert capsys.readouterr().err.endswith("convert it, or leave it out\n")


def test_a_file_in_another_hand_than_that_of_the_training(here: Path, capsys: Capture) -> None:
    lines = [f"{row},5;{row % 2}" for row in range(30)]
    Path("alt.csv").write_bytes("\n".join(["Größe;Art", *lines]).encode("cp1252"))
    words = ["--charset", "cp1252", "--decimal", ",", "--target", "Art", "--epochs", "1"]
    assert main(["train", "alt.csv", *words, "--out", "run"]) == 0
    Path("neu.csv").write_text("Größe|Art\n1.5|0\n", "utf-8")
    capsys.readouterr()
    assert main(["predict", "run", "neu.csv"]) == 2
    assert "'Größe'; perhaps it is in another encoding (--charset NAME)" in capsys.readouterr().err
    words = ["--charset", "utf-8", "--decimal", ".", "--delimiter", "bar"]
    assert main(["predict", "run", "neu.csv", *words]) == 0


@pytest.mark.parametrize("command", [["show"], ["predict"]])
def test_no_run(command: list[str], classes: str, capsys: Capture) -> None:
    words = [*command, "clases", *(["houses.csv"] if command == ["predict"] else [])]
    assert main(words) == 2
    assert "there is no run in clases; did you mean classes?" in capsys.readouterr().err


NO_NUMBER = (
    '{"columns": [{"name": "x", "mean": NaN, "deviation": 1}],'
    '"target": {"name": "y", "classes": ["a"]}}'
)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", "{"),
        ("config.json", "[]"),
        ("config.json", '{"format": 99}'),
        ("encoding.json", '{"columns": [], "target": {"name": "x", "classes": [1]}}'),
        ("encoding.json", '{"columns": [{"name": "x", "mean": "1", "deviation": 1}]}'),
        ("encoding.json", NO_NUMBER),
        ("weights.safetensors", "junk"),
        ("result.json", "nothing"),
    ],
)
def test_a_damaged_run(file: str, content: str, classes: str, capsys: Capture) -> None:
    Path(classes, file).write_text(content)
    assert main(["show", classes]) == 2
    err = capsys.readouterr().err
    assert f"{Path(classes, file)}" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("activation", "os.system"),
        ("loss", "eval"),
        ("layers", [3, 10**9, 2]),
        ("layers", [4, 8, 2]),
        ("layers", []),
        ("seed", "0"),
        ("surprise", 1),
    ],
)
def test_a_run_with_another_recipe_is_refused(
    name: str, value: object, classes: str, capsys: Capture
) -> None:
    path = Path(classes, "config.json")
    config = json.loads(path.read_text())
    config["recipe"][name] = value
    path.write_text(json.dumps(config))
    assert main(["predict", classes, "houses.csv"]) == 2
    assert "config.json is damaged: " in capsys.readouterr().err


def test_show(classes: str, capsys: Capture) -> None:
    assert main(["show", classes]) == 0
    out, err = capsys.readouterr()
    assert not err
    for part in (
        "houses.csv: 60 rows of 1 number and 1 category",
        "dense  relu",
        "cross_entropy by adamw",
        "done after 40 epochs",
        "accuracy",
        "test rows by actual class",
        f"cost of each epoch: {Path(classes, 'cost.png')}",
    ):
        assert part in out


def test_show_as_json(numbers: str, capsys: Capture) -> None:
    assert main(["show", numbers, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["recipe"]["layers"] == [3, 64, 64, 1]
    assert found["data"]["rows"] == 60
    assert "rmse" in found["test"]


def test_show_without_a_history(classes: str, capsys: Capture) -> None:
    Path(classes, "history.csv").unlink()
    Path(classes, "cost.png").unlink()
    assert main(["show", classes]) == 0
    assert "cost of each epoch" not in capsys.readouterr().out
