"""Metrics that go with the losses: functions of (prediction, target) that give a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from catenary.core import errors
from catenary.nn.arrays import as_targets

Metric: TypeAlias = Callable[[Any, Any], Any]


def accuracy(prediction: Any, target: Any) -> float:
    """The share of examples whose class has the largest score.

    ``prediction`` holds scores of shape (n, k), ``target`` classes of shape (n,) or one-hot rows
    of shape (n, k). With one score for each example, of shape (n,) or (n, 1), the class is
    whether it is positive, and targets are 0 or 1 (or −1 or 1). Names of classes raise
    :class:`~catenary.core.errors.DTypeError`.

    >>> accuracy(np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([0, 0]))
    0.5
    >>> accuracy(np.array([-2.0, 0.5, 3.0, 1.0]), np.array([0, 1, 1, 0]))
    0.75
    """
    prediction, target = np.asarray(prediction), as_targets(target)
    if prediction.ndim == 1 or prediction.shape[-1] == 1:
        return float(np.mean((prediction.reshape(target.shape) > 0) == (target > 0)))
    if target.ndim == prediction.ndim:
        target = np.argmax(target, axis=-1)
    return float(np.mean(np.argmax(prediction, axis=-1) == target))


def rmse(prediction: Any, target: Any) -> float:
    """The root of the mean squared error, √(1/(nk) Σᵢⱼ (yᵢⱼ − aᵢⱼ)²), in the target's unit.

    >>> rmse(np.array([[1.0], [5.0]]), np.array([1.0, 2.0]))
    2.1213203
    """
    prediction, target = np.asarray(prediction), as_targets(target)
    return float(np.sqrt(np.mean(np.square(prediction.reshape(target.shape) - target))))


def r_squared(prediction: Any, target: Any) -> float:
    """R² = 1 − Σ(y − a)² / Σ(y − ȳ)²: 1 is perfect, 0 is as good as the mean of the targets.

    NaN when the targets are all equal.

    >>> r_squared(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    0.5
    """
    target = as_targets(target)
    missed = np.sum(np.square(np.asarray(prediction).reshape(target.shape) - target))
    spread = np.sum(np.square(target - np.mean(target, axis=0)))
    return float(1 - missed / spread) if spread else float("nan")


METRICS: Mapping[str, Metric] = MappingProxyType(
    {function.__name__: function for function in (accuracy, rmse, r_squared)}
)


def metric(name: str | Metric) -> Metric:
    """The metric of this name; a function is returned as it is.

    >>> metric("rmse")(np.array([1.0]), np.array([3.0]))
    2.0
    """
    if callable(name):
        return name
    if name not in METRICS:
        raise errors.unknown_name("metric", name, METRICS)
    return METRICS[name]
