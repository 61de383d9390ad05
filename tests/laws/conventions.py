"""The conventions at kinks, jumps, zeros and infinities: one table, tested and shown as a page.

The page is written with ``python -m tests.laws.conventions > docs/kinks.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, nan, pi
from typing import Any

import numpy as np
import scipy.special

Value = float | tuple[float, ...]

NAMES = {"np": np, "special": scipy.special, "inf": inf}


@dataclass(frozen=True)
class Convention:
    """A formula in x (and y), where it is differentiated, and the slope by each argument."""

    formula: str
    at: tuple[Value, ...]
    slope: tuple[Value, ...]

    @property
    def function(self) -> Callable[..., Any]:
        names = ", ".join("xy"[: len(self.at)])
        return eval(f"lambda {names}: {self.formula}", dict(NAMES))  # type: ignore[no-any-return]

    def __str__(self) -> str:
        return f"{self.formula} at {', '.join(map(_plain, self.at))}"


@dataclass(frozen=True)
class Topic:
    """Conventions with one reason."""

    title: str
    reason: str
    rows: tuple[Convention, ...]


def _of_one(at: Value, slope: Value, *formulas: str) -> tuple[Convention, ...]:
    return tuple(Convention(formula, (at,), (slope,)) for formula in formulas)


TOPICS = (
    Topic(
        "Kinks",
        "Where a function has two one-sided slopes, the derivative is their mean. The mean is "
        "linear, so formulas that are equal have equal derivatives there too. A choice by "
        "`np.where` between the two things that its condition compares is the maximum or minimum "
        "that it says, and counts as one. All slopes at a kink, instead of one, are found by "
        "`cat.subdifferential`.",
        (
            *_of_one(0.0, 0.0, "np.abs(x)", "np.fabs(x)", "np.maximum(x, -x)", "np.sqrt(x * x)"),
            *_of_one(
                0.0,
                0.5,
                "np.maximum(x, 0)",
                "np.maximum(0, x)",
                "np.fmax(x, 0)",
                "np.where(x > 0, x, 0)",
                "np.where(x >= 0, x, 0)",
                "np.where(0 < x, x, 0)",
                "np.where(x < 0, 0, x)",
                "(x + np.abs(x)) / 2",
                "x - np.minimum(x, 0)",
                "np.clip(x, 0, 6)",
            ),
            *_of_one(6.0, 0.5, "np.clip(x, 0, 6)", "np.minimum(x, 6)"),
            Convention("np.maximum(x, y)", (1.0, 1.0), (0.5, 0.5)),
            Convention("np.minimum(x, y)", (1.0, 1.0), (0.5, 0.5)),
        ),
    ),
    Topic(
        "Ties",
        "Several elements that attain the largest or smallest value share its slope evenly. "
        "Sorting is stable: equal elements keep their order, and each keeps its own slope.",
        (
            *_of_one((2.0, 2.0, 1.0), (0.5, 0.5, 0.0), "np.max(x)"),
            *_of_one((2.0, 1.0, 1.0), (0.0, 0.5, 0.5), "np.min(x)"),
            *_of_one((1.0, 1.0), (0.0, 0.0), "np.ptp(x)"),
            *_of_one((1.0, 1.0), (1.0, 0.0), "np.sort(x)[0]"),
            *_of_one((1.0, 1.0), (0.0, 1.0), "np.sort(x)[1]"),
        ),
    ),
    Topic(
        "Jumps",
        "Where a function is constant on both sides, its slope is 0, at the jump too. A comparison "
        "is such a function: it has no slope, and what is multiplied by it keeps its own.",
        (
            *_of_one(0.0, 0.0, "np.sign(x)", "np.heaviside(x, 0.5)", "x * (x > 0)"),
            *_of_one(1.0, 0.0, "np.floor(x)", "np.ceil(x)", "np.trunc(x)"),
            *_of_one(0.5, 0.0, "np.rint(x)"),
            *_of_one(1.0, 1.0, "x % 1"),
        ),
    ),
    Topic(
        "Norms at the origin",
        "A length has the slope 0 at 0, the mean over opposite directions.",
        (
            Convention("np.hypot(x, y)", (0.0, 0.0), (0.0, 0.0)),
            *_of_one((0.0, 0.0), (0.0, 0.0), "np.linalg.norm(x)", "np.sqrt(np.sum(x * x))"),
            Convention("np.linalg.norm(x - y)", ((1.0, 2.0), (1.0, 2.0)), ((0.0, 0.0), (0.0, 0.0))),
            *_of_one((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), "np.std(x)"),
        ),
    ),
    Topic(
        "Zero times infinity",
        "In the chain rule an exact 0 wins: what does not move moves nothing, however steep the "
        "way. So the branch of a `np.where` that is not taken adds nothing, be it NaN or infinite.",
        (
            *_of_one(0.0, 0.0, "np.where(x > 0, np.sqrt(x), 0)", "np.where(x > 0, np.log(x), 0)"),
            *_of_one(-1.0, 0.0, "np.where(x > 0, np.log(x), 0)", "np.where(x > 0, x**0.5, 0)"),
            *_of_one(0.0, 0.0, "np.where(x == 0, 1, np.sin(x) / x)", "np.where(x == 0, 0, 1 / x)"),
            *_of_one(nan, 0.0, "np.where(np.isnan(x), 0, x)", "np.nan_to_num(x)"),
            *_of_one(1.0, 0.0, "np.sqrt(0 * x)", "np.log(0 * x)"),
            *_of_one(0.0, 0.0, "np.sqrt(x**4)", "np.abs(x) ** 1.5"),
        ),
    ),
    Topic(
        "Powers",
        "Integer exponents are products. Of real exponents the slope by the base is "
        "$y\\,x^{y-1}$ and by the exponent $x^y \\log x$, with an exact 0 winning.",
        (
            *_of_one(0.0, 0.0, "x**0", "x**2", "x**3", "x**2.0", "np.power(x, 3)"),
            *_of_one(0.0, 1.0, "x**1", "x**1.0"),
            *_of_one(-2.0, -4.0, "x**2", "x**2.0"),
            *_of_one(0.0, inf, "np.sqrt(x)", "np.cbrt(x)", "x**0.5"),
            Convention("x**y", (0.0, 2.0), (0.0, 0.0)),
            Convention("x**y", (0.0, 0.0), (0.0, -inf)),
        ),
    ),
    Topic(
        "Products with zeros",
        "The slope of a product by one factor is the product of the others: nothing is divided.",
        (
            *_of_one((0.0, 2.0, 3.0), (6.0, 0.0, 0.0), "np.prod(x)"),
            *_of_one((0.0, 0.0, 3.0), (0.0, 0.0, 0.0), "np.prod(x)"),
            *_of_one((2.0, 0.0, 3.0), (1.0, 8.0, 0.0), "np.sum(np.cumprod(x))"),
        ),
    ),
    Topic(
        "Matrices",
        "A function that reads one triangle of a symmetric matrix (`cholesky`, `eigh`, `eigvalsh`) "
        "is differentiated along symmetric changes, so its gradient is symmetric. Eigenvectors of "
        "equal eigenvalues may be any basis, and are held: a symmetric function of the eigenvalues "
        "has its own gradient, but the eigenvectors alone, and the second derivative, do not see "
        "equal ones turn into each other. The same holds for singular values; one that is 0 has "
        "the slope 0, the mean of both signs. `pinv` and `lstsq` keep the rank that they find. The "
        "slope of a determinant is the cofactor, for singular matrices too.",
        (
            *_of_one(
                (1.0, 1.0),
                (2.0, 2.0),
                "np.sum(np.linalg.eigvalsh(np.diag(x)) ** 2)",
                "np.sum(np.linalg.svdvals(np.diag(x)) ** 2)",
            ),
            *_of_one((1.0, 1.0), (0.5, 0.5), "np.linalg.norm(np.diag(x), 2)"),
            *_of_one((0.0, 0.0), (0.0, 0.0), 'np.linalg.norm(np.diag(x), "nuc")'),
            *_of_one((2.0, 0.0), (1.0, 0.0), 'np.linalg.norm(np.diag(x), "nuc")'),
            *_of_one((2.0, 0.0), (-0.25, 0.0), "np.sum(np.linalg.pinv(np.diag(x)))"),
            *_of_one((0.0, 2.0, 3.0), (6.0, 0.0, 0.0), "np.linalg.det(np.diag(x))"),
            *_of_one((0.0, 0.0, 3.0), (0.0, 0.0, 0.0), "np.linalg.det(np.diag(x))"),
        ),
    ),
    Topic(
        "Logarithms, angles and their limits",
        "Removable holes are filled with the limit; poles are infinite; at the origin of "
        "`np.arctan2`, where slopes in different directions have nothing in common, they are NaN.",
        (
            *_of_one(0.0, 0.0, "np.sinc(x)"),
            *_of_one(0.0, inf, "np.log(x)"),
            *_of_one(0.0, -inf, "special.xlogy(x, x)"),
            Convention("special.xlogy(x, y)", (0.0, 0.0), (-inf, 0.0)),
            Convention("special.xlogy(x, y)", (0.0, 2.0), (float(np.log(2)), 0.0)),
            Convention("np.logaddexp(x, y)", (-inf, -inf), (0.5, 0.5)),
            Convention("np.logaddexp(x, y)", (inf, inf), (0.5, 0.5)),
            Convention("np.logaddexp(x, y)", (0.0, -inf), (1.0, 0.0)),
            *_of_one(1.0, inf, "np.arcsin(x)", "np.arccosh(x)", "np.arctanh(x)"),
            *_of_one(1e4, 0.0, "special.expit(x)", "np.tanh(x)", "special.erf(x)"),
            Convention("np.arctan2(x, y)", (0.0, 0.0), (nan, nan)),
            Convention("np.arctan2(x, y)", (0.0, -1.0), (-1.0, 0.0)),
        ),
    ),
)

CONVENTIONS = [row for topic in TOPICS for row in topic.rows]


# ---- as a page -----------------------------------------------------------------------------------

HEADING = """# Kinks, jumps and infinities

