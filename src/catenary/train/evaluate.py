"""What a network predicts, and how good that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np

from catenary.core import network_errors
from catenary.function.jit import Jitted
from catenary.nn.chain import name_of
from catenary.nn.losses import loss as loss_named
from catenary.tracing import tree
from catenary.train.examples import Examples, examples
from catenary.train.metrics import Metric, metric
from catenary.train.step import cost_of, forward

Metrics: TypeAlias = Mapping[str, str | Metric] | Iterable[str | Metric] | str | Metric


_predict = Jitted(lambda net, x: forward(net, x)[0], (), many=True)


def predict(net: Any, x: Any, *, rows: int = 1024) -> Any:
    """The net's values at many inputs, computed a block of rows at a time.

    ``x`` is an array, or a tree of arrays, whose first axis counts the inputs; memory is bounded
    by blocks of ``rows``. The last block is filled up to a power of two with copies of its last
    row, so that inputs of any number need few compiled functions; each row's value must
    therefore depend on that row alone, as it does for every link outside training.

    >>> predict(np.sqrt, np.array([1.0, 4.0, 9.0]), rows=2)
    array([1., 2., 3.])
    """
    n = len(tree.flatten(x)[0][0])
    blocks = []
    for start in range(0, max(n, 1), rows):
        size = min(rows, n - start)
        if n <= rows:
            padded = np.arange(n)
        else:
            padded = np.minimum(np.arange(_power_of_two(size, rows)), size - 1) + start
        block = _predict(net, tree.map_arrays(lambda array, at=padded: array[at], x))
        blocks.append(tree.map_arrays(lambda array, size=size: array[:size], block))
    return tree.map_arrays(lambda *parts: np.concatenate(parts), *blocks)


def _power_of_two(size: int, most: int) -> int:
    return min(1 << max(size - 1, 0).bit_length(), most)


def evaluate(
    net: Any,
    loss: str | Callable[..., Any],
    data: Any,
    metrics: Metrics = (),
) -> tuple[float, dict[str, float]]:
    """The cost of a net on data, and the metrics by name.

    ``data`` is ``(inputs, targets)`` or ``(inputs, targets, weights)``; ``metrics`` are functions
    of ``(prediction, target)`` that give a number, in a mapping or by their own names, or names:
    ``"accuracy"``, ``"rmse"``, ``"r_squared"``.

    >>> cost, metrics = evaluate(np.sqrt, "mse", (np.array([4.0]), np.array([3.0])))
    >>> cost
    1.0
    """
    return measure(net, loss_named(loss), examples(data), by_name(metrics))


def measure(
    net: Any, loss: Callable[..., Any], data: Examples, metrics: Mapping[str, Metric]
) -> tuple[float, dict[str, float]]:
    """:func:`evaluate` for examples that are checked already."""
    prediction = predict(net, data.inputs)
    with np.errstate(all="ignore"):
        cost = float(cost_of(loss, prediction, data))
        return cost, {name: float(f(prediction, data.targets)) for name, f in metrics.items()}


def by_name(metrics: Metrics) -> dict[str, Metric]:
    """Metrics under their names; two of one name are refused."""
    if isinstance(metrics, Mapping):
        return {name: metric(value) for name, value in metrics.items()}
    named: dict[str, Metric] = {}
    for function in map(metric, _several(metrics)):
        name = name_of(function)
        if name in named:
            raise network_errors.metric_twice(name)
        named[name] = function
    return named


def _several(metrics: Iterable[str | Metric] | str | Metric) -> Iterable[str | Metric]:
    """One metric as the only one of several."""
    return (metrics,) if isinstance(metrics, str) or callable(metrics) else metrics
