"""What bad loops and branches are told: what happened, where, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import CatenaryError, DerivativeError, ShapeError, TraceError

X = np.ones(3)


def _halved(c: Any, x: Any) -> Any:
    return {"a": c["a"][:-1]}, None


def _unbounded(x: Any) -> Any:
    return cat.while_loop(lambda x: x < 9, lambda x: 2 * x, x)


def _flips(c: Any, x: Any) -> Any:
    return c.astype(np.float32 if c.dtype == np.float64 else np.float64), None


# what goes wrong → (a call, the class of its error, words that the message must hold)
WRONG: dict[str, tuple[Callable[[], Any], type[CatenaryError], tuple[str, ...]]] = {
    "no function": (lambda: cat.scan(3, 1.0, X), CatenaryError, ("first argument", "int")),
    "no pair": (lambda: cat.scan(lambda c, x: c, 1.0, X), ShapeError, ("(carry, y)", "None")),
    "three things": (lambda: cat.scan(lambda c, x: (c, x, x), 1.0, X), ShapeError, ("tuple of 3",)),
    "a carry of another shape": (
        lambda: cat.scan(_halved, {"a": X}, length=2),
        ShapeError,
        ("carry['a'] changes", "float64[3]", "float64[2]"),
    ),
    "a carry of another dtype": (
        lambda: cat.scan(lambda c, x: ((c + x).astype(np.float32), x), X, np.ones((2, 3))),
        ShapeError,
        ("carry changes", "float64[3]", "float32[3]", "astype"),
    ),
    "a number that never settles": (
        lambda: cat.scan(_flips, 1.0, X),
        ShapeError,
        ("float32[]", "float64[]"),
    ),
    "text that changes": (
        lambda: cat.scan(lambda c, x: (c + "a", None), "a", X),
        ShapeError,
        ("'a' (str)", "'aa' (str)"),
    ),
    "a carry of another structure": (
        lambda: cat.scan(lambda c, x: ([c], x), X, X),
        ShapeError,
        ("structure", "one leaf", "[*]"),
    ),
    "xs of different lengths": (
        lambda: cat.scan(lambda c, x: (c, c), 1.0, {"u": X, "v": np.ones(4)}),
        ShapeError,
        ("xs['u'] has 3", "xs['v'] has 4"),
    ),
    "xs and length": (
        lambda: cat.scan(lambda c, x: (c, c), 1.0, X, length=2),
        ShapeError,
        ("xs has 3", "length=2"),
    ),
    "no length": (lambda: cat.scan(lambda c, x: (c, c), 1.0), ShapeError, ("length=n",)),
    "a negative length": (
        lambda: cat.scan(lambda c, x: (c, c), 1.0, length=-1),
        CatenaryError,
        ("0 or more", "-1"),
    ),
    "a traced length": (
        lambda: cat.jit(lambda n: cat.scan(lambda c, x: (c, c), 1.0, length=n))(np.int64(3)),
        CatenaryError,
        ("known while tracing", "cat.fori"),
    ),
    "a number among xs": (
        lambda: cat.scan(lambda c, x: (c, c), 1.0, (X, 2.0)),
        ShapeError,
        ("xs[1]", "leading axis", "float64[]"),
    ),
    "a branch on a value": (
        lambda: cat.scan(lambda c, x: (c if c > 0 else x, x), 1.0, X),
        TraceError,
        ("bool[]", "under scan", "np.where", "cat.cond"),
    ),
    "a condition that is no truth value": (
        lambda: cat.while_loop(lambda c: c, lambda c: c, 1.0),
        ShapeError,
        ("while_loop", "truth value", "float64[]"),
    ),
    "a condition with many values": (
        lambda: cat.while_loop(lambda c: c > 0, lambda c: c, X),
        ShapeError,
        ("bool[3]", "np.any"),
    ),
    "a body of another structure": (
        lambda: cat.while_loop(lambda c: c > 0, lambda c: (c, c), 1.0),
        ShapeError,
        ("while_loop", "(*, *)"),
    ),
    "a negative bound": (
        lambda: cat.while_loop(lambda c: c > 0, lambda c: c, 1.0, bound=-1),
        CatenaryError,
        ("bound", "-1"),
    ),
    "reverse mode without a bound": (
        lambda: cat.grad(_unbounded)(1.0),
        DerivativeError,
        ("bound=n", "cat.jvp"),
    ),
    "a fraction as a limit": (
        lambda: cat.fori(0, 2.5, lambda i, c: c, 1.0),
        ShapeError,
        ("fori", "stop", "2.5"),
    ),
    "a fraction as a traced limit": (
        lambda: cat.jit(lambda n: cat.fori(n, 3, lambda i, c: c, 1.0))(2.5),
        ShapeError,
        ("fori", "start", "float64[]"),
    ),
    "a number as predicate": (
        lambda: cat.cond(1, lambda: 1.0, lambda: 2.0),
        ShapeError,
        ("cond", "truth value", "1 (int)"),
    ),
    "branches of different structure": (
        lambda: cat.cond(True, lambda: (1.0, 2.0), lambda: 1.0),
        ShapeError,
        ("one leaf", "(*, *)"),
    ),
    "branches of different shape": (
        lambda: cat.cond(True, lambda: {"y": X}, lambda: {"y": 1.0}),
        ShapeError,
        ("result['y']", "float64[3]", "1.0 (float)"),
    ),
    "branches of different dtype": (
        lambda: cat.cond(True, lambda: X, lambda: X.astype(np.float32)),
        ShapeError,
        ("float64[3]", "float32[3]", "astype"),
    ),
    "branches of different text": (
        lambda: cat.cond(True, lambda: "a", lambda: "b"),
        ShapeError,
        ("'a' (str)", "'b' (str)"),
    ),
    "no branches": (lambda: cat.switch(0, []), CatenaryError, ("at least one branch",)),
    "a fraction as index": (lambda: cat.switch(0.5, [np.sin], 1.0), ShapeError, ("index", "0.5")),
    "a branch that is no function": (
        lambda: cat.switch(0, [np.sin, 1.0], 1.0),
        CatenaryError,
        ("branches[1]", "float"),
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_error_says_what_and_where(what: str) -> None:
    call, expected, words = WRONG[what]
    with pytest.raises(expected) as caught:
        call()
    message = str(caught.value)
    assert [word for word in words if word not in message] == []
    assert __file__ in message, "the user's line is missing"


def test_an_index_inside_a_loop_that_does_not_exist_is_an_error() -> None:
    f = cat.jit(lambda x: cat.fori(0, 5, lambda i, c: c + x[i], 0.0))
    with pytest.raises(IndexError, match="out of bounds"):
        f(X)


def test_an_outer_array_cannot_be_written_to_with_what_a_round_computed() -> None:
    def f(x: Any) -> Any:
        def step(c: Any, row: Any) -> Any:
            x[0] = row
            return c, None

        return cat.scan(step, 1.0, x)[0]

    with pytest.raises(TraceError, match="outer function"):
        cat.jit(f)(X)
