"""Jacobians and Hessians: modes, trees, memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import DerivativeError, InputError, ShapeError

X = np.array([0.3, -1.2, 2.0])


def f(x: Any) -> Any:
    return np.outer(x, np.sin(x))[:2]


@pytest.mark.parametrize("mode", ["forward", "reverse", "auto"])
def test_modes_agree(mode: Any) -> None:
    h = 1e-6
    numeric = np.stack([(f(X + h * e) - f(X - h * e)) / (2 * h) for e in np.eye(3)], -1)
    for memory in (1, 1000, 2**28):
        assert np.allclose(cat.jacobian(f, mode=mode, memory=memory)(X), numeric, atol=1e-8)
    assert np.allclose(cat.jit(cat.jacobian(f, mode=mode))(X), numeric, atol=1e-8)


def test_auto_takes_the_smaller_number() -> None:
    _, wide = cat.linearize(lambda x: np.sum(x), np.ones(1000))
    assert wide.matrix().shape == (1, 1000)
    assert cat.jacobian(lambda x: np.sum(x**2))(X).shape == (3,)


def test_trees_and_argnums() -> None:
    def g(a: Any, b: Any) -> Any:
        return {"y": a["u"] * b, "z": np.sum(b)}

    jac = cat.jacobian(g, (0, 1))({"u": X}, X)
    assert np.allclose(jac["y"][0]["u"], np.diag(X))
    assert np.allclose(jac["y"][1], np.diag(X))
    assert np.allclose(jac["z"][0]["u"], 0)
    assert np.allclose(jac["z"][1], 1)
    one = cat.jacobian(g, (1,))({"u": X}, X)
    assert np.allclose(one["y"][0], np.diag(X))


def test_hessian_of_several_arguments() -> None:
    def g(a: Any, b: Any) -> Any:
        return np.sum(a * b**2)

    blocks = cat.hessian(g, (0, 1))(X, X)
    assert np.allclose(blocks[0][0], 0)
    assert np.allclose(blocks[0][1], np.diag(2 * X))
    assert np.allclose(blocks[1][1], np.diag(2 * X))


def test_float32_stays() -> None:
    x = X.astype(np.float32)
    assert cat.jacobian(f)(x).dtype == np.float32
    assert cat.hessian(lambda x: np.sum(f(x)))(x).dtype == np.float32


def test_what_cannot_fit_is_refused_with_its_size() -> None:
    big = np.broadcast_to(np.float32(1.0), (4_000_000,))
    with pytest.raises(ShapeError, match=r"4000000 × 4000000.*GiB(.|\n)*linearize(.|\n)*hvp"):
        cat.jacobian(lambda x: x * 2)(big)


def test_an_unknown_mode() -> None:
    with pytest.raises(InputError, match="'forward'"):
        cat.jacobian(f, mode="sideways")  # type: ignore[arg-type]


def test_scipys_rosenbrock() -> None:
    from scipy.optimize import rosen, rosen_der, rosen_hess

    def by_hand(x: Any) -> Any:
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)

    rng = np.random.default_rng(0)
    for _ in range(20):
        x = rng.normal(size=7)
        assert np.isclose(by_hand(x), rosen(x))
        assert np.allclose(cat.grad(by_hand)(x), rosen_der(x), rtol=1e-10)
        assert np.allclose(cat.hessian(by_hand)(x), rosen_hess(x), rtol=1e-10, atol=1e-10)


def test_an_argument_that_the_call_does_not_have() -> None:
    with pytest.raises(DerivativeError, match="argument 1"):
        cat.jacobian(np.sin, argnums=1)(np.ones(2))


def test_results_that_are_whole_numbers() -> None:
    with pytest.raises(DerivativeError, match="int64"):
        cat.jacobian(lambda x: np.argmax(x))(X)
