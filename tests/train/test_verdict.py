"""The verdict on the point that a training reached."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary import nn
from catenary.core.errors import DerivativeError
from catenary.descent import Adam, GradientDescent, Momentum
from catenary.descent.schedules import StepDecay
from catenary.tracing import tree
from catenary.train import fit
from catenary.train.verdict import judge, stable_curvature
from tests.train import problems

X, Y = problems.X, problems.Y


def trained(net: Any, loss: Any = "mse", data: Any = (X, Y), **options: Any) -> Any:
    settings = {"epochs": 3, "batch_size": 8, "verbose": False} | options
    return fit(net, loss, data, **settings)


def test_linear_regression_ends_in_a_minimum_of_known_curvature() -> None:
    result = trained(
        problems.line(), optimizer="gradient-descent", learning_rate=0.3, batch_size=None,
        epochs=3000,
    )  # fmt: skip
    found = result.verdict
    wide = np.column_stack([X, np.ones(len(X))])
    curvatures = np.linalg.eigvalsh(2 * wide.T @ wide / Y.size)
    assert found.kind == "minimum"
    assert found.largest == pytest.approx(curvatures[-1])
    assert found.smallest == pytest.approx(curvatures[0])
    assert found.limit == pytest.approx(2 / 0.3)
    assert (found.examples, found.curved, found.total) == (22, 22, 22)
    assert str(found).startswith("minimum: no curvature below ")
    assert f"largest curvature {curvatures[-1]:.3g} (< 6.67, the most that" in str(found)
    assert result.verdict is found


def test_a_short_training_ends_nowhere() -> None:
    net = nn.mlp([3, 5, 2], activation="tanh", seed=0, dtype=np.float64)
    result = trained(net)
    found = result.verdict
    assert found.kind == "not critical"
    assert found.limit is None

    def f(w: Any) -> Any:
        return nn.mse(w(X), Y)

    slope = cat.grad(f)(result.net)
    whole = np.linalg.eigvalsh(cat.linearize(cat.grad(f), result.net)[1].matrix())
    assert found.point is not None
    assert found.point.gradient_norm == pytest.approx(float(tree.norm(slope)))
    assert found.point.value == pytest.approx(float(f(result.net)))
    assert found.largest == pytest.approx(whole[-1], rel=1e-3)
    assert found.point.smallest.low <= whole[0] <= found.smallest + 1e-12
    assert str(found).startswith("not critical: gradient norm ")
    assert found.plain["kind"] == "not critical"
    assert found.plain["sentence"] == str(found)


def test_no_training_at_all_has_a_verdict_too() -> None:
    net = tree.map(np.zeros_like, nn.mlp([3, 4, 2], activation="tanh", seed=0, dtype=np.float64))
    centred = Y - Y.mean(axis=0)
    found = trained(net, data=(X, centred), epochs=0).verdict
    assert found.kind == "saddle"
    assert found.smallest < 0 < found.largest


def test_nets_with_state_noise_and_weighted_examples() -> None:
    result = trained(problems.net_with_everything())
    assert result.verdict.kind == "not critical"
    weights = np.arange(1.0, 23.0)
    repeated = np.repeat(np.arange(22), np.arange(1, 23))
    line = problems.line()
    weighted = trained(line, data=(X, Y, weights), epochs=0).verdict
    copied = trained(line, data=(X[repeated], Y[repeated]), epochs=0).verdict
    assert weighted.largest == pytest.approx(copied.largest)
    assert weighted.point.gradient_norm == pytest.approx(copied.point.gradient_norm)


def test_a_part_of_many_examples_is_judged_and_that_is_told() -> None:
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(20_000, 2)), generator.normal(size=20_000)
    result = trained(problems.nn.mlp([2, 1], dtype=np.float64), data=(x, y), epochs=1)
    found = result.verdict
    assert (found.examples, found.curved, found.total) == (16_384, 1024, 20_000)
    assert str(found).endswith("gradient on 16,384 and curvature on 1,024 of 20,000 examples")
    assert found.largest == pytest.approx(2, rel=0.2)


def test_many_parameters() -> None:
    """Compiled, on few examples."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(40, 30)).astype(np.float32)
    net = nn.mlp([30, 3400, 1], seed=0)
    assert tree.size(net) > 100_000
    found = trained(net, data=(x, x[:, :1]), epochs=1, batch_size=None).verdict
    assert found.curved == 40
    assert found.largest > 0


def test_a_training_that_ends_in_numbers_that_are_not_finite() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        result = trained(
            problems.line(np.float32), optimizer="gradient-descent", learning_rate=1e20, epochs=5
        )
    assert result.stopped == "not finite"
    assert result.verdict.kind in {"unknown", "not critical"}
    assert isinstance(str(result.verdict), str)
    lost = tree.map(lambda a: a * np.nan, result.net)
    found = judge(result.plan, lost)
    assert (found.kind, found.reason) == ("unknown", "the weights are not finite")
    assert np.isnan(found.largest)
    assert found.plain["sentence"] == "unknown: the weights are not finite"
    huge = tree.map(lambda a: np.full_like(a, 1e30), result.net)
    assert judge(result.plan, huge).reason == "the cost or its gradient is not finite"


def test_a_cost_that_cannot_be_derived_is_told() -> None:
    result = trained(problems.line())

    def broken(z: Any, y: Any) -> Any:
        raise DerivativeError("this loss has no derivative.\n  More about it.")

    found = judge(replace(result.plan, loss=broken), result.net)
    assert str(found) == "unknown: this loss has no derivative."


def test_the_curvature_that_a_learning_rate_bears() -> None:
    assert stable_curvature(GradientDescent(0.1), 7) == pytest.approx(20)
    assert stable_curvature(Momentum(0.1, 0.9), 7) == pytest.approx(38)
    assert stable_curvature(Adam(0.1), 7) is None
    schedule = StepDecay(0.1, every=5, factor=0.5)
    assert stable_curvature(GradientDescent(schedule), 5) == pytest.approx(20)
    assert stable_curvature(GradientDescent(schedule), 6) == pytest.approx(40)
    assert stable_curvature(GradientDescent(lambda t: 0.0 * t), 6) is None


def test_beyond_the_limit() -> None:
    result = trained(problems.line(), optimizer="gradient-descent", learning_rate=0.1, epochs=1)
    plan = replace(result.plan, optimizer=GradientDescent(10.0))
    assert "(≥ 0.2, the most that this learning rate bears)" in str(judge(plan, result.net))


def test_the_net_that_is_returned_is_the_one_that_is_judged() -> None:
    result = trained(
        problems.line(), validation=(X[:5], Y[:5]), patience=2, epochs=50, learning_rate=0.5
    )
    assert result.net is result.state.best
    assert result.verdict.point.value == pytest.approx(float(nn.mse(result.net(X), Y)))
