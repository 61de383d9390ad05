"""Arrays and indices to draw, and functions run with traced arrays to compare with NumPy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

import catenary as cat
from catenary.core import errors
from catenary.core.evaluate import evaluate_graph
from catenary.tracing.trace import operand, record

Shape = tuple[int, ...]

# ---- run twice -----------------------------------------------------------------------------------


def outcome(call: Callable[[], Any]) -> Any:
    """A result, or the word for what was raised."""
    try:
        return call()
    except (IndexError, ValueError, TypeError, errors.CatenaryError):
        return "raised"


def at_hand(function: Callable[..., Any], *arrays: Any) -> Any:
    """A function traced with its values at hand, and run again from its graph."""
    operands = [operand(a) for a in arrays]
    recording = record(lambda a: function(*a), operands, concrete=True, purpose="a test")
    return recording.returned(evaluate_graph(recording.graph(), [*recording.captured, *arrays]))


def under_jit(function: Callable[..., Any], *arrays: Any) -> Any:
    return cat.jit(function)(*arrays)


def agree(found: Any, expected: Any) -> None:
    """Equal, or both refused."""
    if isinstance(expected, str) or isinstance(found, str):
        assert isinstance(found, str), f"{found} instead of an error"
        assert isinstance(expected, str), f"an error instead of {expected}"
        return
    if isinstance(expected, (list, tuple)):
        assert len(found) == len(expected)
        for a, b in zip(found, expected, strict=True):
            agree(a, b)
        return
    a, b = np.asarray(found), np.asarray(expected)
    assert (a.shape, a.dtype) == (b.shape, b.dtype)
    # sums under jit may be added in another order
    rtol = 4 * np.finfo(b.dtype).eps if b.dtype.kind == "f" else 0
    np.testing.assert_allclose(a, b, rtol=rtol, atol=0)


# ---- arrays --------------------------------------------------------------------------------------

shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)
_NUMBERS = np.arange(1.0, 1 + 4**4)


def size_of(shape: Shape) -> int:
    return int(np.prod(shape))


def filled(shape: Shape, dtype: Any = np.float64) -> Any:
    """The numbers from 1 on in a shape."""
    return _NUMBERS[: size_of(shape)].reshape(shape).astype(dtype)


def _listed(elements: st.SearchStrategy[Any], shape: Shape) -> st.SearchStrategy[list[Any]]:
    return st.lists(elements, min_size=size_of(shape), max_size=size_of(shape))


@st.composite
def masks(draw: Any, shape: Shape) -> Any:
    return np.array(draw(_listed(st.booleans(), shape)), bool).reshape(shape)


@st.composite
def values(draw: Any, shape: Shape) -> Any:
    """Something to assign to a place of this shape: it broadcasts, or does not."""
    kind = draw(st.sampled_from(["number", "whole number", "exact", "thinner", "longer", "other"]))
    if kind == "number":
        return -1.5
    if kind == "whole number":
        return -2
    thin = tuple(n if draw(st.booleans()) else 1 for n in shape)
    chosen = {
        "exact": shape,
        "thinner": thin[draw(st.integers(0, len(shape))) :],
        "longer": (1, *shape),
        "other": (2, 3),
    }[kind]
    return -filled(chosen)


# ---- indices -------------------------------------------------------------------------------------


def _whole(n: int) -> st.SearchStrategy[int]:
    """A position along an axis; of an axis without positions, one outside."""
    return st.integers(-n, n - 1) if n else st.just(0)


def _slices(n: int) -> st.SearchStrategy[slice]:
    bound = st.none() | st.integers(-n - 1, n + 1)
    return st.builds(slice, bound, bound, st.none() | st.integers(-3, 3).filter(bool))


@st.composite
def positions(draw: Any, n: int, shape: Shape) -> Any:
    """An integer array for an axis; of a small dtype, or a list."""
    array = np.array(draw(_listed(st.integers(-n, max(n - 1, 0)), shape)), np.int64).reshape(shape)
    form = draw(st.sampled_from(["int64", "int8", "list"]))
    if form == "list":
        return array.tolist() if shape else array
    return array.astype(form)


@st.composite
def _entries(draw: Any, shape: Shape, *, arrays: bool) -> list[Any]:
    """Entries of every kind until the axes are used up, or before."""
    entries: list[Any] = []
    index_shape = draw(st.sampled_from([(), (1,), (2,), (3,), (2, 2), (0,)]))
    axis = 0
    kinds = ["int", "slice", "none"] + (["array", "array", "mask", "truth"] if arrays else [])
    while axis < len(shape) and len(entries) < 7 and draw(st.integers(0, 4)):
        kind, n = draw(st.sampled_from(kinds)), shape[axis]
        depth = draw(st.integers(1, len(shape) - axis)) if kind == "mask" else 1
        drawn = {
            "int": _whole(n),
            "slice": _slices(n),
            "array": positions(n, index_shape),
            "mask": masks(shape[axis : axis + depth]),
            "truth": st.booleans(),
            "none": st.none(),
        }
        entries.append(draw(drawn[kind]))
        axis += 0 if kind in {"none", "truth"} else depth
    return entries


@st.composite
def indices(draw: Any, shape: Shape, *, arrays: bool = True) -> Any:
    """Any index for an array of this shape, with or without an ellipsis."""
    entries = draw(_entries(shape, arrays=arrays))
    if draw(st.booleans()):
        entries.insert(draw(st.integers(0, len(entries))), Ellipsis)
    if len(entries) == 1 and draw(st.booleans()):
        return entries[0]
    return tuple(entries)
