"""How many units hardly answer: their activation is flat where they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catenary.function.modes import jvp
from catenary.nn.activations import identity, log_softmax, softmax
from catenary.nn.chain import Function, Link

FLAT = 0.05  # of the activation's steepest slope
_ALONG_AN_AXIS = (softmax, log_softmax)


def saturation(link: Link, before: NDArray[Any]) -> tuple[float, float]:
    """The shares of saturated entries and of dead units of a link, for inputs of many examples.

    An entry (one unit, one example) is saturated where its activation has less than a twentieth
    of its steepest slope; a unit is dead when it is saturated for every example. Both are NaN
    for links without an activation.
    """
    found = _before_activation(link, before)
    if found is None:
        return np.nan, np.nan
    activation, z = found
    flat = np.abs(slope(activation, z)) < FLAT * steepest(activation, z.dtype)
    units = flat.reshape(len(flat), -1)
    return float(units.mean()), float(units.all(axis=0).mean())


def _before_activation(
    link: Link, before: NDArray[Any]
) -> tuple[Callable[[Any], Any], NDArray[Any]] | None:
    """The elementwise activation of a link, and what it is applied to."""
    z: Any = before
    if isinstance(link, Function):
        activation = link.function
    else:
        activation, z = getattr(link, "activation", identity), link.signals(before).get("z")
    if z is None or activation is identity or activation in _ALONG_AN_AXIS:
        return None
    alike = np.shape(activation(z)) == np.shape(z)
    return (activation, z) if alike else None


def slope(activation: Callable[[Any], Any], z: NDArray[Any]) -> NDArray[Any]:
    """The derivative of an elementwise function at each entry."""
    found: NDArray[Any] = jvp(activation, (z,), (np.ones_like(z),))[1]
    return found


def steepest(activation: Callable[[Any], Any], dtype: Any) -> float:
    """The largest slope of an activation, in size, where it is not far from 0."""
    return float(np.abs(slope(activation, np.linspace(-8, 8, 321).astype(dtype))).max())
