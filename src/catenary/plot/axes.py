"""Where figures are drawn: on axes that are given, or on new ones in the library's style."""

from __future__ import annotations

from typing import Any

from catenary.core import errors
from catenary.plot.style import STYLE


def new_axes(purpose: str, *, space: bool = False, size: tuple[float, float] | None = None) -> Any:
    """Axes of a figure of their own; with ``space`` for three coordinates.

    Matplotlib's settings stay as they are. Without it, :class:`~catenary.core.errors.MissingExtra`
    is raised.
    """
    try:
        import matplotlib as mpl
        from matplotlib import pyplot as plt
    except ImportError:
        raise errors.missing_extra("matplotlib", "plot", purpose) from None
    style: Any = dict(STYLE)  # Matplotlib's types list every setting
    with mpl.rc_context(style):
        figure = plt.figure(figsize=size or STYLE["figure.figsize"])
        return figure.add_subplot(projection="3d" if space else None)
