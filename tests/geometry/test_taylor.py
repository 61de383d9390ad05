"""Taylor polynomials against closed forms, and what they refuse."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import catenary as cat

X = 0.3
CLOSED: dict[str, tuple[Callable[[Any], Any], Callable[[int], float]]] = {
    "exp": (np.exp, lambda k: math.exp(X) / math.factorial(k)),
    "sin": (np.sin, lambda k: math.sin(X + k * math.pi / 2) / math.factorial(k)),
    "log": (np.log, lambda k: math.log(X) if k == 0 else -((-1 / X) ** k) / k),
    "1/x": (lambda x: 1 / x, lambda k: (-1) ** k / X ** (k + 1)),
    "x**5": (lambda x: x**5, lambda k: math.comb(5, k) * X ** (5 - k) if k <= 5 else 0.0),
}


@pytest.mark.parametrize("name", CLOSED)
def test_coefficients_are_exact_to_rounding(name: str) -> None:
    f, closed = CLOSED[name]
    expected = np.array([closed(k) for k in range(9)])
    np.testing.assert_allclose(cat.taylor(f, X, 8).coefficients, expected, rtol=1e-14, atol=1e-14)


COMPOSED: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "mixed": (
        lambda x: np.tanh(np.sin(x) * np.exp(x)) / (1 + x**2),
        lambda x: mpmath.tanh(mpmath.sin(x) * mpmath.exp(x)) / (1 + x**2),
    ),
    "power": (lambda x: x**x, lambda x: x**x),
    "angle": (lambda x: np.arctan2(x, 1 + x * x), lambda x: mpmath.atan2(x, 1 + x * x)),
    "roots": (
        lambda x: np.cbrt(np.hypot(x, 2 * x + 1)),
        lambda x: mpmath.cbrt(mpmath.hypot(x, 2 * x + 1)),
    ),
    "loop": (
        lambda x: cat.fori(0, 3, lambda i, y: np.sin(y) * x, x),
        lambda x: mpmath.sin(mpmath.sin(mpmath.sin(x) * x) * x) * x,
    ),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_compositions_agree_with_many_digits(name: str) -> None:
    f, in_digits = COMPOSED[name]
    order = 3 if name == "loop" else 8
    with mpmath.workdps(40):
        expected = np.array([float(c) for c in mpmath.taylor(in_digits, mpmath.mpf(X), order)])
    found = cat.taylor(f, X, order).coefficients
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13 * np.abs(expected).max())


def test_the_polynomial_is_called_like_the_function() -> None:
    model = cat.taylor(np.exp, 1.0, 10)
    assert abs(model(1.2) - math.exp(1.2)) < 1e-14
    assert abs(model.error(2.0) - (math.e**2 - model(2.0))) < 1e-15
    np.testing.assert_allclose(model.derivatives, np.full(11, math.e), rtol=1e-13)


def test_along_a_direction_of_a_tree() -> None:
    x = {"a": np.array([1.0, 2.0]), "b": 0.5}
    v = {"a": np.array([1.0, -1.0]), "b": 2.0}
    model = cat.taylor(lambda p: (np.prod(p["a"]) * p["b"], p["a"]), x, 3, along=v)
    product, line = model.coefficients
    # (1 + t)(2 − t)(½ + 2t)
    np.testing.assert_allclose(product, [1.0, 4.5, 1.5, -2.0], atol=1e-15)
    np.testing.assert_array_equal(line, [[1, 2], [1, -1], [0, 0], [0, 0]])
    assert model(0.25)[0] == pytest.approx(1.25 * 1.75 * 1.0)
    assert model.error(0.25)[0] == pytest.approx(0, abs=1e-15)


def test_a_taylor_coefficient_is_a_function_to_differentiate_and_compile() -> None:
    def third(x: Any) -> Any:
        return cat.taylor(np.sin, x, 3).coefficients[3]

    assert cat.grad(third)(X) == pytest.approx(math.sin(X) / 6, rel=1e-14)
    assert cat.jit(third)(X) == pytest.approx(-math.cos(X) / 6, rel=1e-14)


def test_dtypes_stay() -> None:
    assert cat.taylor(np.exp, np.float32(1), 4).coefficients.dtype == np.float32
    assert cat.taylor(np.exp, np.float32(1), 4).derivatives.dtype == np.float32


def test_order_zero_is_the_value() -> None:
    np.testing.assert_array_equal(cat.taylor(np.exp, 0.0, 0).coefficients, [1.0])


def test_what_is_refused() -> None:
    with pytest.raises(cat.errors.InputError, match=r"along=v.*\n.*float64\[2\]"):
        cat.taylor(np.sin, np.ones(2), 2)
    for order in (-1, 1.5, True):
        with pytest.raises(cat.errors.InputError, match="whole number"):
            cat.taylor(np.sin, 1.0, order)  # type: ignore[arg-type]
    with np.errstate(all="ignore"):
        with pytest.raises(cat.errors.DerivativeError, match=r"f\(x\) is nan"):
            cat.taylor(np.log, -1.0, 2)
        with pytest.raises(cat.errors.DerivativeError, match=r"coefficient 1 is inf[\s\S]*test_t"):
            cat.taylor(np.sqrt, 0.0, 2)


def test_it_can_be_read() -> None:
    text = repr(cat.taylor(lambda x: x[0] * x[1], np.ones(2), 1, along=np.ones(2)))
    assert text == "Taylor: order 1 at [1. 1.], along [1. 1.]\n  coefficients  [1. 2.]"
