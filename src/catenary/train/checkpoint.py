"""Checkpoints: a training in a file, from which it goes on as if it had never stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from catenary.core import network_errors
from catenary.nn.weights import read, save
from catenary.train.callbacks import Callback
from catenary.train.history import Epoch
from catenary.train.plan import Plan
from catenary.train.state import State
from catenary.train.training import Training

Net = TypeVar("Net")
_NOTE = "catenary"


class Checkpoint(Callback):
    """Writes the training to a safetensors file at its start and after each epoch.

    The file is complete at every moment; a folder that cannot be written is found out before
    the first step. It holds the net, the optimizer's memory and the best net, and as a note the
    counts and the history. Epochs that end within so many ``seconds`` of the last writing are not
    written. :func:`fit` makes one when it is given ``checkpoint=path``.

    >>> Checkpoint("run/last.safetensors").path.name
    'last.safetensors'
    """

    def __init__(self, path: str | Path, seconds: float = 0.0) -> None:
        self.path = Path(path)
        self.seconds = seconds
        self._written = float("-inf")

    def begin(self, training: Training[Any]) -> None:
        """Make the folder, and write the training as it is."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.after_epoch(training)

    def after_epoch(self, training: Training[Any]) -> None:
        """Write the training as it is now, if it is time."""
        if monotonic() - self._written < self.seconds:
            return
        state = training.state
        note = {
            "plan": _fingerprint(training.plan),
            "epochs": state.epochs,
            "steps": state.steps,
            "best_epoch": state.best_epoch,
            "history": training.history.rows(),
        }
        save(state, self.path, {_NOTE: json.dumps(note)})
        self._written = monotonic()


def restore(path: str | Path, plan: Plan, like: State[Net]) -> tuple[State[Net], list[Epoch]]:
    """The state and the rows of history that :class:`Checkpoint` wrote.

    ``like`` is the state before the first step of the same training. A file of another network
    or optimizer, or of a training with other data, batches or seed, which could not go on as if
    it had never stopped, raises :class:`~catenary.core.errors.InputError`.
    """
    state, text = read(path, like)
    if _NOTE not in text:
        raise network_errors.unreadable_weights(path, "it holds weights but no training")
    note = json.loads(text[_NOTE])
    for name, expected in _fingerprint(plan).items():
        if note["plan"].get(name) != expected:
            raise network_errors.other_training(path, name, expected, note["plan"].get(name))
    counts = {name: note[name] for name in ("epochs", "steps", "best_epoch")}
    return replace(state, **counts), [Epoch(*row) for row in note["history"]]


def _fingerprint(plan: Plan) -> dict[str, Any]:
    """What must be equal for a training to go on."""
    return {
        "seed": [int(word) for word in plan.key],
        "batch_size": plan.batch_size,
        "examples": len(plan.examples),
    }
