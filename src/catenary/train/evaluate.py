"""What a network predicts, and how good that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np

from catenary.core import network_errors
from catenary.function.jit import Jitted
from catenary.function.loops import scan
from catenary.nn.chain import name_of
from catenary.nn.losses import loss as loss_named
from catenary.tracing import tree
from catenary.train.examples import Examples, examples
from catenary.train.metrics import Metric, metric
from catenary.train.step import cost_of, forward

Metrics: TypeAlias = Mapping[str, str | Metric] | Iterable[str | Metric] | str | Metric


_predict = Jitted(lambda net, x: forward(net, x)[0], (), many=True)


ROWS = 1024


def predict(net: Any, x: Any, *, rows: int = ROWS) -> Any:
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
        padded = np.minimum(np.arange(_power_of_two(size, rows)), size - 1) + start
        # Nothing to copy where a block is whole.
        at: Any = slice(start, start + size) if len(padded) == size or not size else padded
        block = _predict(net, tree.map_arrays(lambda array, at=at: array[at], x))
        blocks.append(tree.map_arrays(lambda array, size=size: array[:size], block))
    if len(blocks) == 1:
        return blocks[0]
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
        return float(cost_of(loss, prediction, data)), _metrics(metrics, prediction, data)


def measure_again(
    net: Any, loss: Callable[..., Any], data: Examples, metrics: Mapping[str, Metric]
) -> tuple[float, dict[str, float]]:
    """:func:`measure` for examples that are measured many times: compiled for their number."""
    cost, prediction = _measured(net, loss, data, bool(metrics))
    with np.errstate(all="ignore"):
        return float(cost), _metrics(metrics, prediction, data)


def _in_blocks(net: Any, loss: Callable[..., Any], data: Examples, told: bool) -> tuple[Any, Any]:
    """The cost, and the prediction if it is to be told, computed a block of rows at a time."""
    whole, rest = divmod(len(data), ROWS)
    cut = whole * ROWS
    parts = []
    if whole:
        blocks = tree.map_arrays(
            lambda array: np.reshape(array[:cut], (whole, ROWS, *array.shape[1:])),
            data.inputs,
        )
        _, found = scan(lambda carry, x: (carry, forward(net, x)[0]), (), blocks)
        parts.append(
            tree.map_arrays(lambda array: np.reshape(array, (cut, *array.shape[2:])), found)
        )
    if rest:
        parts.append(forward(net, tree.map_arrays(lambda array: array[cut:], data.inputs))[0])
    prediction = parts[0]
    if len(parts) > 1:
        prediction = tree.map_arrays(lambda *both: np.concatenate(both), *parts)
    return cost_of(loss, prediction, data), prediction if told else None


_measured = Jitted(_in_blocks, (), many=True)


def _metrics(metrics: Mapping[str, Metric], prediction: Any, data: Examples) -> dict[str, float]:
    return {name: float(f(prediction, data.targets)) for name, f in metrics.items()}


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
