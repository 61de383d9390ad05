"""What can be called while a network is trained."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from catenary.train.training import Training


class Callback:
    """Methods that :func:`fit` calls; subclass it and give those that you need.

    They read what they like from the :class:`Training`: ``net``, ``epochs`` and ``steps`` done,
    ``cost``, ``history``. A plain function ``f(training)`` serves as ``after_epoch``.

    >>> class Costs(Callback):
    ...     def begin(self, training):
    ...         self.seen = []
    ...
    ...     def after_epoch(self, training):
    ...         self.seen.append(training.cost)
    """

    def begin(self, training: Training[Any]) -> None:
        """Before the first epoch."""

    def advance(self, training: Training[Any]) -> None:
        """From time to time between steps: after such that took a tenth of a second."""

    def after_epoch(self, training: Training[Any]) -> bool | None:
        """After each epoch. True ends the training."""

    def next_epoch(self, training: Training[Any]) -> float:
        """The epoch after which ``after_epoch`` must be called next.

        The next one, unless a subclass says a later one: then :func:`fit` may run small epochs
        together in one call, and need not call in between.
        """
        return training.epochs + 1

    def end(self, training: Training[Any]) -> None:
        """At the end, however it came about."""


AfterEpoch: TypeAlias = "Callable[[Training[Any]], bool | None]"


class Calling(Callback):
    """A plain function as a callback."""

    def __init__(self, function: AfterEpoch) -> None:
        self.function = function

    def after_epoch(self, training: Training[Any]) -> bool | None:
        """What the function says."""
        return self.function(training)


def as_callback(callback: Callback | AfterEpoch) -> Callback:
    """A callback as it is; a function as one."""
    return callback if isinstance(callback, Callback) else Calling(callback)


def as_callbacks(
    callbacks: Callback | AfterEpoch | Iterable[Callback | AfterEpoch],
) -> list[Callback]:
    """One callback, or several, as a list of them."""
    if isinstance(callbacks, Callback) or callable(callbacks):
        return [as_callback(callbacks)]
    return [as_callback(callback) for callback in callbacks]
