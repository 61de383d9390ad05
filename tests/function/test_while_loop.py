"""while_loop and fori are Python's loops: values, both modes, batches that end apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat


def root(a: Any, bound: int | None = None) -> Any:
    """√a by Newton's method; from 1, the number of rounds depends on a."""
    return cat.while_loop(
        lambda x: np.abs(x * x - a) > 1e-13 * a, lambda x: (x + a / x) / 2, np.ones_like(a), bound
    )


A = np.array([0.3, 2.0, 70.0])
ROOTS = np.sqrt(A)
WRAPPINGS = {"plain": lambda f: f, "jit": cat.jit, "checkpoint": cat.checkpoint}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("bound", [None, 60])
def test_values_and_forward_mode(bound: int | None, wrapping: str) -> None:
    f = WRAPPINGS[wrapping](lambda a: root(a, bound))
    for a in A:
        value, slope = cat.jvp(f, (a,), (3.0,))
        np.testing.assert_allclose([f(a), value], np.sqrt(a))
        np.testing.assert_allclose(slope, 1.5 / np.sqrt(a))
        second = cat.jvp(lambda a: cat.jvp(f, (a,), (1.0,))[1], (a,), (1.0,))[1]
        np.testing.assert_allclose(second, -0.25 * a**-1.5)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_reverse_mode_with_a_bound(wrapping: str) -> None:
    f = WRAPPINGS[wrapping](lambda a: root(a, 60))
    for a in A:
        np.testing.assert_allclose(cat.grad(f)(a), 0.5 / np.sqrt(a))
        np.testing.assert_allclose(cat.grad(cat.grad(f))(a), -0.25 * a**-1.5)
        np.testing.assert_allclose(cat.grad(lambda a: cat.jvp(f, (a,), (1.0,))[1])(a),
                                   -0.25 * a**-1.5)  # fmt: skip


def test_examples_that_have_ended_wait_for_the_others() -> None:
    for bound in (None, 60):
        np.testing.assert_allclose(cat.vmap(lambda a, b=bound: root(a, b))(A), ROOTS)
    np.testing.assert_allclose(cat.vmap(cat.grad(lambda a: root(a, 60)))(A), 0.5 / ROOTS)
    together = cat.grad(lambda a: np.sum(cat.vmap(lambda a: root(a, 60))(a)))(A)
    np.testing.assert_allclose(together, 0.5 / ROOTS)
    pushed = cat.vmap(lambda a: cat.jvp(root, (a,), (1.0,))[1])(A)
    np.testing.assert_allclose(pushed, 0.5 / ROOTS)


def test_an_example_that_has_ended_is_frozen() -> None:
    """Rounds after the end would divide by zero: they change nothing, in value and derivative."""

    def f(n: Any, x: Any) -> Any:
        return cat.while_loop(
            lambda s: s[0] > 0, lambda s: (s[0] - 1, s[1] / s[0]), (n, x), bound=5
        )[1]

    n = np.array([0.0, 1.0, 2.0, 4.0])
    np.testing.assert_allclose(cat.vmap(f, (0, None))(n, 3.0), [3, 3, 1.5, 3 / 24])
    slopes = cat.vmap(cat.grad(f, argnums=1), (0, None))(n, 3.0)
    np.testing.assert_allclose(slopes, [1, 1, 0.5, 1 / 24])


def test_a_batch_whose_examples_end_together_has_one_condition() -> None:
    def f(x: Any) -> Any:
        return cat.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1, s[1] * x), (0, 1.0))

    count, power = cat.vmap(f)(np.array([2.0, 3.0]))
    assert count.tolist() == [3, 3]
    assert power.tolist() == [8, 27]
    graph = cat.trace(cat.vmap(f), np.ones(2))
    (loop,) = [node for node in graph.nodes if node.primitive.name == "while_loop"]
    assert "select" not in {node.primitive.name for node in loop.params["body"].nodes}


def test_the_bound_stops_a_loop() -> None:
    def f(x: Any, bound: int) -> Any:
        return cat.while_loop(lambda x: x < 100, lambda x: 2 * x, x, bound)

    for bound, expected in [(0, 1), (3, 8), (7, 128), (50, 128)]:
        assert f(1.0, bound) == expected
        assert cat.grad(lambda x, b=bound: f(x, b))(1.0) == expected


def test_a_loop_that_never_runs_gives_what_it_was_given() -> None:
    f = lambda x: cat.while_loop(lambda x: x > 9, lambda x: x * 0, x, 3)  # noqa: E731
    assert f(2.0) == 2
    assert cat.grad(f)(2.0) == 1


def test_whole_numbers_in_a_loop_need_no_bound() -> None:
    """No derivative goes through them, so nothing has to be kept."""

    def collatz(s: Any) -> Any:
        count, n = s
        return count + 1, np.where(n % 2 == 0, n // 2, 3 * n + 1)

    def f(x: Any, n: Any) -> Any:
        return x * cat.while_loop(lambda s: s[1] > 1, collatz, (0, n))[0]

    assert f(1.0, np.int64(27)) == 111
    assert cat.grad(f)(2.0, np.int64(27)) == 111


def test_closures_carry_derivatives_into_condition_and_body() -> None:
    def f(a: Any, limit: Any) -> Any:
        return cat.while_loop(lambda x: x < limit, lambda x: x * a, 1.0, 20)

    np.testing.assert_allclose(cat.grad(f)(1.5, 10.0), 6 * 1.5**5)
    assert cat.grad(f, argnums=1)(1.5, 10.0) == 0


# ---- counting -----------------------------------------------------------------------------------


def test_known_limits_count_as_range_does() -> None:
    for start, stop in [(0, 5), (2, 2), (3, 1), (-2, 3)]:
        seen = cat.fori(start, stop, lambda i, c: 10 * c + i, np.int64(0))
        expected = 0
        for i in range(start, stop):
            expected = 10 * expected + i
        assert seen == expected
    assert cat.grad(lambda x: cat.fori(0, 3, lambda i, c: c * x, 1.0))(2.0) == 12


def test_traced_limits() -> None:
    def power(x: Any, n: Any, bound: int | None = None) -> Any:
        return cat.fori(0, n, lambda i, c: c * x, 1.0, bound)

    assert cat.jit(power)(2.0, np.int32(5)) == 32
    assert cat.jit(cat.grad(lambda x, n: power(x, n, 9)))(2.0, np.int64(5)) == 80
    slope = cat.jit(lambda x, n: cat.jvp(lambda x: power(x, n), (x,), (1.0,))[1])
    assert slope(2.0, np.int64(5)) == 80
    powers = cat.vmap(power, (None, 0))(2.0, np.array([0, 3, 1]))
    assert powers.tolist() == [1, 8, 2]
    assert cat.grad(power)(2.0, np.int64(5)) == 80  # with values at hand the limit is known


def test_places_counted_to() -> None:
    x = np.array([1.0, 2.0, 4.0])

    def f(x: Any) -> Any:
        return cat.fori(0, 3, lambda i, c: c + x[i] * i, 0.0)

    assert cat.jit(f)(x) == 10
    assert cat.grad(f)(x).tolist() == [0, 1, 2]
