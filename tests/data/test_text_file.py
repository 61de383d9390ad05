"""Text tables as spreadsheets, statistics programs and people write them."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenary.core.errors import InputError
from catenary.data.table import Table
from catenary.data.text_file import TextFormat, read_text


def read(text: str, **form: object) -> Table:
    return read_text(text.encode(), "f.csv", TextFormat(**form))  # type: ignore[arg-type]


def cells(table: Table) -> dict[str, list[object]]:
    return {name: column.tolist() for name, column in table.columns.items()}


PLAIN = {"a": ["1", "2"], "b": ["x", "y"]}


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,x\n2,y\n",
        "a,b\n1,x\n2,y",
        "a,b\r\n1,x\r\n2,y\r\n",
        "a,b\r1,x\r2,y\r",
        "\ufeffa,b\n1,x\n2,y\n",
        "a;b\n1;x\n2;y\n",
        "a\tb\n1\tx\n2\ty\n",
        "a|b\n1|x\n2|y\n",
        '"a","b"\n"1","x"\n"2","y"\n',
        'a, "b"\n1, "x"\n2, "y"\n',
        "  a , b \n 1 , x \n 2 , y \n",
        "\n\na,b\n\n1,x\n   \n2,y\n\n",
        "a,b\n1,x\n,\n2,y\n,\n",
        "a,b,\n1,x,\n2,y,\n",
        ",a,b\n0,1,x\n1,2,y\n",
        '"","a","b"\n"1",1,x\n"2",2,y\n',
    ],
)
def test_the_same_table_in_many_hands(text: str) -> None:
    assert cells(read(text)) == PLAIN


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_names_the_charset(charset: str) -> None:
    table = read_text("größe,x\nä,1\n".encode(charset), "f.csv")
    assert cells(table) == {"größe": ["ä"], "x": ["1"]}


def test_another_charset_when_it_is_named() -> None:
    table = read_text("größe\nä\n".encode("latin-1"), "f.csv", TextFormat(charset="latin-1"))
    assert cells(table) == {"größe": ["ä"]}


def test_quotes_hold_delimiters_line_breaks_and_quotes() -> None:
    table = read('a,b\n"x, y","say ""no"""\n"two\nlines",z\n')
    assert cells(table) == {"a": ["x, y", "two\nlines"], "b": ['say "no"', "z"]}
    assert [table.where(row) for row in range(2)] == ["line 2", "line 4"]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    assert read("a,b\n\n1,x\n\n\n2,y\n").where(1) == "line 6"


def test_a_semicolon_file_with_commas_in_its_numbers() -> None:
    table = read("a;b\n1,5;2\n-1.234,25;3,5e2\n", decimal=",")
    assert cells(table) == {"a": ["1.5", "-1234.25"], "b": ["2", "3.5e2"]}


def test_a_decimal_comma_is_no_delimiter() -> None:
    assert cells(read("a\n1,5\n2,5\n", decimal=","))["a"] == ["1.5", "2.5"]


def test_quoted_numbers_with_a_decimal_comma_between_commas() -> None:
    table = read('a,b\n"1,5",x\n"2,5",y\n', decimal=",")
    assert cells(table) == {"a": ["1.5", "2.5"], "b": ["x", "y"]}


def test_a_decimal_comma_changes_no_texts() -> None:
    text = "a;b\nHello, world;1,5\n1,2,3;2\n1.5;7\n"
    assert cells(read(text, decimal=","))["a"] == ["Hello, world", "1,2,3", "1.5"]


def test_an_unnamed_first_column_that_does_not_number_the_rows_stays() -> None:
    table = read(",b\n7,x\n3,y\n")
    assert cells(table) == {"unnamed 1": ["7", "3"], "b": ["x", "y"]}
    assert not table.notes


def test_a_dropped_numbering_is_noted() -> None:
    assert read(",b\n0,x\n1,y\n").notes == (
        "left out the first column: it has no name and only numbers the rows",
    )


def test_without_a_header_columns_are_counted() -> None:
    assert cells(read("1,x\n2,y\n", header=False)) == {"1": ["1", "2"], "2": ["x", "y"]}


def test_years_may_be_names() -> None:
    assert list(read("2019,2020,2021\n1,2,3\n").columns) == ["2019", "2020", "2021"]


def test_one_column_needs_no_delimiter() -> None:
    assert cells(read("a\n1\n2\n")) == {"a": ["1", "2"]}


@pytest.mark.parametrize(
    ("text", "form", "words"),
    [
        ("", {}, "f.csv is empty"),
        ("  \n\n", {}, "f.csv is empty"),
        ("\ufeff", {}, "f.csv is empty"),
        ("a,b\n", {}, "f.csv has a header and no rows"),
        ("a,b\n1,2\n3\n", {}, "line 3: one cell where the first line has 2"),
        ("a,b\n1,2,3\n1\n", {"delimiter": ","}, "line 2: 3 cells where the first line has 2 (1 m"),
        ('a,b\n"1,2\n3,4\n', {}, "broken quotes"),
        ('a,b\n"1"x,2\n', {}, "line 2: broken quotes"),
        ("5.1,3.5,0\n4.9,3.0,0\n", {}, "count the columns from 1"),
        ("1,1,0\n4,3,0\n", {}, "count the columns from 1"),
        ("a,b,a\n1,2,3\n", {}, "columns 1 and 3 are both called 'a'"),
        ("a\0,b\n1,2\n", {}, "binary data"),
        ("a,b\n1,2\n", {"charset": "utf-9"}, "no character encoding 'utf-9'; did you mean utf-8"),
    ],
)
def test_what_cannot_be_read(text: str, form: dict[str, str], words: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text, **form)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_line_that_is_not_utf_8() -> None:
    with pytest.raises(InputError, match=r"f.csv, line 3: not UTF-8; name its") as caught:
        read_text("a,b\n1,x\n2,ä\n".encode("latin-1"), "f.csv")
    assert caught.value.options == ("--charset cp1252",)


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=8)
                 .map(lambda cell: cell + "."), min_size=3, max_size=3),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)  # fmt: skip
def test_what_the_csv_module_writes_is_read(rows: list[list[str]], delimiter: str) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerows([["a", "b", "c"], *rows])
    table = read_text(file.getvalue().encode(), "f.csv", TextFormat(delimiter))
    assert np.array(list(cells(table).values())).T.tolist() == rows
