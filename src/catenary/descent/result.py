"""What a minimization found, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from catenary.descent.arithmetic import Tree
from catenary.tracing import tree

End: TypeAlias = Literal["converged", "flat", "diverged", "out of steps"]


@dataclass(frozen=True)
class StepLog:
    """Numbers of every step; entry 0 is the start.

    ``value`` and ``gradient_norm`` have one entry more than ``step_length``, the Euclidean length
    of each move. ``points`` is x with one more leading axis, or None if it was not asked for.

    >>> from catenary.descent import minimize
    >>> minimize(lambda x: x**2, 3.0, learning_rate=0.25, max_steps=2, points=True).log.points
    array([3.  , 1.5 , 0.75])
    """

    value: np.ndarray[Any, np.dtype[np.float64]]
    gradient_norm: np.ndarray[Any, np.dtype[np.float64]]
    step_length: np.ndarray[Any, np.dtype[np.float64]]
    points: Tree = None

    def __repr__(self) -> str:
        points = "" if self.points is None else ", with points"
        return f"StepLog({len(self.step_length)} steps{points})"


@dataclass(frozen=True)
class Evaluations:
    """How often a function, its gradient and its second derivatives were evaluated.

    ``values`` of the function, ``gradients``, ``products`` of a second derivative (or of the
    Gauss–Newton matrix) with a vector, ``matrices``: Hessians or Jacobians written out.

    >>> from catenary.descent import minimize
    >>> minimize(lambda x: (x - 3) ** 2, 0.0, method="newton").evaluations
    Evaluations(values=2, gradients=2, products=0, matrices=1)
    """

    values: int
    gradients: int
    products: int = 0
    matrices: int = 0

    def __str__(self) -> str:
        counts = {name: count for name, count in vars(self).items() if count}
        return ", ".join(f"{count} {_NOUNS[name][count > 1]}" for name, count in counts.items())


_NOUNS = {
    "values": ("value", "values"),
    "gradients": ("gradient", "gradients"),
    "products": ("product", "products"),
    "matrices": ("matrix", "matrices"),
}


@dataclass(frozen=True)
class DescentResult:
    """Where a minimization (or maximization) ended, and why.

    ``value``, ``gradient`` and ``gradient_norm`` are those at ``x``; ``evaluations`` counts
    what was asked of the function. ``end`` is one of

    - ``"converged"``: the norm of the gradient is within the tolerance. That says "critical
      point", not "minimum";
    - ``"flat"``: not so, but the value can no longer be changed beyond its rounding;
    - ``"diverged"``: the value or the gradient is no longer finite, or grew without limit (``x``
      is then the best point seen);
    - ``"out of steps"``: none of these within the steps allowed;

    and ``reason`` says it in a sentence with numbers.

    >>> from catenary.descent import minimize
    >>> minimize(lambda x: (x - 3) ** 2 + 1, 0.0, learning_rate=0.5)
    DescentResult: converged after 1 step: gradient norm 0 is within 1.5e-08
      value          1  (10 at the start)
      gradient norm  0
      x              3.0
      evaluations    2 values, 2 gradients
    """

    x: Tree
    value: float
    gradient: Tree
    gradient_norm: float
    steps: int
    end: End
    reason: str
    evaluations: Evaluations
    log: StepLog

    def __repr__(self) -> str:
        steps = "1 step" if self.steps == 1 else f"{self.steps} steps"
        return "\n".join(
            [
                f"DescentResult: {self.end} after {steps}: {self.reason}",
                f"  value          {self.value:.9g}  ({self.log.value[0]:.9g} at the start)",
                f"  gradient norm  {self.gradient_norm:.3g}",
                f"  x              {_shown(self.x)}",
                f"  evaluations    {self.evaluations}",
            ]
        )


def _shown(x: Tree) -> str:
    """The point itself if it fits into a line, or else its size."""
    text = " ".join(str(x).split())
    if len(text) <= 60:
        return text
    leaves = tree.coordinates(x)
    arrays = "1 array" if len(leaves) == 1 else f"{len(leaves)} arrays"
    return f"{tree.size(x)} numbers in {arrays}"
