"""Tables from Parquet files, through pyarrow."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from catenary.core import errors, input_errors
from catenary.data.table import Table, plain_columns


def read_parquet(
    path: Path, ignore: Collection[str] = (), needed: Collection[str] | None = None
) -> Table:
    """The table in a Parquet file, without the columns in `ignore`; a null is a missing value.

    Raises `InputError` for a broken file and for columns of other types (times, lists, …) than
    numbers, booleans and texts if they are needed, and `MissingExtra` without pyarrow.
    """
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise errors.missing_extra("pyarrow", "app", "reading Parquet files") from error
    try:
        with parquet.ParquetFile(path) as file:
            frame = file.read()
    except (arrow.ArrowException, OSError) as error:
        raise input_errors.broken_file(path.name, "Parquet", str(error)) from error
    names = frame.column_names
    for name in ignore:
        if name not in names:
            raise input_errors.no_such_column(path.name, name, names)
    for name in names:
        if names.count(name) > 1:
            places = [place + 1 for place, other in enumerate(names) if other == name]
            raise input_errors.doubled_name(path.name, name, places)
    # pandas keeps its row labels under such names.
    kept = [n for n in names if n not in ignore and not n.startswith("__index_level_")]
    columns = {name: _cells(frame[name], arrow) for name in kept}
    return Table(path.name, plain_columns(columns, path.name, needed))


def _cells(column: Any, arrow: Any) -> Any:
    if arrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if arrow.types.is_decimal(column.type):
        column = column.cast(arrow.float64())
    return column.to_numpy()
