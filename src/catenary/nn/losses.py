"""Losses: how far predictions are from their targets, as one number.

``loss(prediction, target, weights=None)``. The first axis counts the n examples; the loss is the
mean over them of each example's cost, Σ wᵢ cᵢ / Σ wᵢ when ``weights`` wᵢ ≥ 0 of shape (n,) are
given. Targets take the dtype of the prediction, so float32 stays float32. A target of shape
(n,) fits a prediction of shape (n, 1).

The losses for probabilities take *logits* (any real numbers, before softmax or sigmoid), which
is what makes them exact where a probability rounds to 0 or 1.

Shapes that do not fit raise :class:`~catenary.core.errors.ShapeError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from catenary.core import errors, network_errors
from catenary.nn.activations import log_softmax
from catenary.nn.arrays import Array, as_array, as_targets, has_values, in_dtype

Loss = Callable[..., Any]


# ---- differences --------------------------------------------------------------------------------


def quadratic_cost(prediction: Array, target: Array, weights: Array | None = None) -> Array:
    """C = 1/(2n) Σᵢ ‖yᵢ − aᵢ‖², half the mean squared distance of target y and prediction a.

    >>> float(quadratic_cost(np.array([[1.0, 0.0], [3.0, 0.0]]), np.zeros((2, 2))))
    2.5
    """
    squares = np.square(_difference("quadratic_cost", prediction, target))
    return 0.5 * _mean(np.sum(squares, axis=_rest(squares)), weights)


def mse(prediction: Array, target: Array, weights: Array | None = None) -> Array:
    """C = 1/(nk) Σᵢⱼ (yᵢⱼ − aᵢⱼ)², the mean squared error over n examples of k outputs.

    >>> float(mse(np.array([[1.0, 0.0], [3.0, 0.0]]), np.zeros((2, 2))))
    2.5
    """
    return _mean(np.square(_difference("mse", prediction, target)), weights)


def mae(prediction: Array, target: Array, weights: Array | None = None) -> Array:
    """C = 1/(nk) Σᵢⱼ |yᵢⱼ − aᵢⱼ|, the mean absolute error over n examples of k outputs.

    >>> float(mae(np.array([1.0, 5.0]), np.array([2.0, 2.0])))
    2.0
    """
    return _mean(np.abs(_difference("mae", prediction, target)), weights)


def huber(
    prediction: Array, target: Array, weights: Array | None = None, *, delta: float = 1.0
) -> Array:
    """Squares near 0, absolute values far away: ½e² for |e| ≤ δ, δ(|e| − ½δ) beyond, on average.

    Source: Huber, "Robust estimation of a location parameter", Ann. Math. Statist. 35, 1964.

    >>> float(huber(np.array([0.5, 3.0]), np.zeros(2)))
    1.3125
    """
    size = np.abs(_difference("huber", prediction, target))
    near = np.minimum(size, delta)
    return _mean(0.5 * np.square(near) + delta * (size - near), weights)


# ---- classes and probabilities ------------------------------------------------------------------


def cross_entropy(prediction: Array, target: Array, weights: Array | None = None) -> Array:
    """C = −1/n Σᵢ log softmax(zᵢ)[yᵢ] for logits z of shape (n, k) and classes y.

    ``target`` is either integers in 0 … k−1 of shape (n,), or probabilities (one-hot rows
    too) pᵢ of shape (n, k), for which the cost is −1/n Σᵢⱼ pᵢⱼ log softmax(zᵢ)ⱼ. Further axes
    between n and k count as examples of equal weight.
    Classes outside 0 … k−1 raise :class:`~catenary.core.errors.InputError`; booleans are the
    classes 0 and 1.

    >>> float(cross_entropy(np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([0, 1])))
    0.41003759
    """
    logits, target = as_array(prediction), as_targets(target)
    if logits.ndim > 1 and logits.shape[-1] == 1:
        raise network_errors.one_output("cross_entropy")
    if _are_classes(logits, target):
        _check_classes("cross_entropy", target, logits.shape[-1])
        chosen = np.take_along_axis(log_softmax(logits), target[..., None], axis=-1)
        return -_mean(chosen[..., 0], weights)
    probabilities = _fit("cross_entropy", logits, target)
    return -_mean(np.sum(probabilities * log_softmax(logits), axis=-1), weights)


def binary_cross_entropy(prediction: Array, target: Array, weights: Array | None = None) -> Array:
    """C = 1/(nk) Σ log(1 + exp(z)) − y z, minus the log-likelihood of y in [0, 1] under σ(z).

    Targets outside [0, 1] raise :class:`~catenary.core.errors.InputError`.

    >>> float(binary_cross_entropy(np.array([0.0, 1e4]), np.array([1, 1])))
    0.34657359
    """
    logits = as_array(prediction)
    target = _fit("binary_cross_entropy", logits, target)
    if has_values(target) and np.any((target < 0) | (target > 1)):
        raise network_errors.bad_target(
            "binary_cross_entropy", "targets from 0 to 1", target, network_errors.NUMBERED
        )
    return _mean(np.logaddexp(logits, 0) - target * logits, weights)


def hinge(prediction: Array, target: Array, weights: Array | None = None) -> Array:
    """C = 1/n Σᵢ max(0, 1 − margin), the cost of a support vector machine.

    With targets y = ±1 of the prediction's shape, the margin is y z. With integer classes y of
    shape (n,) and scores z of shape (n, k > 1), it is z[y] − max over j ≠ y of z[j].
    Other targets raise :class:`~catenary.core.errors.InputError`.

    Source: Crammer & Singer, "On the algorithmic implementation of multiclass kernel-based
    vector machines", JMLR 2, 2001.

    >>> float(hinge(np.array([2.0, 0.5]), np.array([1, -1])))
    0.75
    >>> float(hinge(np.array([[2.0, 1.5, 0.0]]), np.array([0])))
    0.5
    """
    scores, target = as_array(prediction), as_targets(target)
    if _are_classes(scores, target) and scores.shape[-1] > 1:
        return _mean(np.maximum(1 - _margin(scores, target), 0), weights)
    target = _fit("hinge", scores, target)
    if has_values(target) and not np.all(np.abs(target) == 1):
        raise network_errors.bad_target(
            "hinge", "targets that are all −1 or 1", target, "Of 0 and 1 make them by 2 * y - 1."
        )
    return _mean(np.maximum(1 - target * scores, 0), weights)


def poisson(prediction: Array, target: Array, weights: Array | None = None) -> Array:
    """C = 1/(nk) Σ exp(z) − y z: counts y ≥ 0 whose logarithmic rate is predicted as z.

    Minus the log-likelihood of a Poisson distribution, without the term log y! that depends on
    the data alone.

    >>> float(poisson(np.array([0.0, 1.0]), np.array([2, 1])))
    1.35914091
    """
    log_rate = as_array(prediction)
    target = _fit("poisson", log_rate, target)
    return _mean(np.exp(log_rate) - target * log_rate, weights)


def kl(prediction: Array, target: Array, weights: Array | None = None) -> Array:
    """C = 1/n Σᵢⱼ pᵢⱼ (log pᵢⱼ − log softmax(zᵢ)ⱼ), the divergence of softmax(z) from p.

    ``prediction`` holds logits z and ``target`` probabilities p, both of shape (n, k);
    0 log 0 = 0. Source: Kullback & Leibler, Ann. Math. Statist. 22, 1951.

    >>> float(kl(np.zeros((1, 2)), np.array([[0.5, 0.5]])))
    0.0
    >>> float(kl(np.zeros((1, 2)), np.array([[1.0, 0.0]])))
    0.69314718
    """
    logits = as_array(prediction)
    p = _fit("kl", logits, target)
    # The logarithm of an impossible outcome is never taken, so its derivative is finite too.
    log_p = np.log(np.where(p > 0, p, 1))
    return _mean(np.sum(p * (log_p - log_softmax(logits)), axis=-1), weights)


# ---- by name ------------------------------------------------------------------------------------

LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            quadratic_cost,
            mse,
            mae,
            huber,
            cross_entropy,
            binary_cross_entropy,
            hinge,
            poisson,
            kl,
        )
    }
)


def loss(name: str | Loss) -> Loss:
    """The loss of this name; a function is returned as it is.

    Raises :class:`~catenary.core.errors.InputError` with the nearest name when there is none.

    >>> float(loss("mae")(np.array([1.0]), np.array([3.0])))
    2.0
    """
    if callable(name):
        return name
    if name not in LOSSES:
        raise errors.unknown_name("loss", name, LOSSES)
    return LOSSES[name]


# ---- what they share ----------------------------------------------------------------------------


def _fit(name: str, prediction: Array, target: Any) -> Array:
    """The target in the shape and the floating dtype of the prediction."""
    target = as_targets(target)
    if target.shape != prediction.shape:
        # (n, 1) against (n,) would broadcast to (n, n): a classic silent mistake.
        if (*target.shape, 1) != prediction.shape:
            raise network_errors.loss_shapes(name, prediction.shape, target)
        target = target.reshape(prediction.shape)
    return in_dtype(target, prediction.dtype) if prediction.dtype.kind == "f" else target


def _difference(name: str, prediction: Any, target: Any) -> Array:
    prediction = as_array(prediction)
    return _fit(name, prediction, target) - prediction


def _rest(values: Array) -> tuple[int, ...]:
    """All axes but the one that counts the examples."""
    return tuple(range(1, values.ndim))


def _mean(values: Array, weights: Array | None) -> Array:
    """The mean over everything; weights, one for each example, along the first axis."""
    if weights is None:
        return np.mean(values)
    weights = as_array(weights)
    if weights.shape != values.shape[:1]:
        raise network_errors.weights_shape(values.shape[:1], weights.shape)
    weights = in_dtype(weights, values.dtype)
    return np.sum(weights * np.mean(values, axis=_rest(values))) / np.sum(weights)


def _are_classes(scores: Array, target: Array) -> bool:
    return target.dtype.kind in "iub" and target.shape == scores.shape[:-1]


def _check_classes(name: str, target: Array, classes: int) -> None:
    if has_values(target) and target.size and not (0 <= target.min() and target.max() < classes):
        raise network_errors.bad_target(
            name, f"classes from 0 to {classes - 1}", target, network_errors.NUMBERED
        )


def _margin(scores: Array, target: Array) -> Array:
    """How far the score of the right class lies above the best of the others."""
    _check_classes("hinge", target, scores.shape[-1])
    right = np.arange(scores.shape[-1]) == target[..., None]
    others = np.max(np.where(right, -np.inf, scores), axis=-1)
    return np.sum(np.where(right, scores, 0), axis=-1) - others
