"""The messages about input from outside: files, columns, cells, options. One line each.

They name the place, say what was found, and end with what to do. Messages that `catenary.data`
raises name no option: the command line adds those given beside them, as far as a command has them.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from catenary.core.errors import InputError

# ---- files ------------------------------------------------------------------------------------


def no_such_file(path: str, neighbours: Sequence[str] = ()) -> InputError:
    return InputError(f"there is no file {path}{near(path, neighbours)}")


def is_a_folder(path: str) -> InputError:
    return InputError(f"{path} is a folder; name a file in it")


def unreadable_file(path: str, reason: str) -> InputError:
    return InputError(f"cannot read {path}: {reason}")


def unknown_ending(source: str, ending: str) -> InputError:
    advice = (
        "save the sheet as CSV"
        if ending in {".xlsx", ".xls", ".ods"}
        else "unpack it first"
        if ending in {".gz", ".zip", ".bz2", ".xz", ".zst"}
        else "give the file the ending .csv, .tsv, .parquet or .npz, whichever it is"
    )
    if not ending:
        return InputError(f"the name {source} has no ending that tells how to read it; {advice}")
    return InputError(
        f"{source} has ending {ending!r}, which is none that Catenary reads; {advice}"
    )


def empty_file(source: str) -> InputError:
    return InputError(f"{source} is empty")


def no_rows(source: str) -> InputError:
    return InputError(f"{source} has a header and no rows")


def broken_file(source: str, kind: str, reason: str) -> InputError:
    return InputError(f"{source} is not a whole {kind} file: {one_line(reason)}")


def objects_in_file(source: str) -> InputError:
    return InputError(
        f"{source} is no NPZ file, or holds Python objects, which can run code and are never "
        "loaded; save plain arrays of numbers and texts with numpy.savez"
    )


def not_a_text_file(source: str) -> InputError:
    return InputError(f"{source} holds binary data, not lines of text")


def wrong_charset(source: str, charset: str, line: int) -> InputError:
    return InputError(
        f"{source}, line {line}: not {charset.upper()}; name its character encoding",
        "--charset utf-8" if charset not in {"utf-8", "utf-8-sig"} else "--charset cp1252",
    )


def no_such_charset(charset: str) -> InputError:
    known = ("utf-8", "utf-16", "latin-1", "cp1252", "cp1250", "cp1251", "gb18030", "shift_jis")
    return InputError(f"there is no character encoding {charset!r}{near(charset, known)}")


def built_in_has_no_file(path: str, name: str) -> InputError:
    return InputError(f"there is no file {path}; the built-in data set is called {name}")


def no_such_dataset(name: str, known: Iterable[str]) -> InputError:
    hint = near(name, known) or "; see: catenary datasets"
    return InputError(f"there is no data set and no file {name!r}{hint}")


# ---- lines and columns ------------------------------------------------------------------------


def broken_line(source: str, line: int, reason: str) -> InputError:
    return InputError(f"{source}, line {line}: broken quotes or cells ({one_line(reason)})")


def ragged_rows(source: str, line: int, cells: int, names: int, count: int) -> InputError:
    more = f" ({count - 1} more such lines)" if count > 1 else ""
    return InputError(
        f"{source}, line {line}: {_many(cells, 'cell')} where the first line has {names}{more}"
    )


def header_is_data(source: str, names: Sequence[str]) -> InputError:
    return InputError(
        f"{source}: the first line has numbers ({_shown(names, 3)}) where names of columns are "
        "expected; if there is no header, say so and count the columns from 1",
        "--no-header",
    )


def doubled_name(source: str, name: str, places: Sequence[int]) -> InputError:
    where = " and ".join(map(str, places))
    return InputError(f"{source}: columns {where} are both called {name!r}; rename one")


def unequal_columns(source: str, lengths: Mapping[str, int]) -> InputError:
    counts = ", ".join(f"{name} {length}" for name, length in list(lengths.items())[:5])
    return InputError(
        f"{source}: its arrays have different numbers of rows ({counts}); "
        "leave out those that do not belong",
        "--ignore NAME",
    )


def column_not_flat(source: str, name: str, shape: tuple[int, ...]) -> InputError:
    return InputError(f"{source}: {name!r} has shape {shape}; a column has one axis")


def column_type(source: str, name: str, kind: str) -> InputError:
    return InputError(
        f"{source}: column {name!r} holds {kind}; numbers or texts are expected: "
        "convert it, or leave it out",
        f"--ignore {listed(name)}",
    )


def no_such_column(source: str, name: str, names: Sequence[str]) -> InputError:
    hint = near(name, names) or f"; it has {_shown(names, 8)}"
    return InputError(f"{source} has no column {name!r}{hint}")


def absent_columns(source: str, absent: Sequence[str], names: Sequence[str]) -> InputError:
    hint = near(absent[0], [name for name in names if name not in absent])
    message = (
        f"{source} lacks {_many(len(absent), 'column')} that the run was trained on: "
        f"{_shown(absent, 5)}{hint}"
    )
    if any(not name.isascii() for name in absent):
        return InputError(f"{message}; perhaps it is in another encoding", "--charset NAME")
    return InputError(message)


def empty_column(source: str, name: str) -> InputError:
    return InputError(
        f"{source}: column {name!r} is empty; leave it out", f"--ignore {listed(name)}"
    )


def too_many_categories(source: str, distinct: Mapping[str, int], rows: int) -> InputError:
    columns = ", ".join(f"{name!r} ({count})" for name, count in list(distinct.items())[:5])
    more = f" and {len(distinct) - 5} more columns" if len(distinct) > 5 else ""
    return InputError(
        f"{source}: too many different texts to learn from in {columns}{more}, of {rows} rows; "
        "leave such columns out, or insist that they are categories",
        f"--ignore {listed(*distinct)}",
        f"--categorical {listed(*distinct)}",
    )


# ---- cells ------------------------------------------------------------------------------------


def text_among_numbers(
    source: str, name: str, count: int, first: str, where: str, *, settled: bool = False
) -> InputError:
    message = (
        f"{source}, {where}: {first!r} in column {name!r} is no number "
        f"({_many(count, 'such cell')}); correct the file"
    )
    if settled:
        return InputError(message)
    return InputError(
        f"{message}, or say that the column holds categories", f"--categorical {listed(name)}"
    )


def comma_in_numbers(source: str, name: str, first: str, where: str) -> InputError:
    return InputError(
        f"{source}, {where}: {first!r} in column {name!r} has a comma; take the commas between "
        "thousands out of the file, or say that it is the decimal sign",
        "--decimal ,",
    )


def unusable_cells(
    source: str, counts: Mapping[str, int], where: str, *, may_drop: bool = False
) -> InputError:
    columns = ", ".join(f"{name!r} ({count})" for name, count in list(counts.items())[:5])
    more = f" and {len(counts) - 5} more columns" if len(counts) > 5 else ""
    message = (
        f"{source}: missing, NaN or infinite values in {columns}{more}, first in {where}; "
        "fill them in"
    )
    if may_drop:
        return InputError(f"{message}, or leave such rows out", "--drop-missing")
    return InputError(message)


# ---- what can be learned ----------------------------------------------------------------------


def no_target(source: str, names: Sequence[str]) -> InputError:
    return InputError(
        f"{source}: which column is to be learned? Name the target, one of {_shown(names, 8)}",
        "--target COLUMN",
    )


def no_table(kind: str) -> InputError:
    return InputError(
        f"a table is expected, not a {kind}; catenary.data.from_frame makes one from a data frame "
        "or from named arrays, catenary.data.read from a file"
    )


def no_frame(kind: str) -> InputError:
    return InputError(
        f"a data frame or a mapping of names to arrays is expected, not a {kind}; "
        'name arrays as in {"x": x, "y": y}; catenary.data.read makes a table from a file'
    )


def no_inputs(source: str, target: str) -> InputError:
    return InputError(
        f"{source} has no column but {target!r}, so nothing to learn it from; "
        "if the cells were not told apart, name the delimiter",
        "--delimiter C",
    )


def one_row(source: str, rows: int) -> InputError:
    return InputError(
        f"{source} has {_many(rows, 'row')}; training, validation and test each need some"
    )


def too_few_rows(rows: int, part: str) -> InputError:
    return InputError(
        f"{_many(rows, 'row')} are too few: none is left for {part}; bring more, or change the "
        "shares for validation and test",
        "--validation SHARE",
        "--test SHARE",
    )


def constant_target(source: str, name: str, value: str, classes: bool) -> InputError:
    what = f"has one class only, {value!r}" if classes else f"is {value} in every row"
    return InputError(f"{source}: the target {name!r} {what}: there is nothing to learn")


def constant_inputs(source: str) -> InputError:
    return InputError(f"{source}: every input is constant: there is nothing to learn from")


def texts_as_numbers(source: str, name: str, texts: Sequence[str]) -> InputError:
    return InputError(
        f"{source}: the target {name!r} holds texts ({_shown(texts, 3)}), not numbers; "
        "learn them as classes",
        "--task classify",
    )


def too_many_classes(source: str, name: str, classes: int, rows: int) -> InputError:
    return InputError(
        f"{source}: the target {name!r} has {classes} classes in {rows} rows, too many to learn; "
        "learn it as a number if it is one, or name another target",
        "--task regress",
        "--target COLUMN",
    )


def share_out_of_range(name: str, share: float) -> InputError:
    return InputError(f"the share for {name} must be at least 0 and below 1, not {share:g}")


def shares_leave_nothing(validation: float, test: float) -> InputError:
    return InputError(
        f"the shares for validation ({validation:g}) and test ({test:g}) leave nothing for training"
    )


# ---- runs -------------------------------------------------------------------------------------


def no_run(folder: str, neighbours: Iterable[str] = ()) -> InputError:
    return InputError(f"there is no run in {folder}{near(folder, neighbours)}")


def damaged_file(source: str, reason: str) -> InputError:
    return InputError(f"{source} is damaged: {one_line(reason)}")


def run_cut_off(folder: str) -> InputError:
    return InputError(
        f"the training in {folder} was cut off; go on with it: give the same command with "
        f"--out {shlex.quote(folder)} --resume"
    )


def nothing_to_resume(folder: str) -> InputError:
    return InputError(f"the training in {folder} came to its end; there is nothing to resume")


def other_run(folder: str, name: str, was: object, now: object) -> InputError:
    return InputError(
        f"the training in {folder} cannot go on: it had {name} {was}, not {now}; give the same "
        "options and data, or name a new folder with --out"
    )


def folder_exists(folder: str) -> InputError:
    return InputError(f"{folder} exists and is not empty; name a new folder with --out")


def folder_not_writable(folder: str, reason: str) -> InputError:
    return InputError(f"cannot write to {folder}: {reason}; name another folder with --out")


# ---- options ----------------------------------------------------------------------------------


def ends_do_not_fit(
    widths: Sequence[int], source: str, inputs: int, outputs: int, what: str
) -> InputError:
    fitting = [inputs, *widths[1:-1], outputs]
    return InputError(
        f"--layers {'-'.join(map(str, widths))} do not fit: {source} has {_many(inputs, 'input')} "
        f"and {what}; write {'-'.join(map(str, fitting))}, or only the hidden widths"
    )


def too_many_weights(count: int, most: int) -> InputError:
    return InputError(f"--layers make {count:,} weights, more than {most:,}; make them narrower")


def loss_does_not_fit(loss: str, target: str, task: str, fitting: Sequence[str]) -> InputError:
    what = "classes" if task == "classify" else "a number"
    return InputError(
        f"--loss {loss} does not fit: {target!r} is {what}; choose from {', '.join(fitting)}"
    )


def negative_counts(target: str, least: float) -> InputError:
    return InputError(f"--loss poisson needs counts of at least 0; {target!r} goes to {least:g}")


def option_does_not_fit(option: str, reason: str) -> InputError:
    return InputError(f"{option} does not fit: {reason}")


# ---- words ------------------------------------------------------------------------------------


def near(word: str, known: Iterable[str]) -> str:
    """The tail "; did you mean …?" of a message, or nothing when no known word is near."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return meant(by_lower[found[0]]) if found else ""


def meant(word: str) -> str:
    """The tail "; did you mean …?" of a message."""
    return f"; did you mean {word}?"


def one_line(text: str) -> str:
    """A foreign message without its line breaks."""
    return " ".join(text.split())


def listed(*names: str) -> str:
    """Names of columns as they are typed in a shell for --ignore and --categorical."""
    return shlex.quote(",".join(name.replace(",", ",,") for name in names))


def _many(count: int, noun: str) -> str:
    return f"{'no' if count == 0 else 'one' if count == 1 else count} {noun}{'s' * (count != 1)}"


def _shown(names: Sequence[str], most: int) -> str:
    # The columns of one array, x[0] to x[63], count as one.
    groups = [list(group) for _, group in groupby(names, _array_of)]
    shown = [
        f"{group[0]!r} … {group[-1]!r}" if len(group) > 2 else ", ".join(map(repr, group))
        for group in groups
    ]
    hidden = sum(map(len, groups[most:]))
    return ", ".join(shown[:most]) + (f" and {hidden} more" if hidden else "")


def _array_of(name: str) -> str:
    array, bracket, _ = name.rpartition("[")
    return array if bracket and name.endswith("]") else name
