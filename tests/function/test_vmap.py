"""vmap against Python's loop, and its errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import ShapeError, TraceError

MANY = np.arange(24.0).reshape(4, 3, 2) / 10


def test_against_a_loop() -> None:
    def f(x: Any) -> Any:
        order = np.argmax(x[:, 0])
        return {"a": x.T @ x, "b": np.exp(x)[::-1, 0], "c": x[order] * 2}

    mapped = cat.vmap(f)(MANY)
    for i, one in enumerate(MANY):
        for name, value in f(one).items():
            assert np.allclose(mapped[name][i], value), name


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
def test_axes_in_and_out(axis: int) -> None:
    mapped = cat.vmap(lambda x: np.sin(x), in_axes=axis, out_axes=axis)(MANY)
    assert np.allclose(mapped, np.sin(MANY))


def test_axes_for_each_argument_and_trees() -> None:
    weights = {"w": np.arange(3.0), "b": np.arange(8.0).reshape(2, 4)}

    def f(p: Any, x: Any, name: str) -> Any:
        return p["w"] @ x + p["b"]

    mapped = cat.vmap(f, in_axes=({"w": None, "b": 1}, 0, None))(weights, MANY, "s")
    expected = [weights["w"] @ x + weights["b"][:, i] for i, x in enumerate(MANY)]
    assert np.allclose(mapped, expected)


def test_nested_maps_and_derivatives() -> None:
    outer = cat.vmap(cat.vmap(lambda x, y: x @ y, in_axes=(0, None)), in_axes=(None, 0))
    a, b = MANY[0], MANY[1]
    assert np.allclose(outer(a, b), b @ a.T)
    slopes = cat.vmap(cat.grad(lambda x: np.sum(x**3)))(MANY)
    assert np.allclose(slopes, 3 * MANY**2)
    assert np.allclose(cat.grad(lambda x: np.sum(cat.vmap(np.sin)(x)))(MANY), np.cos(MANY))


def test_a_value_from_outside_is_shared() -> None:
    def f(c: Any) -> Any:
        return np.sum(cat.vmap(lambda x: x * c)(MANY))

    assert np.isclose(cat.grad(f)(2.0), MANY.sum())


def test_different_numbers_of_examples() -> None:
    with pytest.raises(ShapeError, match="3, 4"):
        cat.vmap(lambda x, y: x)(np.ones(3), np.ones(4))


def test_an_axis_that_is_not_there() -> None:
    with pytest.raises(ShapeError, match="axis 2"):
        cat.vmap(lambda x: x, in_axes=2)(np.ones(3))
    with pytest.raises(ShapeError, match="in_axes"):
        cat.vmap(lambda x: x, in_axes=(0, 0))(np.ones(3))


def test_a_branch_on_a_value() -> None:
    with pytest.raises(TraceError, match="under vmap"):
        cat.vmap(lambda x: x if x > 0 else -x)(np.ones(3))


def test_keyword_arguments_are_shared() -> None:
    def f(x: Any, *, scale: Any, name: str) -> Any:
        return x @ scale

    scale = np.arange(2.0)
    assert np.allclose(cat.vmap(f)(MANY, scale=scale, name="n"), MANY @ scale)
    saved = cat.checkpoint(f)
    assert np.allclose(cat.grad(lambda x: np.sum(saved(x, scale=scale, name="n")))(MANY), scale)


@pytest.mark.parametrize("axes", [None, 5])
def test_results_need_a_place_for_the_axis(axes: Any) -> None:
    with pytest.raises(ShapeError, match="out_axes"):
        cat.vmap(np.sin, out_axes=axes)(MANY)
