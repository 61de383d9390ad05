"""Linear algebra under tracing: closed forms, stacks, machine code of every size, and errors."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg

import catenary as cat
from catenary.core import linalg_errors
from tests import source

rng = np.random.default_rng(5)
A = rng.normal(size=(4, 4)) + 3 * np.eye(4)
S = A @ A.T
B = rng.normal(size=(4, 2))
TALL = rng.normal(size=(5, 3))
V = rng.normal(size=5)
w, U = np.linalg.eigh(S)
left, sizes, right = np.linalg.svd(A)
P = np.linalg.pinv(TALL)

# a function, where, and its gradient
CLOSED: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "log det": (lambda a: np.linalg.slogdet(a)[1], A, np.linalg.inv(A).T),
    "det": (np.linalg.det, A, np.linalg.det(A) * np.linalg.inv(A).T),
    "det of rank 1": (np.linalg.det, np.array([[0.0, 1], [0, 0]]), np.array([[0.0, 0], [-1, 0]])),
    "log det by cholesky": (
        lambda a: 2 * np.sum(np.log(np.diag(np.linalg.cholesky(a)))), S, np.linalg.inv(S),
    ),
    "by the upper factor": (
        lambda a: 2 * np.sum(np.log(np.diag(np.linalg.cholesky(a, upper=True)))), S,
        np.linalg.inv(S),
    ),
    "trace of the inverse": (lambda a: np.trace(np.linalg.inv(a)), A,
                             -np.linalg.matrix_power(A, -2).T),
    "quadratic form": (lambda a: B[:, 0] @ np.linalg.solve(a, B[:, 0]), S,
                       -np.outer(np.linalg.solve(S, B[:, 0]), np.linalg.solve(S, B[:, 0]))),
    "least eigenvalue": (lambda a: np.linalg.eigvalsh(a)[0], S, np.outer(U[:, 0], U[:, 0])),
    "largest eigenvalue by vectors": (lambda a: np.linalg.eigh(a)[0][-1], S,
                                      np.outer(U[:, -1], U[:, -1])),
    "spectral norm": (lambda a: np.linalg.norm(a, 2), A, np.outer(left[:, 0], right[0])),
    "nuclear norm": (lambda a: np.linalg.norm(a, "nuc"), A, left @ right),
    "least singular value": (lambda a: np.linalg.norm(a, -2), A, np.outer(left[:, -1], right[-1])),
    "Frobenius by vectors": (lambda a: np.sum(np.linalg.svd(a)[1] ** 2), A, 2 * A),
    "squares of equal eigenvalues": (lambda a: np.sum(np.linalg.eigh(a)[0] ** 2), np.eye(3),
                                     2 * np.eye(3)),
    "least squares": (lambda y: np.sum(np.linalg.lstsq(TALL, y)[0]), V, P.sum(axis=0)),
    "residuals": (lambda y: np.linalg.lstsq(TALL, y)[1][0], V, 2 * (V - TALL @ (P @ V))),
    "a line": (lambda y: np.polyfit(np.arange(5.0), y, 1)[1], V,
               np.linalg.pinv(np.vander(np.arange(5.0), 2))[1]),
    "exponential": (lambda a: np.trace(cat.linalg.expm(a)), A, scipy.linalg.expm(A).T),
    "triangular": (lambda y: np.sum(cat.linalg.solve_triangular(A, y, lower=True)), B[:, 0],
                   np.linalg.solve(np.tril(A).T, np.ones(4))),
    "rank": (lambda a: np.linalg.matrix_rank(a) * 1.0, A, np.zeros((4, 4))),
}  # fmt: skip


@pytest.mark.parametrize("name", CLOSED)
def test_a_gradient_is_the_one_of_textbooks(name: str) -> None:
    f, at, expected = CLOSED[name]
    for gradient in (cat.grad(f), cat.jit(cat.grad(f))):
        np.testing.assert_allclose(gradient(at), expected, rtol=1e-9, atol=1e-10)


# those whose constants are of double precision
WIDE = {"quadratic form", "least squares", "residuals", "a line", "triangular", "rank"}


@pytest.mark.parametrize("name", sorted(CLOSED.keys() - WIDE))
def test_single_precision_stays(name: str) -> None:
    f, at, expected = CLOSED[name]
    gradient = cat.jit(cat.grad(f))(at.astype(np.float32))
    assert gradient.dtype == np.float32
    np.testing.assert_allclose(gradient, expected, rtol=2e-3, atol=2e-3)


# ---- second order --------------------------------------------------------------------------------


def test_the_hessian_of_a_determinant_is_right_even_at_zero() -> None:
    expected = np.zeros((2, 2, 2, 2))
    expected[0, 0, 1, 1] = expected[1, 1, 0, 0] = 1
    expected[0, 1, 1, 0] = expected[1, 0, 0, 1] = -1
    for at in (np.zeros((2, 2)), np.eye(2), np.array([[1.0, 2], [2, 4]])):
        np.testing.assert_allclose(cat.hessian(np.linalg.det)(at), expected, atol=1e-12)


def test_the_hessian_of_log_det_is_minus_a_kronecker_product() -> None:
    inverse = np.linalg.inv(A)
    found = cat.hessian(lambda a: np.linalg.slogdet(a)[1])(A)
    np.testing.assert_allclose(found, -np.einsum("jk,li->ijkl", inverse, inverse), rtol=1e-9)


def test_an_eigenvalue_bends_by_its_gaps() -> None:
    """λ̈ = 2 Σ (uᵢᵀ E u₀)² / (λ₀ − λᵢ) along a symmetric E (Magnus, 1985)."""
    change = B @ B.T
    line = lambda t: np.linalg.eigvalsh(S + t * change)[0]  # noqa: E731
    expected = 2 * sum((U[:, i] @ change @ U[:, 0]) ** 2 / (w[0] - w[i]) for i in (1, 2, 3))
    np.testing.assert_allclose(cat.hessian(line)(0.0), expected, rtol=1e-9)


def test_every_derivative_of_an_exponential_is_a_power_times_it() -> None:
    f: Any = lambda t: cat.linalg.expm(t * A)[0, 1]  # noqa: E731
    power = np.eye(4)
    for _ in range(3):
        f, power = cat.grad(f), power @ A
        np.testing.assert_allclose(f(0.1), (power @ scipy.linalg.expm(0.1 * A))[0, 1], rtol=1e-9)


# ---- stacks --------------------------------------------------------------------------------------

STACK = rng.normal(size=(3, 4, 4)) + 3 * np.eye(4)
OF_STACKS: dict[str, Callable[[Any], Any]] = {
    "solve": lambda a: np.linalg.solve(a, B),
    "inv": np.linalg.inv,
    "det": np.linalg.det,
    "cholesky": lambda a: np.linalg.cholesky(a @ np.swapaxes(a, -1, -2)),
    "qr": lambda a: np.linalg.qr(a)[0],
    "wide qr": lambda a: np.linalg.qr(a[..., :2, :])[1],
    "eigh": lambda a: np.linalg.eigh(a)[1],
    "svd": lambda a: np.linalg.svd(a[..., :2], full_matrices=False)[0],
    "pinv": lambda a: np.linalg.pinv(a[..., :3]),
    "expm": lambda a: cat.linalg.expm(a / 3),
    "norm": lambda a: np.linalg.norm(a, "nuc", axis=(-2, -1)),
}


@pytest.mark.parametrize("name", OF_STACKS)
def test_a_stack_is_its_matrices_one_by_one(name: str) -> None:
    f = OF_STACKS[name]
    expected = np.stack([f(a) for a in STACK])
    np.testing.assert_allclose(cat.vmap(f)(STACK), expected, rtol=1e-11, atol=1e-12)
    total = lambda a: np.sum(f(a))  # noqa: E731
    value, slopes = cat.jit(cat.value_and_grad(total))(STACK)
    np.testing.assert_allclose(value, expected.sum(), rtol=1e-10, atol=1e-10)
    separate = np.stack([cat.grad(total)(a) for a in STACK])
    np.testing.assert_allclose(slopes, separate, rtol=1e-9, atol=1e-9)


def test_many_right_sides_are_columns_of_one_solve() -> None:
    sides = rng.normal(size=(6, 4))
    solved = cat.vmap(lambda b: np.linalg.solve(A, b))(sides)
    np.testing.assert_allclose(solved, np.linalg.solve(A, sides.T).T, rtol=1e-11)


# ---- machine code --------------------------------------------------------------------------------

SHAPES = [(1, 1), (70, 40), (33, 70)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_factors_give_the_matrix_back_at_any_size(dtype: Any) -> None:
    """Workspaces are large enough, and what is beside them stays as it is."""

    def again(a: Any) -> list[Any]:
        spread = a @ a.T + np.eye(len(a), dtype=a.dtype)
        q, r = np.linalg.qr(a)
        u, s, vt = np.linalg.svd(a, full_matrices=False)
        values, vectors = np.linalg.eigh(spread)
        lower = np.linalg.cholesky(spread)
        gap = np.linalg.eigvalsh(spread) - values, np.linalg.svdvals(a) - s
        differences = [
            q @ r - a,
            (u * s) @ vt - a,
            (vectors * values) @ vectors.T - spread,
            lower @ lower.T - spread,
            spread @ np.linalg.solve(spread, a) - a,
        ]
        return [*differences, *gap]

    for shape in SHAPES:
        a = rng.normal(size=shape).astype(dtype)
        bound = 200 * np.finfo(dtype).eps * np.linalg.norm(a) ** 2
        for difference in cat.jit(again)(a):
            assert difference.dtype == dtype
            assert np.abs(difference).max() <= bound


def test_a_second_process_finds_its_routines_anew(tmp_path: Any) -> None:
    program = (
        "import sys, numpy as np, catenary as cat; cat.jit(np.sin)(np.ones(3)); "
        "assert 'scipy.linalg' not in sys.modules; "
        "found = cat.jit(np.linalg.inv)(np.diag([2.0, 4.0])); "
        "assert 'scipy.linalg' in sys.modules; print(found.tolist())"
    )
    environment = os.environ | {
        "CATENARY_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(source.ROOT / "src"),
        "CATENARY_CACHE": "1",
    }  # fmt: skip
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert ran.stdout.strip() == "[[0.5, 0.0], [0.0, 0.25]]", ran.stderr


# ---- errors --------------------------------------------------------------------------------------

ONES, NOT_FINITE = np.ones((3, 3)), np.array([[1.0, 2.0], [np.nan, 3.0]])


@pytest.mark.parametrize("wrapped", [cat.jit, cat.grad])
@pytest.mark.parametrize(
    ("call", "at", "words"),
    [
        (lambda a: np.sum(np.linalg.inv(a)), ONES, ["Singular matrix", "Likely causes", "pinv"]),
        (lambda a: np.sum(np.linalg.solve(a, a)), ONES, ["Singular matrix", "ridge"]),
        (lambda a: np.sum(np.linalg.cholesky(a)), -ONES, ["not positive definite", "jitter"]),
        (lambda a: np.sum(np.linalg.eigvalsh(a)), NOT_FINITE, ["Eigenvalues did not converge"]),
        (lambda a: np.sum(np.linalg.svdvals(a)), NOT_FINITE, ["SVD did not converge", "isfinite"]),
        (lambda a: np.sum(np.linalg.inv(a)), TALL, ["inv", "square", "(5, 3)", "lstsq"]),
        (lambda a: np.sum(np.linalg.svdvals(a[0])), TALL, ["at least two axes", "(3,)"]),
        (lambda a: np.sum(cat.linalg.solve_triangular(a, a)), 0 * ONES, ["Singular matrix"]),
    ],
)
def test_a_matrix_that_will_not_do_is_numpys_error_with_the_line(
    wrapped: Any, call: Any, at: Any, words: list[str]
) -> None:
    with pytest.raises(np.linalg.LinAlgError) as caught:
        wrapped(call)(at)
    assert isinstance(caught.value, linalg_errors.LinAlgError)
    for word in [*words, "test_linalg.py"]:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda a: np.linalg.solve(a, V), ["(4, 4)", "(5,)", "right sides"]),
        (lambda a: np.linalg.solve(a, np.ones((7, 1, 4))), ["(4, 4)", "(7, 1, 4)", "b[..., None]"]),
        (lambda a: cat.linalg.solve_triangular(a, V), ["solve_triangular", "(5,)"]),
        (lambda a: np.linalg.lstsq(a, V), ["lstsq", "(4, 4)", "(5,)", "cat.vmap"]),
        (lambda a: np.linalg.qr(a[:, :2], "complete"), ["complete basis", "mode='reduced'"]),
        (lambda a: np.linalg.svd(a[:, :2]), ["(4, 2)", "full_matrices=False"]),
        (lambda a: np.linalg.norm(a, "other"), ["'other'"]),
        (lambda a: np.linalg.pinv(a, a[0, 0]), ["one plain number as tolerance"]),
        (lambda a: scipy.linalg.expm(a), ["cat.linalg.expm(x)"]),
    ],
)
def test_arguments_that_do_not_fit_are_told_with_the_line(call: Any, words: list[str]) -> None:
    with pytest.raises(cat.errors.CatenaryError) as caught:
        cat.jit(call)(A)
    for word in [*words, "test_linalg.py"]:
        assert word in str(caught.value)


def test_an_error_of_one_call_does_not_stay() -> None:
    invert = cat.jit(np.linalg.inv)
    with pytest.raises(np.linalg.LinAlgError):
        invert(np.zeros((2, 2)))
    np.testing.assert_array_equal(invert(2 * np.eye(2)), 0.5 * np.eye(2))


@pytest.mark.parametrize("transform", [cat.grad, cat.value_and_grad])
@pytest.mark.parametrize("jitted", [False, True])
def test_a_derivative_alone_hears_of_a_singular_matrix(transform: Any, jitted: bool) -> None:
    slope = transform(lambda a: np.sum(np.linalg.inv(a)))
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        (cat.jit(slope) if jitted else slope)(np.ones((3, 3)))
