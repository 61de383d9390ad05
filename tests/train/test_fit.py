"""fit: the steps it takes, what it measures, what it keeps, what it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from catenary import nn
from catenary.core.errors import InputError, ShapeError
from catenary.descent import Adam, GradientDescent, Plateau, chain
from catenary.tracing import random, tree
from catenary.train import Callback, Examples, FitResult, Training, accuracy, fit
from tests.train.problems import (
    CLASSES,
    X,
    Y,
    line,
    net_with_everything,
    quadratic_slope,
    same,
)

RATE = 0.1
DESCENT = GradientDescent(RATE)


def quiet(net: Any, loss: Any, data: Any, **options: Any) -> FitResult[Any]:
    return fit(net, loss, data, **{"optimizer": DESCENT, "verbose": False, **options})


def test_a_full_batch_epoch_is_one_step_down_the_gradient() -> None:
    result = quiet(line(), "quadratic_cost", (X, Y), batch_size=None, epochs=1)
    expected = line() - RATE * quadratic_slope(line(), X, Y)
    np.testing.assert_allclose(result.net[0].weight, expected[0].weight, rtol=1e-12)
    np.testing.assert_allclose(result.net[0].bias, expected[0].bias, rtol=1e-12)
    assert result.history.cost[0] == pytest.approx(nn.quadratic_cost(line()(X), Y), rel=1e-14)
    assert (result.state.steps, result.stopped, result.message) == (1, "done", "")


@pytest.mark.parametrize("size", [1, 5, 11, 22])
def test_batches_are_those_of_the_seed(size: int) -> None:
    result = quiet(line(), "quadratic_cost", (X, Y), batch_size=size, epochs=3, seed=4)
    shuffle = random.fold_in(random.key(4), 0)
    net, costs = line(), []
    for epoch in range(3):
        total = 0.0
        for batch in Examples(X, Y).batches(size, random.fold_in(shuffle, epoch)):
            total += len(batch) * nn.quadratic_cost(net(batch.inputs), batch.targets)
            net = net - RATE * quadratic_slope(net, batch.inputs, batch.targets)
        costs.append(total / len(X))
    np.testing.assert_allclose(result.net[0].weight, net[0].weight, rtol=1e-10)
    np.testing.assert_allclose(result.history.cost, costs, rtol=1e-10)
    assert result.state.steps == 3 * -(-22 // size)


def test_equal_seeds_give_equal_bits_and_others_do_not() -> None:
    first, again, other = (
        quiet(net_with_everything(), "mse", (X, Y), batch_size=8, epochs=2, seed=seed)
        for seed in (1, 1, 2)
    )
    assert same(first.net, again.net)
    assert first.history.cost.tolist() == again.history.cost.tolist()
    assert not same(first.net, other.net)


@pytest.mark.parametrize("optimizer", [DESCENT, Adam(0.01)])
@pytest.mark.parametrize("weights", [None, np.linspace(1, 2, 22)])
def test_nothing_widens_float32(optimizer: Any, weights: Any) -> None:
    data = (X, Y) if weights is None else (X, Y, weights)
    result = quiet(net_with_everything(), "mse", data, optimizer=optimizer, batch_size=8, epochs=2)
    for leaf in tree.flatten((result.net, result.state.memory))[0]:
        assert not hasattr(leaf, "dtype") or leaf.dtype != np.float64


def test_the_step_is_traced_once_for_full_batches_and_once_for_the_last() -> None:
    traces = []

    def loss(prediction: Any, target: Any) -> Any:
        traces.append(target.shape[0])
        return nn.mse(prediction, target)

    quiet(line(), loss, (X, Y), batch_size=5, epochs=4)
    # All 22 targets are seen once as they are, before anything is traced.
    assert traces == [22, 5, 2]


def test_state_of_links_is_kept_and_parameters_move() -> None:
    net = net_with_everything()
    result = quiet(net, "mse", (X, Y), batch_size=8, epochs=30)
    norm = result.net[1]
    assert not np.allclose(norm.mean, 0, atol=1e-3)
    assert norm.momentum == net[1].momentum
    # The running mean follows that of what comes in, which moves with the weights.
    np.testing.assert_allclose(norm.mean, result.net[:1](X).mean(0), atol=0.2)
    assert tree.norm(result.net - net) > 0.1
    assert result.net[2].rate == 0.25


def test_each_step_draws_anew() -> None:
    net = nn.Chain([nn.Dropout(0.5), *line()])
    still = GradientDescent(0.0)
    costs = quiet(net, "mse", (X, Y), optimizer=still, batch_size=None, epochs=5).history.cost
    assert len(set(costs.tolist())) == 5


def test_training_fits() -> None:
    result = quiet(
        nn.mlp([3, 16, 2], "tanh"),
        "cross_entropy",
        (X, CLASSES),
        optimizer=Adam(0.02),
        batch_size=8,
        epochs=60,
        metrics=[accuracy],
    )
    assert result.history.metrics["accuracy"][-1] == 1.0
    assert result.history.cost[-1] < 0.1 < result.history.cost[0]


# ---- weights of examples ------------------------------------------------------------------------


@pytest.mark.parametrize("size", [None, 1, 4])
def test_an_epoch_of_weighted_examples_costs_the_weighted_mean(size: int | None) -> None:
    weights = np.arange(22) % 4 + 0.5
    still = GradientDescent(0.0)
    result = quiet(line(), "mse", (X, Y, weights), optimizer=still, batch_size=size, epochs=1)
    expected = nn.mse(line()(X), Y, weights)
    assert result.history.cost[0] == pytest.approx(expected, rel=1e-12)


def test_weights_count_one_by_one() -> None:
    weights = np.array([3.0, 1.0, 0.0, 0.0])
    result = quiet(line(), "quadratic_cost", (X[:4], Y[:4], weights), batch_size=1, epochs=1)
    net = line()
    shuffle = random.fold_in(random.fold_in(random.key(0), 0), 0)
    for row in random.permutation(shuffle, 2):
        slope = quadratic_slope(net, X[row : row + 1], Y[row : row + 1])
        net = net - RATE * (weights[row] / 2) * slope
    np.testing.assert_allclose(result.net[0].weight, net[0].weight, rtol=1e-12)
    assert result.state.steps == 2


# ---- what is measured ---------------------------------------------------------------------------


def spread(prediction: Any, target: Any) -> float:
    return float(np.ptp(prediction))


def test_validation_data_are_measured_and_not_trained_on() -> None:
    held = (X[:6], Y[:6])
    result = quiet(
        line(), "mse", (X[6:], Y[6:]), validation=held, metrics={"width": spread}, epochs=4
    )
    same_without = quiet(line(), "mse", (X[6:], Y[6:]), epochs=4)
    assert same(result.net, same_without.net)
    last = result.net(held[0])
    assert result.history.validation_cost[-1] == pytest.approx(nn.mse(last, held[1]))
    assert result.history.metrics["width"][-1] == pytest.approx(np.ptp(last))
    assert np.isnan(same_without.history.validation_cost).all()


def test_a_share_of_the_data_is_held_out() -> None:
    result = quiet(line(), "mse", (X, Y), validation=0.25, epochs=2, seed=3)
    kept, held = Examples(X, Y).split(0.25, random.fold_in(random.key(3), 2))
    cost = nn.mse(result.net(held.inputs), held.targets)
    assert result.history.validation_cost[-1] == pytest.approx(cost)
    again = quiet(line(), "mse", (kept.inputs, kept.targets), epochs=2, seed=3)
    assert same(result.net, again.net)


def test_metrics_without_validation_are_those_of_the_data() -> None:
    result = quiet(line(), "mse", (X, Y), metrics=[spread], epochs=2)
    assert result.history.metrics["spread"][-1] == pytest.approx(np.ptp(result.net(X)))


def test_validation_cost_is_of_the_net_as_it_is_used() -> None:
    result = quiet(net_with_everything(), "mse", (X, Y), validation=(X, Y), epochs=3)
    cost = nn.mse(result.net(X.astype(np.float32)), Y)
    assert result.history.validation_cost[-1] == pytest.approx(float(cost), rel=1e-5)


def test_the_optimizer_observes_the_validation_cost() -> None:
    def memory(validation: Any) -> Any:
        optimizer = chain(GradientDescent(1e-9), Plateau(patience=1, factor=0.5, threshold=0.5))
        result = quiet(line(), "mse", (X, Y), optimizer=optimizer, validation=validation, epochs=6)
        return result.state.memory[1], result.history

    watch, history = memory((X, Y + 100))
    assert watch.scale < 1
    assert watch.best == pytest.approx(history.validation_cost[0], rel=1e-6)
    watch, history = memory(None)
    assert watch.best == pytest.approx(history.cost[0], rel=1e-6)


# ---- when it ends -------------------------------------------------------------------------------

# Validation data that the untrained net predicts exactly: the first epoch is the best.
STAY = (X, line()(X))


def test_patience_returns_the_best_net() -> None:
    result = quiet(line(), "mse", (X, Y), validation=STAY, patience=3, epochs=50)
    assert result.stopped == "early"
    assert len(result.history) == result.best_epoch + 3
    assert result.best_epoch == 1
    best = nn.mse(result.net(X), STAY[1])
    assert best == pytest.approx(result.history.validation_cost.min())
    assert nn.mse(result.state.net(X), STAY[1]) > best


def test_without_patience_the_last_net_is_returned() -> None:
    result = quiet(line(), "mse", (X, Y), validation=STAY, epochs=5)
    assert result.best_epoch == 1
    assert same(result.net, result.state.net)
    assert not same(result.net, result.state.best)


def test_no_epochs_change_nothing() -> None:
    result = quiet(line(), "mse", (X, Y), epochs=0)
    assert same(result.net, line())
    assert len(result.history) == 0
    assert result.stopped == "done"


class Recording(Callback):
    def __init__(self) -> None:
        self.calls: list[str] = []

    def begin(self, training: Training[Any]) -> None:
        self.calls.append("begin")

    def after_epoch(self, training: Training[Any]) -> None:
        self.calls.append(f"{training.epochs}:{training.steps}:{len(training.history)}")
        assert training.history.cost[-1] == training.cost

    def end(self, training: Training[Any]) -> None:
        self.calls.append("end")


def test_callbacks_and_functions_are_called() -> None:
    recording = Recording()
    seen = []

    def stop_at_two(training: Training[Any]) -> bool:
        seen.append(training.net)
        return training.epochs == 2

    result = quiet(
        line(), "mse", (X, Y), batch_size=10, epochs=9, callbacks=[stop_at_two, recording]
    )
    assert recording.calls == ["begin", "1:3:1", "2:6:2", "end"]
    assert result.stopped == "callback"
    assert same(seen[-1], result.net)


# ---- what it takes and refuses ------------------------------------------------------------------


@dataclass(frozen=True)
class Wave:
    """Any dataclass that can be called is a net."""

    height: np.ndarray
    name: str = "wave"

    def __call__(self, x: Any) -> Any:
        return self.height * np.sin(x)


@dataclass(frozen=True)
class Scaled:
    net: nn.Chain
    by: float

    def __call__(self, x: Any) -> Any:
        return self.by * self.net(x)


def test_any_callable_tree_and_any_loss() -> None:
    def loss(prediction: Any, target: Any) -> Any:
        return np.mean((prediction - target) ** 2)

    result = quiet(
        Wave(np.ones(3)), loss, (X, 2 * np.sin(X)), optimizer=GradientDescent(1.0), epochs=40
    )
    np.testing.assert_allclose(result.net.height, 2, rtol=1e-3)
    assert result.net.name == "wave"


def test_python_floats_are_parameters_of_the_nets_dtype() -> None:
    mixed = Scaled(nn.mlp([3, 2], seed=1), 1.5)
    result = quiet(mixed, "mse", (X, Y), epochs=2)
    assert result.net.by.dtype == np.float32
    assert result.net.by != 1.5
    assert result.net.net[0].weight.dtype == np.float32
    assert mixed.by == 1.5


def test_inputs_may_be_trees() -> None:
    net = nn.Chain([lambda x: x["a"] + x["b"], *line()])
    result = quiet(net, "mse", ({"a": X / 2, "b": X / 2}, Y), validation=0.5, epochs=2)
    plain = quiet(line(), "mse", (X, Y), validation=0.5, epochs=2)
    np.testing.assert_allclose(result.net[1].weight, plain.net[0].weight)


def test_a_loss_must_give_one_number() -> None:
    with pytest.raises(ShapeError, match=r"got:      shape \(22, 2\)"):
        quiet(line(), lambda a, y: (a - y) ** 2, (X, Y))


def test_targets_are_checked_before_the_first_step() -> None:
    classes = np.arange(22) % 2
    classes[20] = 2
    with pytest.raises(InputError, match="classes from 0 to 1"):
        quiet(line(), "cross_entropy", (X, classes))
    with pytest.raises(InputError, match="classes from 0 to 1"):
        quiet(line(), "cross_entropy", (X, classes % 2), validation=(X, classes))
    with pytest.raises(ShapeError, match="does not fit the prediction"):
        quiet(line(), "mse", (X, Y[:, :1]))


def squares(prediction: Any, target: Any) -> Any:
    return np.mean((prediction - target) ** 2)


def squares_of_the_column(prediction: Any, target: Any) -> Any:
    return np.mean((prediction[:, 0] - target) ** 2)


def test_a_column_is_not_taken_from_a_row() -> None:
    net, flat = nn.mlp([3, 1]), nn.Chain([*nn.mlp([3, 1]), lambda x: x[:, 0]])
    with pytest.raises(ShapeError, match=r"Give the targets as y\[:, None\]"):
        quiet(net, squares, (X, Y[:, 0]))
    with pytest.raises(ShapeError, match=r"Give the targets as y\[:, 0\]"):
        quiet(flat, squares, (X, Y[:, :1]))
    assert same(
        quiet(net, squares_of_the_column, (X, Y[:, 0]), epochs=1).net,
        quiet(net, squares, (X, Y[:, :1]), epochs=1).net,
    )


def test_classes_may_be_booleans() -> None:
    assert same(
        quiet(line(), "cross_entropy", (X, CLASSES > 0), epochs=1).net,
        quiet(line(), "cross_entropy", (X, CLASSES), epochs=1).net,
    )
    with pytest.raises(InputError, match="targets from 0 to 1"):
        quiet(nn.mlp([3, 1]), "binary_cross_entropy", (X, CLASSES + 1))


def test_errors_tell_the_shapes_of_the_examples() -> None:
    with pytest.raises(ShapeError) as caught:
        quiet(nn.mlp([4, 2]), "mse", (X, Y), validation=0.5)
    assert caught.value.__notes__[-1] == (
        "  in the examples: inputs of shape (22, 3), targets of shape (22, 2)"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size=0 cannot be.*\n.*integer from 1, or None"),
        ({"batch_size": 2.5}, "batch_size=2.5"),
        ({"epochs": -1}, "epochs=-1 cannot be.*\n.*integer from 0$"),
        ({"epochs": None}, "epochs=None"),
        ({"patience": True}, "patience=True"),
        ({"validation": 0.001}, "held out"),
        ({"metrics": [spread, spread]}, "two metrics are called 'spread'"),
    ],
)
def test_options_that_cannot_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        quiet(line(), "mse", (X, Y), **options)


def test_an_unknown_loss() -> None:
    with pytest.raises(InputError, match="Did you mean 'mse'"):
        quiet(line(), "mce", (X, Y))


def test_the_users_arrays_are_not_touched() -> None:
    x, y, net = X.copy(), Y.copy(), line()
    before = line()
    quiet(net, "mse", (x, y), batch_size=4, epochs=2)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)
    assert same(net, before)


def test_a_result_prints_what_happened() -> None:
    text = repr(quiet(line(), "mse", (X, Y), validation=(X, Y), epochs=2)).splitlines()
    assert text[0] == "FitResult: done after 2 epochs, best after 2"
    assert text[1].split() == ["epoch", "cost", "validation", "cost", "seconds"]


def test_optimizer_metrics_and_callbacks_in_short() -> None:
    epochs: list[int] = []
    short = fit(
        line(),
        "cross_entropy",
        (X, CLASSES),
        optimizer="adam",
        learning_rate=0.01,
        metrics="accuracy",
        callbacks=lambda training: epochs.append(training.epochs),
        epochs=2,
        verbose=False,
    )
    long = quiet(
        line(),
        "cross_entropy",
        (X, CLASSES),
        optimizer=Adam(0.01),
        metrics=[accuracy],
        callbacks=[Callback()],
        epochs=2,
    )
    assert same(short.net, long.net)
    assert list(short.history.metrics) == ["accuracy"]
    assert epochs == [1, 2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": Adam}, r"class Adam itself.\n  Write its settings: Adam\(learning_rate="),
        ({"optimizer": 0.1}, "optimizer=0.1 cannot be.\n  expected: an optimizer, or a name: ada"),
        ({"optimizer": Adam(), "learning_rate": 0.1}, "a learning rate was given beside"),
        ({"metrics": ["acuracy"]}, "no metric called 'acuracy'. Did you mean 'accuracy'?"),
        ({"resume": True}, "resume=True needs a file"),
        ({"lr": 0.1}, "no argument of fit called 'lr'. Did you mean 'learning_rate'?"),
    ],
)
def test_options_that_say_nothing_clear(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        quiet(line(), "cross_entropy", (X, CLASSES), **options)
