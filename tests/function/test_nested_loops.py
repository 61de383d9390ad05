"""Loops and branches drawn at random, nested to any depth, are the Python that they stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import catenary as cat

Program = Callable[[Any, Any], Any]  # (carry, a value from around it) → carry

A, X = np.array([0.7, -0.4, 0.3]), np.array([0.2, 0.9, -0.5])


class Python:
    """What loops and branches say they are."""

    @staticmethod
    def scan(f: Any, init: Any, xs: Any, reverse: bool = False) -> Any:
        carry, ys = init, []
        for x in xs[::-1] if reverse else xs:
            carry, y = f(carry, x)
            ys.append(y)
        return carry, np.stack(ys[::-1] if reverse else ys)

    @staticmethod
    def while_loop(condition: Any, body: Any, init: Any, bound: int) -> Any:
        carry, rounds = init, 0
        while rounds < bound and condition(carry):
            carry, rounds = body(carry), rounds + 1
        return carry

    @staticmethod
    def cond(predicate: Any, true: Any, false: Any, *operands: Any) -> Any:
        return true(*operands) if predicate else false(*operands)

    @staticmethod
    def fori(start: int, stop: int, body: Any, init: Any) -> Any:
        carry = init
        for i in range(start, stop):
            carry = body(i, carry)
        return carry

    @staticmethod
    def checkpoint(f: Any) -> Any:
        return f


def drawn(rng: np.random.Generator, depth: int, words: Any) -> Program:
    """A program of random words; the same numbers give the same program in other words."""
    kind = rng.integers(0, 7) if depth else rng.integers(0, 2)
    if kind == 0:
        return lambda c, a: np.sin(c * a) + c
    if kind == 1:
        return lambda c, a: c[::-1] * np.tanh(a) - 0.5 * np.exp(-c * c)
    inner = [drawn(rng, depth - 1, words) for _ in range(2)]
    rows, reverse = rng.uniform(-1, 1, (int(rng.integers(1, 4)), 3)), bool(rng.integers(0, 2))
    limit = float(rng.uniform(-0.5, 1.5))
    made: dict[int, Callable[[], Program]] = {
        2: lambda: lambda c, a: inner[1](inner[0](c, a), a),
        3: lambda: _scanned(words, inner, rows, reverse),
        4: lambda: _repeated(words, inner, limit),
        5: lambda: lambda c, a: words.cond(np.sum(c * a) > limit - 0.5, inner[0], inner[1], c, a),
        6: lambda: (
            lambda c, a: words.fori(
                0, 2, lambda i, c: words.checkpoint(inner[0])(c, a * (i + 1)), c
            )
        ),
    }
    return made[int(kind)]()


def _scanned(words: Any, inner: list[Program], rows: Any, reverse: bool) -> Program:
    def program(c: Any, a: Any) -> Any:
        def step(state: Any, x: Any) -> Any:
            c, d = state
            return (inner[0](c, a + x), np.sin(d)), inner[1](x, a) * d

        (c, d), ys = words.scan(step, (c, a[0]), rows, reverse=reverse)
        return c + d + np.mean(ys, axis=0)

    return program


def _repeated(words: Any, inner: list[Program], limit: float) -> Program:
    def program(c: Any, a: Any) -> Any:
        return words.while_loop(
            lambda s: (s[0] < 3) & (np.sum(s[1]) < limit * 3),
            lambda s: (s[0] + 1, inner[0](s[1], a) + 0.3),
            (0, c),
            4,
        )[1]

    return program


def both(seed: int) -> tuple[Any, Any]:
    """One function of (a, x), with our loops and with Python's."""

    def of(words: Any) -> Any:
        program = drawn(np.random.default_rng(seed), 3, words)
        return lambda a, x: np.sum(np.cos(program(x, a)))

    return of(cat), of(Python)


def near(got: Any, expected: Any) -> None:
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("seed", range(24))
def test_a_nest_is_its_python(seed: int) -> None:
    ours, plain = both(seed)
    near(ours(A, X), plain(A, X))
    near(cat.jit(ours)(A, X), plain(A, X))
    for derived in (cat.grad(ours, (0, 1)), cat.jit(cat.grad(ours, (0, 1)))):
        near(derived(A, X), cat.grad(plain, (0, 1))(A, X))
    near(cat.jvp(ours, (A, X), (X, A))[1], cat.jvp(plain, (A, X), (X, A))[1])
    near(cat.hvp(lambda a: ours(a, X), A, X), cat.hvp(lambda a: plain(a, X), A, X))
    many = np.stack([A, -A, 2 * A])
    near(cat.vmap(ours, (0, None))(many, X), [plain(a, X) for a in many])
    slopes = cat.jit(cat.vmap(cat.grad(ours), (0, None)))(many, X)
    near(slopes, [cat.grad(plain)(a, X) for a in many])
    total = cat.grad(lambda m: np.sum(cat.vmap(ours, (0, None))(m, X)))(many)
    near(total, slopes)
