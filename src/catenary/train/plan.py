"""What does not change during a training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from catenary.descent.optimizer import Chain, Composed, Optimizer
from catenary.descent.second_order import Method
from catenary.train.examples import Examples
from catenary.train.metrics import Metric


@dataclass(frozen=True)
class Plan:
    """What does not change during a training."""

    loss: Callable[..., Any]
    optimizer: Optimizer | Method
    examples: Examples
    validation: Examples | None
    metrics: Mapping[str, Metric]
    batch_size: int | None
    epochs: int
    patience: int | None
    key: Any
    nan_check: bool = False

    @property
    def rows_per_step(self) -> int:
        """The number of examples in a full batch."""
        n = len(self.examples)
        return n if self.batch_size is None else min(self.batch_size, n)

    @property
    def steps_per_epoch(self) -> int:
        """The number of batches in an epoch."""
        return -(-len(self.examples) // self.rows_per_step)

    @property
    def looks(self) -> bool:
        """Whether something outside the steps looks at the net after each epoch."""
        return self.validation is not None or bool(self.metrics) or _observes(self.optimizer)


def _observes(optimizer: Optimizer | Method) -> bool:
    """Whether an optimizer may react to the costs that it observes, or steps outside the loop."""
    if isinstance(optimizer, Method):
        return True
    if Composed in type(optimizer).__mro__:  # a protocol, which isinstance does not take
        return _observes(optimizer.pieces())  # type: ignore[attr-defined]
    if isinstance(optimizer, Chain):
        return any(map(_observes, optimizer.links))
    return type(optimizer).observe is not Optimizer.observe
