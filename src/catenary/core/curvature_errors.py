"""The messages about curvature and critical points."""

from __future__ import annotations

from typing import Any

from catenary.core.errors import DerivativeError, InputError, ShapeError, place

Line = tuple[str, int] | None


def not_symmetric_shape(what: str, rows: int, columns: int, where: Line) -> ShapeError:
    return ShapeError(
        f"{what}: the map goes from R^{columns} to R^{rows}; only a symmetric one has a real "
        f"spectrum.\n  expected: a map of a space into itself\n  got:      {rows}×{columns}\n"
        f"  For the singular values of D give D.T @ D.{place(where)}"
    )


def product_not_finite(what: str, where: Line) -> InputError:
    return InputError(
        f"{what}: a product of the map with a finite vector is not finite.\n"
        "  The function has no second derivative there, or its numbers overflow. "
        f"cat.jit(f, nan_check=True) names the operation.{place(where)}"
    )


def data_rows(counts: list[int], where: Line) -> ShapeError:
    return ShapeError(
        "the arrays of the data do not make examples.\n"
        "  expected: a tuple of arrays whose first axis counts the examples, equally many\n"
        f"  got:      {', '.join(map(str, counts)) or 'no array'}{place(where)}"
    )


def bad_number(name: str, expected: str, got: Any, where: Line) -> InputError:
    return InputError(f"{name}={got!r} cannot be.\n  expected: {expected}{place(where)}")


def not_scalar_function(what: str, got: str, where: Line) -> ShapeError:
    return ShapeError(
        f"{what}: the function must return one real number; it returned {got}.\n"
        "  Critical points are those of a number. For the zeros of a vector F minimise "
        f"np.sum(F(x)**2); or reduce the result: np.sum(…), np.mean(…).{place(where)}"
    )


def outside_domain(what: str, found: str, origin: str, where: Line) -> InputError:
    return InputError(
        f"{what}: the point lies outside the domain of the function: {found}.\n"
        f"  Its origin: {origin}\n"
        f"  Give a point at which the value and both derivatives are finite.{place(where)}"
    )


def no_point(got: str, where: Line) -> InputError:
    return InputError(
        f"classify: the point holds no floating-point numbers: {got}.\n"
        f"  Integers are data: write 1.0 instead of 1, or x.astype(float).{place(where)}"
    )


def bad_box(got: str, where: Line) -> ShapeError:
    return ShapeError(
        "find_critical_points: this is no box.\n"
        "  expected: one pair (low, high) for each coordinate of x, finite and low < high\n"
        f"  got:      {got}\n"
        f"  For two variables: box=[(-5, 5), (-3, 3)].{place(where)}"
    )


def fisher_needs_samples(where: Line) -> DerivativeError:
    return DerivativeError(
        "fisher: the second derivative of this loss by the prediction depends on the targets, so "
        "the expectation over the targets that the model itself would draw is not known.\n"
        "  Give sample=(key, prediction) → targets drawn from the model's distribution, or take "
        f"empirical_fisher, which uses the targets of the data.{place(where)}"
    )


def no_kronecker(paths: str, where: Line) -> DerivativeError:
    return DerivativeError(
        "kfac: no parameter of the model is multiplied with rows of activations, so nothing has "
        f"Kronecker factors.\n  parameters: {paths}\n"
        "  A weight W must enter once, as x @ W or W @ x with one row of x for each example. "
        f"For other models take gauss_newton.{place(where)}"
    )
