"""A training under way: stretches of steps, what is measured between them, when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import Generic, Literal

import numpy as np

from catenary.core import network_errors
from catenary.core.network_errors import NotFinite
from catenary.descent.second_order import Method
from catenary.function.nan_check import origin
from catenary.tracing import random
from catenary.train.callbacks import Callback
from catenary.train.diagnosis import all_finite, first_path, source_of
from catenary.train.evaluate import measure_again
from catenary.train.history import Epoch, History
from catenary.train.pace import Pace
from catenary.train.plan import Plan
from catenary.train.runner import Runner, Stretch
from catenary.train.second_order import MethodRunner
from catenary.train.state import Net, State
from catenary.train.step import step, training_cost

Stopped = Literal["done", "early", "callback", "interrupted", "not finite"]
_ADVANCE_SECONDS = 0.1


class Training(Generic[Net]):
    """A training under way. Callbacks read it; only :func:`fit` changes it.

    ``state`` is replaced as a whole after each stretch of steps, so that an interruption at any
    moment finds a net and an optimizer's memory that belong together.

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
        method = plan.optimizer
        self._runner: Runner[Net] = (
            MethodRunner(plan, method) if isinstance(method, Method) else Runner(plan)
        )
        self._pace = Pace()
        self._previous: Stretch[Net] | None = None
        self._one_by_one = False
        self._seconds = 0.0
        self._advanced = perf_counter()

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
        """Stretch after stretch until the plan is done, patience ends or a callback says so."""
        while self.state.epochs < self.plan.epochs:
            if self._out_of_patience():
                return "early"
            done = self.state.epochs
            self._go(callbacks)
            if self.state.epochs == done:
                continue
            # Every callback is called, also after one that ends the training.
            if True in [callback.after_epoch(self) for callback in callbacks]:
                return "callback"
        return "done"

    def _out_of_patience(self) -> bool:
        patience = self.plan.patience
        return patience is not None and self.state.epochs - self.state.best_epoch >= patience

    def _go(self, callbacks: Sequence[Callback]) -> None:
        """One stretch of steps, as long as the pace allows, and what follows it."""
        if self.state.batches < self.plan.steps_per_epoch:
            began = perf_counter()
            stretch = self._runner.run(self.state, self._length(callbacks))
            seconds = perf_counter() - began
            if not self._is_fine(stretch):
                return
            self._pace.took(stretch.steps, seconds)
            self._take(stretch, seconds)
            if perf_counter() - self._advanced > _ADVANCE_SECONDS:
                self._advanced = perf_counter()
                for callback in callbacks:
                    callback.advance(self)
        if self.state.batches == self.plan.steps_per_epoch:
            self._close_epoch()

    def _length(self, callbacks: Sequence[Callback]) -> int:
        """The number of steps to take: part of an epoch, or one and as many whole ones as the
        pace and the callbacks allow.
        """
        each, state = self.plan.steps_per_epoch, self.state
        left = each - state.batches
        allowed = self._pace.steps
        if allowed < left or self.plan.looks or self._one_by_one:
            return min(allowed, left)
        due = [callback.next_epoch(self) for callback in callbacks]
        until = int(min(self.plan.epochs, state.epochs + self._runner.capacity, *due))
        return left + each * max(0, min((allowed - left) // each, until - state.epochs - 1))

    def _take(self, stretch: Stretch[Net], seconds: float) -> None:
        """Go on from where a stretch has led."""
        before, after, plan = self.state, stretch.after, self.plan
        each, n = plan.steps_per_epoch, len(plan.examples)
        self.rate = stretch.steps / max(seconds, 1e-9) * n / each
        per_step = seconds / max(stretch.steps, 1)
        spent = self._seconds - before.batches * per_step
        rows = [Epoch(cost, float("nan"), {}, each * per_step) for cost in stretch.costs]
        if rows:
            rows[0] = rows[0]._replace(seconds=spent + each * per_step)
        # Rows first: an interruption before the state is set leaves rows too many, which the count
        # of epochs hides.
        self._rows[before.epochs :] = rows
        self._seconds = after.batches * per_step + (0.0 if rows else spent)
        if after.batches:
            self.cost = after.total / min(after.batches * plan.rows_per_step, n)
        elif rows:
            self.cost = stretch.costs[-1]
        self._previous = stretch
        self.state = after

    def _is_fine(self, stretch: Stretch[Net]) -> bool:
        """Whether its numbers are finite. Where several epochs hide which were not, they are run
        again one by one.
        """
        finite = bool(np.isfinite(stretch.cost))
        ended = stretch.after.batches in {0, self.plan.steps_per_epoch}
        if finite and not (ended and not all_finite(stretch.after.net)):
            return True
        if len(stretch.costs) > finite:
            self._one_by_one = True
            return False
        raise self._by_weights(stretch) if finite else self._by_cost(stretch)

    def _by_weights(self, stretch: Stretch[Net]) -> NotFinite:
        """The last step of an epoch left weights that are not finite."""
        good = self._runner.again(stretch, stretch.steps - 1)
        self.state = good
        what = f"weights that are not finite, in {first_path(stretch.after.net)}"
        source = self._line(good) if self.plan.nan_check else ""
        return network_errors.not_finite(what, stretch.after.steps, good.epochs, source, good.steps)

    def _by_cost(self, stretch: Stretch[Net]) -> NotFinite:
        """The last step that was taken had a cost that is not finite."""
        at, previous, runner = stretch.steps - 1, self._previous, self._runner
        current = runner.again(stretch, at)
        good = current
        if at > 0:
            good = runner.again(stretch, at - 1)
        elif previous is not None:
            good = runner.again(previous, previous.steps - 1)
        # The net and the memory of the last step of finite cost, in the epoch that was reached.
        self.state = replace(current, net=good.net, memory=good.memory, steps=good.steps)
        key = random.fold_in(*runner.randomness(current))
        source = source_of(current.net, runner.batch(current), key)
        if self.plan.nan_check:
            source = f"{source}; {self._line(current)}"
        what = f"a cost of {stretch.cost}"
        return network_errors.not_finite(what, current.steps, current.epochs, source, good.steps)

    def _line(self, state: State[Net]) -> str:
        """The line of the first operation of the next step whose result is not finite."""
        plan, runner = self.plan, self._runner
        batch, randomness = runner.batch(state), runner.randomness(state)
        if isinstance(plan.optimizer, Method):
            found = origin(training_cost, state.net, plan.loss, batch, randomness)
        else:
            rule = plan.loss, plan.optimizer
            found = origin(step, state.net, state.memory, rule, batch, randomness)
        return str(found or "no operation alone is at fault")

    def _close_epoch(self) -> None:
        """Measure, tell the optimizer, remember the best."""
        plan, state, began = self.plan, self.state, perf_counter()
        self.cost = cost = state.total / len(plan.examples)
        measured, metrics = float("nan"), dict[str, float]()
        if plan.validation is not None:
            measured, metrics = measure_again(state.net, plan.loss, plan.validation, plan.metrics)
        elif plan.metrics:
            _, metrics = measure_again(state.net, plan.loss, plan.examples, plan.metrics)
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
        took = self._seconds + perf_counter() - began
        # The row first: an interruption between the two lines leaves one row too many, which
        # the count of epochs hides.
        self._rows[state.epochs :] = [Epoch(cost, measured, metrics, took)]
        self._seconds = 0.0
        self.state = after
