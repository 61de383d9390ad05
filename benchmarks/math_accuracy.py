"""How exact and how fast the native elementary functions are.

Measures the largest error of each, in units of the last digit (ulp), over numbers of every size:
against NumPy's ``longdouble`` (64 bits of mantissa on x86) or mpmath. float32 functions of one
number can be measured at every float32 there is (``--all``, some minutes). Prints a table for
``docs/reference/math_accuracy.md``:

    PYTHONPATH=. python benchmarks/math_accuracy.py
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from catenary.backend.llvm import math
from tests.backend.elementwise import Compiled
from tests.backend.samples import (
    ACTIVATIONS,
    BY_MPMATH,
    ELEMENTARY,
    ROUNDING,
    Wide,
    points,
    reference,
    ulps,
)

TWO = ("power", "arctan2")
SPEED_POINTS, REPEATS, ROUNDS = 2048, 200, 20


def compiled(name: str, dtype: Any) -> Compiled:
    lanes = 64 // np.dtype(dtype).itemsize
    if name in TWO:
        return Compiled(getattr(math, name), dtype, lanes, 2)
    return Compiled(lambda b, x: math.function(b, name, x), dtype, lanes)


def worst(name: str, run: Compiled, count: int) -> tuple[float, float]:
    """The largest error and where it is (the first operand)."""
    if name in TWO:
        random = np.random.default_rng(2)
        x = np.concatenate([points(count, run.dtype), np.exp(random.uniform(-5, 5, 40 * count))])
        x = x.astype(run.dtype)
        y = np.concatenate([points(count // 2, run.dtype), random.uniform(-99, 99, 20 * count)])
        y = random.permutation(np.resize(y, x.shape)).astype(run.dtype)
        error = ulps(run(x, y), getattr(np, name)(x.astype(Wide), y.astype(Wide)))
    else:
        x = points(count // 100 if name in BY_MPMATH else count, run.dtype, seed=1)
        x = abs(x) if name in {"lgamma", "digamma"} else x
        error = ulps(run(x), reference(name)(x))
    k = int(np.argmax(error))
    return float(error[k]), float(x[k])


def every_float32(name: str, run: Compiled) -> tuple[float, float]:
    """The same over all 2³² numbers, in pieces."""
    found = (0.0, 0.0)
    for piece in pieces():
        x = piece[np.isfinite(piece)]
        if x.size:
            error = ulps(run(x), reference(name)(x))
            k = int(np.argmax(error))
            found = max(found, (float(error[k]), float(x[k])))
    return found


def pieces() -> Iterator[Any]:
    for start in range(0, 2**32, 2**22):
        yield np.arange(start, start + 2**22, dtype=np.uint64).astype(np.uint32).view(np.float32)


def nanoseconds(name: str, run: Compiled) -> float:
    """For 64 bytes of operands that lie in the cache, the best of some rounds."""
    x = np.random.default_rng(0).uniform(0.1, 0.9, SPEED_POINTS).astype(run.dtype)
    operands = [x, x[::-1]][: run.operands]
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run(*operands, repeats=REPEATS)
        best = min(best, time.perf_counter() - start)
    return best * 1e9 / (REPEATS * SPEED_POINTS / (run.lanes or 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="every float32 there is")
    parser.add_argument("--count", type=int, default=200_000, help="points of each kind")
    parser.add_argument("names", nargs="*", help="functions; all by default")
    options = parser.parse_args()
    print("| function | float32 | at | ns/16 | float64 | at | ns/8 |")
    print("|---|---|---|---|---|---|---|")
    for name in options.names or [*ELEMENTARY, *ACTIVATIONS, *BY_MPMATH, *TWO, *ROUNDING]:
        cells = []
        for dtype in (np.float32, np.float64):
            run = compiled(name, dtype)
            exhaustive = options.all and dtype == np.float32 and name not in {*BY_MPMATH, *TWO}
            with np.errstate(all="ignore"):
                error, x = (
                    every_float32(name, run) if exhaustive else worst(name, run, options.count)
                )
            cells += [f"{error:.2f}", f"{x:.6g}", f"{nanoseconds(name, run):.1f}"]
        print(f"| `{name}` | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
