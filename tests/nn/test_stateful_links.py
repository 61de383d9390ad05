"""Dropout and batch normalisation: the two links that prove key, train and state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catenary.core.errors import InputError, ShapeError
from catenary.nn import BatchNorm, Chain, Dropout, batch_norm, mlp
from catenary.tracing import random, tree
from tests.nn import from_torch

KEY = random.key(3)
TORCH = from_torch.load()["batch_norm"]
X = np.array(from_torch.LOGITS)


def test_dropout_does_nothing_outside_training() -> None:
    assert Dropout(0.5)(X) is X
    assert Dropout(0.5)(X, key=KEY) is X


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.9])
def test_dropout_keeps_the_expectation(rate: float) -> None:
    ones = np.ones((200, 500), np.float32)
    found = Dropout(rate)(ones, key=KEY, train=True)
    assert found.dtype == np.float32
    assert set(np.unique(found)) <= {np.float32(0), np.float32(1 / (1 - rate))}
    assert (found == 0).mean() == pytest.approx(rate, abs=0.01)
    assert found.mean() == pytest.approx(1, abs=0.02)
    np.testing.assert_array_equal(found, Dropout(rate)(ones, key=KEY, train=True))


def test_dropout_needs_a_key_and_a_rate() -> None:
    with pytest.raises(InputError, match="got no key"):
        Dropout(0.5)(X, train=True)
    for rate in (1.0, -0.1, float("nan")):
        with pytest.raises(InputError, match="Dropout"):
            Dropout(rate)


def test_the_rate_is_no_parameter() -> None:
    assert tree.coordinates(Dropout(0.5)) == []
    assert (Dropout(0.5) - 0.1 * Dropout(0.5)).rate == 0.5


def torch_link(dtype: Any = np.float64) -> BatchNorm:
    zeros, ones = np.zeros(3, dtype), np.ones(3, dtype)
    scale, shift = np.array([1.5, -0.5, 2.0], dtype), np.array([0.1, 0.2, -0.3], dtype)
    return BatchNorm(scale, shift, zeros, ones)


def test_batch_norm_is_torchs() -> None:
    value, after = torch_link().forward(X, train=True)
    np.testing.assert_allclose(value, TORCH["value"], rtol=1e-13)
    np.testing.assert_allclose(after.mean, TORCH["mean"], rtol=1e-14)
    np.testing.assert_allclose(after.variance, TORCH["variance"], rtol=1e-14)
    np.testing.assert_allclose(after(X), TORCH["value afterwards"], rtol=1e-13)


def test_batch_norm_uses_running_statistics_outside_training() -> None:
    link = torch_link()
    value, after = link.forward(X)
    assert after is link
    np.testing.assert_allclose(value, link.scale * X / np.sqrt(1 + 1e-5) + link.shift)


def test_batch_norm_normalises_over_all_axes_but_the_last() -> None:
    x = np.random.default_rng(0).normal(3, 2, (6, 5, 3))
    value = batch_norm(3, dtype=np.float64)(x, train=True)
    np.testing.assert_allclose(value.mean((0, 1)), 0, atol=1e-14)
    np.testing.assert_allclose(value.var((0, 1)), 1, rtol=1e-5)


def test_batch_norm_keeps_float32() -> None:
    value, after = torch_link(np.float32).forward(X.astype(np.float32), train=True)
    assert {value.dtype, after.mean.dtype, after.variance.dtype} == {np.dtype(np.float32)}


def test_running_statistics_are_no_parameters() -> None:
    link = batch_norm(3)
    assert tree.paths(link) == ["scale", "shift"]
    assert link.parameter_count == 6
    _, after = link.forward(X.astype(np.float32), train=True)
    stepped = after - 0.5 * link
    np.testing.assert_array_equal(stepped.mean, after.mean)
    np.testing.assert_array_equal(stepped.scale, 0.5 * link.scale)


def test_one_row_gives_the_shift() -> None:
    value, after = torch_link().forward(X[:1], train=True)
    np.testing.assert_array_equal(value[0], torch_link().shift)
    assert np.isfinite(after.variance).all()


def test_statistics_converge_to_those_of_the_data() -> None:
    link = batch_norm(3, momentum=0.5, dtype=np.float64)
    for _ in range(60):
        _, link = link.forward(X, train=True)
    np.testing.assert_allclose(link.mean, X.mean(0))
    np.testing.assert_allclose(link.variance, X.var(0, ddof=1))


def test_an_input_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"does not fit BatchNorm\(3\)"):
        batch_norm(3)(np.zeros((2, 4), np.float32))


def test_a_chain_hands_on_key_and_train() -> None:
    net = Chain([batch_norm(3), Dropout(0.5), *mlp([3, 2])])
    x = X.astype(np.float32)
    first, after = net.forward(x, key=KEY, train=True)
    assert not np.array_equal(first, net(x))
    np.testing.assert_array_equal(first, net(x, key=KEY, train=True))
    assert after[0].mean.any()
