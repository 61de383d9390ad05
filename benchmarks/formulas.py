"""The functions whose derivatives are measured, for any array module that speaks like NumPy."""

from __future__ import annotations

from itertools import pairwise
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


# ---- functions with Jacobians -------------------------------------------------------------------

GAS = (1.0, 0.75, 2.8, 0.8, 0.3, 2.1)
CHAINS = {
    "bottleneck": (1000, 500, 10, 500, 1000),
    "narrowing": (800, 400, 200, 100, 50),
    "widening": (50, 100, 200, 400, 800),
    "random-1": (303, 587, 44, 771, 120, 512),
    "random-2": (640, 25, 390, 18, 722, 260),
    "random-3": (411, 350, 512, 96, 230, 604),
}


def matrices(sizes: tuple[int, ...]) -> list[Any]:
    """The weights of a chain of these widths, in float64."""
    rng = np.random.default_rng(sum(sizes))
    return [rng.normal(size=(m, n)) / np.sqrt(n) for n, m in pairwise(sizes)]


def chain(x: Any, weights: list[Any], xp: Any) -> Any:
    """tanh(Wₖ … tanh(W₁ x))."""
    for w in weights:
        x = xp.tanh(w @ x)
    return x


def roe_flux(u: Any, xp: Any) -> Any:
    """The flux between two states of a gas in one dimension (density, momentum, energy).

    P. L. Roe, Approximate Riemann solvers, parameter vectors, and difference schemes (1981).
    """
    rl, ml, el, rr, mr, er = (u[i] for i in range(6))
    vl, vr = ml / rl, mr / rr
    pl, pr = 0.4 * (el - 0.5 * ml * vl), 0.4 * (er - 0.5 * mr * vr)
    hl, hr = (el + pl) / rl, (er + pr) / rr
    wl, wr = xp.sqrt(rl), xp.sqrt(rr)
    v, h = (wl * vl + wr * vr) / (wl + wr), (wl * hl + wr * hr) / (wl + wr)
    square = 0.4 * (h - 0.5 * v * v)
    a, r = xp.sqrt(square), wl * wr
    dp, dv, dr = pr - pl, vr - vl, rr - rl
    left = xp.abs(v - a) * (dp - r * a * dv) / (2 * square)
    middle = xp.abs(v) * (dr - dp / square)
    right = xp.abs(v + a) * (dp + r * a * dv) / (2 * square)
    mass = ml + mr - (left + middle + right)
    push = ml * vl + pl + mr * vr + pr - (left * (v - a) + middle * v + right * (v + a))
    energy = ml * hl + mr * hr - left * (h - v * a) - middle * 0.5 * v * v - right * (h + v * a)
    return 0.5 * xp.stack([mass, push, energy])


INFERENCE = Case("inference", (784, 128, 10), 1, 16)
