"""Transforms as types: they compose in any order, to any depth, through any wrapping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import catenary as cat
from tests.laws.derivatives import richardson

Function = Callable[[Any], Any]

X = np.array([0.3, -0.7, 1.1])
V = np.array([1.0, 2.0, -0.5])


def smooth(x: Any) -> Any:
    return np.sum(np.tanh(x) * np.exp(-x[::-1]) + np.prod(x) * np.cumsum(x))


def kinked(x: Any) -> Any:
    return np.max(np.abs(x)) + np.sum(np.sort(x) * np.arange(3.0)) + np.linalg.norm(x)


def looped(x: Any) -> Any:
    y = x
    for _ in range(3):
        y = np.sin(y) + 0.5 * np.roll(y, 1)
    y[1] = y[0] * y[2]
    return y @ y


FUNCTIONS = {f.__name__: f for f in (smooth, kinked, looped)}


def _with_rule_forward(f: Function) -> Function:
    wrapped = cat.custom_jvp(f)
    wrapped.defjvp(lambda primals, tangents: cat.jvp(f, primals, tangents))
    return wrapped


def _with_rule_backward(f: Function) -> Function:
    wrapped = cat.custom_vjp(f)
    wrapped.defvjp(lambda primals, y_bar: cat.vjp(f, *primals)[1](y_bar))
    return wrapped


# Each gives a function of the same values and derivatives.
WRAPPINGS: dict[str, Callable[[Function], Function]] = {
    "plain": lambda f: f,
    "jit": cat.jit,
    "checkpoint": cat.checkpoint,
    "custom_jvp": _with_rule_forward,
    "custom_vjp": _with_rule_backward,
    "checkpoint in jit": lambda f: cat.jit(cat.checkpoint(f)),
    "jit in checkpoint": lambda f: cat.checkpoint(cat.jit(f)),
    "one of a batch": lambda f: lambda x: cat.vmap(f)(x[None])[0],
}


def _pushed(f: Function) -> Function:
    """x ↦ Df(x)·V."""
    return lambda x: cat.jvp(f, (x,), (V,))[1]


def _pulled(f: Function) -> Function:
    """x ↦ ⟨Df(x)ᵀ·1, V⟩."""
    return lambda x: np.sum(cat.vjp(f, x)[1](1.0)[0] * V)


# Second and third derivatives along V, by every order of the two modes.
MODES = {"forward": _pushed, "reverse": _pulled}


def _along(f: Function, order: int) -> float:
    """The derivative of some order of t ↦ f(X + tV) at 0, by differences of the one before."""
    if order == 0:
        return float(f(X))
    before = _pushed(f) if order == 2 else f
    return float(richardson(lambda t: np.asarray(before(X + t * V))))


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_go_through_any_wrapping(name: str, wrapping: str) -> None:
    f = FUNCTIONS[name]
    g = WRAPPINGS[wrapping](f)
    np.testing.assert_allclose(g(X), f(X), rtol=1e-14)
    for mode in MODES.values():
        np.testing.assert_allclose(mode(g)(X), _along(f, 1), rtol=1e-8)


@pytest.mark.parametrize("outer", MODES)
@pytest.mark.parametrize("inner", MODES)
@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_second_derivatives_go_through_any_wrapping(
    name: str, wrapping: str, inner: str, outer: str
) -> None:
    f = FUNCTIONS[name]
    g = WRAPPINGS[wrapping](f)
    np.testing.assert_allclose(MODES[outer](MODES[inner](g))(X), _along(f, 2), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_third_derivatives_go_through_any_wrapping(wrapping: str) -> None:
    g = WRAPPINGS[wrapping](smooth)
    expected = _pushed(_pushed(_pushed(smooth)))(X)
    np.testing.assert_allclose(_pulled(_pushed(_pulled(g)))(X), expected, rtol=1e-12)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_wrapping_between_two_derivatives(wrapping: str) -> None:
    between = WRAPPINGS[wrapping](lambda x: cat.grad(smooth)(x) @ V)
    expected = cat.hvp(smooth, X, V)
    np.testing.assert_allclose(cat.grad(between)(X), expected, rtol=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_batch_of_derivatives_is_a_loop(name: str) -> None:
    many = np.stack([X, X + 0.1, X * 1.2])
    for derivative in (cat.grad(FUNCTIONS[name]), cat.hessian(FUNCTIONS[name])):
        expected = np.stack([derivative(x) for x in many])
        np.testing.assert_allclose(cat.vmap(derivative)(many), expected, rtol=1e-12)


# ---- levels are kept apart -----------------------------------------------------------------------


def test_perturbations_are_not_confused() -> None:
    assert cat.grad(lambda x: x * cat.grad(lambda y: x + y)(1.0))(1.0) == 1

    def forward(f: Any) -> Any:
        return cat.jvp(f, (1.0,), (1.0,))[1]

    assert forward(lambda x: x * forward(lambda y: x + y)) == 1


@pytest.mark.parametrize("outer", [cat.grad, lambda f: lambda x: cat.jvp(f, (x,), (1.0,))[1]])
@pytest.mark.parametrize("inner", [cat.grad, lambda f: lambda x: cat.jvp(f, (x,), (1.0,))[1]])
def test_an_inner_derivative_sees_an_outer_value_as_constant(outer: Any, inner: Any) -> None:
    """d/dx [x · d/dy (x²y³)|y=x] = d/dx [3x⁵] = 15x⁴."""
    assert outer(lambda x: x * inner(lambda y: x**2 * y**3)(x))(2.0) == 240


def test_three_levels_each_see_the_others() -> None:
    """d/dx d/dy d/dz (x·y·z)² at (x, y, z), by closures: 8xyz."""

    def innermost(x: Any, y: Any) -> Any:
        return cat.grad(lambda z: (x * y * z) ** 2)(5.0)

    got = cat.grad(lambda x: cat.grad(lambda y: innermost(x, y))(3.0))(2.0)
    assert got == 8 * 2 * 3 * 5


def test_a_value_of_an_outer_level_goes_through_the_inner_map_untouched() -> None:
    def f(x: Any) -> Any:
        value, pull = cat.vjp(lambda y: y * x, 3.0)
        return pull(x)[0] + value  # x·x + 3x

    assert cat.grad(f)(2.0) == 2 * 2 + 3
