"""scan is a Python loop: its values, its derivatives of every order, its batches, its trees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.graph import Graph, subgraphs
from catenary.transform.simplify import simplify

RNG = np.random.default_rng(7)
NET = {
    "W": RNG.normal(size=(4, 4)) / 2,
    "U": RNG.normal(size=(4, 3)),
    "b": RNG.normal(size=4),
    "h": RNG.normal(size=4),
}
XS = RNG.normal(size=(9, 3))


def unrolled(
    f: Callable[..., Any], init: Any, xs: Any = None, length: int = 0, *, reverse: bool = False
) -> Any:
    """What scan says it is, for one array of xs and one of ys."""
    carry, ys = init, []
    rows = [None] * length if xs is None else list(xs)
    for x in reversed(rows) if reverse else rows:
        carry, y = f(carry, x)
        ys.append(y)
    return carry, np.stack(ys[::-1] if reverse else ys)


def recurrent(scan: Any, reverse: bool = False) -> Any:
    """A recurrent network's cost, as a function of all its parameters: closed over, and carried."""

    def cost(net: Any, xs: Any = XS) -> Any:
        def step(h: Any, x: Any) -> Any:
            h = np.tanh(net["W"] @ h + net["U"] @ x + net["b"])
            return h, np.sum(h**2) * x[0]

        h, ys = scan(step, net["h"], xs, reverse=reverse)
        return np.sum(np.sin(ys)) + np.sum(h)

    return cost


