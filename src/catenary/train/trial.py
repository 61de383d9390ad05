"""Try net and loss on the examples before training, while numbers can still be looked at."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core import network_errors
from catenary.nn.losses import LOSSES, Loss
from catenary.tracing import tree
from catenary.tracing.trace import trace
from catenary.train.diagnosis import finite_rows, first_path
from catenary.train.examples import Examples
from catenary.train.step import cost_of, forward

_FEW = 3


def try_loss(net: Any, loss: Loss, examples: Examples) -> None:
    """Refuse targets that the loss cannot take, and numbers that are not finite.

    The prediction of the first example stands for all of them. Errors get a note with the
    shapes of the examples, for the net saw another number of rows.
    """
    try:
        with np.errstate(all="ignore"):
            one, _ = forward(net, examples.take(np.arange(1)).inputs)
            if hasattr(one, "shape") and one.shape[:1] == (1,):
                cost_of(loss, np.broadcast_to(one, (len(examples), *one.shape[1:])), examples)
                _refuse_pairs(loss, one, examples)
            _refuse_not_finite(net, loss, examples)
    except Exception as error:
        error.add_note(
            f"  in the examples: inputs of shape {_shape(examples.inputs)}, "
            f"targets of shape {_shape(examples.targets)}"
        )
        raise


def _refuse_pairs(loss: Loss, one: Any, examples: Examples) -> None:
    """Refuse a loss that takes (n, 1) from (n,), which NumPy broadcasts to (n, n).

    Whether it does shows in what it computes: a loss may as well take the one column itself.
    """
    few = examples.take(np.arange(min(_FEW, len(examples))))
    n, shape = len(few), (len(few), *one.shape[1:])
    shapes = {shape, np.shape(few.targets)} if tree.is_array(few.targets) else set()
    if loss in LOSSES.values() or n < 2 or shapes != {(n,), (n, 1)}:
        return
    graph = trace(lambda *parts: cost_of(loss, *parts), np.broadcast_to(one, shape), few)
    if any(var.type.shape[:2] == (n, n) for node in graph.nodes for var in node.outputs):
        raise network_errors.crossed_targets(len(shape) == 1)


def _refuse_not_finite(net: Any, loss: Loss, examples: Examples) -> None:
    """Refuse a row of numbers that are not finite, unless net and loss know how to take it."""
    fine = finite_rows(examples)
    if fine.all():
        return
    row = int(np.argmin(fine))
    # Beside a row of finite numbers, for a loss may leave out what is missing.
    batch = examples.take(np.array([row, np.argmax(fine)]))
    if not np.isfinite(cost_of(loss, forward(net, batch.inputs)[0], batch)):
        raise network_errors.row_not_finite(first_path(batch), row)


def _shape(part: Any) -> str:
    return str(tree.map_arrays(np.shape, part))
