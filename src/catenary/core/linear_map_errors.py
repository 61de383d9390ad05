"""The messages about linear maps: spaces that do not fit, systems without a solution, sizes."""

from __future__ import annotations

from typing import Any

from catenary.core.errors import CatenaryError, DTypeError, InputError, ShapeError, place

Where = tuple[str, int] | None


class SolveError(CatenaryError, ArithmeticError):
    """A linear system that has no single solution, or whose solution was not reached."""


Side = tuple[str, str, Where]  # left or right, a map's name, the user's line that made it


def maps_do_not_fit(
    verb: str, expected: str, got: str, sides: tuple[Side, Side], where: Where
) -> ShapeError:
    lines = [
        f"  {side + ':':<9} {name}" + (f", made at {made[0]}:{made[1]}" if made else "")
        for side, name, made in sides
    ]
    return ShapeError(
        f"linear maps cannot be {verb}: their spaces differ.\n"
        f"  expected: {expected}\n  got:      {got}\n" + "\n".join(lines) + place(where)
    )


def bad_map(name: str, expected: str, got: Any, where: Where) -> ShapeError:
    return ShapeError(f"{name}: expected {expected}, got {got}.{place(where)}")


def not_a_map(got: Any, where: Where) -> DTypeError:
    return DTypeError(
        f"expected a linear map or a matrix, got {type(got).__name__}.\n"
        "  Give a cat.LinearMap, an array with two axes, a sparse matrix of SciPy, or a "
        f"LinearOperator.{place(where)}"
    )


def unknown_property(name: str, known: tuple[str, ...], where: Where) -> InputError:
    return InputError(
        f"a linear map has no property {name!r}.\n  known: {', '.join(known)}.{place(where)}"
    )


def not_square(what: str, shape: tuple[int, int], where: Where) -> ShapeError:
    return ShapeError(
        f"{what} is of square maps only; this one has shape {shape[0]} × {shape[1]}.\n"
        f"  For any shape there are D.svd(), and D.T @ D, which is square.{place(where)}"
    )


def not_symmetric(difference: float, where: Where) -> InputError:
    return InputError(
        f"eigh is of symmetric maps; ⟨D v, w⟩ and ⟨v, D w⟩ differ here by {difference:.1e} of "
        "their size.\n"
        "  Take D.svd(), or the symmetric part (D + D.T) / 2, or D.T @ D; if only rounding makes "
        f"the difference, vouch for it: D.assume(symmetric=True).{place(where)}"
    )


def singular(name: str, reason: str, where: Where) -> SolveError:
    return SolveError(
        f"{name} cannot be solved: {reason}.\n"
        "  Likely causes: an input that does not change the result, a unit that is saturated or "
        "dead, or two rows or columns that say the same.\n"
        "  Damp it, (D + damping * cat.linear.Identity(D.domain)).solve(b); or ask for the least "
        f'squares solution of least norm, D.solve(b, method="lsmr").{place(where)}'
    )


def not_converged(
    method: str, steps: int, residual: float, tolerance: float, where: Where
) -> SolveError:
    return SolveError(
        f"{method} stopped after {steps} steps with a residual of {residual:.1e} of the right-hand "
        f"side; asked for was {tolerance:.1e}.\n"
        "  The map is badly conditioned or singular, or has not the properties that it was assumed "
        "to have.\n"
        "  Give tolerance= or steps= larger, damp the map, or where memory allows "
        f'method="dense".{place(where)}'
    )


def matrix_too_large(
    shape: tuple[int, int], needed: int, available: int, where: Where
) -> ShapeError:
    return ShapeError(
        f"a matrix of {shape[0]} × {shape[1]} numbers takes {needed / 2**30:.1f} GiB; "
        f"{available / 2**30:.1f} GiB are free.\n"
        "  Use the map itself: D @ v, D.T @ u, D.solve(b), D.svd(k), D.diagonal(); or D.sparse() "
        f"where most entries are zero.{place(where)}"
    )