What a derivative is where a function has none in the plain sense. Every line is tested, in single
and double precision, in forward and reverse mode.
"""

_WORDS = {0.5: "½", 1.5: "1½", inf: "∞", -inf: "−∞", pi: "π"}


def _number(value: float) -> str:
    if value != value:  # noqa: PLR0124 - NaN
        return "NaN"
    return _WORDS.get(value) or f"{value:.4g}".replace("-", "−").replace("e+04", "e4")


def _plain(value: Value) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_number, value)) + ")"
    return _number(value)


def _values(values: Sequence[Value]) -> str:
    return ", ".join(map(_plain, values))


def _table(topic: Topic) -> str:
    """The rows; formulas with equal points and slopes stand in one line."""
    groups: dict[tuple[str, str], list[str]] = {}
    for row in topic.rows:
        key = (_values(row.at), _values(row.slope))
        groups.setdefault(key, []).append(f"`{row.formula}`".replace("|", "\\|"))
    lines = ["| function | at | derivative |", "|---|---|---|"]
    lines += [f"| {', '.join(names)} | {at} | {slope} |" for (at, slope), names in groups.items()]
    return "\n".join(lines)


def page() -> str:
    """The page of the documentation."""
    sections = [f"## {topic.title}\n\n{topic.reason}\n\n{_table(topic)}\n" for topic in TOPICS]
    return "\n".join([HEADING, *sections])


if __name__ == "__main__":
    print(page(), end="")
