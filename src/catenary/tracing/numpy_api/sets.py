"""Arrays as sets: unique, union, intersection; and trim_zeros. Lengths depend on values."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import not_covered
from catenary.tracing.numpy_api.arguments import array, traced, values_of
from catenary.tracing.recorder import user_line
from catenary.tracing.table import implements


def _known(x: Any, name: str) -> Any:
    return values_of(x, f"np.{name}, whose result's length depends on values,")


@implements(np.unique, values=True)
def unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
    axis: Any = None, *, equal_nan: bool = True, sorted: bool = True,
) -> Any:  # fmt: skip
    """The different elements in rising order: each the first of its equals."""
    known = _known(ar, "unique")
    options: Any = {"axis": axis, "equal_nan": equal_nan}
    options |= {"return_inverse": return_inverse, "return_counts": return_counts}
    found = np.unique(known, return_index=True, **options)
    first, others = found[1], found[2:]
    values = np.take(np.ravel(ar) if axis is None else ar, first, 0 if axis is None else axis)
    results = (values, *((first,) if return_index else ()), *others)
    return results if len(results) > 1 else values


@implements(np.unique_values, values=True)
def unique_values(x: Any) -> Any:
    return _each(x, np.unique_values(_known(x, "unique_values")))


def _each(x: Any, values: Any) -> Any:
    """The traced elements that have these different values, the first of each."""
    known, first = np.unique(_known(x, "unique"), return_index=True, equal_nan=False)
    return np.take(np.ravel(x), first[np.searchsorted(known, values)])


def _with_values(function: Any) -> Any:
    """NumPy's own named result for the real values, holding the traced ones."""

    def rule(x: Any) -> Any:
        found = function(_known(x, function.__name__))
        return found._replace(values=_each(x, found.values))

    return rule


unique_all = implements(np.unique_all, values=True)(_with_values(np.unique_all))
unique_counts = implements(np.unique_counts, values=True)(_with_values(np.unique_counts))
unique_inverse = implements(np.unique_inverse, values=True)(_with_values(np.unique_inverse))


@implements(np.union1d, values=True)
def union1d(ar1: Any, ar2: Any) -> Any:
    return unique(np.concatenate([np.ravel(array(ar1)), np.ravel(array(ar2))]))


@implements(np.intersect1d, values=True)
def intersect1d(
    ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False
) -> Any:
    left, right = (_known(x, "intersect1d") for x in (ar1, ar2))
    _, first, second = np.intersect1d(left, right, assume_unique, return_indices=True)
    values = np.take(np.ravel(traced(ar1, ar2)), first)
    return (values, first, second) if return_indices else values


@implements(np.setdiff1d, values=True)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    first = np.ravel(traced(ar1, ar2)) if assume_unique else unique(traced(ar1, ar2))
    return first[~np.isin(_known(first, "setdiff1d"), _known(ar2, "setdiff1d"))]


@implements(np.setxor1d, values=True)
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    sides = [np.ravel(traced(x, ar1, ar2)) for x in (ar1, ar2)]
    sides = sides if assume_unique else [unique(x) for x in sides]
    both = np.concatenate(sides)
    _, first, count = np.unique(_known(both, "setxor1d"), return_index=True, return_counts=True)
    return np.take(both, first[count == 1])


@implements(np.isin)
def isin(
    element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False, *,
    kind: Any = None,
) -> Any:  # fmt: skip
    """Every element compared with every test element."""
    element, tests = array(element), np.ravel(array(test_elements))
    found = np.any(np.equal(element[..., None], tests), -1)
    return ~found if invert else found


@implements(np.trim_zeros, values=True)
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """The array without the zeros at its ends (front "f", back "b")."""
    if filt.ndim != 1 or axis not in {None, 0, -1}:
        raise not_covered("np.trim_zeros of more than one axis", "", user_line())
    there = np.flatnonzero(_known(filt, "trim_zeros"))
    if there.size == 0:
        return filt[:0]
    how = trim.lower()
    return filt[there[0] if "f" in how else 0 : there[-1] + 1 if "b" in how else None]
