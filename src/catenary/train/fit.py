"""Training in one call."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Generic, Never

import numpy as np

from catenary.core import descent_errors, errors, network_errors
from catenary.core.network_errors import NotFinite
from catenary.descent.names import as_rule
from catenary.descent.optimizer import Optimizer, Rate
from catenary.descent.second_order import Method
from catenary.nn.losses import loss as loss_named
from catenary.tracing import random, tree
from catenary.train.callbacks import AfterEpoch, Callback, as_callbacks
from catenary.train.checkpoint import Checkpoint, restore
from catenary.train.evaluate import Metrics, by_name
from catenary.train.examples import Examples, examples
from catenary.train.history import History
from catenary.train.plan import Plan
from catenary.train.progress import progress
from catenary.train.state import Net, State
from catenary.train.training import Stopped, Training
from catenary.train.trial import try_loss
from catenary.train.verdict import Verdict, judge


@dataclass(frozen=True, eq=False, repr=False)
class FitResult(Generic[Net]):
    """What a training reached.

    ``net`` is the best net when ``patience`` was given, else the last one; ``history`` tells of
    the epochs. ``stopped`` says why it ended: ``"done"`` (all epochs), ``"early"`` (out of
    patience), ``"callback"``, ``"interrupted"`` (Ctrl-C) or ``"not finite"``, and ``message``
    says more where there is more to say. ``state`` is what a further :func:`fit` goes on from,
    ``plan`` what was asked for, data included.

    >>> from catenary.nn import mlp
    >>> data = np.ones((64, 2)), np.ones((64, 1))
    >>> result = fit(mlp([2, 1]), "mse", data, epochs=2, verbose=False)
    >>> result.stopped, len(result.history)
    ('done', 2)
    """

    net: Net
    history: History
    stopped: Stopped
    message: str
    state: State[Net]
    plan: Plan = field(repr=False)

    @cached_property
    def verdict(self) -> Verdict:
        """What kind of point ``net`` is for the cost: minimum, saddle, flat, or not critical.

        Computed when it is first asked for, by about as much work as forty gradients on at most
        1,024 examples.
        """
        return judge(self.plan, self.net, self.state.steps)

    @property
    def best_epoch(self) -> int:
        """The epoch of least cost, of the validation data where there are any."""
        return self.state.best_epoch

    def __repr__(self) -> str:
        done = len(self.history)
        head = f"FitResult: {self.stopped} after {done} epoch{'s' * (done != 1)}"
        best = f", best after {self.best_epoch}" if self.best_epoch else ""
        return f"{head}{best}{f': {self.message}' if self.message else ''}\n{self.history!r}"


def fit(
    net: Net | FitResult[Net],
    loss: str | Callable[..., Any],
    data: Any,
    *,
    optimizer: Optimizer | Method | str = "adam",
    learning_rate: Rate | None = None,
    batch_size: int | None = 32,
    epochs: int = 10,
    validation: Any = None,
    metrics: Metrics = (),
    patience: int | None = None,
    seed: int = 0,
    callbacks: Callback | AfterEpoch | Iterable[Callback | AfterEpoch] = (),
    checkpoint: str | Path | Checkpoint | None = None,
    resume: bool = False,
    nan_check: bool = False,
    verbose: bool = True,
    **misspelt: Never,
) -> FitResult[Net]:
    """Find the parameters of a net for which the loss over the data is small.

    Each step takes a batch, computes its cost C and the gradient ∂C/∂w, and adds the optimizer's
    step to the parameters w. Shuffling, steps and the running cost are one compiled function, of
    which one call does as many steps as take about a twentieth of a second: part of a long epoch,
    or many short ones, where no callback, validation or metric is due after each.

    - ``net``: a link or chain, or any callable tree of arrays; or the result of an earlier
      ``fit``, which then goes on: ``epochs`` counts from the beginning, and stopping in between
      changes no bit of what comes out.
    - ``loss``: a name or a function ``(prediction, target)`` → number; with sample weights,
      ``(prediction, target, weights=w)``.
    - ``data``: ``(inputs, targets)`` or ``(inputs, targets, weights)``, arrays (or trees of
      arrays) whose first axis counts the examples. Floats are converted to the net's dtype.
    - ``optimizer``: one of :mod:`catenary.descent`, or a name like ``"adam"``; with a name,
      ``learning_rate`` may be given beside it. Methods of second order, such as
      :class:`~catenary.optim.LBFGS`, ``"newton-cg"`` or ``"kfac"``, find their own step lengths;
      they want large batches, best ``batch_size=None``.
    - ``batch_size``: None takes all examples in each step, 1 one by one; the last batch may be
      short. Shuffles come from ``seed`` and the number of the epoch.
    - ``validation``: data like ``data``, or the share of it to be held out, drawn at random.
    - ``metrics``: functions ``(prediction, target)`` → number, in a mapping or by their own
      names, or ``"accuracy"``, ``"rmse"``, ``"r_squared"``; measured after each epoch on the
      validation data (without any, on the data).
    - ``patience``: stop when the validation cost (without validation data, the cost) has not
      fallen for so many epochs, and return the net of the best one.
    - ``callbacks``: :class:`Callback` objects, or functions called after each epoch; True stops.
    - ``checkpoint``: a file to write after each epoch, or a :class:`Checkpoint` that writes one
      less often. With ``resume`` the training goes on from that file if it exists, bit for bit
      as if it had never stopped.
    - ``nan_check``: if the training ends because a cost is not finite, look for the first operation
      at fault, and tell its line.
    - ``verbose``: progress on standard error.

    Ctrl-C ends the training and returns what was reached. A cost that is not finite ends it too,
    with a RuntimeWarning that names the step and the first link at fault; the last weights that
    gave a finite cost are kept.

    >>> from catenary.nn import mlp
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> net = mlp([1, 16, 1], activation="tanh", seed=0)
    >>> result = fit(net, "mse", (x, np.sin(3 * x)), learning_rate=0.01, epochs=200, verbose=False)
    >>> bool(result.history.cost[-1] < 0.01)
    True
    """
    for name in misspelt:
        known = inspect.signature(fit).parameters.keys() - {"misspelt"}
        raise errors.unknown_name("argument of fit", name, known)
    if resume and checkpoint is None:
        raise network_errors.resume_from_nothing()
    optimizer = as_rule(optimizer, learning_rate)
    if isinstance(optimizer, Method) and not optimizer.fits:
        raise descent_errors.not_for_networks(optimizer)
    key = random.key(seed)
    start = net.state if isinstance(net, FitResult) else State.start(_settled(net), optimizer)
    rows = net.history.rows() if isinstance(net, FitResult) else []
    loss = loss_named(loss)
    training_data, validation_data = _data(
        data, validation, _dtype_of(start.net), key, partial(try_loss, start.net, loss)
    )
    plan = Plan(
        loss,
        optimizer,
        training_data,
        validation_data,
        by_name(metrics),
        _count("batch_size", batch_size, least=1),
        _count("epochs", epochs, least=0) or 0,
        _count("patience", patience, least=1),
        key,
        bool(nan_check),
    )
    _check_memory(start, optimizer)
    listening = as_callbacks(callbacks)
    if checkpoint is not None:
        keeper = checkpoint if isinstance(checkpoint, Checkpoint) else Checkpoint(checkpoint)
        if resume and keeper.path.exists():
            start, rows = restore(keeper.path, plan, start)
        listening.append(keeper)
    if verbose:
        listening.append(progress())
    return _run(Training(plan, start, rows), listening)


def _run(training: Training[Net], callbacks: Sequence[Callback]) -> FitResult[Net]:
    stopped: Stopped
    message = ""
    for callback in callbacks:
        callback.begin(training)
    try:
        stopped = training.run(callbacks)
    except KeyboardInterrupt:
        stopped = "interrupted"
    except NotFinite as error:
        stopped, message = "not finite", str(error)
    finally:
        for callback in callbacks:
            callback.end(training)
    if message:
        warnings.warn(message, RuntimeWarning, stacklevel=3)
    state = training.state
    net = state.net if training.plan.patience is None else state.best
    return FitResult(net, training.history, stopped, message, state, training.plan)


def _data(
    data: Any, validation: Any, dtype: Any, key: Any, attempt: Callable[[Examples], None]
) -> tuple[Examples, Examples | None]:
    """The examples to train on and to validate on, once the attempt has let them pass."""
    whole = examples(data, dtype)
    attempt(whole)
    if validation is None:
        return whole, None
    if isinstance(validation, float):
        return whole.split(validation, random.fold_in(key, 2))
    held = examples(validation, dtype)
    attempt(held)
    return whole, held


def _dtype_of(net: Any) -> Any:
    """The one dtype of a net's parameters, or None where there are several or none."""
    dtypes = {leaf.dtype for leaf in tree.coordinates(net) if hasattr(leaf, "dtype")}
    return dtypes.pop() if len(dtypes) == 1 else None


def _settled(net: Net) -> Net:
    """Parameters that are Python floats as arrays, for a step makes arrays of them anyway."""
    dtype = _dtype_of(net) or np.float64
    return tree.map(lambda leaf: np.asarray(leaf, dtype) if type(leaf) is float else leaf, net)


def _count(name: str, value: Any, *, least: int) -> int | None:
    if value is None and name != "epochs":
        return None
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise network_errors.bad_count(name, least, value)
    return int(value)


def _check_memory(start: State[Any], optimizer: Optimizer | Method) -> None:
    """A training goes on with the optimizer that it began with, or one of equal memory."""
    fresh = optimizer.init(start.net)
    if tree.paths(start.memory, passive=True) != tree.paths(fresh, passive=True):
        raise network_errors.other_optimizer(optimizer)
