"""Options: every name is one that the library knows; every mistyped value is answered."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any

import pytest

from catenary.app import options
from catenary.descent import optimizer_names, schedule_names
from catenary.nn import ACTIVATIONS, LOSSES


def test_the_names_are_those_of_the_library() -> None:
    assert set(options.ACTIVATIONS) == set(ACTIVATIONS)
    assert set(options.LOSSES) == set(LOSSES)
    assert set(options.OPTIMIZERS) == set(optimizer_names())
    assert set(options.SCHEDULES) == set(schedule_names())


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (options.one_of(options.SCHEDULES), "One_Cycle", "one-cycle"),
        (options.one_of(options.LOSSES), "cross-entropy", "cross_entropy"),
        (options.whole, "0", 0),
        (options.seed, "18446744073709551615", 2**64 - 1),
        (options.count, "7", 7),
        (options.batch_size, "32", 32),
        (options.batch_size, "full", "full"),
        (options.positive, "1e-3", 0.001),
        (options.not_negative, "0", 0.0),
        (options.share, "0.25", 0.25),
        (options.share, "25%", 0.25),
        (options.layers, "64,32", ("hidden", (64, 32))),
        (options.layers, "128", ("hidden", (128,))),
        (options.layers, "13-64-3", ("whole", (13, 64, 3))),
        (options.layers, "none", ("hidden", ())),
        (options.delimiter, ";", ";"),
        (options.delimiter, "tab", "\t"),
        (options.delimiter, "\\t", "\t"),
        (options.decimal, ",", ","),
        (options.decimal, "comma", ","),
        (options.names, "id, name", ["id", "name"]),
        (options.names, "a,,b,c", ["a,b", "c"]),
    ],
)
def test_values(read: Callable[[str], Any], text: str, value: Any) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (options.one_of(options.OPTIMIZERS), "adm", "there is no 'adm'; did you mean adam?"),
        (options.one_of(options.ACTIVATIONS), "rleu", "did you mean relu?"),
        (options.one_of(options.TASKS), "xyz", "choose from auto, classify, regress"),
        (options.whole, "3.5", "'3.5' is no whole number"),
        (options.whole, "-1", "-1 is below 0"),
        (options.seed, "18446744073709551616", "is not below 2**64"),
        (options.count, "0", "0 is too few"),
        (options.batch_size, "half", "'half' is no whole number"),
        (options.positive, "0", "0 is too small"),
        (options.positive, "fast", "'fast' is no number"),
        (options.positive, "nan", "not a finite number"),
        (options.not_negative, "-1", "not a finite number of at least 0"),
        (options.not_negative, "inf", "not a finite number"),
        (options.share, "1", "1 is no share"),
        (options.share, "120%", "120% is no share"),
        (options.share, "-0.1", "at least 0"),
        (options.layers, "64x32", "'64x32' are no widths"),
        (options.layers, "64,0", "each width must be from 1 to 1,000,000"),
        (options.layers, "-5", "each width must be from 1"),
        (options.layers, "99999999", "each width must be from 1"),
        (options.delimiter, ",,", "is not one character"),
        (options.delimiter, '"', "is not one character"),
        (options.decimal, ";", "is neither . nor ,"),
    ],
)
def test_mistyped_values(read: Callable[[str], Any], text: str, words: str) -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        read(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
