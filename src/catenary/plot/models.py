"""Functions with their models: a curve and its tangent, a surface and its tangent plane."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core import model_errors
from catenary.geometry.quadratic import Quadratic
from catenary.geometry.tangent import Tangent
from catenary.plot.axes import new_axes
from catenary.plot.style import BLUE, INK, ORANGE

POINTS = 41


def tangent(model: Tangent | Quadratic, *, reach: float = 1.0, axes: Any = None) -> Any:
    """Draw a function of one or two numbers near a point, with its affine or quadratic model.

    ``model`` comes from :func:`~catenary.tangent` or :func:`~catenary.quadratic` of a real-valued
    function of one number or of an array of one or two; ``reach`` says how far to both sides of
    the point. ``axes`` are Matplotlib's (for two numbers, of projection "3d"). Returns the axes.
    Other functions raise :class:`~catenary.core.errors.InputError`, a missing Matplotlib
    :class:`~catenary.core.errors.MissingExtra`.

    >>> from catenary.geometry.tangent import tangent as affine
    >>> axes = tangent(affine(np.sin, 0.5), reach=2.0)
    >>> [line.get_label() for line in axes.lines]
    ['f', 'tangent', '_child2']
    """
    point = np.atleast_1d(np.asarray(model.point, float))
    if point.ndim != 1 or point.size > 2 or np.shape(model.value) != ():
        raise model_errors.not_drawable(np.shape(model.point), np.shape(model.value))
    name = "quadratic model" if isinstance(model, Quadratic) else "tangent"
    if point.size == 1:
        return _curve(model, point, reach, name, axes)
    return _surface(model, point, reach, f"{name}{' plane' * (name == 'tangent')}", axes)


def _curve(model: Any, point: Any, reach: float, name: str, axes: Any) -> Any:
    drawn = new_axes("a picture of a tangent") if axes is None else axes
    shape, dtype = np.shape(model.point), np.asarray(model.point).dtype
    x = np.linspace(point[0] - reach, point[0] + reach, 4 * POINTS)
    at = [np.asarray([v], dtype).reshape(shape)[()] for v in x]
    drawn.plot(x, [model.f(v) for v in at], color=BLUE, label="f")
    drawn.plot(x, [model(v) for v in at], color=ORANGE, linewidth=1.2, label=name)
    drawn.plot(point[0], model.value, "o", color=INK, markersize=5)
    drawn.set(xlabel="x")
    drawn.legend(fontsize="small")
    return drawn


def _surface(model: Any, point: Any, reach: float, name: str, axes: Any) -> Any:
    drawn = axes
    if drawn is None:
        drawn = new_axes("a picture of a tangent plane", space=True, size=(5.4, 4.4))
    side = np.linspace(-reach, reach, POINTS)
    first, second = np.meshgrid(point[0] + side, point[1] + side)
    rows = np.stack([first.ravel(), second.ravel()], axis=1).astype(np.asarray(model.point).dtype)
    for function, color, alpha, label in (
        (model.f, BLUE, 0.75, "f"),
        (model, ORANGE, 0.45, name),
    ):
        height = np.array([float(function(row)) for row in rows]).reshape(first.shape)
        drawn.plot_surface(first, second, height, color=color, alpha=alpha, label=label)
    drawn.plot(*point[:, None], [float(model.value)], "o", color=INK, markersize=5)
    drawn.set(xlabel="x₁", ylabel="x₂")
    drawn.legend(fontsize="small")
    return drawn
