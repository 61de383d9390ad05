"""Tables from NPZ files: NumPy arrays under names."""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catenary.core import input_errors
from catenary.data.table import Table, plain_columns


def read_npz(
    path: Path, ignore: Collection[str] = (), needed: Collection[str] | None = None
) -> Table:
    """The table in an NPZ file, without the arrays and columns in `ignore`.

    An array [rows] is a column under its own name; an array [rows, …] such as a stack of images
    gives one column for each place in a row: x[0], x[1], … or x[0,0], x[0,1], …

    Raises `InputError` for a broken file, and for needed arrays of different length or of objects
    (reading those would run code out of the file).
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            known = list(arrays.files)
            asked = [name for name in known if name not in ignore]
            loaded = {name: arrays[name] for name in asked if _matters(name, needed)}
            rows = {len(np.atleast_1d(array)) for array in loaded.values()}
            for name in asked:
                # An array that is not needed may be of objects, or of another length.
                with suppress(ValueError, AttributeError, TypeError):
                    if name not in loaded and {len(np.atleast_1d(arrays[name]))} == rows:
                        loaded[name] = arrays[name]
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise input_errors.broken_file(path.name, "NPZ", str(error)) from error
    except (ValueError, AttributeError, TypeError) as error:
        raise input_errors.objects_in_file(path.name) from error
    lengths = {name: len(np.atleast_1d(array)) for name, array in loaded.items()}
    if len(set(lengths.values())) > 1:
        raise input_errors.unequal_columns(path.name, lengths)
    columns: dict[str, NDArray[Any]] = {}
    for name, array in loaded.items():
        columns |= _columns(name, array)
    for name in ignore:
        if name not in known and name not in columns:
            raise input_errors.no_such_column(path.name, name, [*known, *columns])
    kept = {name: cells for name, cells in columns.items() if name not in ignore}
    return Table(path.name, plain_columns(kept, path.name, needed))


def _matters(name: str, needed: Collection[str] | None) -> bool:
    """Whether an array is one of the columns that are needed, or holds one."""
    if needed is None:
        return True
    return any(column == name or column.startswith(f"{name}[") for column in needed)


def _columns(name: str, array: NDArray[Any]) -> dict[str, NDArray[Any]]:
    if array.ndim < 2:
        return {name: np.atleast_1d(array)}
    return {
        f"{name}[{','.join(map(str, place))}]": array[:, *place]
        for place in np.ndindex(array.shape[1:])
    }
