"""Progress on standard error: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import math
import sys
from typing import Any

from catenary.train.callbacks import Callback
from catenary.train.training import Training

_LINES = 20


def describe(training: Training[Any]) -> str:
    """The epoch that was done last, in one line: costs, metrics, examples per second."""
    row = training.last
    parts = [f"epoch {training.epochs}/{training.plan.epochs}", f"cost {row.cost:.4g}"]
    if training.plan.validation is not None:
        parts.append(f"validation {row.validation_cost:.4g}")
    parts += [f"{name} {value:.4g}" for name, value in row.metrics.items()]
    return "  ".join([*parts, f"{training.rate:,.0f}/s"])


class Lines(Callback):
    """Plain lines: one for each epoch, or about twenty over a long training."""

    def begin(self, training: Training[Any]) -> None:
        """Settle how often a line is due."""
        self.every = max(1, (training.plan.epochs - training.epochs) // _LINES)

    def after_epoch(self, training: Training[Any]) -> None:
        """Print a line when it is due."""
        done = training.epochs
        if done % self.every == 0 or done == training.plan.epochs:
            sys.stderr.write(f"{describe(training)}\n")
            sys.stderr.flush()

    def next_epoch(self, training: Training[Any]) -> float:
        """The epoch of the next line."""
        return training.epochs - training.epochs % self.every + self.every


class Bar(Callback):
    """A bar that moves with the steps, drawn by rich."""

    def begin(self, training: Training[Any]) -> None:
        """Draw the bar."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.table import Column

        # On a narrow terminal the end of the text is cut, not the bar or the time.
        text = Column(no_wrap=True, overflow="ellipsis")
        columns = (
            BarColumn(bar_width=16, table_column=Column(min_width=16)),
            TimeRemainingColumn(table_column=Column(min_width=7)),
            TextColumn("{task.description}", table_column=text),
        )
        self.bar = Progress(*columns, console=Console(stderr=True))
        self.task = self.bar.add_task(
            "", total=training.plan.epochs * training.plan.steps_per_epoch
        )
        self.bar.start()

    def advance(self, training: Training[Any]) -> None:
        """Move it."""
        text = f"epoch {training.epochs + 1}/{training.plan.epochs}  cost {training.cost:.4g}"
        self._show(training, f"{text}  {training.rate:,.0f}/s")

    def after_epoch(self, training: Training[Any]) -> None:
        """Show what was measured."""
        self._show(training, describe(training))

    def next_epoch(self, training: Training[Any]) -> float:
        """It takes what comes."""
        del training
        return math.inf

    def _show(self, training: Training[Any], text: str) -> None:
        self.bar.update(self.task, completed=training.steps, description=text)

    def end(self, training: Training[Any]) -> None:
        """Leave it as it stands."""
        del training
        self.bar.stop()


def progress() -> Callback:
    """What suits this process: a bar where a person watches and rich is installed, else lines."""
    if not sys.stderr.isatty():
        return Lines()
    try:
        import rich.progress  # noqa: F401 - is it there?
    except ImportError:
        return Lines()
    return Bar()
