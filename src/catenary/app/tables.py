"""The table that a command is given: a built-in set, a file, or stdin."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Collection
from pathlib import Path

from catenary.core import input_errors
from catenary.data.builtin import BUILTIN, builtin
from catenary.data.prepare import Dataset, prepare
from catenary.data.read import ENDINGS, read
from catenary.data.table import Table
from catenary.data.text_file import TextFormat, read_text


def text_format(options: Namespace) -> TextFormat:
    """How the options say that a text file is written."""
    return TextFormat(options.delimiter, options.decimal, not options.no_header, options.charset)


def table_of(
    name: str,
    form: TextFormat,
    ignore: Collection[str] = (),
    needed: Collection[str] | None = None,
    seed: int = 0,
) -> Table:
    """The built-in set or the file of this name, - is stdin; for the rest see `data.read`."""
    if name == "-":
        return read_text(sys.stdin.buffer.read(), "stdin", form).without(ignore)
    if name in BUILTIN:
        return builtin(name, seed=seed).without(ignore)
    path = Path(name)
    if not path.exists():
        if path.suffix.lower() not in ENDINGS:
            files = [found.name for found in Path().iterdir() if found.suffix.lower() in ENDINGS]
            raise input_errors.no_such_dataset(name, [*BUILTIN, *files])
        if path.stem in BUILTIN:
            raise input_errors.built_in_has_no_file(name, path.stem)
    return read(path, form, ignore, needed)


def dataset_of(options: Namespace) -> Dataset:
    """The table that the options name, prepared for training as they say."""
    return prepare(
        table_of(options.data, text_format(options), options.ignore, seed=options.seed),
        target=options.target,
        task=options.task,
        categorical=options.categorical,
        drop_missing=options.drop_missing,
        validation=options.validation,
        test=options.test,
        seed=options.seed,
    )
