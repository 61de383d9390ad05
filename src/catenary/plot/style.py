"""How figures look: colours that colour-blind readers tell apart, light lines, open frames.

The colours are those of Okabe and Ito (Color universal design, 2008).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

INK = "#22262a"
PAPER = "#ffffff"
GREY = "#8a9096"
BLUE = "#0072b2"
ORANGE = "#d55e00"
GREEN = "#009e73"
PURPLE = "#cc79a7"
SKY = "#56b4e9"
AMBER = "#e69f00"

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, AMBER, INK)
"""The colours of lines, in the order in which they are taken."""

STYLE: Mapping[str, Any] = MappingProxyType(
    {
        "figure.facecolor": PAPER,
        "figure.dpi": 120,
        "figure.figsize": (6.4, 3.6),
        "figure.constrained_layout.use": True,
        "savefig.facecolor": PAPER,
        "axes.facecolor": PAPER,
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "axes.titlecolor": INK,
        "axes.titlesize": "medium",
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": f"cycler('color', {list(COLOURS)})",
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#e3e6e8",
        "grid.linewidth": 0.7,
        "xtick.color": INK,
        "ytick.color": INK,
        "text.color": INK,
        "font.size": 10,
        "lines.linewidth": 1.8,
        "legend.frameon": False,
        "image.cmap": "cividis",
    }
)
"""Settings for Matplotlib: ``plt.rcParams.update(cat.plot.STYLE)``."""
