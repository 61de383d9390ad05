"""The way of the gradient, drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.analysis.flow import Flow
from catenary.plot.axes import new_axes
from catenary.plot.style import GREY


def flow(result: Flow, *, label: str | None = None, axes: Any = None) -> Any:
    """Draw how much of a change arrives: the singular values of ∂aᴸ/∂aˡ against l.

    A line for the largest one, with the room down to the smallest shaded; where the flow starts to
    vanish or explode, a vertical line. ``result`` comes from
    :func:`~catenary.analysis.flow`, ``label`` names it in the legend, ``axes`` are Matplotlib's,
    to draw several results into one picture. Returns the axes. Without Matplotlib,
    :class:`~catenary.core.errors.MissingExtra` is raised.

    >>> from catenary.analysis import flow as follow
    >>> from catenary.nn import mlp
    >>> net = mlp([2, *8 * [4], 1], activation="sigmoid")
    >>> axes = flow(follow(net, "mse", (np.ones((4, 2)), np.ones((4, 1)))))
    >>> len(axes.lines[0].get_xdata())
    10
    """
    drawn = new_axes("a picture of a flow") if axes is None else axes
    number = np.arange(len(result.largest))
    name = f"{label}: {result.verdict}" if label else result.verdict
    (line,) = drawn.semilogy(number, _positive(result.largest), "o-", ms=3, label=name)
    drawn.fill_between(
        number, _positive(result.smallest), _positive(result.largest), alpha=0.15,
        color=line.get_color(), linewidth=0,
    )  # fmt: skip
    if result.start is not None:
        drawn.axvline(result.start + 1, color=GREY, linewidth=0.8, linestyle=":")
    drawn.set(xlabel="l", ylabel="singular values of ∂aᴸ/∂aˡ", title="How much of a change arrives")
    drawn.legend(fontsize="small")
    return drawn


def _positive(values: Any) -> Any:
    """Values that a logarithmic axis can show; gaps for the others."""
    return np.where((values > 0) & np.isfinite(values), values, np.nan)
