"""A cost that is not finite: the training stops, says where it came from, keeps what was good."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catenary import nn
from catenary.core.errors import InputError
from catenary.descent import GradientDescent
from catenary.tracing import random
from catenary.train import FitResult, fit
from catenary.train.diagnosis import all_finite, source_of
from catenary.train.examples import Examples
from tests.train.problems import X, Y, line, same


def run(net: nn.Chain, data: Any, rate: float, **options: Any) -> FitResult[nn.Chain]:
    with pytest.warns(RuntimeWarning, match="training stopped"):
        return fit(net, "mse", data, optimizer=GradientDescent(rate), verbose=False, **options)


@pytest.mark.parametrize("size", [None, 8])
def test_a_divergence_keeps_the_last_weights_of_finite_cost(size: int | None) -> None:
    result = run(line(np.float32), (X, Y), 1e12, batch_size=size, epochs=50)
    assert result.stopped == "not finite"
    assert all_finite(result.net)
    assert np.isfinite(nn.mse(result.net(X), Y))
    assert "training stopped: a cost of inf at step" in result.message
    kept = result.state.steps
    assert kept > 0
    assert f"at step {kept + 1} (epoch" in result.message
    assert f"The weights after step {kept} are kept" in result.message
    assert len(result.history) == result.state.epochs


def test_the_first_link_at_fault_is_named() -> None:
    net = nn.Chain([*nn.mlp([3, 4]), lambda x: np.sqrt(x - 1e3), *nn.mlp([4, 2])])
    result = run(net, (X, Y), 0.1)
    assert "first link whose output is not finite is link 1, Function(<lambda>)" in result.message
    assert "at step 0 (epoch 1)" in result.message
    assert same(result.net, net)


def test_data_that_are_not_finite_are_named() -> None:
    bad = X.copy()
    bad[7, 1] = np.nan
    with pytest.raises(InputError, match="row 7 of the inputs holds a number that is not finite"):
        fit(line(), "mse", (bad, Y), validation=0.5)
    missing = np.where(np.arange(22) == 3, np.inf, 0)[:, None] + Y
    with pytest.raises(InputError, match="row 3 of the targets"):
        fit(line(), "mse", (X, Y), validation=(X, missing))


def test_a_loss_may_leave_out_what_is_missing() -> None:
    def known(prediction: Any, target: Any) -> Any:
        there = np.isfinite(target)
        return np.sum(np.where(there, prediction - np.where(there, target, 0), 0) ** 2)

    missing = np.where(np.arange(22) == 3, np.nan, 0)[:, None] + Y
    assert fit(line(), known, (X, missing), epochs=1, verbose=False).stopped == "done"


def test_a_last_step_that_breaks_the_weights_is_seen() -> None:
    result = run(line(), (X, 100 * Y), 1e308, batch_size=None, epochs=1)
    assert "weights that are not finite, in links[0].weight at step 1" in result.message
    assert same(result.net, line())
    assert len(result.history) == 0


def test_earlier_epochs_and_the_best_net_are_kept() -> None:
    result = run(line(np.float32), (X, Y), 4.0, batch_size=None, epochs=999, patience=999)
    assert len(result.history) == result.state.epochs > 10
    assert np.isfinite(result.history.cost).all()
    assert result.history.cost[-1] > 1e30
    assert same(result.net, result.state.best)
    assert not same(result.net, result.state.net)


def test_sources() -> None:
    key = random.key(0)
    net = line()
    fine = Examples(X, Y)
    assert source_of(net, fine, key) == "every link's output is finite, the loss of it is not"
    broken = nn.Chain([nn.Dense(net[0].weight * np.nan, net[0].bias)])
    assert source_of(broken, fine, key) == "the weights hold one, in links[0].weight"
    weighted = Examples(X, Y, np.full(22, np.inf))
    assert "the weights of the batch" in source_of(net, weighted, key)
    assert source_of(np.tanh, fine, key).startswith("every link")
