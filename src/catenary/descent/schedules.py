"""Schedules: the learning rate as a function of the number of steps already taken.

A schedule is any NumPy function of a step count t = 0, 1, 2, …; the ones here are frozen
dataclasses, so that they print, compare and can be traced. They take one count or an array of
counts and return float64 (the optimizer casts it to the dtype of each parameter). Where a number
``rate`` is expected, it is the largest learning rate of the schedule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core import descent_errors
from catenary.descent import settings
from catenary.descent.optimizer import Rate


@dataclass(frozen=True)
class Constant:
    """The same learning rate at every step.

    >>> float(Constant(0.1)(7))
    0.1
    """

    rate: float

    def __post_init__(self) -> None:
        settings.check(self, rate=settings.NOT_NEGATIVE)

    def __call__(self, step: Any) -> Any:
        return self.rate + 0.0 * np.multiply(step, 1.0)


@dataclass(frozen=True)
class StepDecay:
    """Multiply by ``factor`` after every ``every`` steps: η · f^⌊t / n⌋.

    >>> StepDecay(1.0, every=2, factor=0.5)(np.arange(5))
    array([1.  , 1.  , 0.5 , 0.5 , 0.25])
    """

    rate: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        settings.check(self, rate=settings.NOT_NEGATIVE, every=settings.COUNT, factor=settings.PART)

    def __call__(self, step: Any) -> Any:
        return self.rate * self.factor ** np.floor(np.divide(step, self.every))


@dataclass(frozen=True)
class ExponentialDecay:
    """Multiply by ``factor`` per ``every`` steps, evenly: η · f^(t / n).

    >>> ExponentialDecay(1.0, factor=0.25, every=2)(np.arange(3))
    array([1.  , 0.5 , 0.25])
    """

    rate: float
    factor: float
    every: int = 1

    def __post_init__(self) -> None:
        settings.check(self, rate=settings.NOT_NEGATIVE, factor=settings.PART, every=settings.COUNT)

    def __call__(self, step: Any) -> Any:
        return self.rate * self.factor ** np.divide(step, self.every)


@dataclass(frozen=True)
class PolynomialDecay:
    """Fall to ``final`` in ``steps`` steps like a power: η_T + (η − η_T) (1 − t / T)^p.

    >>> PolynomialDecay(1.0, steps=4)(np.arange(6))
    array([1.  , 0.75, 0.5 , 0.25, 0.  , 0.  ])
    """

    rate: float
    steps: int
    power: float = 1.0
    final: float = 0.0

    def __post_init__(self) -> None:
        settings.check(
            self,
            rate=settings.NOT_NEGATIVE,
            steps=settings.COUNT,
            power=settings.POSITIVE,
            final=settings.NOT_NEGATIVE,
        )

    def __call__(self, step: Any) -> Any:
        left = 1 - _part(step, self.steps)
        return self.final + (self.rate - self.final) * left**self.power


@dataclass(frozen=True)
class CosineDecay:
    """Fall to ``final`` in ``steps`` steps along half a cosine, flat at both ends.

    η_T + (η − η_T) (1 + cos(π t / T)) / 2.

    >>> CosineDecay(1.0, steps=4)(np.array([0, 2, 4, 9]))
    array([1. , 0.5, 0. , 0. ])

    Source: Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017.
    """

    rate: float
    steps: int
    final: float = 0.0

    def __post_init__(self) -> None:
        settings.check(
            self,
            rate=settings.NOT_NEGATIVE,
            steps=settings.COUNT,
            final=settings.NOT_NEGATIVE,
        )

    def __call__(self, step: Any) -> Any:
        return _cosine(self.rate, self.final, _part(step, self.steps))


@dataclass(frozen=True)
class CosineRestarts:
    """Half a cosine again and again: the first takes ``steps`` steps, each next ``growth`` × more.

    >>> CosineRestarts(1.0, steps=2, growth=2)(np.arange(7))
    array([1. , 0.5 , 1. , 0.85, 0.5 , 0.15, 1. ])

    Source: Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017,
    eq. 5.
    """

    rate: float
    steps: int
    growth: int = 1
    final: float = 0.0

    def __post_init__(self) -> None:
        settings.check(
            self,
            rate=settings.NOT_NEGATIVE,
            steps=settings.COUNT,
            growth=settings.COUNT,
            final=settings.NOT_NEGATIVE,
        )

    def __call__(self, step: Any) -> Any:
        if self.growth == 1:
            return _cosine(self.rate, self.final, np.mod(step, self.steps) / self.steps)
        starts = np.array(self._starts(), np.float64)
        begun = np.expand_dims(step, -1) >= starts
        start = np.max(np.where(begun, starts, 0.0), axis=-1)
        # A sum of powers: the period that begins at s has length T + s (growth − 1).
        length = self.steps + start * (self.growth - 1)
        return _cosine(self.rate, self.final, (step - start) / length)

    def _starts(self) -> list[int]:
        """The counts at which a period begins, as far as a run can come."""
        starts, length = [0], self.steps
        while starts[-1] < 2**40:
            starts.append(starts[-1] + length)
            length *= self.growth
        return starts


@dataclass(frozen=True)
class OneCycle:
    """Up to ``rate`` and down to almost nothing, both along half a cosine, in ``steps`` steps.

    From η / ``start`` up to η during the first ``rise`` of the steps, then down to
    η / (``start`` · ``end``). The last of the ``steps`` steps has the smallest rate.

    >>> cycle = OneCycle(1.0, steps=11, rise=0.5)
    >>> cycle(np.array([0, 4.5, 10]))
    array([4.e-02, 1.e+00, 4.e-06])

    Source: Smith and Topin, Super-Convergence: Very Fast Training of Neural Networks Using Large
    Learning Rates, 2018; in this form in PyTorch.
    """

    rate: float
    steps: int
    rise: float = 0.3
    start: float = 25.0
    end: float = 1e4

    def __post_init__(self) -> None:
        settings.check(
            self,
            rate=settings.NOT_NEGATIVE,
            steps=settings.COUNT,
            rise=settings.FRACTION,
            start=settings.POSITIVE,
            end=settings.POSITIVE,
        )

    def __call__(self, step: Any) -> Any:
        first = self.rate / self.start
        peak, last = self.rise * self.steps - 1, self.steps - 1
        up = _cosine(first, self.rate, _part(step, np.maximum(peak, 1e-9)))
        down = _cosine(self.rate, first / self.end, _part(step - peak, last - peak))
        return np.where(np.less_equal(step, peak), up, down)


@dataclass(frozen=True)
class Piecewise:
    """One learning rate up to each boundary: ``rates[0]`` while t < ``boundaries[0]``, and so on.

    >>> Piecewise((1.0, 0.1, 0.01), boundaries=(2, 4))(np.arange(6))
    array([1. , 1. , 0.1 , 0.1 , 0.01, 0.01])
    """

    rates: tuple[float, ...]
    boundaries: tuple[int, ...]

    def __post_init__(self) -> None:
        counts_fit = len(self.rates) == len(self.boundaries) + 1
        if not counts_fit or sorted(set(self.boundaries)) != list(self.boundaries):
            raise descent_errors.bad_setting(
                "boundaries",
                f"increasing step counts, one fewer than there are rates ({len(self.rates)} rates)",
                self.boundaries,
            )
        for i, rate in enumerate(self.rates):
            settings.check_value(f"rates[{i}]", rate, settings.NOT_NEGATIVE)

    def __call__(self, step: Any) -> Any:
        rate: Any = Constant(self.rates[0])(step)
        for boundary, next_ in zip(self.boundaries, self.rates[1:], strict=True):
            rate = np.where(np.greater_equal(step, boundary), next_, rate)
        return rate


@dataclass(frozen=True)
class WarmUp:
    """Grow evenly to a learning rate in ``steps`` steps, then go on with it.

    ``after`` is a number or a schedule; its own count starts when the warm-up ends. Step t < n
    has the rate (t + 1) / n of ``after``'s first: no step is wasted on 0.

    >>> WarmUp(1.0, steps=4)(np.arange(6))
    array([0.25, 0.5 , 0.75, 1. , 1. , 1. ])
    >>> WarmUp(CosineDecay(1.0, steps=2), steps=2)(np.arange(5))
    array([0.5, 1. , 1. , 0.5, 0. ])

    Source: Goyal et al., Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour, 2017.
    """

    after: Rate
    steps: int

    def __post_init__(self) -> None:
        settings.check(self, steps=settings.COUNT)
        if not callable(self.after):
            settings.check(self, after=settings.RATE)

    def __call__(self, step: Any) -> Any:
        share = np.minimum(np.add(step, 1) / self.steps, 1.0)
        if callable(self.after):
            return share * self.after(np.maximum(step - self.steps, 0))
        return share * self.after


def _part(step: Any, steps: Any) -> Any:
    """Which part of ``steps`` has passed, from 0 to 1."""
    return np.clip(np.divide(step, steps), 0.0, 1.0)


def _cosine(high: Any, low: Any, part: Any) -> Any:
    """From ``high`` to ``low`` along half a cosine, as ``part`` goes from 0 to 1."""
    return low + (high - low) * (1 + np.cos(np.pi * part)) / 2
