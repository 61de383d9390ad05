"""The messages about orders of the chain rule."""

from __future__ import annotations

from collections.abc import Sequence

from catenary.core.errors import DerivativeError, ShapeError, place


def mixed_widths(widths: Sequence[str], where: tuple[str, int] | None) -> DerivativeError:
    return DerivativeError(
        f"there is no plan for a Jacobian in which {' and '.join(widths)} meet: it is computed by "
        "the mode with fewer vectors.\n"
        f"  Make all floating-point numbers of one dtype: x.astype({widths[0]!r}).{place(where)}"
    )


def jacobian_too_large(
    rows: int, columns: int, needed: int, available: int, where: tuple[str, int] | None
) -> ShapeError:
    return ShapeError(
        f"a Jacobian of {rows} × {columns} numbers takes {needed / 2**30:.1f} GiB; "
        f"{available / 2**30:.1f} GiB are free.\n"
        "  Apply the derivative instead of writing it out: value, D = cat.linearize(f, x); "
        "D @ v, D.T @ u.\n"
        "  If most of its entries are zero: cat.sparse_jacobian(f)(x). For second derivatives: "
        f"cat.hvp(f, x, v).{place(where)}"
    )
