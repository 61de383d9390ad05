"""Read a table from a file, by the ending of its name."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from catenary.core import input_errors
from catenary.data.npz_file import read_npz
from catenary.data.parquet_file import read_parquet
from catenary.data.table import Table
from catenary.data.text_file import PLAIN, TextFormat, read_text

TEXT_ENDINGS = (".csv", ".tsv", ".tab", ".txt", ".data")
ENDINGS = (*TEXT_ENDINGS, ".parquet", ".pq", ".npz")


def read(
    path: str | Path,
    form: TextFormat = PLAIN,
    ignore: Collection[str] = (),
    needed: Collection[str] | None = None,
) -> Table:
    """The table in a CSV, TSV, Parquet or NPZ file, without the columns in `ignore`.

    needed: the columns that matter, by default all; of the others those are left out that no table
            can hold: times, lists, arrays of another length

    Raises `InputError` for a file that is missing, unreadable, empty, or of another kind.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "hues.tsv"
    ...     _ = file.write_text("hue\\tx\\nred\\t1\\n")
    ...     read(file, ignore=["x"]).columns
    {'hue': array(['red'], dtype=object)}
    """
    path = Path(path)
    ending = path.suffix.lower()
    if path.is_dir():
        raise input_errors.is_a_folder(str(path))
    if not path.exists():
        raise input_errors.no_such_file(str(path), _neighbours(path))
    if ending not in ENDINGS:
        raise input_errors.unknown_ending(path.name, ending)
    try:
        with path.open("rb") as file:
            content = file.read(None if ending in TEXT_ENDINGS else 1)
    except OSError as error:
        raise input_errors.unreadable_file(str(path), error.strerror or str(error)) from error
    if not content:
        raise input_errors.empty_file(path.name)
    if ending in TEXT_ENDINGS:
        return read_text(content, path.name, form).without(ignore)
    read_arrays = read_npz if ending == ".npz" else read_parquet
    return read_arrays(path, ignore, needed)


def _neighbours(path: Path) -> list[str]:
    """The tables that lie beside a path that does not exist, for a near match."""
    if not path.parent.is_dir():
        return []
    try:
        found = [item for item in path.parent.iterdir() if item.suffix.lower() in ENDINGS]
    except OSError:
        return []
    return [str(item) if str(path.parent) != "." else item.name for item in found]
