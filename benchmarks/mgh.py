"""Our methods against SciPy's on the problems of Moré, Garbow and Hillstrom.

    python -m benchmarks.mgh                    all methods, one table for each
    python -m benchmarks.mgh l-bfgs lm          some of them

Both get the same function and the same gradients (ours), start where the source says, and stop
when the norm of the gradient is below 1.5e-8, or when they can do no better. A problem counts as
solved if a value is reached that the source knows as that of a minimum (to 1e-5), or less.
``evaluations`` are those of the function; gradients come with them on both sides.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize

import catenary as cat
from benchmarks.mgh_problems import PROBLEMS, Problem

TOLERANCE = 2.0**-26
MOST = 2000  # steps


@dataclass(frozen=True)
class Run:
    """What one method reached on one problem."""

    value: float
    evaluations: int
    solved: bool


@dataclass(frozen=True)
class Pair:
    """A method of ours, and the one of SciPy that is closest to it."""

    ours: str
    theirs: str
    options: dict[str, Any]
    second: str = ""  # the second derivative that SciPy's method asks for


PAIRS = {
    pair.ours: pair
    for pair in (
        Pair("bfgs", "BFGS", {"gtol": TOLERANCE, "norm": 2}),
        Pair(
            "l-bfgs",
            "L-BFGS-B",
            {"gtol": TOLERANCE, "ftol": 0.0, "maxfun": 100_000, "maxcor": 10},
        ),
        Pair("conjugate-gradient", "CG", {"gtol": TOLERANCE, "norm": 2}),
        Pair("newton-cg", "Newton-CG", {"xtol": 1e-10}, "hessp"),
        Pair("trust-region", "trust-exact", {"gtol": TOLERANCE}, "hess"),
        Pair("levenberg-marquardt", "lm (MINPACK)", {}),
    )
}


def ours(pair: Pair, problem: Problem) -> Run:
    """Our run."""
    if pair.ours == "levenberg-marquardt":
        found = cat.optim.least_squares(
            problem.residuals, problem.start, tolerance=TOLERANCE / 2, max_steps=MOST
        )
        value = 2 * found.value
    else:
        found = cat.minimize(problem, problem.start, method=pair.ours, max_steps=MOST)
        value = found.value
    return Run(value, found.evaluations.values, problem.reached(value))


def theirs(pair: Pair, problem: Problem) -> Run:
    """SciPy's run, with our derivatives."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if pair.ours == "levenberg-marquardt":
            jacobian = cat.jit(cat.jacobian(problem.residuals))
            found = optimize.least_squares(
                problem.residuals,
                problem.start,
                jac=lambda x: np.asarray(jacobian(x)),
                method="lm",
                xtol=1e-15,
                ftol=1e-15,
                gtol=1e-15,
                max_nfev=100_000,
            )
            value = 2 * found.cost
        else:
            found = optimize.minimize(
                problem,
                problem.start,
                jac=cat.jit(cat.grad(problem)),
                method=pair.theirs,
                options={"maxiter": MOST, **pair.options},
                **_second(pair, problem),
            )
            value = found.fun
    return Run(float(value), int(found.nfev), bool(problem.reached(float(value))))


def _second(pair: Pair, problem: Problem) -> dict[str, Callable[..., Any]]:
    if pair.second == "hess":
        return {"hess": cat.jit(cat.hessian(problem))}
    if pair.second == "hessp":
        return {"hessp": cat.jit(lambda x, v: cat.hvp(problem, x, v))}
    return {}


def compare(name: str, problems: tuple[Problem, ...] = PROBLEMS) -> list[tuple[Run, Run]]:
    """Ours and SciPy's, problem by problem."""
    return [(ours(PAIRS[name], problem), theirs(PAIRS[name], problem)) for problem in problems]


def summary(runs: list[tuple[Run, Run]]) -> str:
    """How many problems each solved, and the evaluations on those that both solved."""
    both = [(a, b) for a, b in runs if a.solved and b.solved]
    counts = [sum(run.solved for run in side) for side in zip(*runs, strict=True)]
    evaluations = [sum(run.evaluations for run in side) for side in zip(*both, strict=True)]
    typical = np.exp(np.mean([np.log(b.evaluations / a.evaluations) for a, b in both]))
    return (
        f"solved: {counts[0]} and {counts[1]} of {len(runs)}; evaluations on the {len(both)} that "
        f"both solved: {evaluations[0]} and {evaluations[1]}, typical ratio {typical:.2f}"
    )


def _print(name: str) -> None:
    pair, runs = PAIRS[name], compare(name)
    print(f"\n{pair.ours} against SciPy's {pair.theirs}\n")
    print(f"{'':34}  {'value':>12} {'evaluations':>11}   {'SciPy':>12} {'evaluations':>11}")
    for problem, pair_of_runs in zip(PROBLEMS, runs, strict=True):
        told = "   ".join(
            f"{run.value:12.5g} {run.evaluations:10d}{' ' if run.solved else '*'}"
            for run in pair_of_runs
        )
        print(f"{problem.name:34}  {told}")
    print(f"\n{summary(runs)} (SciPy's over ours); * is not solved", flush=True)


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(PAIRS))
    if unknown:
        print(f"no method {', '.join(unknown)}; there are {', '.join(PAIRS)}", file=sys.stderr)
        return 2
    for name in names or PAIRS:
        _print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
