"""Affine and quadratic models: closed forms, the order of their errors, what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import DerivativeError, ShapeError


def wave(x: Any) -> Any:
    return np.exp(np.sin(x[0]) * x[1]) + x[1] ** 3


AT = np.array([0.7, -0.4])


def slope(error: Callable[[float], float]) -> float:
    """The exponent p of error(h) ~ hᵖ."""
    steps = 2.0 ** -np.arange(2, 9)
    return float(np.polyfit(np.log(steps), np.log([error(h) for h in steps]), 1)[0])


@pytest.mark.parametrize(("make", "order"), [(cat.tangent, 2), (cat.quadratic, 3)])
def test_errors_shrink_as_they_should(make: Callable[..., Any], order: int) -> None:
    model = make(wave, AT)
    direction = np.array([0.6, 0.8])
    assert slope(lambda h: abs(model.error(AT + h * direction))) == pytest.approx(order, abs=0.1)


def test_a_tangent_holds_value_and_derivative() -> None:
    model = cat.tangent(lambda x: np.stack([x[0] * x[1], np.sin(x[0])]), AT)
    np.testing.assert_allclose(model.value, [AT[0] * AT[1], np.sin(AT[0])])
    expected = [[AT[1], AT[0]], [np.cos(AT[0]), 0]]
    np.testing.assert_allclose(model.derivative.matrix(), expected)
    np.testing.assert_allclose(model(AT + 0.1), model.value + np.array(expected) @ [0.1, 0.1])


def test_models_of_polynomials_are_exact() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((3, 3)), rng.standard_normal(3)
    point, other = rng.standard_normal((2, 3))
    assert cat.tangent(lambda x: b @ x, point).error(other) == pytest.approx(0, abs=1e-14)
    bowl = cat.quadratic(lambda x: x @ a @ x + b @ x, point)
    assert bowl.error(other) == pytest.approx(0, abs=1e-13)
    np.testing.assert_allclose(bowl.hessian.matrix(), a + a.T, atol=1e-14)


def test_models_take_trees() -> None:
    point = {"a": np.array([1.0, 2.0]), "b": 3.0}

    def f(p: Any) -> Any:
        return np.sum(p["a"] ** 2) * p["b"]

    moved = {"a": np.array([1.5, 2.0]), "b": 2.0}
    assert cat.tangent(f, point)(moved) == pytest.approx(15 + 6 * 0.5 - 5)
    # ½·(2·3·½² + 2·2·1·½·(−1))
    assert cat.quadratic(f, point)(moved) == pytest.approx(13 + 0.75 - 1)
    assert cat.quadratic(f, point).tangent(moved) == pytest.approx(13)


def test_a_directional_derivative_is_linear_in_the_direction() -> None:
    v, w = np.array([1.0, 2.0]), np.array([-3.0, 0.5])
    both = cat.directional(wave, AT, 2 * v + w)
    assert both == pytest.approx(2 * cat.directional(wave, AT, v) + cat.directional(wave, AT, w))
    assert cat.directional(wave, AT, v) == pytest.approx(cat.grad(wave)(AT) @ v)


def test_float32_stays() -> None:
    point = AT.astype(np.float32)
    assert cat.tangent(wave, point)(point).dtype == np.float32
    assert cat.quadratic(wave, point)(point).dtype == np.float32


@pytest.mark.parametrize("make", [cat.tangent, cat.quadratic])
def test_points_outside_the_domain_are_refused(make: Callable[..., Any]) -> None:
    with np.errstate(all="ignore"):
        with pytest.raises(DerivativeError, match=r"f\(x\) is nan[\s\S]*test_models.py"):
            make(np.log, -1.0)
        with pytest.raises(DerivativeError, match=r"is inf[\s\S]*cat.subdifferential"):
            make(np.sqrt, 0.0)


def test_a_quadratic_model_is_of_a_number() -> None:
    with pytest.raises(DerivativeError, match="one real number"):
        cat.quadratic(np.sin, np.ones(2))


def test_they_can_be_read() -> None:
    assert repr(cat.tangent(np.sin, np.zeros(20))).endswith("Df(a)  20×20")
    assert "H     [[2. 0.] [0. 2.]]" in repr(cat.quadratic(lambda x: x @ x, np.zeros(2)))
    assert repr(cat.quadratic(lambda x: x @ x, np.zeros(9))).endswith("H     9×9")


@pytest.mark.parametrize("make", [cat.tangent, cat.quadratic])
def test_points_unlike_the_models_are_refused(make: Callable[..., Any]) -> None:
    model = make(wave, AT)
    for other in (np.ones(3), np.ones((5, 2)), 1.0):
        with pytest.raises(ShapeError, match=r"expected: shape \(2,\)"):
            model(other)
    np.testing.assert_allclose(cat.vmap(model)(np.stack([AT, AT])), [wave(AT)] * 2)
