"""Indexing of traced arrays is NumPy's: what is read, what is written, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import catenary as cat
from catenary.core import errors
from catenary.tracing.array import TracedArray
from tests.tracing.indices import (
    agree,
    at_hand,
    filled,
    indices,
    outcome,
    positions,
    shapes,
    under_jit,
    values,
)

many = settings(max_examples=400)


# ---- reading and writing -------------------------------------------------------------------------


@many
@given(st.data())
def test_reading(data: Any) -> None:
    shape = data.draw(shapes)
    index = data.draw(indices(shape))
    x = filled(shape)
    expected = outcome(lambda: x[index])
    for run in (at_hand, under_jit):
        agree(outcome(lambda run=run: run(lambda t: t[index], x)), expected)


@many
@given(st.data())
def test_what_is_read_is_a_view_where_numpys_is(data: Any) -> None:
    shape = data.draw(shapes)
    index = data.draw(indices(shape))
    x = filled(shape)

    def wrote_through(x: Any) -> Any:
        x = x.copy()
        part = x[index]
        if np.ndim(part) or isinstance(part, (np.ndarray, TracedArray)):
            part[...] = -7.0
        return x

    expected = outcome(lambda: wrote_through(x))
    if isinstance(outcome(lambda: x[index]), np.float64):
        return  # a number: a traced one cannot be told from an array without axes
    for run in (at_hand, under_jit):
        agree(outcome(lambda run=run: run(wrote_through, x)), expected)


@many
@given(st.data())
def test_writing(data: Any) -> None:
    shape = data.draw(shapes)
    index = data.draw(indices(shape))
    x = filled(shape, data.draw(st.sampled_from([np.float64, np.int64, np.float32])))
    place = outcome(lambda: x[index])
    value = data.draw(values(() if isinstance(place, str) else np.shape(place)))

    def wrote(x: Any, value: Any) -> Any:
        x = x.copy()
        x[index] = value
        return x

    expected = outcome(lambda: wrote(x, value))
    for run in (at_hand, under_jit):
        agree(outcome(lambda run=run: run(lambda t: wrote(t, value), x)), expected)
        if isinstance(value, np.ndarray):
            agree(outcome(lambda run=run: run(wrote, x, value)), expected)


# ---- indices that are traced ---------------------------------------------------------------------


@many
@given(st.data())
def test_traced_positions(data: Any) -> None:
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple))
    k = data.draw(st.integers(1, len(shape)))
    index_shape = data.draw(st.sampled_from([(), (3,), (2, 2)]))
    arrays = [np.asarray(data.draw(positions(n, index_shape))) for n in shape[:k]]
    before = data.draw(st.booleans()) and k < len(shape)
    x = filled(shape)

    def place(arrays: tuple[Any, ...]) -> Any:
        return (..., *arrays[::-1]) if before and len(set(shape)) == 1 else arrays

    def read(x: Any, *arrays: Any) -> Any:
        return x[place(arrays)]

    def wrote(x: Any, *arrays: Any) -> Any:
        x = x.copy()
        x[place(arrays)] = -np.arange(1.0, 1 + np.size(x[place(arrays)])).reshape(
            np.shape(x[place(arrays)])
        )
        return x

    for function in (read, wrote):
        expected = function(x, *arrays)
        agree(at_hand(function, x, *arrays), expected)
        agree(under_jit(function, x, *arrays), expected)


@many
@given(st.data())
def test_traced_masks(data: Any) -> None:
    shape = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=3).map(tuple))
    covered = shape[: data.draw(st.integers(1, len(shape)))]
    size = int(np.prod(covered))
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)), bool).reshape(
        covered
    )
    value = data.draw(
        values(shape[len(covered) :]).filter(lambda v: np.ndim(v) <= len(shape) - len(covered))
    )
    x = filled(shape)

    def wrote(x: Any, mask: Any) -> Any:
        x = x.copy()
        x[mask] = value
        return x

    expected = outcome(lambda: wrote(x, mask))
    agree(outcome(lambda: at_hand(wrote, x, mask)), expected)
    agree(outcome(lambda: under_jit(wrote, x, mask)), expected)
    agree(at_hand(lambda x, m: x[m], x, mask), x[mask])


# ---- derivatives ---------------------------------------------------------------------------------


def test_of_writes_to_one_place_the_last_one_counts() -> None:
    def f(x: Any) -> Any:
        y = np.zeros_like(x, shape=3)
        y[np.array([1, 1, 2])] = x
        return np.sum(y * np.array([1.0, 10.0, 100.0]))

    np.testing.assert_array_equal(cat.grad(f)(np.ones(3)), [0.0, 10.0, 100.0])


def test_what_is_overwritten_leaves_no_trace() -> None:
    def f(x: Any) -> Any:
        y = np.log(x)  # −∞ with infinite slope, and NaN
        y[:2] = 2 * x[:2]
        return np.sum(y)

    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(cat.grad(f)(np.array([0.0, -1.0, 4.0])), [2.0, 2.0, 0.25])


def test_overlapping_views_read_before_they_write() -> None:
    def f(x: Any) -> Any:
        y = x * 1.0
        y[1:] = y[:-1]
        return np.sum(y * np.arange(1.0, 5.0))

    np.testing.assert_array_equal(cat.grad(f)(np.ones(4)), [1 + 2.0, 3.0, 4.0, 0.0])


def test_a_write_through_a_view_reaches_its_base() -> None:
    def f(x: Any) -> Any:
        y = x.reshape(2, 2) * 1.0
        row = y.T[1]
        row *= 3.0
        return np.sum(y)

    np.testing.assert_array_equal(cat.grad(f)(np.ones(4)), [1.0, 3.0, 1.0, 3.0])


# ---- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "view", [lambda x: np.broadcast_to(x, (2, 3)), lambda x: np.diagonal(np.reshape(x, (1, 3)))]
)
def test_read_only_views(view: Any) -> None:
    def f(x: Any) -> Any:
        view(x)[...] = 1.0
        return x

    with pytest.raises(ValueError, match="read-only"):
        f(np.ones(3))
    with pytest.raises(
        errors.ShapeError, match=r"read-only view .*\n.*x.copy.*\n.*test_indexing.py"
    ):
        at_hand(f, np.ones(3))


def test_values_behind_an_unknown_mask() -> None:
    def f(x: Any) -> Any:
        x = x.copy()
        x[x > 2] = np.ones(1)
        return x

    with pytest.raises(errors.TraceError, match="depends on a traced mask"):
        under_jit(f, np.arange(4.0))


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (5, "index 5 is out of bounds for axis 0 of length 3"),
        ((0, 0), "too many indices: the array has 1 axes, the index names 2"),
        (1.5, "arrays used as indices are of integers or booleans, not float64"),
        ((Ellipsis, Ellipsis), "single ellipsis"),
        (np.array([True, False]), r"a boolean index of shape \(2,\) does not match"),
        (slice(None, None, 0), "a step that is not zero"),
    ],
)
def test_a_wrong_index_says_what_is_wrong(index: Any, message: str) -> None:
    with pytest.raises(errors.CatenaryError, match=rf"{message}(.|\n)*at .*test_indexing\.py"):
        at_hand(lambda x: x[index], np.ones(3))
