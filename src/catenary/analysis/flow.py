"""Whether the gradient arrives: its way through a chain, link by link, with a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from catenary.analysis import transmission
from catenary.analysis.batch import batch_for, real_inputs
from catenary.analysis.remedy import Remedy, first_that_helps
from catenary.analysis.saturation import saturation
from catenary.core import analysis_errors
from catenary.descent.names import as_optimizer
from catenary.descent.optimizer import Optimizer, Rate
from catenary.nn.chain import Chain
from catenary.nn.losses import Loss
from catenary.nn.losses import loss as loss_named
from catenary.nn.table import table
from catenary.tracing import tree
from catenary.train.step import cost_of

Verdict = Literal["vanishing", "exploding", "healthy"]
Numbers = NDArray[np.float64]

LIMIT = 1e3  # a change that shrinks or grows by more on its way has vanished or exploded
BEGINS = 10.0  # and the link where it is off by so much is where that starts


@dataclass(frozen=True, eq=False, repr=False)
class Flow:
    """How gradients travel through a chain of L links on some data.

    Entry l of the arrays with L + 1 entries belongs to the value aˡ (a⁰ is the input), entry l of
    those with L entries to link l, counted from 0.

    - ``error``: the norm of ∂C/∂aˡ over all examples;
    - ``largest``, ``smallest``: the extreme singular values of the partial products of Jacobians
      ∂aᴸ/∂aˡ, as medians over some examples: by how much a change of aˡ is passed on at most, at
      least;
    - ``weight``, ``gradient``: the norms of the link's parameters and of ∂C by them; ``update``:
      the length of the optimizer's first step relative to ``weight`` (NaN without parameters);
    - ``saturated``, ``dead``: the shares of entries whose activation is flat, and of units for
      which it is flat on all examples (NaN without activation).

    ``verdict`` is *vanishing* when a change passes through the hidden links weakened more than
    a thousandfold, *exploding* when it is strengthened so, else *healthy*; ``start`` is the link,
    seen from the output, where it is first off by a factor of ten, or None. ``advice`` says what
    to do; ``remedy`` does it: ``remedy(net)`` is a net on which, when measured, the verdict was
    *healthy*. It is None where nothing needs to be done or nothing that was tried helped. Made by
    :func:`flow`.

    >>> from catenary.nn import Chain
    >>> thirds = Chain(3 * [lambda x: x / 3])
    >>> flow(thirds, "mse", (np.ones((1, 1)), np.ones((1, 1)))).largest.round(3)
    array([0.037, 0.111, 0.333, 1.   ])
    """

    links: tuple[str, ...]
    error: Numbers
    largest: Numbers
    smallest: Numbers
    weight: Numbers
    gradient: Numbers
    update: Numbers
    saturated: Numbers
    dead: Numbers
    verdict: Verdict
    start: int | None
    remedy: Remedy | None

    @property
    def advice(self) -> str:
        """What to do, in a sentence."""
        if self.verdict == "healthy":
            return "Nothing needs to be done."
        if self.remedy is None:
            return (
                "No initializer or activation that was tried helps: use fewer links, or links "
                "that add to what they get."
            )
        text = str(self.remedy)
        return f"{text[0].upper()}{text[1:]}; so changed, the net was measured and is healthy."

    def __repr__(self) -> str:
        where = "" if self.start is None else f", starting at link {self.start}"
        names = ["", "link", "σ max", "σ min", "|∂C/∂a|", "|∂C/∂w|", "Δw/w", "saturated", "dead"]
        rows = [
            [
                str(l), name, *map(_short, (self.largest[l + 1], self.smallest[l + 1])),
                *map(_short, (self.error[l + 1], self.gradient[l], self.update[l])),
                *map(_share, (self.saturated[l], self.dead[l])),
            ]
            for l, name in enumerate(self.links)  # noqa: E741
        ]  # fmt: skip
        return f"Flow: {self.verdict}{where}. {self.advice}\n{table(names, rows, left=2)}"


def flow(
    net: Chain,
    loss: str | Loss,
    data: Any,
    *,
    optimizer: Optimizer | str = "adam",
    learning_rate: Rate | None = None,
    examples: int = 8,
) -> Flow:
    """Follow the gradient through a chain: where it vanishes or explodes, and what helps.

    ``net`` is a :class:`~catenary.nn.Chain`, ``loss`` and ``data`` are those of
    :func:`~catenary.fit`; ``optimizer`` and ``learning_rate`` too, for the length of a step. All
    of ``data`` is used at once: give one batch of a large set. Singular values are found for the
    first ``examples`` of them. Raises :class:`~catenary.core.errors.InputError` for a net that is
    no chain of two links or more.

    Sources: Hochreiter, Untersuchungen zu dynamischen neuronalen Netzen (1991); Glorot and
    Bengio, AISTATS 2010; Saxe, McClelland and Ganguli, ICLR 2014, for the singular values of
    products.

    >>> from catenary.nn import mlp
    >>> net = mlp([2, *20 * [16], 1], activation="sigmoid")
    >>> found = flow(net, "mse", (np.ones((4, 2)), np.ones((4, 1))))
    >>> found.verdict, found.remedy
    ('vanishing', Remedy(weights='orthogonal', activation='tanh'))
    >>> flow(found.remedy(net), "mse", (np.ones((4, 2)), np.ones((4, 1)))).verdict
    'healthy'
    """
    if not _is_chain(net):
        raise analysis_errors.not_a_chain("flow", net)
    loss, step = loss_named(loss), as_optimizer(optimizer, learning_rate)
    batch = batch_for(net, data)
    x = real_inputs(net, batch)
    with np.errstate(all="ignore"):
        values = transmission.outputs(net, x)
        found = transmission.backward(net, lambda y: cost_of(loss, y, batch), values)
        largest, smallest = _transmitted(net, x, examples)
        verdict, start = judge(largest)
        weight, gradient, update = _steps(net, found.gradients, step)
        flat = [saturation(link, before) for link, before in zip(net, values, strict=False)]
        remedy = None
        if verdict != "healthy":
            remedy = first_that_helps(net, lambda other: _healthy(other, x, examples))
    return Flow(
        links=tuple(map(repr, net)),
        error=np.array([_norm(e) for e in found.errors]),
        largest=largest,
        smallest=smallest,
        weight=weight,
        gradient=gradient,
        update=update,
        saturated=np.array([share for share, _ in flat]),
        dead=np.array([share for _, share in flat]),
        verdict=verdict,
        start=start,
        remedy=remedy,
    )


def _is_chain(net: object) -> bool:
    return isinstance(net, Chain) and len(net) > 1


def judge(largest: Numbers) -> tuple[Verdict, int | None]:
    """The verdict on how changes of a¹, …, aᴸ⁻¹ arrive at the output, and the link it starts at.

    >>> judge(np.array([1e-9, 1e-6, 1e-3, 0.5, 1.0]))
    ('vanishing', 2)
    """
    hidden = largest[1:-1]
    if not hidden.size or not hidden[-1]:
        return ("vanishing", len(largest) - 2) if hidden.size else ("healthy", None)
    relative = hidden / hidden[-1]
    worst = relative[0]
    if not np.isfinite(worst) or worst > LIMIT:
        off = ~(relative <= BEGINS)
        return "exploding", int(np.flatnonzero(off)[-1]) + 1
    if worst < 1 / LIMIT:
        return "vanishing", int(np.flatnonzero(relative < 1 / BEGINS)[-1]) + 1
    return "healthy", None


def _transmitted(net: Chain, x: Any, examples: int) -> tuple[Numbers, Numbers]:
    return transmission.singular_values(net, transmission.outputs(net, x[:examples]))


def _healthy(net: Chain, x: Any, examples: int) -> bool:
    return judge(_transmitted(net, x, examples)[0])[0] == "healthy"


def _steps(net: Chain, gradients: list[Any], optimizer: Optimizer) -> tuple[Numbers, ...]:
    """For each link the norms of parameters and gradient, and the relative length of a step."""
    rows = []
    for link, gradient in zip(net, gradients, strict=True):
        if gradient is None:
            rows.append((np.nan, np.nan, np.nan))
            continue
        step, _ = optimizer.update(gradient, optimizer.init(link), link)
        size = _norm(link)
        rows.append((size, _norm(gradient), _norm(step) / size if size else np.nan))
    return tuple(np.array(rows, float).T)


def _norm(vector: Any) -> float:
    """The norm in double precision: squares of small numbers vanish in single."""
    flat = [np.asarray(leaf, np.float64).ravel() for leaf in tree.coordinates(vector)]
    return float(np.linalg.norm(np.concatenate(flat))) if flat else 0.0


def _short(number: float) -> str:
    return "" if np.isnan(number) else f"{number:.2g}"


def _share(number: float) -> str:
    return "" if np.isnan(number) else f"{number:.0%}"
