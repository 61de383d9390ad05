"""How far apart two results may lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core.derivative import Linear, Multilinear
from catenary.core.primitive import Primitive
from tests.laws.law import Case


def near(got: Any, expected: Any, *, ulp: float = 0.0, slack: Any = 0.0) -> None:
    """|got − expected| ≤ ulp · (spacing of floats there) + slack, in every element.

    NaN goes with NaN, an infinity with itself; the sign of zero does not count.
    """
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape, f"shape {got.shape}, expected {expected.shape}"
    assert got.dtype == expected.dtype, f"dtype {got.dtype}, expected {expected.dtype}"
    fits = got == expected
    if got.dtype.kind == "f":
        fits |= np.isnan(got) & np.isnan(expected)
        finite = np.isfinite(got) & np.isfinite(expected)
        larger = np.where(finite, np.maximum(np.abs(got), np.abs(expected)), 0)
        distance = np.abs(np.where(finite, got, 0) - np.where(finite, expected, 0))
        fits |= finite & (distance <= ulp * np.spacing(larger) + slack)
    if not fits.all():
        at = tuple(int(i) for i in np.argwhere(~fits)[0])
        raise AssertionError(
            f"{(~fits).sum()} of {fits.size} elements differ, first at {at}: "
            f"{got[at]!r}, expected {expected[at]!r}"
        )


def all_near(
    got: Sequence[Any], expected: Sequence[Any], *, ulp: float = 0.0, slack: Any = 0.0
) -> None:
    """Several results, each near its own."""
    assert len(got) == len(expected), f"{len(got)} results, expected {len(expected)}"
    slacks = slack if isinstance(slack, (list, tuple)) else [slack] * len(expected)
    for a, b, allowed in zip(got, expected, slacks, strict=True):
        near(a, b, ulp=ulp, slack=allowed)


def results(primitive: Primitive, operands: Sequence[Any], params: dict[str, Any]) -> list[Any]:
    """What ``evaluate`` gives, always as a list of arrays."""
    with np.errstate(all="ignore"):
        result = primitive.evaluate(*operands, **params)
    return [np.asarray(r) for r in (result if primitive.multiple else (result,))]


def rounding(primitive: Primitive, case: Case) -> list[Any]:
    """How much rounding may move each result: c·eps·Σ|terms| where terms are summed.

    Elementwise operations state their own bound (``ulp``) and get none here. Of factorizations
    rounding moves each number by parts of the largest.
    """
    values = results(primitive, case.operands, case.params)
    if primitive.elementwise:
        return [0.0] * len(values)
    if primitive.normwise:
        return [50 * largest(v) * np.finfo(v.dtype).eps for v in values]
    if isinstance(primitive.derivative, (Linear, Multilinear)):
        sizes = [np.abs(x) if x.dtype.kind == "f" else x for x in case.operands]
        values = results(primitive, sizes, case.params)
    terms = max(x.size for x in case.operands)
    return [
        2 * terms * np.finfo(v.dtype).eps * np.nan_to_num(np.abs(v)) if v.dtype.kind == "f" else 0.0
        for v in values
    ]


def largest(x: Any) -> float:
    """The size of the largest number that is finite."""
    sizes = np.abs(x)
    return float(sizes[np.isfinite(sizes)].max(initial=0.0))
