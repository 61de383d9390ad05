"""The network that most begin with: dense links in a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from numbers import Integral
from typing import Any

import numpy as np

from catenary.core import network_errors
from catenary.nn.activations import identity
from catenary.nn.chain import Chain
from catenary.nn.dense import dense
from catenary.nn.initializers import Initializer
from catenary.tracing import random


def mlp(
    widths: Sequence[int],
    activation: str | Callable[[Any], Any] = "relu",
    output: str | Callable[[Any], Any] = identity,
    *,
    seed: int = 0,
    weights: str | Initializer | None = None,
    dtype: Any = np.float32,
) -> Chain:
    """A multilayer perceptron: a chain of :class:`Dense` links of these widths.

    ``widths`` starts with the number of inputs and ends with the number of outputs.
    ``activation`` follows every link but the last, which has ``output``: none, because the
    losses for classes take logits. ``weights`` is an initializer or its name; by default each
    link gets the one that suits its activation. Biases start at 0. Equal seeds give equal nets.

    Fewer than two widths, or one that is not a positive integer, raise
    :class:`~catenary.core.errors.InputError`.

    >>> net = mlp([64, 128, 10], activation="relu", seed=0)
    >>> net
    Chain(Dense(64 -> 128, relu), Dense(128 -> 10))
    >>> net(np.zeros((5, 64), np.float32)).shape, net.parameter_count
    ((5, 10), 9610)
    """
    if _is_width(widths):
        raise network_errors.widths_apiece((widths, activation, output))
    if len(widths) < 2 or not all(map(_is_width, widths)):
        raise network_errors.bad_widths(widths)
    key = random.key(seed)
    last = len(widths) - 2
    return Chain(
        tuple(
            dense(
                inputs,
                outputs,
                output if number == last else activation,
                key=random.fold_in(key, number),
                weights=weights,
                dtype=dtype,
            )
            for number, (inputs, outputs) in enumerate(pairwise(widths))
        )
    )


def _is_width(width: Any) -> bool:
    return isinstance(width, Integral) and int(width) > 0
