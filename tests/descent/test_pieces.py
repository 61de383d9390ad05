"""Clipping, decay, accumulation, averaging, skipping and the plateau, against their definitions."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenary import descent as optim
from catenary.core import errors
from catenary.tracing import tree
from tests.descent.problems import Layer

VECTORS = arrays.arrays(
    np.float64, st.integers(1, 5), elements=st.floats(-1e6, 1e6, allow_subnormal=False)
)
LIMITS = st.floats(0.01, 100.0)


def passed(piece: optim.Optimizer, gradient: Any, params: Any = None) -> Any:
    params = tree.zeros_like(gradient) if params is None else params
    return piece.update(gradient, piece.init(params), params)[0]


@given(VECTORS, LIMITS)
def test_clip_value_keeps_every_coordinate_within(gradient: Any, limit: float) -> None:
    clipped = passed(optim.ClipValue(limit), gradient)
    assert np.all(np.abs(clipped) <= limit)
    inside = np.abs(gradient) <= limit
    np.testing.assert_array_equal(clipped[inside], gradient[inside])
    np.testing.assert_array_equal(np.sign(clipped), np.sign(gradient))


@given(VECTORS, VECTORS, LIMITS)
def test_clip_global_norm_shortens_and_keeps_the_direction(a: Any, b: Any, limit: float) -> None:
    gradient = {"a": a, "b": b}
    clipped = passed(optim.ClipGlobalNorm(limit), gradient)
    length = tree.norm(gradient)
    np.testing.assert_allclose(tree.norm(clipped), min(length, limit), rtol=1e-12)
    np.testing.assert_allclose(tree.dot(clipped, gradient), tree.norm(clipped) * length, rtol=1e-12)
    if length <= limit:
        np.testing.assert_array_equal(clipped["a"], a)


@given(VECTORS, VECTORS, LIMITS)
def test_clip_norm_treats_each_array_alone(a: Any, b: Any, limit: float) -> None:
    clipped = passed(optim.ClipNorm(limit), [a, b])
    for one, part in zip((a, b), clipped):
        np.testing.assert_array_equal(passed(optim.ClipGlobalNorm(limit), one), part)


def test_clipping_does_not_hide_a_nan() -> None:
    gradient = np.array([np.nan, 5.0])
    for clip in (optim.ClipValue(1.0), optim.ClipNorm(1.0), optim.ClipGlobalNorm(1.0)):
        assert np.isnan(passed(clip, gradient)[0])


def test_the_place_of_weight_decay_decides_what_it_means() -> None:
    w, g = np.array([2.0, -4.0]), np.array([0.3, 0.3])
    coupled = optim.chain(optim.WeightDecay(0.1), optim.Lion(0.5))
    np.testing.assert_allclose(passed(coupled, g, w), -0.5 * np.sign(g + 0.1 * w))
    decoupled = optim.chain(optim.LionDirection(), optim.WeightDecay(0.1), optim.Descend(0.5))
    np.testing.assert_allclose(passed(decoupled, g, w), -0.5 * (np.sign(g) + 0.1 * w))


def test_weight_decay_spares_what_is_not_chosen() -> None:
    params = [
        {"bias": np.ones(1), "weight": np.ones(1)},
        {"bias": np.ones(1), "weight": np.ones(1)},
    ]
    decay = optim.WeightDecay(1.0, only=lambda path: path == "[1]['weight']")
    pulled = passed(decay, tree.zeros_like(params), params)
    assert [float(leaf[0]) for leaf in tree.coordinates(pulled)] == [0, 0, 0, 1]


@pytest.mark.parametrize("every", [1, 2, 3])
def test_accumulated_small_batches_act_as_large_ones(every: int) -> None:
    """Each inner step is that of the mean of its gradients, its schedule counting inner steps."""
    inner = optim.Adam(optim.ExponentialDecay(0.1, factor=0.5))
    optimizer = optim.Accumulate(inner, every)
    w = expected = np.array([1.0, -2.0])
    state, inner_state = optimizer.init(w), inner.init(w)
    gradients = np.cos(np.arange(24.0)).reshape(12, 2)
    for i, gradient in enumerate(gradients):
        step, state = optimizer.update(gradient, state, w)
        w = optim.apply(w, step)
        if (i + 1) % every:
            np.testing.assert_array_equal(step, 0)
            continue
        mean = gradients[i + 1 - every : i + 1].mean(axis=0)
        step, inner_state = inner.update(mean, inner_state, expected)
        expected = optim.apply(expected, step)
        np.testing.assert_allclose(w, expected, rtol=1e-14)


def test_the_average_of_the_weights_is_their_weighted_mean() -> None:
    optimizer = optim.AverageWeights(optim.Momentum(0.1), decay=0.8)
    w = np.array([5.0, -3.0])
    state, passed_by = optimizer.init(w), []
    np.testing.assert_array_equal(optim.average_weights(state), w)
    for t in range(1, 8):
        step, state = optimizer.update(w, state, w)
        w = optim.apply(w, step)
        passed_by.append(w)
        weights = 0.8 ** np.arange(t)[::-1]
        expected = np.average(passed_by, axis=0, weights=weights)
        np.testing.assert_allclose(optim.average_weights(state), expected, rtol=1e-13)


def test_what_is_no_coordinate_comes_from_the_newest_weights() -> None:
    optimizer = optim.AverageWeights(optim.GradientDescent(0.1))
    old = Layer(np.ones(2), running_mean=np.zeros(2))
    new = Layer(np.ones(2), running_mean=np.full(2, 7.0))
    _, state = optimizer.update(new, optimizer.init(old), new)
    np.testing.assert_array_equal(optim.average_weights(state).running_mean, [7.0, 7.0])


def test_the_average_is_found_under_wrappers() -> None:
    w = np.ones(2)
    inside = optim.chain(optim.ClipValue(1.0), optim.AverageWeights(optim.Adam()))
    state = optim.SkipNotFinite(inside).init(w)
    np.testing.assert_array_equal(optim.average_weights(state), w)
    with pytest.raises(errors.InputError, match="no average"):
        optim.average_weights(optim.chain(optim.Adam()).init(w))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_changes_nothing_but_the_count(bad: float) -> None:
    optimizer, plain = optim.SkipNotFinite(optim.Adam(0.1)), optim.Adam(0.1)
    w = np.ones(2)
    state, plain_state = optimizer.init(w), plain.init(w)
    good, spoilt = np.array([1.0, 2.0]), np.array([1.0, bad])
    counts = []
    for gradient in (good, spoilt, spoilt, good, spoilt):
        step, state = optimizer.update(gradient, state, w)
        counts.append((int(state.skipped), int(state.in_a_row)))
        if gradient is good:
            expected, plain_state = plain.update(good, plain_state, w)
            np.testing.assert_array_equal(step, expected)
        else:
            np.testing.assert_array_equal(step, 0)
    assert counts == [(0, 0), (1, 1), (2, 2), (2, 0), (3, 1)]
    for a, b in zip(tree.coordinates(state.inner), tree.coordinates(plain_state)):
        np.testing.assert_array_equal(a, b)


def test_a_plateau_ignores_nan_and_improves_on_negative_costs() -> None:
    plateau = optim.Plateau(factor=0.5, patience=1)
    state = plateau.init(np.ones(1))
    for cost, expected in [(-1.0, 1), (-2.0, 1), (np.nan, 1), (-3.0, 1), (-3.0, 1), (np.nan, 0.5)]:
        state = plateau.observe(state, cost)
        assert float(state.scale) == expected


def test_wrappers_pass_observations_on() -> None:
    plateau = optim.Plateau(factor=0.5, patience=0)
    wrapped = optim.AverageWeights(
        optim.SkipNotFinite(optim.Accumulate(optim.chain(optim.GradientDescent(1.0), plateau), 1))
    )
    w = np.ones(1)
    state = wrapped.init(w)
    for _ in range(2):
        state = wrapped.observe(state, 1.0)
    np.testing.assert_array_equal(wrapped.update(np.ones(1), state, w)[0], [-0.5])


def test_a_chain_runs_from_left_to_right() -> None:
    clip, decay = optim.ClipValue(1.0), optim.WeightDecay(1.0)
    g, w = np.array([5.0]), np.array([3.0])
    np.testing.assert_array_equal(passed(optim.chain(clip, decay), g, w), [4.0])
    np.testing.assert_array_equal(passed(optim.chain(decay, clip), g, w), [1.0])
