"""Losses: the values of PyTorch, formulas by hand, weights, edge points, dtypes, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from catenary.core.errors import DTypeError, InputError, ShapeError
from catenary.nn.losses import (
    LOSSES,
    binary_cross_entropy,
    cross_entropy,
    hinge,
    kl,
    loss,
    mse,
    quadratic_cost,
)
from tests.nn import from_torch

TORCH = from_torch.load()["losses"]
LOGITS = np.array(from_torch.LOGITS)
TARGETS = np.array(from_torch.TARGETS)
PROBABILITIES = np.array(from_torch.PROBABILITIES)
CLASSES = np.array(from_torch.CLASSES)
WEIGHTS = np.array(from_torch.WEIGHTS)
TORCH_TARGETS: dict[str, Any] = {
    "quadratic_cost": TARGETS,
    "mse": TARGETS,
    "mae": TARGETS,
    "huber": TARGETS,
    "cross_entropy": CLASSES,
    "cross_entropy_of_probabilities": PROBABILITIES,
    "binary_cross_entropy": PROBABILITIES,
    "hinge": np.sign(TARGETS + 0.1),
    "poisson": np.abs(TARGETS),
    "kl": PROBABILITIES,
}
CASES = sorted(TORCH_TARGETS)


def function(case: str) -> Callable[..., Any]:
    return LOSSES[case.removesuffix("_of_probabilities")]


def test_every_loss_has_reference_values() -> None:
    assert {function(case) for case in CASES} == set(LOSSES.values())


@pytest.mark.parametrize("case", CASES)
def test_values_of_torch(case: str) -> None:
    f, target = function(case), TORCH_TARGETS[case]
    assert f(LOGITS, target) == pytest.approx(TORCH[case]["value"], rel=1e-14)
    assert f(LOGITS, target, WEIGHTS) == pytest.approx(
        TORCH[f"{case}, weighted"]["value"], rel=1e-14
    )


@pytest.mark.parametrize("case", CASES)
def test_float32_stays_whatever_the_target_and_weights_are(case: str) -> None:
    f, target = function(case), TORCH_TARGETS[case]
    for weights in (None, WEIGHTS, [1, 2, 3, 4]):
        found = f(LOGITS.astype(np.float32), target, weights)
        assert (found.dtype, found.shape) == (np.float32, ())
        assert found == pytest.approx(f(LOGITS, target, weights), rel=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_a_weight_counts_examples(case: str) -> None:
    f, target = function(case), TORCH_TARGETS[case]
    counts = np.array([2, 0, 1, 3])
    repeated = f(np.repeat(LOGITS, counts, axis=0), np.repeat(target, counts, axis=0))
    assert f(LOGITS, target, counts) == pytest.approx(repeated, rel=1e-14)
    with pytest.raises(ShapeError, match="one weight for each example"):
        f(LOGITS, target, np.ones(3))
    with pytest.raises(ShapeError, match="one weight for each example"):
        f(LOGITS, target, np.ones((4, 1)))


# exp(1e4) has no floating-point number: the cost of poisson is infinite there.
@pytest.mark.parametrize("case", [case for case in CASES if case != "poisson"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_stable_at_huge_logits(case: str, dtype: Any) -> None:
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]], dtype)
    target = TORCH_TARGETS[case][:2]
    assert np.isfinite(function(case)(logits, target))


def test_quadratic_cost_is_the_formula() -> None:
    n = len(TARGETS)
    by_hand = sum(((y - a) ** 2).sum() for y, a in zip(TARGETS, LOGITS)) / (2 * n)
    assert quadratic_cost(LOGITS, TARGETS) == pytest.approx(by_hand, rel=1e-15)
    assert mse(LOGITS, TARGETS) == pytest.approx(2 * by_hand / 3, rel=1e-15)


def test_cross_entropy_of_classes_is_that_of_one_hot_rows() -> None:
    one_hot = np.eye(3)[CLASSES]
    for target in (one_hot, one_hot.astype(int), one_hot.astype(bool)):
        assert cross_entropy(LOGITS, target) == cross_entropy(LOGITS, CLASSES)
    assert cross_entropy(LOGITS, CLASSES.astype(np.uint8)) == cross_entropy(LOGITS, CLASSES)
    assert cross_entropy(LOGITS, CLASSES.tolist()) == cross_entropy(LOGITS, CLASSES)


def test_cross_entropy_over_positions() -> None:
    logits, classes = np.stack([LOGITS, LOGITS + 1]), np.stack([CLASSES, CLASSES])
    assert cross_entropy(logits, classes) == pytest.approx(cross_entropy(LOGITS, CLASSES))
    only_first = cross_entropy(logits, classes, np.array([1.0, 0.0]))
    assert only_first == pytest.approx(cross_entropy(LOGITS, CLASSES))


def test_cross_entropy_at_huge_logits_is_exact() -> None:
    logits = np.array([[1e4, -1e4]])
    assert cross_entropy(logits, np.array([0])) == 0
    assert cross_entropy(logits, np.array([1])) == 2e4
    assert binary_cross_entropy(np.array([1e4, -1e4]), np.array([1, 0])) == 0
    assert binary_cross_entropy(np.array([1e4, -1e4]), np.array([0, 1])) == 1e4


def test_masked_logits_cost_nothing() -> None:
    logits = np.array([[0.0, 0.0, -np.inf]])
    assert cross_entropy(logits, np.array([1])) == pytest.approx(np.log(2))


def test_multiclass_hinge() -> None:
    # Margins of LOGITS with CLASSES: −0.75 − 0.5, 2 − 3, 4 − 0.125 and, for 0.25 − 1.5, class 0.
    margins = np.array([1.5 - 0.25, -0.75 - 0.5, 2.0 - 3.0, 4.0 - 0.125])
    assert hinge(LOGITS, CLASSES) == pytest.approx(np.maximum(1 - margins, 0).mean())
    assert hinge(LOGITS[:, :1], np.array([1, -1, 1, 1])) == pytest.approx((0 + 1 + 0 + 2) / 4)


def test_kl_of_a_distribution_with_itself_is_zero() -> None:
    assert kl(np.log(PROBABILITIES[:1]), PROBABILITIES[:1]) == pytest.approx(0, abs=1e-15)
    entropy = -np.sum(PROBABILITIES[2] * np.log(PROBABILITIES[2]))
    assert cross_entropy(LOGITS[2:3], PROBABILITIES[2:3]) == pytest.approx(
        kl(LOGITS[2:3], PROBABILITIES[2:3]) + entropy
    )


@pytest.mark.parametrize("case", ["mse", "binary_cross_entropy", "huber", "poisson"])
def test_a_column_and_a_vector_do_not_spread_over_each_other(case: str) -> None:
    column, vector = LOGITS[:, :1], PROBABILITIES[:, 0]
    f = function(case)
    assert f(column, vector) == f(column[:, 0], vector)
    with pytest.raises(ShapeError, match=r"expected: targets of the prediction's shape \(4,\)"):
        f(column[:, 0], vector[:, None])


def test_a_target_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"or integer classes of shape \(4,\)"):
        cross_entropy(LOGITS, np.array([0.0, 1.0, 2.0, 0.0]))
    with pytest.raises(ShapeError, match=r"int64 targets of shape \(3,\)"):
        cross_entropy(LOGITS, np.array([0, 1, 2]))


@pytest.mark.parametrize("f", [cross_entropy, hinge])
def test_a_class_outside_the_range_is_refused(f: Callable[..., Any]) -> None:
    for wrong in ([0, 1, 2, 3], [0, 1, -1, 2]):
        with pytest.raises(InputError, match="classes from 0 to 2"):
            f(LOGITS, np.array(wrong))


def test_hinge_refuses_targets_that_are_no_signs() -> None:
    with pytest.raises(InputError, match="targets that are all −1 or 1"):
        hinge(np.zeros(2), np.array([0, 1]))


def test_a_loss_by_name_or_as_it_is() -> None:
    assert loss("mse") is mse
    assert loss(np.subtract) is np.subtract
    with pytest.raises(InputError, match=r"Did you mean 'cross_entropy'\?"):
        loss("crossentropy")


def test_binary_targets_lie_between_0_and_1() -> None:
    for target in (2, -0.1):
        with pytest.raises(InputError, match="targets from 0 to 1"):
            binary_cross_entropy(np.array([9.0]), np.array([target]))


@pytest.mark.parametrize("f", [cross_entropy, hinge])
def test_booleans_are_classes(f: Callable[..., Any]) -> None:
    classes = np.array([True, False, True, True])
    assert f(LOGITS, classes) == f(LOGITS, classes.astype(int))


@pytest.mark.parametrize(
    ("target", "advice"),
    [
        (CLASSES.astype(np.float32), r"use y\.astype\(int\)\."),
        (CLASSES[:, None], r"use y\[:, 0\]\."),
        (CLASSES[:, None].astype(float), r"use y\[:, 0\]\.astype\(int\)\."),
    ],
)
def test_misshapen_classes_are_told_the_way(target: Any, advice: str) -> None:
    with pytest.raises(ShapeError, match=advice):
        cross_entropy(LOGITS, target)


@pytest.mark.parametrize("f", [cross_entropy, mse])
def test_names_of_classes_are_told_to_be_numbered(f: Callable[..., Any]) -> None:
    with pytest.raises(DTypeError, match=r"np\.unique\(y, return_inverse=True\)"):
        f(LOGITS, np.array(["a", "b", "a", "b"]))


def test_one_output_has_no_classes() -> None:
    with pytest.raises(ShapeError, match="two outputs, or use the loss binary_cross_entropy"):
        cross_entropy(LOGITS[:, :1], CLASSES * 0)
