"""jvp, vjp, grad and value_and_grad: closed forms, trees, argnums, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import CatenaryError, DerivativeError, ShapeError

X = np.array([0.3, -1.2, 2.0])
A = np.arange(6.0).reshape(2, 3)


def test_closed_forms() -> None:
    assert np.allclose(cat.grad(lambda x: x @ A.T @ A @ x)(X), 2 * A.T @ A @ X)
    assert np.allclose(
        cat.grad(lambda x: np.log(np.sum(np.exp(x))))(X), np.exp(X) / np.exp(X).sum()
    )
    assert np.allclose(cat.jvp(lambda x: A @ x, (X,), (np.ones(3),))[1], A.sum(1))
    y, pull = cat.vjp(lambda x: A @ x, X)
    assert np.allclose(y, A @ X)
    assert np.allclose(pull(np.array([1.0, -2.0]))[0], np.array([1.0, -2.0]) @ A)


def test_forward_and_reverse_are_transposes() -> None:
    def f(x: Any) -> Any:
        return {"a": np.sin(x) * x[0], "b": np.cumsum(x)[1:]}

    v = np.array([1.0, 2.0, -1.0])
    u = {"a": np.array([0.1, 0.2, 0.3]), "b": np.array([5.0, -4.0])}
    tangent = cat.jvp(f, (X,), (v,))[1]
    pulled = cat.vjp(f, X)[1](u)[0]
    assert np.isclose(cat.tree.dot(tangent, u), v @ pulled)


def test_a_pullback_may_be_used_many_times() -> None:
    _, pull = cat.vjp(np.sin, X)
    assert np.allclose(pull(np.ones(3))[0], np.cos(X))
    assert np.allclose(pull(2 * np.ones(3))[0], 2 * np.cos(X))


def test_argnums() -> None:
    def f(x: Any, y: Any, n: int) -> Any:
        return np.sum(x * y**n)

    assert np.allclose(cat.grad(f, 1)(X, X, 2), 2 * X * X)
    first, second = cat.grad(f, (0, 1))(X, X, 2)
    assert np.allclose(first, X**2)
    assert np.allclose(second, 2 * X * X)
    assert np.allclose(cat.grad(f, -2)(X, X, 2), 2 * X * X)


def test_auxiliary_results() -> None:
    def f(x: Any) -> Any:
        return np.sum(x**2), {"kept": x + 1, "name": "aux"}

    (value, aux), slope = cat.value_and_grad(f, has_aux=True)(X)
    assert np.isclose(value, X @ X)
    assert np.allclose(slope, 2 * X)
    assert np.allclose(aux["kept"], X + 1)
    assert aux["name"] == "aux"
    slope, aux = cat.grad(f, has_aux=True)(X)
    assert np.allclose(slope, 2 * X)
    assert isinstance(aux["kept"], np.ndarray)


def test_a_function_of_no_argument_that_counts() -> None:
    assert np.array_equal(cat.grad(lambda x: np.float64(3.0))(X), np.zeros(3))
    assert cat.grad(lambda x, y: y, 0)(1.0, 2.0) == 0


def test_options_are_passed_on() -> None:
    assert np.allclose(cat.grad(lambda x, scale: np.sum(x) * scale)(X, scale=3.0), 3)


def test_higher_orders_in_every_mix_of_modes() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.sin(x) * x[::-1] ** 2)

    v = np.array([1.0, -2.0, 0.5])
    over = cat.jvp(cat.grad(f), (X,), (v,))[1]
    under = cat.grad(lambda x: cat.jvp(f, (x,), (v,))[1])(X)
    twice = cat.grad(lambda x: cat.grad(f)(x) @ v)(X)
    full = cat.hessian(f)(X)
    for product in (under, twice, full @ v, cat.hvp(f, X, v)):
        assert np.allclose(product, over)
    assert np.allclose(full, full.T)
    third = cat.jacobian(cat.hessian(f))(X)
    assert np.allclose(third, third.transpose(1, 0, 2))
    assert np.allclose(third, third.transpose(0, 2, 1))


@pytest.mark.parametrize("result", [lambda x: x, lambda x: "text", lambda x: (x[0], x[1])])
def test_grad_of_what_is_no_number(result: Any) -> None:
    with pytest.raises(DerivativeError, match="one real number"):
        cat.grad(result)(X)


def test_grad_without_the_auxiliary_result() -> None:
    with pytest.raises(DerivativeError, match="has_aux"):
        cat.grad(lambda x: np.sum(x), has_aux=True)(X)


def test_argnums_out_of_range() -> None:
    with pytest.raises(DerivativeError, match="argument 1"):
        cat.grad(lambda x: x, argnums=1)(1.0)


def test_shapes_of_tangents_and_cotangents() -> None:
    with pytest.raises(ShapeError, match="tangent"):
        cat.jvp(np.sin, (X,), (np.ones(2),))
    with pytest.raises(ShapeError, match="tangents of 1 arrays"):
        cat.jvp(np.sin, (X,), (X, X))
    with pytest.raises(ShapeError, match="cotangent"):
        cat.vjp(np.sin, X)[1](np.ones(4))


def test_errors_of_operations_name_the_line() -> None:
    def f(x: Any) -> Any:
        return np.sum(x @ np.ones(4))

    with pytest.raises(CatenaryError, match="matmul") as caught:
        cat.grad(f)(X)
    assert f"{__file__}:{f.__code__.co_firstlineno + 1}" in str(caught.value)


def test_a_map_stays_where_it_was_taken() -> None:
    def f(x: Any) -> Any:
        columns = x.reshape(3, 2)  # a view of the argument, and a factor of the derivative
        return np.sum(columns * columns)

    x = np.ones((2, 3))
    _, pull = cat.vjp(f, x)
    _, derivative = cat.linearize(f, x)
    x[:] = 5.0
    assert np.all(pull(1.0)[0] == 2)
    assert derivative @ np.ones((2, 3)) == 12


def test_a_result_that_is_written_to_is_no_longer_a_factor() -> None:
    def f(x: Any) -> Any:
        y = np.exp(x)
        rows = y.reshape(1, 3)
        return y, np.sum(rows * rows)

    (y, _), pull = cat.vjp(f, np.zeros(3))
    y[:] = 100.0
    assert np.all(pull((np.zeros(3), 1.0))[0] == 2)


def test_a_cotangent_has_the_structure_of_the_result() -> None:
    result, pull = cat.vjp(lambda x: {"name": "square", "count": 2, "y": x * x}, 3.0)
    assert pull({**result, "y": 1.0}) == (6.0,)
    with pytest.raises(ShapeError, match="different structure"):
        pull(1.0)


def test_the_number_beside_anything_is_one_number() -> None:
    with pytest.raises(DerivativeError, match="number, anything"):
        cat.grad(lambda x: ((x, 2 * x), None), has_aux=True)(1.0)


def test_primals_that_are_no_tuple() -> None:
    with pytest.raises(DerivativeError, match=r"\(x,\), \(v,\)"):
        cat.jvp(np.exp, X, X)  # type: ignore[arg-type]


def test_arguments_named_twice() -> None:
    with pytest.raises(DerivativeError, match="twice"):
        cat.grad(lambda x: x, argnums=(0, -1))(1.0)


@pytest.mark.parametrize("transform", [cat.grad, cat.jacobian, cat.vmap, cat.jit, cat.hessian])
def test_a_transform_takes_a_function(transform: Any) -> None:
    with pytest.raises(DerivativeError, match="takes a function, got"):
        transform(X)


def test_a_point_in_place_of_argnums() -> None:
    with pytest.raises(DerivativeError, match=r"grad\(f\)\(x\), not"):
        cat.grad(np.sum, X)  # type: ignore[arg-type]


def test_tangents_of_other_dtypes_are_converted() -> None:
    assert np.allclose(cat.jvp(np.sin, (X,), (np.array([1, 0, 2]),))[1], np.cos(X) * [1, 0, 2])
    single = X.astype(np.float32)
    whole = cat.grad(lambda v: np.sum(cat.jvp(np.sin, (single,), (v,))[1]))(X)
    assert whole.dtype == np.float64
    assert np.allclose(whole, np.cos(single), atol=1e-6)
