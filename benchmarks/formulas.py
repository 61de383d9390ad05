"""The functions whose derivatives are measured, for any array module that speaks like NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.case import Case


def wave(x: Any, xp: Any) -> Any:
    """sin(x) exp(−x²) + tanh(x): a scalar function of a few operations."""
    return xp.sin(x) * xp.exp(-x * x) + xp.tanh(x)


def rosenbrock(x: Any) -> Any:
    """Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)²."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def point(n: int) -> Any:
    """Where derivatives are taken, in float64."""
    return 0.5 + np.random.default_rng(n).normal(size=n) / 2


def digest(array: Any) -> list[float]:
    """A few numbers that two equal arrays have in common, to be compared across processes."""
    flat = np.asarray(array, np.float64).ravel()
    ramp = np.linspace(1, 2, flat.size)
    return [float(flat.sum()), float((flat * ramp).sum()), float((flat * flat).sum())]


INFERENCE = Case("inference", (784, 128, 10), 1, 16)
