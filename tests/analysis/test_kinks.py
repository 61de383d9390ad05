"""Units on kinks: found where they are, in own activations too, and not where nothing moves."""

from __future__ import annotations

import numpy as np
import pytest

import catenary as cat

NET = cat.nn.mlp([2, 6, 4, 1], activation="relu", seed=1)


def test_units_that_get_zero_are_found() -> None:
    found = cat.analysis.kinks(NET, (np.zeros((3, 2)), np.zeros(3)))
    assert [seat.link for seat in found.seats] == [0, 1]
    assert [seat.share for seat in found.seats] == [1.0, 1.0]
    assert len(found) == 10
    assert found.seats[0].operation == "maximum"


def test_only_examples_on_the_kink_count() -> None:
    x = np.array([[0.0, 0.0], [1.0, 2.0], [0.0, 0.0], [-3.0, 1.0]])
    (seat, *_) = cat.analysis.kinks(NET, x).seats
    np.testing.assert_array_equal(seat.touching, np.full(6, 2))
    assert seat.share == 0.5
    np.testing.assert_array_equal(seat.units, np.arange(6))


def test_one_unit() -> None:
    link = cat.nn.Dense(np.eye(3), np.array([0.0, 0.5, -1.0]), "hard_tanh")
    found = cat.analysis.kinks(cat.nn.Chain([link]), np.array([[0.2, 0.5, 0.0]]))
    found_units = sorted(seat.units.tolist() for seat in found.seats)
    assert found_units == [[1], [2]]  # one bend of clip each


def test_smooth_nets_have_none() -> None:
    assert len(cat.analysis.kinks(cat.nn.mlp([2, 5, 1], "tanh"), np.zeros((4, 2)))) == 0
    assert repr(cat.analysis.kinks(NET, np.ones((4, 2)))) == "Kinks: no unit sits on a kink"


@pytest.mark.parametrize("f", [lambda x: np.where(x > 0, x, 0), lambda x: (x + np.abs(x)) / 2])
def test_own_activations_count(f: object) -> None:
    net = cat.nn.Chain([*NET[:1], f, *NET[1:]])
    assert len(cat.analysis.kinks(net, np.zeros((2, 2)))) >= 12


def test_largest_of_equal_numbers() -> None:
    found = cat.analysis.kinks(lambda x: np.max(x, axis=-1), np.array([[1.0, 1.0], [1.0, 2.0]]))
    assert found.seats[0].operation == "reduce_max"
    assert found.seats[0].touching.tolist() == [1, 1]


def test_what_does_not_depend_on_the_data_does_not_count() -> None:
    assert len(cat.analysis.kinks(lambda x: x + np.abs(np.zeros(2)), np.zeros((3, 2)))) == 0
