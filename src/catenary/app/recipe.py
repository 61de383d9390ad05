"""What a run is made of: its chain and its descent, with defaults that suit the data.

The defaults are the result of `benchmarks/accuracy.py`. They depend on the number n of training
rows only: a pull of the weights towards 0 that fades as rows come in (min(2, 700 / n)), batches
that grow with the rows so that an epoch keeps about 40 steps or more, and epochs enough for about
3000 steps.
"""

from __future__ import annotations

import math
from argparse import Namespace
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catenary.app.options import LOSSES_OF_CLASSES, LOSSES_OF_NUMBERS
from catenary.core import input_errors
from catenary.data.encoding import ClassTarget, NumberTarget, Target
from catenary.data.prepare import Dataset
from catenary.descent import Optimizer, WeightDecay, chain, get
from catenary.nn import Chain, mlp

HIDDEN = (64, 64)
STEPS = 3000
STEPS_PER_EPOCH = 40
BATCH_SIZES = (32, 256)
EPOCHS = (10, 1000)
MOST_WEIGHTS = 100_000_000
RATES = {
    "adamw": 3e-3, "adam": 3e-3, "amsgrad": 3e-3, "nadam": 3e-3, "radam": 3e-3, "adamax": 6e-3,
    "rmsprop": 1e-3, "lion": 1e-3, "adagrad": 3e-2, "adadelta": 1.0, "rprop": 1e-2, "sgd": 0.1,
    "gradient-descent": 0.1, "momentum": 3e-2, "nesterov": 3e-2,
}  # fmt: skip
# These take the pull of the weights towards 0 as a part of their step.
DECOUPLED = frozenset({"adamw", "lion"})


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a run, apart from the data.

    layers:     the widths of the chain, inputs and outputs included
    batch_size: rows in a step; None takes all of them
    steps:      how many steps the whole run has
    """

    layers: tuple[int, ...]
    activation: str
    loss: str
    optimizer: str
    learning_rate: float
    schedule: str
    weight_decay: float
    batch_size: int | None
    epochs: int
    steps: int
    seed: int

    @property
    def weights(self) -> int:
        """How many weights and biases the chain has."""
        return sum((before + 1) * after for before, after in pairwise(self.layers))

    def net(self) -> Chain:
        """The chain before training."""
        return mlp(self.layers, self.activation, seed=self.seed, dtype=np.float32)

    def rule(self) -> Optimizer:
        """The optimizer, with its schedule and its weight decay."""
        settings: dict[str, Any] = {}
        if self.optimizer in DECOUPLED:
            settings["weight_decay"] = self.weight_decay
        schedule = None if self.schedule == "constant" else self.schedule
        rule = get(
            self.optimizer, self.learning_rate, schedule=schedule, steps=self.steps, **settings
        )
        if self.weight_decay and self.optimizer not in DECOUPLED:
            return chain(WeightDecay(self.weight_decay), rule)
        return rule


def settle(options: Namespace, dataset: Dataset) -> Recipe:
    """The recipe that the options ask for, with defaults for what they leave open.

    Raises `InputError` for layers and losses that do not fit the data.
    """
    rows = len(dataset.train[0])
    rprop = options.optimizer == "rprop"
    batch_size = _batch_size(rows) if options.batch_size is None else options.batch_size
    if batch_size == "full" or (rprop and options.batch_size is None):
        batch_size = None
    steps_per_epoch = math.ceil(rows / (batch_size or rows))
    epochs = options.epochs or _within(STEPS // steps_per_epoch, EPOCHS)
    decay = options.weight_decay
    if decay is None:
        decay = min(2.0, 700 / rows) if options.optimizer == "adamw" else 0.0
    if rprop and options.schedule not in {None, "constant", "plateau"}:
        raise input_errors.option_does_not_fit(
            f"--schedule {options.schedule}", "rprop finds the length of its steps itself"
        )
    recipe = Recipe(
        layers=_layers(options.layers, dataset),
        activation=options.activation,
        loss=options.loss or ("cross_entropy" if dataset.task == "classify" else "mse"),
        optimizer=options.optimizer,
        learning_rate=options.learning_rate or RATES[options.optimizer],
        schedule=options.schedule or ("constant" if rprop else "cosine"),
        weight_decay=decay,
        batch_size=batch_size,
        epochs=epochs,
        steps=epochs * steps_per_epoch,
        seed=options.seed,
    )
    _check_loss(recipe.loss, dataset)
    if recipe.weights > MOST_WEIGHTS:
        raise input_errors.too_many_weights(recipe.weights, MOST_WEIGHTS)
    return recipe


def outputs_of(target: Target) -> int:
    """How many outputs the chain has: one for each class, or one number."""
    return len(target.classes) if isinstance(target, ClassTarget) else 1


def targets_for(loss: str, target: Target, encoded: NDArray[Any]) -> NDArray[Any]:
    """Encoded targets in the form that the loss takes.

    Class indices as they are, or as rows with a one in the place of the class; numbers
    standardised, or for poisson as the counts that they are.
    """
    if isinstance(target, ClassTarget):
        if loss in {"cross_entropy", "hinge"}:
            return encoded
        return np.asarray(np.eye(len(target.classes), dtype=np.float32)[encoded])
    if loss == "poisson":
        return target.decode(encoded).astype(np.float32)[:, None]
    return encoded


def predictions(loss: str, target: Target, outputs: NDArray[Any]) -> NDArray[Any]:
    """Outputs of the chain [rows, outputs] → class indices [rows], or numbers [rows]."""
    if isinstance(target, ClassTarget):
        return np.asarray(np.argmax(outputs, axis=1))
    if loss == "poisson":
        return np.asarray(np.exp(outputs[:, 0].astype(np.float64)))
    return target.decode(outputs)


def probabilities(loss: str, outputs: NDArray[Any]) -> NDArray[np.float64] | None:
    """The probability of each class [rows, classes], where the loss makes outputs that say it."""
    if loss not in {"cross_entropy", "kl"}:
        return None
    logits = outputs.astype(np.float64)
    grown = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True), np.float64)


def _layers(asked: tuple[str, tuple[int, ...]] | None, dataset: Dataset) -> tuple[int, ...]:
    encoding = dataset.encoding
    inputs, outputs = len(encoding.names), outputs_of(encoding.target)
    form, widths = asked or ("hidden", HIDDEN)
    if form == "hidden":
        return (inputs, *widths, outputs)
    if (widths[0], widths[-1]) != (inputs, outputs):
        what = f"{outputs} classes" if dataset.task == "classify" else "one number to learn"
        raise input_errors.ends_do_not_fit(widths, dataset.table.source, inputs, outputs, what)
    return widths


def _check_loss(loss: str, dataset: Dataset) -> None:
    target = dataset.encoding.target
    fitting = LOSSES_OF_CLASSES if dataset.task == "classify" else LOSSES_OF_NUMBERS
    if loss not in fitting:
        raise input_errors.loss_does_not_fit(loss, target.name, dataset.task, fitting)
    if loss == "poisson" and isinstance(target, NumberTarget):
        parts = (dataset.train, dataset.validation, dataset.test)
        least = min(float(target.decode(y).min(initial=0.0)) for _, y in parts)
        # Decoding rounds: a count of 0 may come back as −1e-7.
        if least < -1e-3 * target.deviation:
            raise input_errors.negative_counts(target.name, least)


def _batch_size(rows: int) -> int:
    return _within(2 ** round(math.log2(max(1.0, rows / STEPS_PER_EPOCH))), BATCH_SIZES)


def _within(value: int, bounds: tuple[int, int]) -> int:
    return min(max(value, bounds[0]), bounds[1])
