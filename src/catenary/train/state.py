"""Where a training stands: all that is needed to go on as if it had never stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from catenary.descent.optimizer import Optimizer
from catenary.descent.second_order import Method

Net = TypeVar("Net")


@dataclass(frozen=True, eq=False)
class State(Generic[Net]):
    """A training between two steps.

    ``net`` and the optimizer's ``memory`` after ``steps`` steps, of which whole ``epochs`` are
    done, and ``batches`` of the next, whose costs add up to ``total``; ``best``, the net after
    the epoch ``best_epoch`` of least cost ``best_cost`` (of the validation data, where there
    are any).

    >>> from catenary.descent import GradientDescent
    >>> state = State.start(np.zeros(2), GradientDescent(0.1))
    >>> state.steps, state.best_cost
    (0, inf)
    """

    net: Net
    memory: Any
    best: Net
    best_cost: float = np.inf
    best_epoch: int = 0
    epochs: int = 0
    steps: int = 0
    batches: int = 0
    total: float = 0.0

    @classmethod
    def start(cls, net: Net, optimizer: Optimizer | Method) -> State[Net]:
        """Before the first step."""
        return cls(net, optimizer.init(net), net)
