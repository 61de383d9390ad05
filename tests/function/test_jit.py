"""jit: what makes a new program, what is kept, and who owns the results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import IndexOutOfBounds, InputError


@cat.custom_jvp
def _same(x: Any) -> Any:
    return x


_same.defjvp(lambda primals, tangents: (primals[0], tangents[0]))


@pytest.mark.parametrize(
    "identity", [lambda x: x, cat.stop_gradient, cat.checkpoint(lambda x: x), _same, np.ravel]
)
def test_a_result_is_not_the_argument(identity: Any) -> None:
    x = np.ones(3)
    first, second = cat.jit(lambda x: (identity(x), identity(x)))(x)
    first[:] = 7.0
    assert np.all(x == 1)
    assert np.all(second == 1)


def test_what_is_taken_from_an_outer_recording_is_taken_anew() -> None:
    taken: list[Any] = [None]
    inner = cat.jit(lambda y: y * taken[0])

    def outer(x: Any) -> Any:
        taken[0] = x
        total = inner(2.0)
        taken[0] = x * x
        return total + inner(2.0)

    assert cat.grad(outer)(1.5) == 2 + 4 * 1.5
    assert cat.grad(outer)(2.5) == 2 + 4 * 2.5


def test_a_method_may_be_jitted() -> None:
    class Scale:
        def __init__(self, factor: float) -> None:
            self.factor = factor

        @cat.jit
        def __call__(self, x: Any) -> Any:
            return x * self.factor

        apply = cat.jit(lambda self, x, n: x * n, static="n")

    two, three = Scale(2.0), Scale(3.0)
    assert (two(1.0), three(1.0), two.apply(1.0, n=4)) == (2.0, 3.0, 4.0)


def test_an_error_while_running_names_the_line() -> None:
    take = cat.jit(lambda x, i: x[i])
    with pytest.raises(IndexOutOfBounds, match=r"test_jit\.py"):
        take(np.ones(2), np.int64(5))


def test_static_arguments_that_are_equal_and_yet_differ() -> None:
    shown = cat.jit(lambda x, n: repr(n), static=1)
    for n in [1, True, 1.0, 0.0, -0.0, (1,), (True,), (1.0,), (0.0,), (-0.0,), ((1,),), ((True,),)]:
        assert shown(1.0, n) == repr(n)
    assert len({shown(1.0, frozenset([n])) for n in (1, True, 1.0)}) == 3


def test_a_static_nan_is_one_value() -> None:
    traced = []

    def follow(x: Any, n: float) -> Any:
        traced.append(n)
        return x

    f = cat.jit(follow, static=1)
    f(1.0, float("nan"))
    f(1.0, float("nan"))
    assert len(traced) == 1


def test_static_arguments_may_be_passed_either_way() -> None:
    calls = []

    def f(x: Any, n: Any) -> Any:
        calls.append(n)
        return x * len(n)

    by_name, by_place = cat.jit(f, static="n"), cat.jit(f, static=1)
    for jitted in (by_name, by_place):
        assert jitted(2.0, ("a", "b")) == 4.0
        assert jitted(2.0, n=("a", "b")) == 4.0
    assert len(calls) == 2 * 2


def test_a_static_name_that_the_function_does_not_have() -> None:
    with pytest.raises(InputError, match=r"'m'.*x, n"):
        cat.jit(lambda x, n: x, static="m")
