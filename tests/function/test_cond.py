"""cond and switch run one branch: its value, its derivative, and in batches each example's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.graph import Graph


def split(x: Any) -> Any:
    return cat.cond(np.sum(x) > 0, lambda x: np.sum(np.sqrt(x)), lambda x: np.sum(x**3), x)


def plain(x: Any) -> Any:
    return np.sum(np.sqrt(x)) if np.sum(x) > 0 else np.sum(x**3)


POINTS = (np.array([0.4, 2.0]), np.array([-0.4, -2.0]))
WRAPPINGS = {"plain": lambda f: f, "jit": cat.jit, "checkpoint": cat.checkpoint}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_branch_is_pythons(wrapping: str) -> None:
    f = WRAPPINGS[wrapping](split)
    for x in POINTS:
        v = np.array([1.0, -2.0])
        np.testing.assert_allclose(f(x), plain(x))
        np.testing.assert_allclose(cat.grad(f)(x), cat.grad(plain)(x))
        np.testing.assert_allclose(cat.jvp(f, (x,), (v,))[1], cat.jvp(plain, (x,), (v,))[1])
        np.testing.assert_allclose(cat.hessian(f)(x), cat.hessian(plain)(x), rtol=1e-12)


def test_examples_get_each_their_own() -> None:
    many = np.stack([*POINTS, 3 * POINTS[0]])
    for f, g in ((split, plain), (cat.grad(split), cat.grad(plain))):
        np.testing.assert_allclose(cat.vmap(f)(many), np.stack([g(x) for x in many]))
    with np.errstate(invalid="ignore"):  # both branches run for all: √x of examples below 0
        total = cat.grad(lambda many: np.sum(cat.vmap(split)(many)))(many)
    np.testing.assert_allclose(total, np.stack([cat.grad(plain)(x) for x in many]))


def test_what_is_not_chosen_is_not_run() -> None:
    """An index that does not exist is an error only where it is used."""
    x = np.arange(3.0)

    def f(x: Any, i: Any) -> Any:
        return cat.cond(i < 3, lambda: x[i], lambda: 0.0)

    g = cat.jit(f)
    assert g(x, np.int64(2)) == 2
    assert g(x, np.int64(7)) == 0
    assert cat.grad(g)(x, np.int64(7)).tolist() == [0, 0, 0]
    assert cat.grad(g)(x, np.int64(1)).tolist() == [0, 1, 0]


def test_what_branches_keep_for_derivatives_shares_its_place() -> None:
    def f(x: Any, flag: Any) -> Any:
        return np.sum(cat.cond(flag, lambda: np.sin(np.sin(x)), lambda: np.exp(np.exp(x))))

    graph: Graph = cat.trace(cat.grad(f), np.ones(3), np.array(True))
    first = next(node for node in graph.nodes if node.primitive.name == "cond")
    assert len(first.outputs) <= 3


def test_branches_without_operands_and_with_trees() -> None:
    def f(p: Any) -> Any:
        return cat.cond(
            p["flag"],
            lambda q, scale: {"y": q["x"] * scale, "name": "net", "n": 1},
            lambda q, scale: {"y": q["x"] + scale, "name": "net", "n": 2},
            p, 3.0,
        )  # fmt: skip

    got = f({"flag": np.bool_(True), "x": np.ones(2)})
    assert (got["y"].tolist(), got["name"], int(got["n"])) == ([3, 3], "net", 1)
    got = cat.jit(f)({"flag": np.bool_(False), "x": np.ones(2)})
    assert (got["y"].tolist(), got["name"], int(got["n"])) == ([4, 4], "net", 2)


def test_numbers_give_way_to_arrays() -> None:
    single = np.float32(2.5)
    assert cat.cond(True, lambda: 1, lambda: single).dtype == np.float32
    assert cat.cond(False, lambda: 1, lambda: 2.5) == 2.5
    assert cat.cond(True, lambda x: x, lambda x: 0.0, single).dtype == np.float32
    assert type(cat.cond(True, lambda: 1, lambda: 1)) is int


@pytest.mark.parametrize("index", range(-1, 4))
def test_a_switch_takes_the_nearest_branch(index: int) -> None:
    branches = [np.sin, np.cos, lambda x: x**2]
    nearest = branches[min(max(index, 0), 2)]
    f = lambda i, x: cat.switch(i, branches, x)  # noqa: E731
    for i in (index, np.int32(index)):
        np.testing.assert_allclose(f(i, 0.7), nearest(0.7))
        np.testing.assert_allclose(cat.jit(f)(np.int64(i), 0.7), nearest(0.7))
        np.testing.assert_allclose(cat.grad(f, argnums=1)(i, 0.7), cat.grad(nearest)(0.7))


def test_a_batch_of_switches() -> None:
    branches = [np.sin, np.cos, lambda x: x**2]
    f = cat.vmap(lambda i, x: cat.switch(i, branches, x))
    got = f(np.array([2, 0, 1, 5]), np.full(4, 0.7))
    np.testing.assert_allclose(got, [0.49, np.sin(0.7), np.cos(0.7), 0.49])


def test_a_branch_inside_a_loop_inside_a_branch() -> None:
    def f(a: Any, flag: Any) -> Any:
        def step(c: Any, x: Any) -> Any:
            return cat.cond(x > 1, lambda c: c * a, lambda c: c + a * x, c), None

        return cat.cond(flag, lambda: cat.scan(step, a, np.arange(4.0))[0], lambda: -a)

    def plain(a: Any) -> Any:
        return (a + a * 0 + a * 1) * a * a

    assert f(1.5, np.bool_(True)) == plain(1.5)
    for wrap in (lambda f: f, cat.jit):
        slope = wrap(cat.grad(f))
        np.testing.assert_allclose(slope(1.5, np.bool_(True)), cat.grad(plain)(1.5))
        assert slope(1.5, np.bool_(False)) == -1
