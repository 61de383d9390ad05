"""Custom derivatives, stop_gradient, checkpoint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import DerivativeError, ShapeError
from catenary.function import modes

X = np.array([0.3, -1.2, 2.0])


@cat.custom_jvp
def double_sine(x: Any) -> Any:
    return 2 * np.sin(x)


@double_sine.defjvp
def _double_sine_rule(primals: Any, tangents: Any) -> Any:
    (x,), (x_dot,) = primals, tangents
    return double_sine(x), 5 * np.cos(x) * x_dot / 1.0  # 5 where 2 is right: it must be used


@cat.custom_vjp
def scaled(x: Any, y: Any) -> Any:
    return np.sum(x * y), x + y


@scaled.defvjp
def _scaled_rule(primals: Any, cotangent: Any) -> Any:
    x, y = primals
    number, array = cotangent
    return 3 * (number * y + array), number * x + array


def test_the_rule_is_used_in_both_modes_and_orders() -> None:
    assert np.allclose(double_sine(X), 2 * np.sin(X))
    assert np.allclose(cat.jvp(double_sine, (X,), (np.ones(3),))[1], 5 * np.cos(X))
    assert np.allclose(cat.grad(lambda x: np.sum(double_sine(x)))(X), 5 * np.cos(X))
    assert np.allclose(np.diag(cat.hessian(lambda x: np.sum(double_sine(x)))(X)), -5 * np.sin(X))
    assert np.allclose(
        np.diag(cat.jacobian(cat.grad(lambda x: np.sum(double_sine(x))))(X)), -5 * np.sin(X)
    )


def test_the_rule_under_jit_and_vmap() -> None:
    slope = cat.vmap(cat.grad(double_sine))
    assert np.allclose(slope(X), 5 * np.cos(X))
    assert np.allclose(cat.jit(slope)(X), 5 * np.cos(X))
    assert np.allclose(cat.vmap(cat.grad(cat.grad(double_sine)))(X), -5 * np.sin(X))


def test_a_rule_that_uses_its_own_function() -> None:
    @cat.custom_jvp
    def exponential(x: Any) -> Any:
        return np.exp(x)

    @exponential.defjvp
    def _(primals: Any, tangents: Any) -> Any:
        y = exponential(primals[0])
        return y, 2 * y * tangents[0]  # so that each order brings a factor of 2

    f: Any = exponential
    for order in range(4):
        assert np.isclose(f(0.3), 2**order * np.exp(0.3))
        f = cat.grad(f)


def test_forward_mode_follows_from_a_transposed_rule() -> None:
    ones = np.ones(3)
    number, array = cat.jvp(scaled, (X, ones), (ones, ones))[1]
    assert np.isclose(number, 3 * ones.sum() + X.sum())
    assert np.allclose(array, 4 * ones)
    assert np.allclose(cat.grad(lambda x: scaled(x, x)[0])(X), 4 * X)
    assert np.allclose(cat.hessian(lambda x: scaled(x, x)[0])(X), (3 + 1) * np.eye(3))


def test_constants_of_a_custom_function_and_its_rule() -> None:
    weight, factor = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])

    @cat.custom_jvp
    def weighted(x: Any) -> Any:
        return weight * x * 0.5

    @weighted.defjvp
    def _(primals: Any, tangents: Any) -> Any:
        return weighted(primals[0]), factor * 0.25 * tangents[0]

    assert np.allclose(cat.grad(lambda x: np.sum(weighted(x)))(X), factor / 4)
    assert np.allclose(
        cat.vmap(cat.grad(lambda x: np.sum(weighted(x))))(np.stack([X, X])), factor / 4
    )


def test_a_rule_that_is_not_linear_is_refused() -> None:
    @cat.custom_jvp
    def f(x: Any) -> Any:
        return x

    @f.defjvp
    def _(primals: Any, tangents: Any) -> Any:
        return primals[0], tangents[0] ** 2

    with pytest.raises(DerivativeError, match="not linear"):
        cat.grad(f)(1.0)


def test_a_rule_of_the_wrong_shape_is_refused() -> None:
    @cat.custom_jvp
    def f(x: Any) -> Any:
        return np.sum(x)

    @f.defjvp
    def _(primals: Any, tangents: Any) -> Any:
        return f(primals[0]), tangents[0]

    with pytest.raises(ShapeError, match="rule of f"):
        cat.grad(f)(X)


def test_a_missing_rule_is_named() -> None:
    f = cat.custom_vjp(lambda x: x)
    with pytest.raises(DerivativeError, match="defvjp"):
        cat.grad(f)(1.0)


def test_a_traced_value_from_outside_is_refused() -> None:
    def outer(x: Any) -> Any:
        @cat.custom_jvp
        def f(y: Any) -> Any:
            return x * y

        f.defjvp(lambda p, t: (f(p[0]), t[0]))
        return f(x)

    with pytest.raises(DerivativeError, match="argument"):
        cat.grad(outer)(1.0)


def test_stop_gradient_with_and_without_values() -> None:
    def f(x: Any) -> Any:
        return np.sum(x * cat.stop_gradient(x))

    assert np.allclose(cat.grad(f)(X), X)
    assert np.allclose(cat.jit(cat.grad(f))(X), X)
    assert np.allclose(cat.vmap(cat.grad(lambda x: x * cat.stop_gradient(x)))(X), X)
    assert cat.grad(lambda x: x * float(cat.stop_gradient(x)))(3.0) == 3.0


def test_checkpoint_changes_no_derivative() -> None:
    def f(x: Any) -> Any:
        return np.sin(x) * np.exp(x[::-1])

    def plain(x: Any) -> Any:
        return np.sum(f(x) ** 2)

    def saving(x: Any) -> Any:
        return np.sum(cat.checkpoint(f)(x) ** 2)

    assert np.allclose(cat.grad(saving)(X), cat.grad(plain)(X))
    assert np.allclose(cat.hessian(saving)(X), cat.hessian(plain)(X))
    assert np.allclose(cat.jit(cat.hessian(saving))(X), cat.hessian(plain)(X))
    assert np.allclose(cat.vmap(cat.grad(saving))(np.stack([X, -X]))[1], cat.grad(plain)(-X))


def test_checkpoint_keeps_no_inner_value_for_the_way_back() -> None:
    def f(x: Any) -> Any:
        return np.sin(np.sin(np.sin(np.sin(x))))

    _, plain = cat.linearize(f, X)
    _, saving = cat.linearize(cat.checkpoint(f), X)
    assert len(plain.held) == 4
    assert len(saving.held) == 1
    assert np.array_equal(saving.held[0], X)


def test_value_and_rule_follow_what_is_around_them_together() -> None:
    factor = [2.0]

    @cat.custom_jvp
    def f(x: Any) -> Any:
        return factor[0] * x

    f.defjvp(lambda p, t: (f(p[0]), factor[0] * t[0]))
    assert cat.value_and_grad(f)(1.0) == (2.0, 2.0)
    factor[0] = 5.0
    assert cat.value_and_grad(f)(1.0) == (5.0, 5.0)
    factor[0] = np.array(7.0)
    assert cat.value_and_grad(f)(1.0) == (7.0, 7.0)


def test_derivatives_through_custom_rules_are_made_once() -> None:
    cat.grad(double_sine)(1.0)
    before = len(modes._CACHE)
    for x in (0.1, 0.2, 0.3):
        cat.grad(double_sine)(x)
    assert len(modes._CACHE) == before


@pytest.mark.parametrize("rule", [lambda p, t: (p[0], t[0] + 1.0), lambda p, t: (p[0], p[0] * 2)])
def test_a_rule_that_is_not_zero_for_zero_tangents_is_refused(rule: Any) -> None:
    f = cat.custom_jvp(lambda x: x)
    f.defjvp(rule)
    with pytest.raises(DerivativeError, match="not linear"):
        cat.grad(f)(1.0)
