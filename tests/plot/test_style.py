"""The style of figures: Matplotlib takes it, and its colours are told apart without their hue."""

from __future__ import annotations

from itertools import combinations

import matplotlib as mpl
import matplotlib.colors
import numpy as np

import catenary as cat
from catenary.plot.style import BLUE, GREEN, ORANGE, PAPER

# What red, green and blue turn into for eyes without the cones for red, or for green
# (Viénot, Brettel & Mollon, Color Research & Application 24, 1999), in linear light.
RED_BLIND = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])
GREEN_BLIND = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])


def seen(colour: str, eyes: np.ndarray) -> np.ndarray:
    return eyes @ np.array(matplotlib.colors.to_rgb(colour)) ** 2.2


def test_matplotlib_takes_the_style() -> None:
    with mpl.rc_context(dict(cat.plot.STYLE)):
        cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
        assert tuple(cycle) == cat.plot.COLOURS
        assert mpl.rcParams["figure.facecolor"] == PAPER


def test_the_first_three_colours_differ_for_colour_blind_eyes() -> None:
    assert cat.plot.COLOURS[:3] == (BLUE, ORANGE, GREEN)
    for eyes in (np.eye(3), RED_BLIND, GREEN_BLIND):
        for a, b in combinations(cat.plot.COLOURS[:3], 2):
            assert np.linalg.norm(seen(a, eyes) - seen(b, eyes)) > 0.1


def test_the_style_cannot_be_changed_by_accident() -> None:
    assert not hasattr(cat.plot.STYLE, "update")
