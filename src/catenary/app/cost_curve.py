"""The picture of a run: cost over epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from catenary.core import errors


def draw_cost_curve(
    path: Path,
    title: str,
    train: Sequence[float],
    validation: Sequence[float] = (),
    kept: int | None = None,
) -> None:
    """Write a PNG with the cost of each epoch, the first epoch being number 1.

    train, validation: the costs; validation may be absent
    kept:              the epoch whose weights were kept, marked by a line

    Raises `MissingExtra` without Matplotlib.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator
    except ImportError as error:
        raise errors.missing_extra("matplotlib", "app", "the picture of the cost") from error
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    # One epoch makes no line.
    marker = "o" if len(train) == 1 else ""
    axes.plot(range(1, len(train) + 1), train, marker=marker, color="#1f6f8b", label="training")
    if validation:
        epochs = range(1, len(validation) + 1)
        axes.plot(epochs, validation, marker=marker, color="#d1495b", label="validation")
    if kept is not None:
        axes.axvline(kept, color="0.6", linewidth=1, linestyle=":", label=f"kept: epoch {kept}")
    if all(cost > 0 for cost in (*train, *validation) if math.isfinite(cost)):
        axes.set_yscale("log")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="epoch", ylabel="cost", title=title)
    axes.grid(visible=True, which="both", color="0.92")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)
