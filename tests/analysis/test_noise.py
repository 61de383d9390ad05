"""Noise of gradients: against gradients one by one, and the laws of its size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.analysis.noise import per_example
from catenary.train import Examples

X = np.random.default_rng(1).standard_normal((30, 2))
Y = np.sin(3 * X[:, :1])
NET = cat.nn.mlp([2, 6, 1], activation="tanh", dtype=np.float64, seed=2)


def cost(net: Any, rows: Any) -> Any:
    return cat.nn.mse(net(X[rows]), Y[rows])


def flat(gradient: Any) -> Any:
    return np.concatenate([np.ravel(leaf) for leaf in cat.tree.coordinates(gradient)])


def test_gradients_are_those_of_single_examples() -> None:
    rows = per_example(NET, cat.nn.mse, Examples(X, Y))
    for i in (0, 7, 29):
        np.testing.assert_allclose(rows[i], flat(cat.grad(cost)(NET, slice(i, i + 1))), atol=1e-14)


def test_numbers_are_those_of_their_definitions() -> None:
    rows = per_example(NET, cat.nn.mse, Examples(X, Y))
    found = cat.analysis.noise(NET, "mse", (X, Y), batch_size=5)
    whole = flat(cat.grad(cost)(NET, slice(None)))
    np.testing.assert_allclose(flat(found.gradient), whole, atol=1e-14)
    assert found.signal == pytest.approx(whole @ whole)
    assert found.trace == pytest.approx(np.trace(np.cov(rows.T, bias=True)))
    assert found.scale == pytest.approx(found.trace / found.signal)
    assert found.variance == pytest.approx(found.trace / 5 * 25 / 29)


@pytest.mark.parametrize("size", [1, 4, 15, 29])
def test_what_is_measured_is_what_follows(size: int) -> None:
    found = cat.analysis.noise(NET, "mse", (X, Y), batch_size=size, batches=2000)
    assert found.measured == pytest.approx(found.variance, rel=0.15)


def test_the_whole_has_no_noise() -> None:
    found = cat.analysis.noise(NET, "mse", (X, Y), batch_size=30)
    assert found.variance == 0
    assert found.measured == pytest.approx(0, abs=1e-25)


def test_equal_examples_make_no_noise() -> None:
    x, y = np.repeat(X[:1], 4, axis=0), np.repeat(Y[:1], 4, axis=0)
    assert cat.analysis.noise(NET, "mse", (x, y), batch_size=1).trace == pytest.approx(0, abs=1e-25)


def test_seeds_repeat() -> None:
    a, b, c = (
        cat.analysis.noise(NET, "mse", (X, Y), batch_size=2, seed=s).measured for s in (3, 3, 4)
    )
    assert a == b != c


def test_what_is_refused() -> None:
    for size in (0, 31, 2.0, True):
        with pytest.raises(cat.errors.InputError, match="from 1 to 30"):
            cat.analysis.noise(NET, "mse", (X, Y), batch_size=size)  # type: ignore[arg-type]
    with pytest.raises(cat.errors.InputError, match="there is one"):
        cat.analysis.noise(NET, "mse", (X[:1], Y[:1]), batch_size=1)


def test_it_can_be_read() -> None:
    lines = repr(cat.analysis.noise(NET, "mse", (X, Y), batch_size=2)).splitlines()
    assert lines[0] == "Noise of gradients over 30 examples"
    assert "scale B" in lines[3]
