"""Find the polynomials of the native elementary functions; write them where the generator reads.

Each is the polynomial of the lowest degree whose largest error, in units of the function it serves
in, is below a bound: 2⁻⁵⁷ for float64, 2⁻²⁷ for float32. Found by Remez' exchange on a fine grid
of Chebyshev points, in 60 digits. Run from the repository root:

    python scripts/minimax.py
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np

FILE = Path("src/catenary/backend/llvm/math/coefficients.py")
GRID = 600
BITS = {64: 57, 32: 27}
HEAD = '''"""Polynomials of the elementary functions, lowest power first: name, bits of the dtype.

Made by ``scripts/minimax.py``, which says of which function each is the approximation; beside
each stand its interval and the largest error reached, in units of the function it serves in.
"""

TABLE: dict[tuple[str, int], tuple[float, ...]] = {
'''


@dataclass(frozen=True)
class Sought:
    """``of`` approximated on an interval; an error e there is an error ``weight``·e in the end."""

    name: str
    low: Any
    high: Any
    of: Callable[[Any], Any]
    weight: Callable[[Any], Any]
    bits: tuple[int, ...] = (64, 32)


def grid(low: Any, high: Any) -> list[Any]:
    middle, half = (high + low) / 2, (high - low) / 2
    # 0 itself, where quotients are 0/0, is stepped around
    points = [middle - half * mp.cos(mp.pi * k / (GRID - 1)) for k in range(GRID)]
    return [x or mp.mpf("1e-12") for x in points]


def horner(coefficients: list[Any], x: Any) -> Any:
    total = mp.mpf(0)
    for c in reversed(coefficients):
        total = total * x + c
    return total


def extrema(errors: list[Any], count: int) -> list[int]:
    """The largest error of each run of one sign; of too many, the small ones at the ends fall."""
    runs: list[int] = []
    for k, error in enumerate(errors):
        if runs and (error > 0) == (errors[runs[-1]] > 0):
            if abs(error) > abs(errors[runs[-1]]):
                runs[-1] = k
        else:
            runs.append(k)
    while len(runs) > count:
        runs.pop(0 if abs(errors[runs[0]]) < abs(errors[runs[-1]]) else -1)
    return runs


def remez(x: list[Any], y: list[Any], w: list[Any], degree: int) -> tuple[list[Any], Any]:
    count = degree + 2
    chosen = [round((GRID - 1) * k / (count - 1)) for k in range(count)]
    best: tuple[list[Any], Any] = ([], mp.inf)
    for _ in range(12):
        rows = [[x[k] ** j for j in range(degree + 1)] + [(-1) ** i / w[k]]
                for i, k in enumerate(chosen)]  # fmt: skip
        solution = mp.lu_solve(mp.matrix(rows), mp.matrix([y[k] for k in chosen]))
        coefficients = list(solution)[:-1]
        errors = [w[k] * (horner(coefficients, x[k]) - y[k]) for k in range(GRID)]
        worst = max(abs(e) for e in errors)
        if worst < best[1]:
            best = (coefficients, worst)
        if worst < abs(solution[degree + 1]) * 1.01:
            break
        runs = extrema(errors, count)
        if len(runs) < count:
            break
        chosen = runs
    return best


def found(sought: Sought, bits: int) -> tuple[list[float], Any]:
    x = grid(mp.mpf(sought.low), mp.mpf(sought.high))
    y = [sought.of(v) for v in x]
    w = [abs(sought.weight(v)) + mp.mpf("1e-40") for v in x]
    for degree in range(1, 40):
        coefficients, worst = remez(x, y, w, degree)
        if worst < mp.mpf(2) ** -BITS[bits]:
            break
    rounded = [float(np.float32(float(c))) if bits == 32 else float(c) for c in coefficients]
    reached = max(
        wk * abs(horner([mp.mpf(c) for c in rounded], v) - t)
        for v, t, wk in zip(x, y, w, strict=True)
    )
    return rounded, reached


def erfcx_of(q: Any) -> Any:
    a = 4 * (1 + q) / (1 - q)
    return (1 + 2 * a) * mp.exp(a * a) * mp.erfc(a)


LN2, FIFTH = mp.log(2) / 2 * mp.mpf("1.001"), mp.mpf("0.0401")
ANGLE = (mp.pi / 4 * mp.mpf("1.02")) ** 2
ZERO = mp.findroot(lambda v: mp.digamma(v), 1.46)

SOUGHT = [
    # eʳ = 1 + r + r²·p(r)
    Sought("expm1", -LN2, LN2, lambda r: (mp.expm1(r) - r) / r**2, lambda r: r**2 / mp.expm1(r)),
    # 2ʳ = 1 + r·p(r)
    Sought("exp2", -0.5005, 0.5005, lambda r: (mp.mpf(2) ** r - 1) / r, lambda r: r * 2**-r),
    # the same where 1 is added in the end
    Sought("exp", -LN2, LN2, lambda r: (mp.expm1(r) - r) / r**2, lambda r: r**2 / mp.exp(r)),
    # log(1 + f) = 2s + s·z·p(z), s = f/(2 + f), z = s², for −1/4 ≤ f ≤ 1/2
    Sought("log", 0, FIFTH, lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z,
           lambda z: z / 2, (64,)),
    # the same, one term later: 2s + 2/3 s·z + s·z²·p(z), as good as 2⁻⁶⁷ of the logarithm
    Sought("log_tail", 0, FIFTH,
           lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2 - z * 2 / 3) / z**2,
           lambda z: z**2 / 2 * 2**11, (64,)),
    # log(1 + f) = f − f²/2 + f³·p(f)
    Sought("log", -0.25, 0.5, lambda f: (mp.log1p(f) - f + f * f / 2) / f**3,
           lambda f: f**3 / mp.log1p(f), (32,)),
    # erf x = 1 − exp(−x·p(x)) for x ≥ 1
    Sought("erf_far", 1, 4, lambda x: -mp.log(mp.erfc(x)) / x, lambda x: x * mp.erfc(x), (32,)),
    # sin r = r + r·z·p(z), cos r = 1 − z/2 + z²·p(z), z = r²
    Sought("sin", 0, ANGLE, lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: z),
    Sought("cos", 0, ANGLE, lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2, lambda z: z**2),
    # arcsin x = x + x·z·p(z), z = x²; arctan and sinh alike
    Sought("arcsin", 0, 0.25, lambda z: (mp.asin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: z),
    Sought("arctan", 0, mp.tan(mp.pi / 8) ** 2 * mp.mpf("1.001"),
           lambda z: (mp.atan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: z),
    Sought("sinh", 0, 1, lambda z: (mp.sinh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, lambda z: z),
    # x^(−1/3), the step from 5 bits of a cube root to 23
    Sought("cbrt", 0.88, 1.13, lambda r: r ** (-mp.mpf(1) / 3), lambda r: mp.mpf(2) ** -30, (64,)),
    # erf x = x + x·p(x²) for |x| ≤ 1
    Sought("erf", 0, 1, lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1, lambda z: 1),
    # erfc a = exp(−a²)·p(q)/(1 + 2a), q = (a − 4)/(a + 4); 0.4 ≤ a ≤ 28, or 10.2 in float32
    Sought("erfc", -3.6 / 4.4, 0.75, erfcx_of, lambda q: 1 / erfcx_of(q), (64,)),
    Sought("erfc", -3.6 / 4.4, 6.2 / 14.2, erfcx_of, lambda q: 1 / erfcx_of(q), (32,)),
    # ψ(x) = (x − x₀)·p(x − 1.5) for 1 ≤ x ≤ 2, x₀ its root
    Sought("digamma", -0.5, 0.5, lambda t: mp.digamma(t + 1.5) / (t + 1.5 - ZERO)
           if abs(t + 1.5 - ZERO) > 1e-20 else mp.psi(1, ZERO), lambda t: 1, (64,)),
]  # fmt: skip


def main() -> None:
    mp.mp.dps = 60
    lines = []
    for sought in SOUGHT:
        for bits in sought.bits:
            rounded, reached = found(sought, bits)
            low, high = mp.nstr(mp.mpf(sought.low), 5), mp.nstr(mp.mpf(sought.high), 5)
            error = mp.nstr(mp.log(reached, 2), 4)
            lines.append(f"    # from {low} to {high}: 2^{error}")
            lines.append(f'    ("{sought.name}", {bits}): (')
            lines += [f"        {c!r}," for c in rounded]
            lines.append("    ),")
            print(sought.name, bits, len(rounded), error)
    FILE.write_text(HEAD + "\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
