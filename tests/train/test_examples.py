"""Examples: checks, conversion, weights, splits and batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catenary.core.errors import DTypeError, InputError, ShapeError
from catenary.tracing import random
from catenary.train.examples import Examples, examples

KEY = random.key(0)
X = np.arange(20.0).reshape(10, 2)
Y = np.arange(10)


def test_floats_take_the_nets_dtype_and_integers_stay() -> None:
    made = examples((X, Y), np.float32)
    assert (made.inputs.dtype, made.targets.dtype) == (np.float32, np.int64)
    assert examples((X.tolist(), Y.tolist())).inputs.dtype == np.float64
    assert len(made) == 10
    assert made.weights is None


def test_arrays_of_the_right_dtype_are_not_copied() -> None:
    assert examples((X, Y), np.float64).inputs is X


def test_trees_of_arrays() -> None:
    made = examples(({"left": X, "right": (X, Y)}, Y), np.float32)
    taken = made.take(np.array([3, 1]))
    assert made.inputs["right"][0].dtype == np.float32
    np.testing.assert_array_equal(taken.inputs["left"], X[[3, 1]])
    np.testing.assert_array_equal(taken.targets, [3, 1])


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (X, InputError, r"expected: \(inputs, targets\)"),
        ((X,), InputError, "no examples"),
        ((X, Y[:9]), ShapeError, "got:      10, 9"),
        ((X[:0], Y[:0]), ShapeError, "at least 1"),
        ((X, np.float64(3)), ShapeError, "a single number"),
        ((X, Y.astype(str)), DTypeError, "encode text"),
        ((X, Y.astype(object)), DTypeError, "dtype object"),
        ((X, Y, np.ones(9)), ShapeError, r"expected: one weight for each example, shape \(10,\)"),
        ((X, Y, -np.ones(10)), InputError, "0 or more"),
        ((X, Y, np.zeros(10)), InputError, "at least one of them above 0"),
        ((X, Y, np.where(Y == 3, np.nan, 1)), InputError, "finite numbers"),
        ((X, Y, np.where(Y == 3, np.inf, 1)), InputError, "finite numbers"),
    ],
)
def test_what_is_no_data_is_refused(data: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        examples(data)


def test_weights_have_mean_one_and_zeros_leave() -> None:
    made = examples((X, Y, np.array([0, 2, 4] + [1] * 7)), np.float32)
    assert len(made) == 9
    np.testing.assert_array_equal(made.targets, Y[1:])
    assert made.weights.dtype == np.float32
    assert made.weights.mean() == pytest.approx(1)
    assert made.weights[1] == pytest.approx(2 * made.weights[0])


@pytest.mark.parametrize(("size", "lengths"), [(1, [1] * 10), (4, [4, 4, 2]), (5, [5, 5])])
def test_batches_hold_every_example_once(size: int, lengths: list[int]) -> None:
    made = examples((X, Y, np.arange(10) + 1))
    batches = list(made.batches(size, KEY))
    assert [len(batch) for batch in batches] == lengths
    seen = np.concatenate([batch.targets for batch in batches])
    assert seen.tolist() != Y.tolist()
    assert sorted(seen) == Y.tolist()
    for batch in batches:
        np.testing.assert_array_equal(batch.inputs, X[batch.targets])
        np.testing.assert_array_equal(batch.weights, made.weights[batch.targets])


def test_shuffles_come_from_the_key() -> None:
    def order(key: Any) -> list[int]:
        return [int(batch.targets[0]) for batch in Examples(X, Y).batches(1, key)]

    assert order(KEY) == order(KEY)
    assert order(KEY) != order(random.key(1))


@pytest.mark.parametrize("size", [None, 10, 11])
def test_one_batch_is_the_data_themselves(size: int | None) -> None:
    made = Examples(X, Y)
    assert list(made.batches(size, KEY)) == [made]


def test_split() -> None:
    kept, held = Examples(X, Y).split(0.3, KEY)
    assert (len(kept), len(held)) == (7, 3)
    assert sorted([*kept.targets, *held.targets]) == Y.tolist()
    np.testing.assert_array_equal(held.inputs, X[held.targets])
    np.testing.assert_array_equal(held.targets, Examples(X, Y).split(0.3, KEY)[1].targets)


@pytest.mark.parametrize("share", [0.0, 1.0, 0.01, -0.5, 1.5])
def test_a_share_that_leaves_nothing_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="at least one example on both sides"):
        Examples(X, Y).split(share, KEY)
