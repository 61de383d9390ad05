"""What an optimizer is, and how small ones make large ones.

An optimizer maps a gradient to a step, with a memory:

    init    : parameters                    →  state
    update  : gradient × state × parameters →  step × state
    observe : state × cost                  →  state

All three are pure functions of trees of arrays, so they run on plain NumPy arrays, are traced by
``jit`` like any other function, and keep the dtype of the parameters. The step is *added*:
``parameters ← parameters + step``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeAlias

from catenary.descent import settings
from catenary.descent.arithmetic import Tree, counter, like, scale
from catenary.tracing import tree

Schedule: TypeAlias = Callable[[Any], Any]
Rate: TypeAlias = float | Schedule


class Optimizer(Protocol):
    """A pair of pure functions, ``init`` and ``update``, and a third that most leave as it is.

    Subclass it (a frozen dataclass of settings is the usual form) and give ``init`` and
    ``update``; or compose existing ones with :func:`chain`.

    >>> import numpy as np
    >>> from catenary.descent import minimize
    >>> class OneByOne(Optimizer):
    ...     def init(self, params):
    ...         return np.zeros((), np.int64)
    ...
    ...     def update(self, gradient, state, params):
    ...         chosen = np.arange(gradient.size) == state % gradient.size
    ...         return np.where(chosen, -0.5 * gradient, 0.0), state + 1
    >>> minimize(lambda x: np.sum(x**2), np.ones(3), optimizer=OneByOne()).steps
    3
    """

    @abstractmethod
    def init(self, params: Tree) -> Tree:
        """The state before the first step, for parameters of this structure and these dtypes."""

    @abstractmethod
    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        """The step to add to ``params``, and the state after it."""

    def observe(self, state: Tree, cost: Any) -> Tree:
        """The state after a cost was seen, for those that react to it (:class:`Plateau`).

        Whoever trains decides what is observed, and how often: the validation cost after each
        epoch, the running cost after each step, or nothing.
        """
        del cost
        return state


def apply(params: Tree, step: Tree) -> Tree:
    """Add a step to parameters, coordinate by coordinate, in the dtype of the parameters.

    >>> import numpy as np
    >>> apply({"w": np.ones(2, np.float32)}, {"w": np.array([0.5, -1.0])})
    {'w': array([1.5, 0. ], dtype=float32)}
    """
    return tree.map(lambda p, s: p + like(s, p), params, step)


@dataclass(frozen=True)
class Chain(Optimizer):
    """Optimizers in a row: what one returns as step is the gradient of the next.

    >>> import numpy as np
    >>> from catenary.descent import ClipValue
    >>> Chain((ClipValue(1.0), Descend(0.5))).update(np.array([-7.0]), ((), ()), np.zeros(1))[0]
    array([0.5])
    """

    links: tuple[Optimizer, ...]

    def init(self, params: Tree) -> Tree:
        return tuple(link.init(params) for link in self.links)

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        after = []
        for link, memory in zip(self.links, state, strict=True):
            gradient, memory = link.update(gradient, memory, params)
            after.append(memory)
        return gradient, tuple(after)

    def observe(self, state: Tree, cost: Any) -> Tree:
        return tuple(
            link.observe(memory, cost) for link, memory in zip(self.links, state, strict=True)
        )


def chain(*links: Optimizer) -> Chain:
    """Compose optimizers: the gradient enters the first, the last one's result is the step.

    What stands before an optimizer changes the gradient that it sees (clipping, coupled weight
    decay); what stands after it changes the step (:class:`Plateau`).

    >>> import numpy as np
    >>> from catenary.descent import ClipGlobalNorm, GradientDescent
    >>> clipped = chain(ClipGlobalNorm(1.0), GradientDescent(learning_rate=0.5))
    >>> w = np.zeros(2)
    >>> step, state = clipped.update(np.array([3.0, 4.0]), clipped.init(w), w)
    >>> step
    array([-0.3, -0.4])
    """
    return Chain(links)


class Composed(Optimizer, Protocol):
    """An optimizer that is defined by its pieces: the settings live here, the work there."""

    def __new__(cls, *values: Any, **named: Any) -> Self:
        """Refuse a setting that does not exist, with the near match: lr is learning_rate."""
        del values
        settings.check_names(cls, named)
        return super().__new__(cls)

    def __post_init__(self) -> None:
        self.pieces()  # each piece checks the settings that it gets

    @abstractmethod
    def pieces(self) -> Chain:
        """The chain that this optimizer stands for."""

    def init(self, params: Tree) -> Tree:
        return self.pieces().init(params)

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        return self.pieces().update(gradient, state, params)

    def observe(self, state: Tree, cost: Any) -> Tree:
        return self.pieces().observe(state, cost)


@dataclass(frozen=True)
class Descend(Optimizer):
    """The last piece of every optimizer: from a direction d to the step −η d.

    ``learning_rate`` η is a number, or a schedule: a function of the number of steps already
    taken (0 at the first one).

    >>> import numpy as np
    >>> Descend(0.1).update(np.array([2.0]), (), np.zeros(1))
    (array([-0.2]), ())
    """

    learning_rate: Rate

    def __post_init__(self) -> None:
        # A net is a function too: Adam(net) is a habit from elsewhere.
        if not callable(self.learning_rate) or isinstance(self.learning_rate, tree.Vector):
            settings.check(self, learning_rate=settings.RATE)

    def init(self, params: Tree) -> Tree:
        del params
        return counter() if callable(self.learning_rate) else ()

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        del params
        if callable(self.learning_rate):
            return scale(-self.learning_rate(state), gradient), state + 1
        return scale(-self.learning_rate, gradient), state
