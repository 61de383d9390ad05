"""classify: textbook points, spectra that are known, degenerate cases, large networks, refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary import nn
from catenary.core.errors import DerivativeError, InputError, ShapeError
from catenary.geometry.classify import classify
from catenary.linear import curvature
from catenary.tracing import tree

Function = Callable[[Any], Any]
ORIGIN = np.zeros(2)


def himmelblau(x: Any) -> Any:
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


# name: function, point, title, agreement of the determinant rule
TEXTBOOK: dict[str, tuple[Function, Any, str]] = {
    "bowl": (lambda x: x[0] ** 2 + 3 * x[1] ** 2, ORIGIN, "minimum"),
    "dome": (lambda x: -(x[0] ** 2) - 3 * x[1] ** 2, ORIGIN, "maximum"),
    "saddle": (lambda x: x[0] ** 2 - x[1] ** 2, ORIGIN, "saddle of index 1"),
    "product": (lambda x: x[0] * x[1], ORIGIN, "saddle of index 1"),
    "himmelblau": (himmelblau, np.array([3.0, 2.0]), "minimum"),
    "three": (lambda x: x[0] ** 2 - x[1] ** 2 - x[2] ** 2, np.zeros(3), "saddle of index 2"),
    "cosine": (np.cos, 0.0, "maximum"),
    "cosine elsewhere": (np.cos, np.pi, "minimum"),
    "slope": (np.cos, 1.0, "not critical"),
    "tree": (lambda p: p["a"] ** 2 + np.sum(p["b"] ** 2), {"a": 0.0, "b": np.zeros(2)}, "minimum"),
    "degenerate saddle": (
        lambda x: x[0] ** 2 - x[1] ** 2 + x[2] ** 4, np.zeros(3), "saddle of index 1",
    ),
    # ---- where second derivatives do not decide ----
    "x³": (lambda x: x**3, 0.0, "degenerate (saddle by order 3)"),
    "x⁴": (lambda x: x**4, 0.0, "degenerate (minimum by order 4)"),
    "−x⁴": (lambda x: -(x**4), 0.0, "degenerate (maximum by order 4)"),
    "x⁶": (lambda x: x**6, 0.0, "degenerate"),
    "monkey saddle": (
        lambda x: x[0] ** 3 - 3 * x[0] * x[1] ** 2, ORIGIN, "degenerate (saddle by order 3)",
    ),
    "x⁴ + y⁴": (lambda x: np.sum(x**4), ORIGIN, "degenerate (minimum by order 4)"),
    "x⁴ − y⁴": (lambda x: x[0] ** 4 - x[1] ** 4, ORIGIN, "degenerate (saddle by order 4)"),
    "trough with x⁴": (
        lambda x: x[1] ** 2 + x[0] ** 4, ORIGIN, "degenerate (minimum by order 4)",
    ),
    "trough with −x⁴": (
        lambda x: x[1] ** 2 - x[0] ** 4, ORIGIN, "degenerate (saddle by order 4)",
    ),
    # A minimum along every line through 0, and none: below 0 between two parabolas.
    "two parabolas": (
        lambda x: (x[1] - x[0] ** 2) * (x[1] - 2 * x[0] ** 2), ORIGIN,
        "degenerate (saddle by order 4)",
    ),
    # Along the axis 3x⁴, and 2x⁴ on the surface that is least across: still a minimum.
    "bent trough": (
        lambda x: x[1] ** 2 + 2 * x[1] * x[0] ** 2 + 3 * x[0] ** 4, ORIGIN,
        "degenerate (minimum by order 4)",
    ),
    "trough": (lambda x: x[1] ** 2, ORIGIN, "degenerate"),
    "circle of minima": (
        lambda x: (np.sum(x**2) - 1) ** 2, np.array([1.0, 0.0]), "degenerate",
    ),
    "constant": (lambda x: 0 * np.sum(x) + 5, ORIGIN, "flat"),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTBOOK)
def test_textbook_points(name: str) -> None:
    f, x, title = TEXTBOOK[name]
    found = classify(f, x)
    assert found.title == title
    if found.determinant is not None:
        decided = {"minimum", "maximum", "saddle"}
        assert (found.determinant.kind == found.kind) == (found.kind in decided)


def test_a_certificate_tells_all() -> None:
    found = classify(lambda x: 3 * x[0] ** 2 + x[0] * x[1] - x[1] ** 2 + 4, ORIGIN)
    half, root = 2.0, math.sqrt(17)  # eigenvalues of [[6, 1], [1, −2]]
    assert (found.kind, found.index, found.counted, found.critical) == ("saddle", 1, True, True)
    assert found.value == 4
    assert found.gradient_norm == 0
    assert found.smallest.low <= half - root <= found.smallest.high
    assert found.largest.low <= half + root <= found.largest.high
    assert (found.negative, found.zero, found.positive) == (1, 0, 1)
    assert found.determinant is not None
    assert found.determinant.determinant == pytest.approx(-13)
    assert found.tolerance == 2**-26
    text = repr(found)
    for part in (
        "saddle of index 1: 1 of 2 eigenvalues negative, 1 positive",
        "gradient norm  0 ≤ 1.5e-08",
        "1 negative, 0 zero, 1 positive",
        "all eigenvalues of the 2×2 Hessian",
        "D = -13, f_xx = 6: saddle",
    ):
        assert part in text


def test_determinant_and_eigenvalues_agree_on_random_quadratics() -> None:
    generator = np.random.default_rng(0)
    for _ in range(50):
        A = generator.normal(size=(2, 2))
        A = A + A.T
        found = classify(lambda x, A=A: x @ A @ x / 2, ORIGIN)
        signs = np.sign(np.linalg.eigvalsh(A))
        expected = {2: "minimum", -2: "maximum", 0: "saddle"}[int(signs.sum())]
        assert found.determinant is not None
        assert found.kind == found.determinant.kind == expected


def test_near_a_critical_point() -> None:
    """A point off by 1e-6 is none; the Newton step tells how far the next one is."""
    found = classify(himmelblau, np.array([3.0 + 1e-6, 2.0]))
    assert found.kind == "not critical"
    assert found.index is None
    assert found.distance == pytest.approx(1e-6, rel=1e-3)
    assert "Newton step    of length 1e-06" in repr(found)
    assert classify(himmelblau, np.array([3.0 + 1e-6, 2.0]), tolerance=1e-3).kind == "minimum"


def test_a_sign_that_may_change_on_the_way_to_the_critical_point_does_not_count() -> None:
    """f'' > 0 at 1e-3, and the critical point of x⁴ is degenerate."""
    found = classify(lambda x: x**4, 1e-3)
    assert found.smallest.value == pytest.approx(1.2e-5)
    assert found.title == "degenerate (minimum by order 4)"
    assert classify(lambda x: x**4 + 1e-4 * x**2, 1e-5, tolerance=1e-8).kind == "minimum"


def test_float32() -> None:
    x = np.array([1.0, 1.0], np.float32)
    found = classify(lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2, x)
    assert found.kind == "minimum"
    assert found.tolerance == pytest.approx(math.sqrt(2**-23))


def test_the_tolerance_grows_with_the_curvature_along_the_gradient() -> None:
    """A minimum that is known to 1e-9 has a gradient of 1e-3 where the curvature is 10⁶, and
    such a slope along a flat valley is no rounding.
    """

    def valley(x: Any) -> Any:
        return 1e6 * x[0] ** 2 / 2 + 1e-3 * x[1]

    steep = classify(lambda x: 1e6 * x[0] ** 2 / 2 + x[1] ** 2, np.array([1e-9, 0.0]))
    assert steep.kind == "minimum"
    assert steep.tolerance == pytest.approx(2**-26 * 1e6)
    assert classify(valley, ORIGIN).kind == "not critical"
    wide = classify(lambda x: valley(x) + 0 * np.sum(x), np.zeros(1000), products=20)
    assert wide.kind == "not critical"


def test_where_a_minimization_ends() -> None:
    start = np.array([-3.0, 3.0])
    assert classify(himmelblau, cat.minimize(himmelblau, start).x).kind == "minimum"
    assert classify(himmelblau, cat.maximize(himmelblau, ORIGIN).x).kind == "maximum"


# ---- many variables -----------------------------------------------------------------------------


@pytest.mark.parametrize(("low", "high", "title"), [
    (1.0, 5.0, "minimum"), (-5.0, -1.0, "maximum"), (-1.0, 5.0, "saddle of index at least"),
    (0.0, 5.0, "degenerate"),
])  # fmt: skip
def test_many_variables_by_lanczos(low: float, high: float, title: str) -> None:
    curvatures = np.linspace(low, high, 3000)
    found = classify(lambda x: np.sum(curvatures * x**2) / 2, np.zeros(3000))
    assert found.title.startswith(title)
    assert found.smallest.low <= low <= found.smallest.high + 1e-9
    assert found.largest.low - 1e-9 <= high <= found.largest.high
    assert found.confidence == 0.99
    assert "Lanczos's process, 100 products with the Hessian, with probability 99 %" in repr(found)
    assert found.negative is None
    if found.kind == "saddle":
        assert found.index is not None
        assert 1 <= found.index <= np.sum(curvatures < 0)
        assert not found.counted


def test_a_network_with_a_hundred_thousand_parameters() -> None:
    """The zero net is critical for targets of mean 0, and has directions up and down."""
    net = tree.map(np.zeros_like, nn.mlp([100, 900, 10], activation="tanh", seed=0))
    assert tree.size(net) == 99_910
    generator = np.random.default_rng(0)
    x = generator.normal(size=(32, 100)).astype(np.float32)
    y = generator.normal(size=(32, 10)).astype(np.float32)
    y -= y.mean(axis=0)

    def cost(net: Any, x: Any, y: Any) -> Any:
        return nn.mse(net(x), y)

    H = curvature.hessian(cost, net, (x, y))
    found = classify(lambda net: cost(net, x, y), net, hessian=H, products=30)
    assert found.kind == "saddle"
    assert found.dimension == 99_910
    assert not found.counted
    # A rank-one pair W₁ = a ⊗ v, W₂ = u ⊗ b moves the cost by −2/(nk) Σ (aᵀx)(bᵀy) vᵀu + …, so that
    # the ends are ± the largest singular value of 2 xᵀy/(nk) and never beyond.
    sigma = 2 * np.linalg.norm(x.T @ y, 2) / y.size
    assert found.smallest.value == pytest.approx(-sigma, rel=1e-3)
    assert found.smallest.low <= -sigma * (1 - 1e-5)


def test_a_hessian_over_batches_gives_the_same() -> None:
    generator = np.random.default_rng(1)
    x, y = generator.normal(size=(20, 2)), generator.normal(size=20)
    w = np.linalg.lstsq(x, y, rcond=None)[0]

    def cost(w: Any, x: Any, y: Any) -> Any:
        return np.mean((x @ w - y) ** 2)

    H = curvature.hessian(cost, w, (x, y), batch_size=6)
    streamed = classify(lambda w: cost(w, x, y), w, hessian=H)
    direct = classify(lambda w: cost(w, x, y), w)
    assert streamed.kind == direct.kind == "minimum"
    assert streamed.smallest.value == pytest.approx(direct.smallest.value)


# ---- refusals -----------------------------------------------------------------------------------


def test_a_function_that_is_no_number() -> None:
    with pytest.raises(ShapeError, match=r"one real number; it returned float64\[2\](.|\n)*np.sum"):
        classify(lambda x: x**2, np.ones(2))
    with pytest.raises(ShapeError, match="it returned a tuple"):
        classify(lambda x: (x[0], x[1]), np.ones(2))
    with pytest.raises(
        DerivativeError,
        match=r"classify takes a function, got float\.\n  Write cat\.classify\(f, x\):",
    ):
        classify(3.0, np.ones(2))  # type: ignore[arg-type]


@pytest.mark.parametrize(("f", "x", "what", "operation"), [
    (lambda x: np.log(x[0]) + x[1], [-1.0, 2.0], "value", "log gives nan"),
    (lambda x: np.sqrt(x[0]) + x[1], [0.0, 2.0], "gradient", "gives inf"),
])  # fmt: skip
def test_a_point_outside_the_domain(f: Function, x: Any, what: str, operation: str) -> None:
    message = rf"outside the domain of the function: its {what} is not finite(.|\n)*{operation}"
    with pytest.raises(InputError, match=message) as caught:
        classify(f, np.array(x))
    assert str(caught.value).count("test_classify.py:") == 2  # the operation's line, and this one


def test_a_point_without_numbers() -> None:
    with pytest.raises(InputError, match="holds no floating-point numbers"):
        classify(lambda x: x * 1.0, 3)
