"""Steps that are not taken: a gradient with a NaN or an infinity changes nothing."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.descent.arithmetic import Tree, counter, select
from catenary.descent.optimizer import Optimizer
from catenary.tracing import tree


@dataclass(frozen=True)
class Skipping:
    """The state of :class:`SkipNotFinite`: how many steps were skipped, all in all and in a row."""

    skipped: Any
    in_a_row: Any
    inner: Tree


@dataclass(frozen=True)
class SkipNotFinite(Optimizer):
    """Run ``inner``, but step 0 and keep its state when a gradient is not finite everywhere.

    The state counts what was skipped (``skipped``, ``in_a_row``): a run in which every gradient is
    NaN should be ended, not continued.

    >>> import numpy as np
    >>> from catenary.descent import Momentum
    >>> careful = SkipNotFinite(Momentum(learning_rate=1.0))
    >>> w = np.ones(2)
    >>> step, state = careful.update(np.array([np.nan, 1.0]), careful.init(w), w)
    >>> step, int(state.skipped)
    (array([0., 0.]), 1)
    """

    inner: Optimizer

    def init(self, params: Tree) -> Tree:
        return Skipping(counter(), counter(), self.inner.init(params))

    def update(self, gradient: Tree, state: Tree, params: Tree) -> tuple[Tree, Tree]:
        fine = all_finite(gradient)
        # What `inner` computes from a bad gradient is thrown away; zeros keep it free of warnings.
        safe = select(fine, gradient, tree.zeros_like(gradient))
        step, inner = self.inner.update(safe, state.inner, params)
        bad = np.where(fine, 0, 1)
        after = Skipping(
            state.skipped + bad,
            (state.in_a_row + bad) * bad,
            select(fine, inner, state.inner),
        )
        return select(fine, step, tree.zeros_like(step)), after

    def observe(self, state: Tree, cost: Any) -> Tree:
        return dataclasses.replace(state, inner=self.inner.observe(state.inner, cost))


def all_finite(vector: Tree) -> Any:
    """Whether every coordinate of a tree is finite, as a boolean that may be traced."""
    fine: Any = np.bool_(True)
    for leaf in tree.coordinates(vector):
        fine = np.logical_and(fine, np.all(np.isfinite(leaf)))
    return fine
