"""One step of training: forward, backward, update."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core import network_errors
from catenary.descent.optimizer import Optimizer, apply
from catenary.function.modes import value_and_grad
from catenary.nn.chain import Link
from catenary.nn.losses import Loss
from catenary.tracing import random
from catenary.train.examples import Examples


def forward(net: Any, x: Any, *, key: Any = None, train: bool = False) -> tuple[Any, Any]:
    """The value at x and the net after it; a net is a link, or any function of x."""
    if isinstance(net, Link):
        return net.forward(x, key=key, train=train)
    return net(x), net


def cost_of(loss: Loss, prediction: Any, examples: Examples) -> Any:
    """The cost of the examples, and a refusal of losses that give no single number."""
    weights = {} if examples.weights is None else {"weights": examples.weights}
    cost = loss(prediction, examples.targets, **weights)
    if np.shape(cost) != ():
        raise network_errors.cost_shape(np.shape(cost))
    return cost


def batch_cost(loss: Loss, prediction: Any, examples: Examples) -> Any:
    """The share of a batch in the cost of all examples."""
    cost = cost_of(loss, prediction, examples)
    # The loss divides by the weights of the batch; over all batches they have mean 1.
    return cost if examples.weights is None else cost * np.mean(examples.weights)


def training_cost(
    net: Any, loss: Loss, examples: Examples, randomness: tuple[Any, Any]
) -> tuple[Any, Any]:
    """The cost of a batch with this step's randomness, and the net with its new state."""
    key = random.fold_in(*randomness)
    prediction, after = forward(net, examples.inputs, key=key, train=True)
    return batch_cost(loss, prediction, examples), after


def step(
    net: Any,
    memory: Any,
    rule: tuple[Loss, Optimizer],
    examples: Examples,
    randomness: tuple[Any, Any],
) -> tuple[Any, Any, Any]:
    """Net and optimizer's memory after a batch, and the cost of the batch before it.

    ``randomness`` is a key and the count of steps, which is folded into it.
    """
    loss, optimizer = rule
    (cost, after), gradient = value_and_grad(training_cost, has_aux=True)(
        net, loss, examples, randomness
    )
    change, memory = optimizer.update(gradient, memory, net)
    return apply(after, change), memory, cost
