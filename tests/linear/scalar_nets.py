"""Functions of a few numbers with many shared values, drawn at random; Roe's flux."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_ONE = (np.sin, np.cos, np.tanh, np.exp)


def random_scalar_function(
    seed: int, inputs: int = 4, inner: int = 20, outputs: int = 3
) -> tuple[Callable[..., Any], Any]:
    """A vector function made of operations on single numbers, and a point."""
    rng = np.random.default_rng(seed)
    steps = []
    for k in range(inner):
        one, other = rng.integers(0, inputs + k, 2)
        # what came last is likely to be used: long paths
        steps.append((int(rng.integers(0, 7)), int(max(one, inputs + k - 3)), int(other)))
    results = [int(i) for i in rng.integers(inputs + inner // 2, inputs + inner, outputs)]

    def f(x: Any) -> Any:
        values = [x[i] for i in range(inputs)]
        for kind, i, j in steps:
            one, other = values[i], values[j]
            if kind < 4:
                values.append(_ONE[kind](one) * 0.5)
            else:
                values.append((one * other, one + other, one / (other * other + 1))[kind - 4])
        return np.stack([values[i] for i in results])

    return f, rng.uniform(0.2, 1.0, inputs)


def roe_flux(u: Any) -> Any:
    """Roe's flux between two states (density, momentum, energy) of a gas in one dimension.

    P. L. Roe, Approximate Riemann solvers, parameter vectors, and difference schemes (1981).
    """
    rl, ml, el, rr, mr, er = (u[i] for i in range(6))
    vl, vr = ml / rl, mr / rr
    pl, pr = 0.4 * (el - 0.5 * ml * vl), 0.4 * (er - 0.5 * mr * vr)
    hl, hr = (el + pl) / rl, (er + pr) / rr
    wl, wr = np.sqrt(rl), np.sqrt(rr)
    v, h = (wl * vl + wr * vr) / (wl + wr), (wl * hl + wr * hr) / (wl + wr)
    square = 0.4 * (h - 0.5 * v * v)
    a, r = np.sqrt(square), wl * wr
    dp, dv, dr = pr - pl, vr - vl, rr - rl
    left = np.abs(v - a) * (dp - r * a * dv) / (2 * square)
    middle = np.abs(v) * (dr - dp / square)
    right = np.abs(v + a) * (dp + r * a * dv) / (2 * square)
    return 0.5 * np.stack(
        [
            ml + mr - (left + middle + right),
            ml * vl + pl + mr * vr + pr - (left * (v - a) + middle * v + right * (v + a)),
            ml * hl + mr * hr
            - (left * (h - v * a) + middle * 0.5 * v * v + right * (h + v * a)),
        ]
    )  # fmt: skip
