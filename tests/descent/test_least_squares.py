"""Gauss–Newton and Levenberg–Marquardt: curve fits against SciPy, and closed forms."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from catenary import descent as optim
from catenary.core.errors import ShapeError
from catenary.descent.kronecker import roots_of
from catenary.descent.least_squares import ResidualOracle

T = np.linspace(0.0, 4.0, 25)
NOISE = 0.05 * np.sin(17 * T)


def decay(x: Any) -> Any:
    return x[0] * np.exp(-x[1] * T) + x[2] - (3 * np.exp(-1.2 * T) + 0.5 + NOISE)


def bell(x: Any) -> Any:
    return x[0] * np.exp(-((T - x[1]) ** 2) / x[2] ** 2) - np.exp(-((T - 2) ** 2)) + NOISE


def oscillation(x: Any) -> Any:
    return x[0] * np.sin(x[1] * T + x[2]) - 2 * np.sin(1.5 * T + 0.3) - NOISE


CURVES = {
    "decay": (decay, [1.0, 1.0, 0.0]),
    "bell": (bell, [0.5, 1.5, 1.5]),
    "oscillation": (oscillation, [1.0, 1.4, 0.0]),
}


@pytest.mark.parametrize("method", ["levenberg-marquardt", "gauss-newton", "bfgs", "newton-cg"])
@pytest.mark.parametrize("name", CURVES)
def test_curves_are_fitted_as_by_scipy(name: str, method: str) -> None:
    residuals, start = CURVES[name]
    ours = optim.least_squares(residuals, start, method=method)
    theirs = optimize.least_squares(residuals, start, method="lm", xtol=1e-15, gtol=1e-15)
    assert ours.end in {"converged", "flat"}
    np.testing.assert_allclose(ours.x, theirs.x, rtol=1e-5)
    assert ours.value == pytest.approx(theirs.cost, rel=1e-9)


def test_one_step_solves_linear_least_squares() -> None:
    rng = np.random.default_rng(0)
    A, b = rng.normal(size=(9, 4)), rng.normal(size=9)
    result = optim.least_squares(lambda x: A @ x - b, np.zeros(4), method="gauss-newton")
    assert result.steps == 1
    np.testing.assert_allclose(result.x, np.linalg.lstsq(A, b)[0])
    assert result.value == pytest.approx(0.5 * np.sum((A @ result.x - b) ** 2))


def test_few_steps_where_residuals_vanish() -> None:
    def residuals(x: Any) -> Any:
        return np.stack([10 * (x[1] - x[0] ** 2), 1 - x[0]])

    result = optim.least_squares(residuals, [-1.2, 1.0])
    assert (result.end, result.steps <= 20) == ("converged", True)
    np.testing.assert_allclose(result.x, [1, 1], atol=1e-8)


def test_units_of_the_coordinates_do_not_matter() -> None:
    """Marquardt's scales: with x₁ in other units the same values are passed."""
    plain = optim.least_squares(decay, [1.0, 1.0, 0.0])
    units = np.array([1.0, 1e3, 1e-3])
    scaled = optim.least_squares(
        lambda x: decay(x * units), np.array([1.0, 1.0, 0.0]) / units, tolerance=1e-4
    )
    n = min(plain.steps, scaled.steps, 5)
    np.testing.assert_allclose(scaled.log.value[: n + 1], plain.log.value[: n + 1], rtol=1e-6)


@pytest.mark.parametrize("method", ["lm", "gauss-newton"])
def test_large_jacobians_are_not_written_out(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[ResidualOracle.__module__], "LARGEST", 10)
    result = optim.least_squares(decay, [1.0, 1.0, 0.0], method=method)
    assert result.end == "converged"
    assert result.evaluations.matrices == 0 < result.evaluations.products
    np.testing.assert_allclose(result.x, optim.least_squares(decay, [1.0, 1.0, 0.0]).x, rtol=1e-5)


def test_products_are_those_of_the_jacobian() -> None:
    oracle = ResidualOracle(decay, [1.0, 1.0, 0.0])
    x, v = np.array([2.0, 0.7, 0.1]), np.array([1.0, -2.0, 0.5])
    written = oracle.jacobian(x)
    assert written is not None
    residuals, J = written
    np.testing.assert_allclose(residuals, decay(x))
    np.testing.assert_allclose(oracle.gauss_newton(x)(v), J.T @ (J @ v))
    np.testing.assert_allclose(oracle.at(x).gradient, J.T @ residuals)


def test_trees_and_float32() -> None:
    def residuals(p: Any) -> Any:
        return p["height"] * np.exp(-p["rate"] * T.astype(np.float32)) - np.float32(2.0)

    start = {"height": np.float32(1.0), "rate": np.array(1.0, np.float32)}
    result = optim.least_squares(residuals, start)
    assert result.x["height"].dtype == result.x["rate"].dtype == np.float32
    assert float(result.x["height"]) == pytest.approx(2, abs=1e-3)
    assert float(result.x["rate"]) == pytest.approx(0, abs=1e-3)


def test_roots_of_hessians() -> None:
    rng = np.random.default_rng(5)
    blocks = rng.normal(size=(6, 3, 3))
    blocks = blocks @ np.swapaxes(blocks, 1, 2)
    roots = np.moveaxis(roots_of(np.moveaxis(blocks, 1, 0) / 6), 0, 2)
    np.testing.assert_allclose(roots @ np.swapaxes(roots, 1, 2), blocks, atol=1e-12)


@pytest.mark.parametrize(
    ("f", "got"),
    [
        (lambda p: {"a": p}, "a dict"),
        (lambda p: [p, p[:1]], "a list"),
        (lambda p: np.sum(p**2), "one number"),
        (lambda p: p > 0, "an array of dtype bool"),
    ],
)
def test_what_is_no_array_of_residuals_is_named(f: Any, got: str) -> None:
    with pytest.raises(ShapeError, match=f"least_squares got {got}"):
        optim.least_squares(f, [1.0, 2.0])