def agree(got: Any, expected: Any, tolerance: float = 1e-12) -> None:
    for a, b in zip(cat.tree.coordinates(got), cat.tree.coordinates(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


WRAPPINGS = {"plain": lambda f: f, "jit": cat.jit, "checkpoint": cat.checkpoint}


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_recurrent_network_has_the_gradient_of_its_unrolled_loop(
    wrapping: str, reverse: bool
) -> None:
    wrap = WRAPPINGS[wrapping]
    looped, plain = wrap(recurrent(cat.scan, reverse)), recurrent(unrolled, reverse)
    agree(looped(NET), plain(NET))
    agree(cat.grad(looped)(NET), cat.grad(plain)(NET))
    agree(wrap(cat.grad(looped))(NET), cat.grad(plain)(NET))
    agree(cat.grad(looped, argnums=1)(NET, XS), cat.grad(plain, argnums=1)(NET, XS))
    direction = cat.tree.map(np.cos, NET)
    got = cat.jvp(looped, (NET,), (direction,))[1]
    agree(got, cat.jvp(plain, (NET,), (direction,))[1])


def test_second_derivatives_are_those_of_the_unrolled_loop() -> None:
    def of(scan: Any) -> Any:
        return lambda w: recurrent(scan)({**NET, "W": w})

    w, v = NET["W"], np.cos(NET["W"])
    expected = cat.hessian(of(unrolled))(w)
    np.testing.assert_allclose(cat.hessian(of(cat.scan))(w), expected, rtol=1e-11, atol=1e-12)
    product = np.tensordot(expected, v, 2)

    def slope(w: Any) -> Any:
        return cat.jvp(of(cat.scan), (w,), (v,))[1]

    def pulled(w: Any) -> Any:
        return np.sum(cat.grad(of(cat.scan))(w) * v)

    np.testing.assert_allclose(cat.grad(slope)(w), product, rtol=1e-10)  # reverse over forward
    np.testing.assert_allclose(cat.grad(pulled)(w), product, rtol=1e-10)  # reverse over reverse


def test_a_third_derivative() -> None:
    """x ↦ x·a, four times: d³/da³ (x₀ a⁴) = 24 x₀ a."""

    def power(a: Any) -> Any:
        return cat.scan(lambda c, _: (c * a, None), 2.0, length=4)[0]

    got = cat.grad(cat.grad(cat.grad(power)))(3.0)
    np.testing.assert_allclose(got, 2 * 24 * 3.0)


def test_an_oscillator_keeps_its_energy_and_knows_its_slope() -> None:
    """Leapfrog for x'' = −k·x: the position is cos(√k t), its slope by k is −sin(√k t)·t/(2√k)."""
    n, t = 4000, 3.0

    def position(k: Any) -> Any:
        def leap(state: Any, _: Any) -> Any:
            x, v = state
            v = v - 0.5 * (t / n) * k * x
            x = x + (t / n) * v
            v = v - 0.5 * (t / n) * k * x
            return (x, v), 0.5 * v**2 + 0.5 * k * x**2

        (x, _), energy = cat.scan(leap, (1.0, 0.0), length=n)
        return x, energy

    (x, energy), slope = cat.value_and_grad(cat.jit(position), has_aux=True)(2.0)
    root = np.sqrt(2.0)
    np.testing.assert_allclose(x, np.cos(root * t), atol=1e-6)
    np.testing.assert_allclose(slope, -np.sin(root * t) * t / (2 * root), atol=1e-6)
    assert np.ptp(energy) < 1e-6


# ---- batches -------------------------------------------------------------------------------------


def test_a_batch_is_a_loop_over_examples() -> None:
    many = np.stack([XS, XS[::-1], 2 * XS])
    for f in (recurrent(cat.scan), recurrent(cat.scan, True)):
        expected = np.stack([f(NET, xs) for xs in many])
        np.testing.assert_allclose(cat.vmap(lambda xs, f=f: f(NET, xs))(many), expected)
        gradients = cat.vmap(lambda xs, f=f: cat.grad(f)(NET, xs))(many)
        agree(gradients["W"], np.stack([cat.grad(f)(NET, xs)["W"] for xs in many]))


def test_what_no_example_changes_is_computed_for_one() -> None:
    """A counter has no examples: only what depends on the batch gets their axis."""

    def f(x: Any) -> Any:
        return cat.scan(lambda c, _: ((c[0] + 1, c[1] * x), c[0]), (0, x), length=3)

    graph = cat.trace(cat.vmap(f), np.arange(2.0))
    (body,) = bodies(graph)
    assert {v.type.shape for v in body.inputs} == {(), (2,)}
    (count, power), seen = cat.vmap(f)(np.arange(2.0))
    assert count.tolist() == [3, 3]
    assert power.tolist() == [0, 1]
    assert seen.tolist() == [[0, 1, 2]] * 2


# ---- trees, numbers, types ----------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    place: Any
    name: str


def test_trees_go_in_and_out() -> None:
    def move(state: State, x: Any) -> Any:
        place = {"p": state.place["p"] + x["step"]}
        return State(place, state.name), (place["p"], None, {"s": x["step"]})

    init = State({"p": np.zeros(2)}, "ball")
    last, (seen, nothing, rest) = cat.scan(move, init, {"step": np.ones((3, 2))})
    assert last.name == "ball"
    assert last.place["p"].tolist() == [3, 3]
    assert seen.tolist() == [[1, 1], [2, 2], [3, 3]]
    assert nothing is None
    assert rest["s"].shape == (3, 2)


def test_numbers_start_as_numpy_would_have_them() -> None:
    single = np.arange(3, dtype=np.float32)
    assert cat.scan(lambda c, x: (c + x, c), 0.0, single)[0].dtype == np.float32
    assert cat.scan(lambda c, x: (c + x, c), 0, single)[1].dtype == np.float32
    assert cat.scan(lambda c, x: (c + 1, c), 0, single)[1].tolist() == [0, 1, 2]
    assert cat.scan(lambda c, x: (c | (x > 1), None), False, single)[0]
    kept, ys = cat.scan(lambda c, x: (c, np.reshape(x, (c,))), 1, single)
    assert type(kept) is int
    assert ys.shape == (3, 1)
    assert cat.scan(lambda c, x: (c, 1), None, single)[1].tolist() == [1, 1, 1]
    assert cat.scan(lambda c, x: (c * 0.5, None), np.float32(8), length=2)[0].dtype == np.float32


def test_no_rounds_and_one_round() -> None:
    carry, ys = cat.scan(lambda c, x: (c + x, np.stack([c, x])), 1.0, np.zeros(0))
    assert (carry, ys.shape) == (1.0, (0, 2))
    gradient = cat.grad(lambda a: cat.scan(lambda c, x: (c * a, c), 2.0, length=0)[0] * a)(3.0)
    assert gradient == 2
    assert cat.scan(lambda c, x: (c + x, c), 1.0, np.ones(1))[1].tolist() == [1]


def test_rows_are_seen_from_the_last_to_the_first() -> None:
    carry, ys = cat.scan(lambda c, x: (c + x, c), 0.0, np.arange(4.0), reverse=True)
    assert carry == 6
    assert ys.tolist() == [6, 5, 3, 0]


def test_single_precision_stays_single() -> None:
    net = cat.tree.map(lambda x: x.astype(np.float32), NET)
    gradient = cat.grad(recurrent(cat.scan))(net, XS.astype(np.float32))
    assert {g.dtype for g in gradient.values()} == {np.dtype(np.float32)}
    agree(gradient, cat.grad(recurrent(unrolled))(NET), tolerance=1e-4)


def test_closures_carry_derivatives_at_every_depth() -> None:
    def f(a: Any, b: Any) -> Any:
        def outer(c: Any, x: Any) -> Any:
            def inner(d: Any, y: Any) -> Any:
                return d * a + y * x + c, None

            return cat.scan(inner, c * b, np.arange(3.0))[0], None

        return cat.scan(outer, a, np.array([0.5, 2.0]))[0]

    def plain(a: Any, b: Any) -> Any:
        c = a
        for x in (0.5, 2.0):
            d = c * b
            for y in range(3):
                d = d * a + y * x + c
            c = d
        return c

    got, expected = cat.grad(f, (0, 1))(0.7, 1.3), cat.grad(plain, (0, 1))(0.7, 1.3)
    np.testing.assert_allclose(got, expected, rtol=1e-13)
    got = cat.grad(lambda a: cat.grad(f, 1)(a, 1.3))(0.7)
    np.testing.assert_allclose(got, cat.grad(lambda a: cat.grad(plain, 1)(a, 1.3))(0.7), rtol=1e-13)


def test_a_gradient_inside_a_round() -> None:
    """Gradient descent on (x − m)², unrolled by scan: x → x − 2s(x − m)."""

    def after(m: Any) -> Any:
        def step(x: Any, _: Any) -> Any:
            return x - 0.25 * cat.grad(lambda x: (x - m) ** 2)(x), None

        return cat.scan(step, 0.0, length=3)[0]

    np.testing.assert_allclose(after(2.0), 2 * (1 - 0.5**3))
    np.testing.assert_allclose(cat.grad(after)(2.0), 1 - 0.5**3)


# ---- what is kept -------------------------------------------------------------------------------


def bodies(graph: Graph) -> list[Graph]:
    return [body for node in graph.nodes for body in subgraphs(node)]


def stacked(graph: Graph) -> int:
    """How many numbers the first loop stacks."""
    loop = next(node for node in graph.nodes if "carried" in node.params)
    return sum(var.type.size for var in loop.outputs[loop.params["carried"] :])


def test_a_checkpoint_keeps_the_carries_alone() -> None:
    def cost(a: Any, checkpoint: Any) -> Any:
        def step(c: Any, x: Any) -> Any:
            for _ in range(5):
                c = np.sin(c * a) + x
            return c, None

        return np.sum(cat.scan(checkpoint(step), np.ones(2), np.ones((10, 2)))[0])

    kept = {}
    for name, checkpoint in {"all": lambda f: f, "carries": cat.checkpoint}.items():
        gradient = cat.grad(lambda a, c=checkpoint: cost(a, c))
        kept[name] = stacked(cat.trace(gradient, 1.2))
        np.testing.assert_allclose(gradient(1.2), cat.grad(lambda a: cost(a, lambda f: f))(1.2))
    assert kept["carries"] == 10 * 2
    assert kept["all"] >= 10 * 2 * 10


def test_what_is_the_same_in_every_round_is_computed_once_and_not_stacked() -> None:
    def cost(a: Any) -> Any:
        return cat.scan(lambda c, x: (c * np.exp(np.sin(a)) + x, None), 1.0, np.ones(8))[0]

    graph = cat.trace(cat.grad(cost), 0.3)
    names = [node.primitive.name for body in bodies(graph) for node in body.nodes]
    assert not {"sin", "exp", "cos"} & set(names)
    assert stacked(graph) == 8  # the carries


def test_parameters_in_the_carry_are_not_stacked() -> None:
    def cost(w: Any) -> Any:
        (_, c), _ = cat.scan(lambda s, x: ((s[0], np.sin(s[0] @ s[1])), None), (w, np.ones(3)),
                             length=6)  # fmt: skip
        return np.sum(c)

    assert stacked(cat.trace(cat.grad(cost), np.eye(3))) == 6 * 3 * 2


def test_what_nobody_reads_is_neither_computed_nor_stacked() -> None:
    def f(x: Any) -> Any:
        def step(s: Any, x: Any) -> Any:
            c, unread = s
            return (np.sin(c) + x, np.tanh(unread) + c), np.cos(c)

        return cat.scan(step, (0.5, 0.5), x)[0][0]

    (body,) = bodies(simplify(cat.trace(f, np.ones(5))))
    assert [node.primitive.name for node in body.nodes] == ["sin", "add"]
    assert len(body.outputs) == 1
    np.testing.assert_allclose(cat.jit(f)(np.ones(5)), f(np.ones(5)))
