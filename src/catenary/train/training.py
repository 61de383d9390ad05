"""A training under way: epochs of steps, what is measured between them, when it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from time import perf_counter
from typing import Any, Generic, Literal, NoReturn

import numpy as np

from catenary.core import network_errors
from catenary.descent.optimizer import Optimizer
from catenary.tracing import random
from catenary.train.callbacks import Callback
from catenary.train.diagnosis import all_finite, first_path, source_of
from catenary.train.evaluate import measure
from catenary.train.examples import Examples
from catenary.train.history import Epoch, History
from catenary.train.metrics import Metric
from catenary.train.state import Net, State
from catenary.train.step import step

Stopped = Literal["done", "early", "callback", "interrupted", "not finite"]
_ADVANCE_SECONDS = 0.1


@dataclass(frozen=True)
class Plan:
    """What does not change during a training."""

    loss: Callable[..., Any]
    optimizer: Optimizer
    examples: Examples
    validation: Examples | None
    metrics: Mapping[str, Metric]
    batch_size: int | None
    epochs: int
    patience: int | None
    key: Any

    @property
    def rows_per_step(self) -> int:
        """The number of examples in a full batch."""
        n = len(self.examples)
        return n if self.batch_size is None else min(self.batch_size, n)

    @property
    def steps_per_epoch(self) -> int:
        """The number of batches in an epoch."""
        return -(-len(self.examples) // self.rows_per_step)


class Training(Generic[Net]):
    """A training under way. Callbacks read it; only :func:`fit` changes it.

    ``state`` is replaced as a whole after each step, so that an interruption at any moment finds
    a net and an optimizer's memory that belong together.

    >>> from catenary.nn import mlp
    >>> from catenary.train import fit
    >>> steps = []
    >>> data = np.ones((64, 2)), np.ones((64, 1))
    >>> look = lambda training: steps.append(training.steps)
    >>> result = fit(mlp([2, 1]), "mse", data, epochs=2, callbacks=[look], verbose=False)
    >>> steps
    [2, 4]
    """

    def __init__(self, plan: Plan, state: State[Net], rows: Sequence[Epoch] = ()) -> None:
        self.plan = plan
        self.state = state
        self.cost = rows[-1].cost if rows else float("nan")
        self.rate = float("nan")
        self._rows = list(rows)
        self._good = state
        self._shuffle, self._noise = (random.fold_in(plan.key, i) for i in range(2))

    @property
    def net(self) -> Net:
        """The net as it is now."""
        return self.state.net

    @property
    def epochs(self) -> int:
        """The number of epochs done."""
        return self.state.epochs

    @property
    def steps(self) -> int:
        """The number of steps done."""
        return self.state.steps

    @property
    def history(self) -> History:
        """What happened so far."""
        return History.of(self._rows[: self.state.epochs])

    @property
    def last(self) -> Epoch:
        """The row of the last epoch."""
        return self._rows[self.state.epochs - 1]

    def run(self, callbacks: Sequence[Callback]) -> Stopped:
        """Epoch after epoch until the plan is done, patience ends or a callback says so."""
        while self.state.epochs < self.plan.epochs:
            if self._out_of_patience():
                return "early"
            began = perf_counter()
            self._close_epoch(self._epoch(callbacks), began)
            # Every callback is called, also after one that ends the training.
            if True in [callback.after_epoch(self) for callback in callbacks]:
                return "callback"
        return "done"

    def _out_of_patience(self) -> bool:
        patience = self.plan.patience
        return patience is not None and self.state.epochs - self.state.best_epoch >= patience

    def _epoch(self, callbacks: Sequence[Callback]) -> float:
        """The steps of one epoch, or what is left of it, and the mean cost of its examples."""
        key = random.fold_in(self._shuffle, self.state.epochs)
        batches = self.plan.examples.batches(self.plan.batch_size, key)
        seen = done = self.state.batches * self.plan.rows_per_step
        began = last = perf_counter()
        for batch in islice(batches, self.state.batches, None):
            self._step(batch)
            seen, now = seen + len(batch), perf_counter()
            self.cost = self.state.total / seen
            self.rate = (seen - done) / max(now - began, 1e-9)
            if now - last > _ADVANCE_SECONDS:
                last = now
                for callback in callbacks:
                    callback.advance(self)
        if not all_finite(self.state.net):
            self._fail(f"weights that are not finite, in {first_path(self.state.net)}", "")
        return self.cost

    def _step(self, batch: Examples) -> None:
        """One step on a batch."""
        plan, state = self.plan, self.state
        count = np.int64(state.steps)
        net, memory, cost = step(
            state.net, state.memory, (plan.loss, plan.optimizer), batch, (self._noise, count)
        )
        if not np.isfinite(cost):
            found = source_of(state.net, batch, random.fold_in(self._noise, count))
            self._fail(f"a cost of {float(cost)}", found)
        self._good = state
        self.state = replace(
            state,
            net=net,
            memory=memory,
            steps=state.steps + 1,
            batches=state.batches + 1,
            total=state.total + float(cost) * len(batch),
        )

    def _fail(self, what: str, source: str) -> NoReturn:
        """Go back to the last weights that gave a finite cost, and say what came after them."""
        steps, good = self.state.steps, self._good
        self.state = replace(self.state, net=good.net, memory=good.memory, steps=good.steps)
        raise network_errors.not_finite(what, steps, self.state.epochs, source, good.steps)

    def _close_epoch(self, cost: float, began: float) -> None:
        """Measure, tell the optimizer, remember the best."""
        plan, state = self.plan, self.state
        measured, metrics = float("nan"), dict[str, float]()
        if plan.validation is not None:
            measured, metrics = measure(state.net, plan.loss, plan.validation, plan.metrics)
        elif plan.metrics:
            _, metrics = measure(state.net, plan.loss, plan.examples, plan.metrics)
        watched = cost if plan.validation is None else measured
        after = replace(
            state,
            memory=plan.optimizer.observe(state.memory, np.float64(watched)),
            epochs=state.epochs + 1,
            batches=0,
            total=0.0,
        )
        if watched < state.best_cost:
            after = replace(after, best=state.net, best_cost=watched, best_epoch=after.epochs)
        # The row first: an interruption between the two lines leaves one row too many, which
        # the count of epochs hides.
        self._rows[state.epochs :] = [Epoch(cost, measured, metrics, perf_counter() - began)]
        self.state = after
