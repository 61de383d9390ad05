"""The 35 problems of Moré, Garbow and Hillstrom: sums of squares with starts and known minima.

Source: Moré, Garbow and Hillstrom, Testing unconstrained optimization software, ACM TOMS 7(1),
1981, 17-41. Each function takes x and gives the residuals r; the objective is Σ rᵢ(x)².
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Residuals = Callable[[Any], Any]


@dataclass(frozen=True)
class Problem:
    """One of them: its name, residuals, start, and the values of its known local minima."""

    name: str
    residuals: Residuals
    start: Array
    minima: tuple[float, ...] = (0.0,)

    def __call__(self, x: Any) -> Any:
        return np.sum(self.residuals(x) ** 2)

    def reached(self, value: float, tolerance: float = 1e-5) -> bool:
        """Whether a value is that of a known minimum, or lower."""
        scale = tolerance * min(1.0, abs(float(self(self.start))))
        return any(value <= known * (1 + tolerance) + 1e-3 * scale for known in self.minima)


# ---- two variables ------------------------------------------------------------------------------


def rosenbrock(x: Any) -> Any:
    odd, even = x[0::2], x[1::2]
    return np.concatenate([10 * (even - odd**2), 1 - odd])


def freudenstein_roth(x: Any) -> Any:
    a, b = x
    return np.stack([-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b])


def powell_badly_scaled(x: Any) -> Any:
    return np.stack([1e4 * x[0] * x[1] - 1, np.exp(-x[0]) + np.exp(-x[1]) - 1.0001])


def brown_badly_scaled(x: Any) -> Any:
    return np.stack([x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2])


def beale(x: Any) -> Any:
    return np.array([1.5, 2.25, 2.625]) - x[0] * (1 - x[1] ** np.arange(1, 4))


def jennrich_sampson(x: Any) -> Any:
    i = np.arange(1, 11)
    return 2 + 2 * i - (np.exp(i * x[0]) + np.exp(i * x[1]))


# ---- three to five variables --------------------------------------------------------------------


def helical_valley(x: Any) -> Any:
    turn = np.arctan2(x[1], x[0]) / (2 * np.pi)
    turn = np.where(turn < -0.25, turn + 1, turn)
    radius = np.sqrt(x[0] ** 2 + x[1] ** 2)
    return np.stack([10 * (x[2] - 10 * turn), 10 * (radius - 1), x[2]])


BARD = np.array(
    [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39]
)


def bard(x: Any) -> Any:
    u = np.arange(1.0, 16.0)
    v = 16 - u
    return BARD - (x[0] + u / (v * x[1] + np.minimum(u, v) * x[2]))


HALF_BELL = [0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521]
BELL = np.array([*HALF_BELL, 0.3989, *HALF_BELL[::-1]])


def gaussian(x: Any) -> Any:
    t = (8 - np.arange(1.0, 16.0)) / 2
    return x[0] * np.exp(-x[1] * (t - x[2]) ** 2 / 2) - BELL


MEYER = np.array(
    [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820,
     3307, 2872.0]
)  # fmt: skip


def meyer(x: Any) -> Any:
    t = 45 + 5 * np.arange(1.0, 17.0)
    return x[0] * np.exp(x[1] / (t + x[2])) - MEYER


def gulf(x: Any) -> Any:
    t = np.arange(1, 100) / 100
    y = 25 + (-50 * np.log(t)) ** (2 / 3)
    return np.exp(-(np.abs(y - x[1]) ** x[2]) / x[0]) - t


def box(x: Any) -> Any:
    t = 0.1 * np.arange(1, 11)
    return np.exp(-t * x[0]) - np.exp(-t * x[1]) - x[2] * (np.exp(-t) - np.exp(-10 * t))


def powell_singular(x: Any) -> Any:
    a, b, c, d = x[0::4], x[1::4], x[2::4], x[3::4]
    parts = [a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2]
    return np.concatenate(parts)


def wood(x: Any) -> Any:
    a, b, c, d = x
    return np.stack(
        [
            10 * (b - a**2),
            1 - a,
            90**0.5 * (d - c**2),
            1 - c,
            10**0.5 * (b + d - 2),
            (b - d) / 10**0.5,
        ]
    )


KOWALIK = np.array(
    [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]
)
KOWALIK_AT = np.array([4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])


def kowalik_osborne(x: Any) -> Any:
    u = KOWALIK_AT
    return KOWALIK - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])


def brown_dennis(x: Any) -> Any:
    t = np.arange(1, 21) / 5
    return (x[0] + t * x[1] - np.exp(t)) ** 2 + (x[2] + x[3] * np.sin(t) - np.cos(t)) ** 2


OSBORNE_1 = np.array(
    [0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685,
     0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448,
     0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406]
)  # fmt: skip


def osborne_1(x: Any) -> Any:
    t = 10 * np.arange(33.0)
    return OSBORNE_1 - (x[0] + x[1] * np.exp(-t * x[3]) + x[2] * np.exp(-t * x[4]))


# ---- more variables -----------------------------------------------------------------------------


def biggs(x: Any) -> Any:
    t = 0.1 * np.arange(1, 14)
    y = np.exp(-t) - 5 * np.exp(-10 * t) + 3 * np.exp(-4 * t)
    return x[2] * np.exp(-t * x[0]) - x[3] * np.exp(-t * x[1]) + x[5] * np.exp(-t * x[4]) - y


OSBORNE_2 = np.array(
    [1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608,
     0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661,
     0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428,
     0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559,
     0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054]
)  # fmt: skip


def osborne_2(x: Any) -> Any:
    t = np.arange(65) / 10
    bells = [x[k] * np.exp(-((t - x[k + 7]) ** 2) * x[k + 4]) for k in (1, 2, 3)]
    return OSBORNE_2 - (x[0] * np.exp(-t * x[4]) + bells[0] + bells[1] + bells[2])


def watson(x: Any) -> Any:
    n = x.shape[0]
    t, j = np.arange(1, 30)[:, None] / 29, np.arange(n)
    slope = np.concatenate([np.zeros((29, 1)), j[1:] * t ** (j[1:] - 1)], axis=1)
    inner = slope @ x - ((t**j) @ x) ** 2 - 1
    return np.concatenate([inner, np.stack([x[0], x[1] - x[0] ** 2 - 1])])


def penalty_1(x: Any) -> Any:
    return np.concatenate([1e-5**0.5 * (x - 1), np.reshape(np.sum(x**2) - 0.25, (1,))])


def penalty_2(x: Any) -> Any:
    n = x.shape[0]
    i, root = np.arange(2, n + 1), 1e-5**0.5
    y = np.exp(i / 10) + np.exp((i - 1) / 10)
    lifted = np.exp(x / 10)
    last = np.sum((n - np.arange(n)) * x**2) - 1
    return np.concatenate(
        [
            x[:1] - 0.2,
            root * (lifted[1:] + lifted[:-1] - y),
            root * (lifted[1:] - np.exp(-0.1)),
            np.reshape(last, (1,)),
        ]
    )


def variably_dimensioned(x: Any) -> Any:
    total = np.sum(np.arange(1, x.shape[0] + 1) * (x - 1))
    return np.concatenate([x - 1, np.stack([total, total**2])])


def trigonometric(x: Any) -> Any:
    n = x.shape[0]
    return n - np.sum(np.cos(x)) + np.arange(1, n + 1) * (1 - np.cos(x)) - np.sin(x)


def brown_almost_linear(x: Any) -> Any:
    n = x.shape[0]
    return np.concatenate([x[:-1] + np.sum(x) - (n + 1), np.reshape(np.prod(x) - 1, (1,))])


def _grid(n: int) -> tuple[Array, float]:
    return np.arange(1, n + 1) / (n + 1), 1 / (n + 1)


def _neighbours(x: Any) -> tuple[Any, Any]:
    """xᵢ₋₁ and xᵢ₊₁, with 0 outside."""
    return np.concatenate([np.zeros(1), x[:-1]]), np.concatenate([x[1:], np.zeros(1)])


def boundary_value(x: Any) -> Any:
    t, h = _grid(x.shape[0])
    left, right = _neighbours(x)
    return 2 * x - left - right + h**2 * (x + t + 1) ** 3 / 2


def integral_equation(x: Any) -> Any:
    t, h = _grid(x.shape[0])
    below = np.tril(np.ones((len(t), len(t))))
    cubes = (x + t + 1) ** 3
    return x + h * ((1 - t) * (below @ (t * cubes)) + t * ((1 - below) @ ((1 - t) * cubes))) / 2


def broyden_tridiagonal(x: Any) -> Any:
    left, right = _neighbours(x)
    return (3 - 2 * x) * x - left - 2 * right + 1


def broyden_banded(x: Any) -> Any:
    distance = np.subtract.outer(np.arange(x.shape[0]), np.arange(x.shape[0]))
    band = ((distance <= 5) & (distance >= -1) & (distance != 0)).astype(float)
    return x * (2 + 5 * x**2) + 1 - band @ (x * (1 + x))


def linear_full_rank(x: Any) -> Any:
    m, n = 20, x.shape[0]
    return np.concatenate([x, np.zeros(m - n)]) - 2 / m * np.sum(x) - 1


def linear_rank_1(x: Any) -> Any:
    return np.arange(1, 21) * np.sum(np.arange(1, x.shape[0] + 1) * x) - 1


def linear_rank_1_with_zeros(x: Any) -> Any:
    inner = np.arange(2, x.shape[0])
    rows = np.concatenate([np.zeros(1), np.arange(1, 19), np.zeros(1)])
    return rows * np.sum(inner * x[1:-1]) - 1


def chebyquad(x: Any) -> Any:
    n = x.shape[0]
    before, now, means = np.ones(n), 2 * x - 1, []
    for _ in range(n):
        means.append(np.mean(now))
        before, now = now, 2 * (2 * x - 1) * now - before
    i = np.arange(1, n + 1)
    return np.stack(means) - np.where(i % 2, 0, -1 / np.where(i % 2, 1, i**2 - 1))


# ---- all of them --------------------------------------------------------------------------------


def _at(*numbers: float) -> Array:
    return np.array(numbers, float)


def _ramp(n: int) -> Array:
    t, _ = _grid(n)
    return t * (t - 1)


PROBLEMS = (
    Problem("Rosenbrock", rosenbrock, _at(-1.2, 1)),
    Problem("Freudenstein and Roth", freudenstein_roth, _at(0.5, -2), (0.0, 48.98425)),
    Problem("Powell badly scaled", powell_badly_scaled, _at(0, 1)),
    Problem("Brown badly scaled", brown_badly_scaled, _at(1, 1)),
    Problem("Beale", beale, _at(1, 1)),
    Problem("Jennrich and Sampson", jennrich_sampson, _at(0.3, 0.4), (124.3622,)),
    Problem("Helical valley", helical_valley, _at(-1, 0, 0)),
    Problem("Bard", bard, _at(1, 1, 1), (8.21488e-3, 17.42869)),
    Problem("Gaussian", gaussian, _at(0.4, 1, 0), (1.12793e-8,)),
    Problem("Meyer", meyer, _at(0.02, 4000, 250), (87.94586,)),
    Problem("Gulf research", gulf, _at(5, 2.5, 0.15)),
    Problem("Box, 3 dimensions", box, _at(0, 10, 20)),
    Problem("Powell singular", powell_singular, _at(3, -1, 0, 1)),
    Problem("Wood", wood, _at(-3, -1, -3, -1)),
    Problem("Kowalik and Osborne", kowalik_osborne, _at(0.25, 0.39, 0.415, 0.39),
            (3.07506e-4, 1.02735e-3)),
    Problem("Brown and Dennis", brown_dennis, _at(25, 5, -5, -1), (85822.21,)),
    Problem("Osborne 1", osborne_1, _at(0.5, 1.5, -1, 0.01, 0.02), (5.46490e-5,)),
    Problem("Biggs EXP6", biggs, _at(1, 2, 1, 1, 1, 1), (0.0, 5.65566e-3)),
    Problem("Osborne 2", osborne_2, _at(1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5),
            (4.01378e-2,)),
    Problem("Watson, n = 6", watson, np.zeros(6), (2.28768e-3,)),
    Problem("Extended Rosenbrock, n = 20", rosenbrock, np.tile([-1.2, 1.0], 10)),
    Problem("Extended Powell singular, n = 20", powell_singular, np.tile([3.0, -1.0, 0.0, 1.0], 5)),
    Problem("Penalty I, n = 10", penalty_1, np.arange(1.0, 11.0), (7.08766e-5,)),
    Problem("Penalty II, n = 10", penalty_2, np.full(10, 0.5), (2.93661e-4,)),
    Problem("Variably dimensioned, n = 10", variably_dimensioned, 1 - np.arange(1, 11) / 10),
    Problem("Trigonometric, n = 10", trigonometric, np.full(10, 0.1), (0.0, 2.79507e-5)),
    Problem("Brown almost-linear, n = 10", brown_almost_linear, np.full(10, 0.5), (0.0, 1.0)),
    Problem("Discrete boundary value, n = 10", boundary_value, _ramp(10)),
    Problem("Discrete integral equation, n = 10", integral_equation, _ramp(10)),
    Problem("Broyden tridiagonal, n = 10", broyden_tridiagonal, np.full(10, -1.0)),
    Problem("Broyden banded, n = 10", broyden_banded, np.full(10, -1.0)),
    Problem("Linear, full rank, n = 10", linear_full_rank, np.ones(10), (10.0,)),
    Problem("Linear, rank 1, n = 10", linear_rank_1, np.ones(10), (20 * 19 / 82,)),
    Problem("Linear, rank 1 with zeros, n = 10", linear_rank_1_with_zeros, np.ones(10),
            (454 / 74,)),
    Problem("Chebyquad, n = 8", chebyquad, np.arange(1, 9) / 9, (3.51688e-3,)),
)  # fmt: skip
