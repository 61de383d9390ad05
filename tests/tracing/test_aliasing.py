"""Views of views, written to from all sides: afterwards every array holds what NumPy's would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracing.indices import agree, at_hand, filled, indices, outcome, under_jit

Step = Callable[[list[Any]], Any]  # what it returns, if anything, is one more array


def reshapings(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    size = int(np.prod(shape))
    return [(size,), (1, size), (*shape, 1), (-1,)] if size else [(0,), shape]


VIEWS: dict[str, Callable[[Any], Any]] = {
    "T": lambda x: x.T,
    "flip": lambda x: np.flip(x),
    "ravel": lambda x: np.ravel(x),
    "copy": lambda x: x.copy(),
    "squeeze": lambda x: np.squeeze(x),
    "expand": lambda x: np.expand_dims(x, 0),
    "moveaxis": lambda x: np.moveaxis(x, 0, -1),
    "split": lambda x: np.array_split(x, 2)[1],
}


@st.composite
def view_steps(draw: Any, arrays: list[Any]) -> Step:
    """Another array made of one of these, often a view."""
    i = draw(st.integers(0, len(arrays) - 1))
    shape = np.shape(arrays[i])
    kind = draw(st.sampled_from(["index", "index", "fancy", "reshape", *VIEWS]))
    if kind in {"index", "fancy"}:
        index = draw(indices(shape, arrays=kind == "fancy"))
        listed = index if isinstance(index, tuple) else (index,)
        kept = listed if any(e is Ellipsis for e in listed) else (*listed, ...)
        return lambda found: found[i][kept]  # with an ellipsis it is an array, not a number
    if kind == "reshape":
        wanted = draw(st.sampled_from(reshapings(shape)))
        return lambda found: found[i].reshape(wanted)
    return lambda found: VIEWS[kind](found[i])


@st.composite
def write_steps(draw: Any, arrays: list[Any]) -> Step:
    """One of these arrays written to: by index, in place, as ``out``, from another."""
    i = draw(st.integers(0, len(arrays) - 1))
    j = draw(st.integers(0, len(arrays) - 1))
    index = draw(indices(np.shape(arrays[i])))
    kind = draw(st.sampled_from(["index", "index", "in place", "out", "other", "copyto"]))
    number = float(draw(st.integers(-99, -1)))

    def step(found: list[Any]) -> None:
        x = found[i]
        if kind == "index":
            x[index] = number
        elif kind == "other":
            x[...] = found[j]
        elif kind == "copyto":
            np.copyto(x, found[j])
        elif kind == "in place" and np.ndim(x):
            x *= 2.0
        else:
            np.add(x, number, out=x)

    return step


def follow(steps: list[Step], x: Any) -> list[Any]:
    """Every array of a program after its last step."""
    arrays = [x.copy()]
    for step in steps:
        made = step(arrays)
        if made is not None:
            arrays.append(made)
    return [a + 0.0 for a in arrays]


@settings(max_examples=600)
@given(st.data())
def test_programs_of_views_and_writes(data: Any) -> None:
    shape = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple))
    x = filled(shape)
    steps: list[Step] = []
    arrays = [x.copy()]
    for _ in range(data.draw(st.integers(1, 7))):
        writing = data.draw(st.booleans())
        step = data.draw((write_steps if writing else view_steps)(arrays))
        trial = outcome(lambda step=step: step(arrays))
        if isinstance(trial, str):
            continue  # a step that NumPy refuses; test_reading and test_writing see those
        if trial is not None:
            arrays.append(trial)
        steps.append(step)
    expected = follow(steps, x)
    agree(at_hand(lambda t: follow(steps, t), x), expected)
    agree(under_jit(lambda t: follow(steps, t), x), expected)
