"""Calls of linear algebra: systems, factors, eigenvalues and singular values, fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.tracing.rows.row import A3, A23, A33, A34, FEW, FLOATS, KINDS, Array, Given, Table

# errors grow with the condition of the matrices that are drawn
TABLE = Table({"ulp": 4096, "kinds": FEW})
add = TABLE.add
linalg = np.linalg

A2, A22, A43 = Array((2,)), Array((2, 2)), Array((4, 3))
A233, A223 = Array((2, 3, 3)), Array((2, 2, 3))
NONE, EMPTY = Array((0, 0)), Array((0, 3, 3))
SINGULAR, BAD = Given([[1, 2], [2, 4]]), Given([[1, np.nan], [2, 3]])
EQUAL = Given([[2, 0], [0, 2]])


def regular(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function of matrices that are far from singular, and symmetric."""

    def call(x: Any, *others: Any, **options: Any) -> Any:
        spread = np.matmul(x, np.swapaxes(x, -1, -2))
        return f(spread + np.diag(np.arange(x.shape[-2]) + 1.0).astype(x.dtype), *others, **options)

    call.__name__ = "a regular, symmetric matrix"
    return call


# ---- systems -------------------------------------------------------------------------------------

add(linalg.solve, (A33, A3), (A33, Array((3, 2))), (A233, A3), (A233, Array((2, 3, 2))),
    (A33, Array((2, 3, 2))), (A233, Array((3, 1))), (Array((2, 1, 3, 3)), Array((4, 3, 1))),
    (A33, A2), (A33, A233), (A34, A3), (A233, A23), (A3, A3), (NONE, Array((0,))),
    (EMPTY, Array((0, 3, 1))), (SINGULAR, A2), (BAD, A2), (A33, Array((3, 0))))  # fmt: skip
add(linalg.solve, (A33, Array((3,), dtype="float32")), alone=False)
add(linalg.inv, A33, A233, NONE, EMPTY, A34, A3, SINGULAR, BAD, Array((1, 1)))
add(linalg.inv, A33, kinds=KINDS[3:])
add(linalg.det, A33, A233, NONE, A34, SINGULAR, EQUAL, Given([[0, 1], [0, 0]]))
add(linalg.slogdet, A33, A233, NONE, A34, EQUAL, Given([[-2, 0], [0, 3]]))
add(linalg.slogdet, SINGULAR, smooth=False)
add(
    linalg.tensorsolve,
    (Array((2, 3, 6)), A23),
    (Array((2, 6, 3)), A23, {"axes": (1,)}),
    (Array((2, 3, 5)), A23),
    alone=False,
)
add(linalg.tensorinv, Array((2, 3, 6)), (Array((6, 2, 3)), 1), (A34, 0), (Array((2, 3, 5)),))
add(linalg.matrix_power, (A33, -1), (A233, -3), (SINGULAR, -1))

# ---- factors -------------------------------------------------------------------------------------

for options in ({}, {"upper": True}):
    add(linalg.cholesky, (A33, options), (A223, options), by=regular(linalg.cholesky))
    add(linalg.cholesky, (Given([[4, 9], [1, 5]]), options), (NONE, options), smooth=False)
    add(linalg.cholesky, (Given([[1, 2], [2, 1]]), options), (A34, options), (A3, options))
for mode in ("reduced", "r", "complete"):
    add(linalg.qr, (A33, mode), (A34, mode), (A233, mode), (A223, mode))
for mode in ("reduced", "r"):
    add(linalg.qr, (A43, mode), (Array((3, 0)), mode), (NONE, mode))
add(linalg.qr, (A33, "other"), A3)


def without_signs(x: Any, **options: Any) -> Any:
    """Eigenvectors have any sign; LAPACK's differs with the triangle that it reads."""
    values, vectors = linalg.eigh(x, **options)
    return values, np.abs(vectors)


add(linalg.eigh, A33, A223, by=regular(linalg.eigh))
add(linalg.eigh, (A33, {"UPLO": "U"}), (A223, {"UPLO": "U"}), by=regular(without_signs))
for options in ({}, {"UPLO": "U"}):
    add(linalg.eigvalsh, (A33, options), (A223, options), by=regular(linalg.eigvalsh))
    add(linalg.eigvalsh, (A33, options), (NONE, options), smooth=False)
add(linalg.eigh, A34, (A33, {"UPLO": "X"}), NONE, BAD, smooth=False)
add(linalg.eigvalsh, BAD, smooth=False)
NARROW = {"full_matrices": False}
add(linalg.svd, A33, (A34, NARROW), (A43, NARROW), (A223, NARROW), NONE, A3)
add(linalg.svd, (A34, {"compute_uv": False}), (A223, {"compute_uv": False}))
add(linalg.svd, (A33, {"hermitian": True}), by=regular(linalg.svd))
add(linalg.svd, (A33, {"hermitian": True, "compute_uv": False}), by=regular(linalg.svd))
add(linalg.svdvals, A33, A34, A223, NONE, A3, BAD)

# ---- of singular values --------------------------------------------------------------------------

for order in (2, -2, "nuc"):
    add(linalg.norm, (A34, order), (A233, order, (0, 2)), (A233, order, (2, 0), True))
    add(linalg.matrix_norm, (A34, {"ord": order}), (A233, {"ord": order, "keepdims": True}))
add(linalg.norm, (A34, "other"), (A34, 3))
add(linalg.cond, A33, A34, A233, (A33, 1), (A33, -1), (A33, np.inf), (A33, "fro"), (A33, -2),
    (A33, "nuc"), A3, (A34, 1), ulp=1e5)  # fmt: skip
add(linalg.cond, (SINGULAR, 1), BAD, smooth=False)
add(linalg.matrix_rank, A34, A233, A3, SINGULAR, (A34, 4.0), (A34, {"rtol": 0.5}),
    Given([0, 0]), (A33, None, True))  # fmt: skip
add(linalg.pinv, A34, A43, A223, (A34, 0.2), (A34, {"rtol": 1e-3}), A3)
add(linalg.pinv, (A34, {"rtol": None}), Array((0, 3)), Array((3, 0)), kinds=FLOATS)
add(linalg.pinv, (A33, {"hermitian": True}), by=regular(linalg.pinv))
add(linalg.lstsq, (A43, Array((4,))), (A43, Array((4, 2))), (A34, A3), (A33, Array((3, 1))),
    (A43, A3), (A3, A3), (A43, Array((4,)), 1e-3))  # fmt: skip
add(linalg.lstsq, (Given([[1, 2], [2, 4], [3, 6]]), A3, 1e-5), smooth=False, jit=False)

LINE = Given([0.5, 1, 2, 4, 5])
A5 = Array((5,))
add(np.polyfit, (LINE, A5, 1), (LINE, A5, 3), (LINE, Array((5, 2)), 2), (LINE, A3, 1),
    (LINE, A5, -1), (LINE, A5, 1, None, True), kinds=FLOATS, ulp=1e5)  # fmt: skip
add(np.polyfit, (LINE, A5, 1, {"w": Array((5,), 1, 2)}), (LINE, A5, 1, {"cov": True}),
    (LINE, A5, 1, {"cov": "unscaled"}), kinds=("float64",), ulp=1e5)  # fmt: skip
