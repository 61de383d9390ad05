"""Ends of spectra, densities, traces and diagonals: against matrices whose spectra are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catenary import nn
from catenary.core.errors import InputError, ShapeError
from catenary.linear import curvature
from catenary.linear.curvature.lanczos import unseen
from catenary.linear.linearize import linearize
from catenary.tracing import tree

RNG = np.random.default_rng(5)


def symmetric(eigenvalues: Any, seed: int = 0) -> Any:
    """A dense matrix with these eigenvalues, as a map, and as itself."""
    generator = np.random.default_rng(seed)
    n = len(eigenvalues)
    Q, _ = np.linalg.qr(generator.normal(size=(n, n)))
    M = (Q * np.asarray(eigenvalues)) @ Q.T
    M = (M + M.T) / 2
    return linearize(lambda x: M @ x, np.zeros(n))[1], M


def network() -> Any:
    """A net of 1,002 parameters with its Hessian as a map and as a matrix."""
    net = nn.mlp([8, 30, 21, 2], activation="tanh", seed=0, dtype=np.float64)
    x = RNG.normal(size=(40, 8))
    y = RNG.integers(0, 2, 40)
    H = curvature.hessian(lambda w, x, y: nn.cross_entropy(w(x), y), net, (x, y))
    return net, H


def test_the_ends_of_a_known_spectrum() -> None:
    values = np.concatenate([[-7.0, -3.0], np.linspace(-1, 1, 196), [4.0, 9.0]])
    A, M = symmetric(values)
    found = curvature.eigenpairs(A, 2, which="both", tolerance=1e-10)
    assert found.converged
    np.testing.assert_allclose(found.values, [9, 4, -3, -7], atol=1e-9)
    for value, error, vector in zip(found.values, found.errors, found.vectors, strict=True):
        residual = np.linalg.norm(M @ vector - value * vector)
        assert residual <= error + 1e-12
        assert np.linalg.norm(vector) == pytest.approx(1)
    top = curvature.eigenpairs(A, 3)
    np.testing.assert_allclose(top.values, [9, 4, 1], atol=1e-2)
    np.testing.assert_allclose(curvature.eigenpairs(A, which="smallest").values, [-7], atol=1e-5)


def test_repeated_eigenvalues_are_counted_as_often_as_they_are_there() -> None:
    A, _ = symmetric([5.0] * 3 + [2.0] * 4 + [0.0] * 3)
    found = curvature.eigenpairs(A, 10)
    np.testing.assert_allclose(found.values, [5] * 3 + [2] * 4 + [0] * 3, atol=1e-12)
    assert found.products == 10


def test_every_error_bound_holds() -> None:
    """Each Ritz value has an eigenvalue within its error, from few products to many."""
    values = np.sort(RNG.normal(size=120) ** 3)
    A, _ = symmetric(values)
    for products in (4, 8, 16, 32):
        found = curvature.eigenpairs(A, 2, which="both", products=products)
        for value, error in zip(found.values, found.errors, strict=True):
            assert np.abs(values - value).min() <= error + 1e-12
        assert found.products <= products


def test_the_spectrum_of_a_network_is_that_of_its_matrix() -> None:
    net, H = network()
    whole = np.linalg.eigvalsh(H.matrix())
    assert tree.size(net) == len(whole) == 965
    found = curvature.eigenpairs(H, 4, which="both", tolerance=1e-8)
    np.testing.assert_allclose(found.values[:4], whole[::-1][:4], rtol=1e-7)
    np.testing.assert_allclose(found.values[4:], whole[3::-1], rtol=1e-7)
    total = curvature.trace(H, products=150)
    assert abs(total.value - whole.sum()) <= max(5 * total.error, 1e-3 * np.abs(whole).sum())
    spread = curvature.density(H, probes=6, steps=40)
    for cut in (-0.1, 0.1, 0.5):
        assert abs(spread.mass(cut) - np.mean(whole > cut)) < 0.05
    deviation = np.sqrt(2 * np.mean(whole**2) / len(whole) / 6)  # of the mean of 6 probes
    assert abs(spread.moment(1) - np.mean(whole)) < 4 * deviation
    sharp = curvature.sharpness(H, 0.1)
    assert sharp.value == pytest.approx(whole.max(), rel=1e-6)
    assert sharp.limit == 20
    assert sharp.stable == (whole.max() < 20)


def test_bounds_of_both_ends_hold_as_often_as_they_say() -> None:
    """Over random starts the true ends lie beyond the bounds at most as often as stated.

    Spectra with a gap, without one, and with a lonely end, which is what a start may miss.
    """
    spectra = [
        np.linspace(0, 1, 400),
        np.concatenate([[-0.02], np.linspace(0, 1, 399)]),
        np.concatenate([np.zeros(300), RNG.exponential(size=100)]),
    ]
    missed = 0
    for number, values in enumerate(spectra):
        A = linearize(lambda x, d=values: d * x, np.zeros(400))[1]
        for seed in range(20):
            ends = curvature.extremes(A, 12, confidence=0.9, seed=100 * number + seed)
            assert values.min() - 1e-12 <= ends.smallest <= ends.largest <= values.max() + 1e-12
            missed += not (ends.lower <= values.min() and values.max() <= ends.upper)
            assert ends.negative <= np.sum(values < 0)
    assert missed <= 6


def test_the_bound_shrinks_with_products_and_vanishes_in_the_whole_space() -> None:
    widths = [unseen(10**5, k, 0.99) for k in (2, 10, 30, 100, 300)]
    assert widths[0] == 1
    assert widths == sorted(widths, reverse=True)
    assert unseen(50, 50, 0.99) == 0
    A, M = symmetric(np.linspace(-1, 2, 30))
    ends = curvature.extremes(A, 30)
    assert ends.exact
    assert ends.confidence == 1
    assert ends.lower == pytest.approx(-1)
    assert ends.upper == pytest.approx(2)
    v = ends.direction
    assert v @ M @ v == pytest.approx(-1)


def test_a_map_of_zeros_has_ends_at_zero() -> None:
    A = linearize(lambda x: 0 * x, np.zeros(600))[1]
    ends = curvature.extremes(A, 8)
    assert (ends.smallest, ends.largest, ends.lower, ends.upper) == (0, 0, 0, 0)
    assert not ends.negative + ends.positive


def test_density_adds_up_and_finds_masses() -> None:
    values = np.concatenate([np.full(700, 0.0), np.full(200, 1.0), np.full(100, 3.0)])
    A = linearize(lambda x: values * x, np.zeros(1000))[1]
    found = curvature.density(A, probes=10, steps=5)
    assert found.mass() == pytest.approx(1)
    for low, high, share in [(-0.1, 0.1, 0.7), (0.9, 1.1, 0.2), (2.9, 3.1, 0.1)]:
        assert abs(found.mass(low, high) - share) < 0.03
        assert found.error(low, high) < 0.03
    grid = np.linspace(-1, 4, 2001)
    smooth = found.at(grid, 0.05)
    assert np.sum(smooth) * (grid[1] - grid[0]) == pytest.approx(1, rel=1e-3)
    assert repr(found).startswith("SpectralDensity of 1,000 eigenvalues in [")


def test_hutch_plus_plus_beats_plain_sampling_where_few_directions_count() -> None:
    values = np.concatenate([[1000.0, 500.0, 200.0], np.full(397, 0.1)])
    A, M = symmetric(values)
    found = curvature.trace(A, products=60)
    assert abs(found.value - values.sum()) < 1
    z = np.where(RNG.random((400, 60)) < 0.5, -1.0, 1.0)
    plain = np.mean(np.sum(z * (M @ z), axis=0))
    assert abs(plain - values.sum()) > 3
    exact = curvature.trace(A, products=400)
    assert exact.error == 0
    assert exact.value == pytest.approx(values.sum())


def test_the_diagonal_exactly_and_sampled() -> None:
    A, M = symmetric(RNG.normal(size=40))
    exact = curvature.diagonal(A)
    np.testing.assert_allclose(exact.value, np.diag(M), atol=1e-13)
    sampled = curvature.diagonal(A, products=30)
    assert sampled.products == 30
    assert np.mean(np.abs(sampled.value - np.diag(M)) < 3 * sampled.error) > 0.9
    _, H = network()
    estimate = curvature.diagonal(H, products=8).value
    assert isinstance(estimate, nn.Chain)


def test_condition_numbers() -> None:
    A, _ = symmetric(np.linspace(0.5, 20, 60))
    found = curvature.condition_number(A)
    assert found.value == pytest.approx(40)
    assert found.low <= 40.0000001
    assert found.high >= 39.9999999
    singular = curvature.condition_number(symmetric([0.0, 1.0])[0])
    assert singular.value == np.inf
    assert repr(found) == "40 (from 40 to 40)"


def test_results_are_readable() -> None:
    A, _ = symmetric([3.0, 1.0, -2.0])
    text = repr(curvature.eigenpairs(A, 1, which="both"))
    assert text.startswith("eigenvalue")
    assert text.endswith("3 products")
    assert repr(curvature.trace(A)) == "2 ± 0 (3 products)"
    assert "not converged" in repr(
        curvature.eigenpairs(symmetric(np.linspace(0, 1, 99))[0], products=5)
    )
    assert repr(curvature.sharpness(A, 1.0)).startswith("sharpness 3 ±")
    assert "beyond the limit 2 " in repr(curvature.sharpness(A, 1.0))
    assert "exactly 1 negative and 2 positive of 3 (3 products)" in repr(curvature.extremes(A))
    H = curvature.hessian(lambda x: np.sum(x**4), np.linspace(1, 2, 99))
    few, many = (repr(curvature.extremes(H, products)) for products in (2, 40))
    assert "too few products for bounds (2 products)" in few
    assert "99 % sure (40 products)" in many
    assert max(map(len, few.splitlines() + many.splitlines())) <= 80


def test_refusals() -> None:
    A, _ = symmetric([1.0, 2.0])
    slanted = linearize(lambda x: x[:2], np.zeros(3))[1]
    with pytest.raises(ShapeError, match=r"R\^3 to R\^2(.|\n)*D.T @ D"):
        curvature.eigenpairs(slanted)
    for k in (0, 3, True, 1.5):
        with pytest.raises(InputError, match=r"expected: an integer from 1 to 2"):
            curvature.eigenpairs(A, k)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="which"):
        curvature.eigenpairs(A, which="left")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="products=3"):
        curvature.trace(symmetric(np.ones(9))[0], products=3)
    with pytest.raises(InputError, match="products=1"):
        curvature.diagonal(A, products=1)
    with (
        np.errstate(all="ignore"),
        pytest.raises(InputError, match="product of the map with a finite vector is not finite"),
    ):
        curvature.extremes(linearize(lambda x: np.array([np.inf, 1.0]) * x, np.zeros(2))[1])


@pytest.mark.parametrize("settings", [{"learning_rate": 0.0}, {"learning_rate": -1.0},
                                      {"learning_rate": 0.1, "momentum": -0.5}])  # fmt: skip
def test_a_sharpness_has_a_limit_above_zero(settings: dict[str, float]) -> None:
    H = curvature.hessian(lambda x: np.sum(x**2), np.ones(3))
    with pytest.raises(InputError, match="cannot be"):
        curvature.sharpness(H, **settings)
